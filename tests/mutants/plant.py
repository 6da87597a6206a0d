#!/usr/bin/env python3
"""Writes the sources with all planted bugs in them, of which RL_MUTANT chooses one when the program runs.

Usage: plant.py --files             the sources that have one, a line each
       plant.py SOURCE_DIR INTO     writes them below INTO, with mutant.h, which they are to include
"""

import pathlib
import sys

import mutants

HEADER = """// Made by tests/mutants/plant.py.
#pragma once

#include <cstdlib>
#include <string_view>

namespace redislite::mutants {

inline constexpr std::string_view kNames[] = {%s};

// The number of the bug that this process has; beyond the last: none.
inline const int kChosen = [] {
  const char* name = std::getenv("RL_MUTANT");
  int number = 0;
  for (const std::string_view each : kNames) {
    if (name != nullptr && each == name) return number;
    ++number;
  }
  if (name != nullptr) std::abort();  // a name that is not in the list would pass for a bug that nobody notices
  return number;
}();

}  // namespace redislite::mutants
"""


def plant(text, mutant, number):
    for change in mutant.changes:
        unique = change.place or change.piece
        if text.count(unique) != 1:
            sys.exit(f"'{mutant.name}': {mutant.file} has '{unique}' {text.count(unique)} times, and not once")
        at = text.find(change.piece, text.index(unique))
        if at < 0:
            sys.exit(f"'{mutant.name}': {mutant.file} has no '{change.piece}' behind '{change.place}'")
        replacement = change.replacement.strip().replace("MUTANT", f"(::redislite::mutants::kChosen == {number})")
        text = text[:at] + replacement + text[at + len(change.piece) :]
    return text


def main():
    planted = mutants.read()
    if sys.argv[1:] == ["--files"]:
        print("\n".join(sorted({mutant.file for mutant in planted})))
        return
    source, into = map(pathlib.Path, sys.argv[1:])
    texts = {}
    for number, mutant in enumerate(planted):
        text = texts.get(mutant.file) or (source / mutant.file).read_text()
        texts[mutant.file] = plant(text, mutant, number)
    for file, text in texts.items():
        (into / file).parent.mkdir(parents=True, exist_ok=True)
        (into / file).write_text(text)
    names = ", ".join(f'\n    "{mutant.name}"' for mutant in planted)
    (into / "mutant.h").write_text(HEADER % names)


main()
