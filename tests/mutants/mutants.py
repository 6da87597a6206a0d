"""The list of planted bugs, mutants.txt, as data."""

import dataclasses
import pathlib

LIST = pathlib.Path(__file__).with_name("mutants.txt")


@dataclasses.dataclass
class Change:
    place: str  # where to search from; empty: the piece is found once
    piece: str
    replacement: str


@dataclasses.dataclass
class Mutant:
    name: str
    file: str
    changes: list


def read():
    """All mutants, in the order of the list."""
    mutants = []
    lines = []
    for line in LIST.read_text().splitlines() + [""]:
        if line.startswith("#"):
            continue
        if line:
            lines.append(line)
        elif lines:
            mutants.append(parse(lines))
            lines = []
    names = [mutant.name for mutant in mutants]
    for name in names:
        if names.count(name) > 1:
            raise ValueError(f"{LIST}: two mutants are called '{name}'")
    return mutants


def parse(lines):
    mutant = Mutant(lines[0], lines[1], [])
    place = ""
    for line in lines[2:]:
        kind, text = line[:2], line[2:]
        if kind == "@ ":
            place = text
        elif kind == "- ":
            mutant.changes.append(Change(place, text, ""))
            place = ""
        elif kind == "+ " and mutant.changes:
            mutant.changes[-1].replacement += text + "\n"
        else:
            raise ValueError(f"{LIST}: {mutant.name}: expected '@ ', '- ' or '+ ', found '{line}'")
    if not mutant.changes or any("MUTANT" not in change.replacement for change in mutant.changes):
        raise ValueError(f"{LIST}: {mutant.name}: a replacement needs MUTANT")
    return mutant
