"""Reads the scripts of tests/vectors (its README.md has the syntax) and says whether a reply is the expected one.

A reply is what Python has of it: bytes for a string, str for a status, an exception for an error; dict, set, list."""

import dataclasses
import fnmatch
import pathlib
import re


@dataclasses.dataclass
class Step:
    kind: str  # command, reopen, crash, clock or stop
    line: int
    words: list[bytes] = dataclasses.field(default_factory=list)
    expected: object = None
    milliseconds: int = 0
    only_rl_command: bool = False


ESCAPES = {"n": "\n", "r": "\r", "t": "\t", "b": "\b", "a": "\a"}
QUOTED = re.compile(r'"((?:[^"\\]|\\.)*)"', re.S)


def unescape(text):
    """A byte is a character here; everything is turned into bytes as Latin 1."""

    def meaning(match):
        word = match.group(1)
        return chr(int(word[1:], 16)) if len(word) == 3 else ESCAPES.get(word, word)

    return re.sub(r"\\(x[0-9a-fA-F]{2}|.)", meaning, text, flags=re.S)


def split_words(line):
    words = []
    for double, single, plain in re.findall(r"""\s*(?:("(?:[^"\\]|\\.)*")|('(?:[^'\\]|\\.)*')|(\S+))""", line, re.S):
        if double:
            words.append(unescape(double[1:-1]))
        elif single:
            words.append(single[1:-1].replace("\\'", "'"))
        else:
            words.append(plain)
    return [word.encode("latin-1") for word in words]


def expand(text, number):
    text = text.replace("${i}", str(number))
    return re.sub(r"\$\{([^}]*)\*(\d+)\}", lambda match: match.group(1) * int(match.group(2)), text)


def read(path):
    """The cases of a script: (title, steps). A case ends at its first `on`: connections are not for this runner."""
    cases, pending = [("the file's own", [])], None
    # Latin 1: each byte of the file is a character, and becomes that byte again.
    lines = pathlib.Path(path).read_text("latin-1").split("\n")

    def flush():
        nonlocal pending
        if pending:
            line, command, first, last, expected, only = pending
            for number in range(first, last + 1):
                words = split_words(expand(command, number))
                cases[-1][1].append(
                    Step("command", line, words, Expectation(expand(expected, number)), only_rl_command=only)
                )
        pending = None

    for number, line in enumerate(map(str.strip, lines), 1):
        if not line or (line[0] == "#" and not (pending and line in ("#t", "#f"))):
            continue
        loop = re.match(r"\* *(-?\d+)\.\.(-?\d+) *> *(.*)", line)
        if line[0] == ">" or loop:
            flush()
            first, last, command = (int(loop[1]), int(loop[2]), loop[3]) if loop else (1, 1, line[1:].strip())
            pending = [number, command, first, last, "", False]
        elif line.startswith("case "):
            flush()
            cases.append((line[5:], []))
        elif line.startswith("on ") or line.startswith(("bytes ", "later ")) or line == "closed":
            flush()
            cases[-1][1].append(Step("stop", number))
        elif line.split()[0] in ("reopen", "crash"):
            flush()
            cases[-1][1].append(Step(line.split()[0], number))
        elif line.startswith("clock +"):
            flush()
            cases[-1][1].append(Step("clock", number, milliseconds=int(re.match(r"clock \+(\d+)ms", line)[1])))
        elif line.startswith("only rl_command:"):
            pending[5] = True
        elif not line.startswith(("differs:", "only here:")):
            assert pending, f"{path}:{number}: not understood: {line}"
            pending[4] += "\n" * bool(pending[4]) + line
    flush()
    return [case for case in cases if case[1]]


class Expectation:
    def __init__(self, text):
        self.text = text
        self.rest = text.strip()
        self.tree = self.parse()
        assert not self.rest.strip(), f"not understood: {self.rest!r} of {text!r}"

    def take(self, pattern):
        match = re.match(r"\s*" + pattern, self.rest, re.S)
        if match:
            self.rest = self.rest[match.end() :]
        return match

    def many(self, closing):
        parts = []
        while not self.take(re.escape(closing)):
            parts.append(self.parse())
            self.take("[,:](?=\\s)") or self.take(",")
        return parts

    def parse(self):
        if self.take(r"unordered\s*\["):
            return "unordered", self.many("]")
        if self.take(r"subset\s*\["):
            return "subset", self.many("]")
        if self.take(r"subset\s*\{"):
            return "submap", self.many("}")
        if self.take(r"(?:push\s*)?\["):
            return "array", self.many("]")
        if self.take(r"\{"):
            return "map", self.many("}")
        if found := self.take(r'contains "((?:[^"\\]|\\.)*)"'):
            return "contains", unescape(found[1]).encode("latin-1")
        if found := self.take(r'-"((?:[^"\\]|\\.)*)"'):
            return "error", unescape(found[1])
        if found := self.take(r"-([^\n\]]+)"):
            return "error", found[1].strip()
        if found := self.take(r'=?"((?:[^"\\]|\\.)*)"'):
            return "text" if found[0].strip()[0] == "=" else "bytes", unescape(found[1]).encode("latin-1")
        if found := self.take(r":(-?\d+)\.\.(-?\d+)"):
            return "range", (int(found[1]), int(found[2]))
        if found := self.take(r":(-?\d+)(?:~\d+)?"):
            return "integer", int(found[1])
        if found := self.take(r",([^\s,\]}]+)"):
            return "double", float(found[1])
        if found := self.take(r"#([tf])"):
            return "boolean", found[1] == "t"
        if self.take(r"\(nil\)"):
            return "nil", None
        if found := self.take(r"\+([^\n,\]]+)"):
            return "status", found[1].strip()
        if found := self.take(r"(?:any-integer|any-string|any)"):
            return found[0].strip(), None
        raise AssertionError(f"not understood: {self.rest!r} of {self.text!r}")

    def matches(self, reply, has_statuses=True):
        """`has_statuses`: a status is told from a string, as RedisLite does and a client of Redis may not."""
        return matches(self.tree, reply, has_statuses)


def as_bytes(reply):
    return reply.encode("latin-1", "replace") if isinstance(reply, str) else reply


def matches(tree, reply, has_statuses):
    kind, wanted = tree
    if kind == "error":
        if not isinstance(reply, Exception):
            return False
        # redis-py takes some errors' first word off.
        texts = [str(reply)] if has_statuses else [str(reply), f"ERR {reply}"]
        if " " not in wanted:
            return any(text.split(" ")[0] == wanted for text in texts)
        pattern = wanted.replace("[", "[[]").replace("?", "[?]")
        return any(fnmatch.fnmatchcase(text, pattern) for text in texts)
    if isinstance(reply, Exception):
        return False
    if kind == "any":
        return True
    if kind in ("integer", "range", "any-integer"):
        if not isinstance(reply, int) or isinstance(reply, bool):
            return False
        return kind == "any-integer" or (reply == wanted if kind == "integer" else wanted[0] <= reply <= wanted[1])
    if kind == "nil":
        return reply is None
    if kind == "boolean":
        return reply is wanted
    if kind == "double":
        return isinstance(reply, float) and (reply == wanted or (reply != reply and wanted != wanted))
    if kind == "any-string":
        return isinstance(reply, bytes)
    if kind == "contains":
        return isinstance(reply, (str, bytes)) and wanted in as_bytes(reply)
    if kind == "status":
        return as_bytes(reply) == wanted.encode() if not has_statuses else isinstance(reply, str) and reply == wanted
    if kind in ("bytes", "text"):
        return as_bytes(reply) == wanted if not has_statuses or kind == "text" else reply == wanted
    if kind in ("map", "submap"):
        if not isinstance(reply, dict) or (kind == "map" and len(reply) * 2 != len(wanted)):
            return False
        pairs = list(zip(wanted[::2], wanted[1::2]))
        return all(
            any(matches(k, key, has_statuses) and matches(v, value, has_statuses) for key, value in reply.items())
            for k, v in pairs
        )
    if not isinstance(reply, (list, set, tuple)):
        return False
    if kind == "array":
        return not isinstance(reply, set) and len(reply) == len(wanted) and all(
            matches(one, other, has_statuses) for one, other in zip(wanted, reply)
        )
    left = list(reply)
    for one in wanted:
        found = next((index for index, other in enumerate(left) if matches(one, other, has_statuses)), None)
        if found is None:
            return False
        left.pop(found)
    return kind == "subset" or not left
