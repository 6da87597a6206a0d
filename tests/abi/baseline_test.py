#!/usr/bin/env python3
"""The shared library against baseline.xml, the ABI that was last agreed upon: docs/ABI.md.

No function or type of it may be gone or changed. libabigail's abidiff compares what the compiler has put into the
library, and not what the header says. REDISLITE_BASELINE=write writes the baseline anew.

Needs REDISLITE_SOURCE_DIR and REDISLITE_LIBRARY (the built shared library, with debug information) in the environment;
ends with 77 where libabigail's tools are missing or the machine is not that of the baseline.
"""

import itertools
import os
import pathlib
import platform
import re
import shutil
import subprocess
import sys
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
LIBRARY = os.environ["REDISLITE_LIBRARY"]
HEADER = SOURCE / "include" / "redislite.h"
BASELINE = pathlib.Path(__file__).with_name("baseline.xml")
MACHINE = "x86_64"
# What is no caller's concern is left out: private types, and anything that another checkout or build would differ in.
CLEAN = ["--drop-private-types", "--no-corpus-path", "--no-architecture"]
SMALL = ["--no-comp-dir-path", "--no-show-locs", "--no-parameter-names", "--no-elf-needed"]
SMALL += ["--exported-interfaces-only"]


def describe(library):
    """The library's ABI as XML."""
    with tempfile.TemporaryDirectory() as directory:
        # The header alone: a type that another of the directory defines is private.
        shutil.copy(HEADER, directory)
        command = ["abidw", "--headers-dir", directory, *CLEAN, *SMALL, library]
        text = subprocess.run(command, check=True, capture_output=True, text=True).stdout
        # The paths are of the machine, and of how the build groups sources; abidiff wants them to differ.
        numbers = itertools.count(1)
        return re.sub(r" path='[^']*'", lambda _: f" path='{next(numbers)}'", text)


def difference(agreed, library):
    """What is gone or changed since, as a person reads it; empty when nothing is. `library` may be such XML, too."""
    with tempfile.TemporaryDirectory() as directory:
        shutil.copy(HEADER, directory)
        path = pathlib.Path(directory, "agreed.xml")
        path.write_text(agreed)
        # Not for XML, over which abidiff 2.2 would fall.
        headers = [] if library == BASELINE else ["--headers-dir2", directory]
        options = [*headers, *CLEAN, "--no-added-syms"]
        done = subprocess.run(["abidiff", *options, path, library], capture_output=True, text=True)
    # Bits: 1 and 2 are errors of its own, 4 a change, 8 one that breaks callers.
    if done.returncode < 0 or done.returncode & 3:
        raise AssertionError(f"abidiff ended with {done.returncode}:\n{done.stdout}{done.stderr}")
    return f"abidiff ended with {done.returncode}:\n{done.stdout.strip()}" if done.returncode else ""


class Baseline(unittest.TestCase):
    def setUp(self):
        self.agreed = BASELINE.read_text()

    def test_no_function_or_type_is_gone_or_changed(self):
        self.assertEqual(difference(self.agreed, LIBRARY), "", "docs/ABI.md says what to do about it")

    def test_the_baseline_has_every_declared_function(self):
        declared = set(re.findall(r"^RL_API [^;(]*?\b(rl_\w+)\(", HEADER.read_text(), re.M))
        self.assertGreater(len(declared), 40)
        told = set(re.findall(r"<function-decl name='(rl_\w+)'", self.agreed))
        self.assertEqual(told, declared, "a new function is not guarded: REDISLITE_BASELINE=write tests/abi's test")

    def test_a_function_that_is_gone_is_seen(self):
        gone = re.sub(r"\brl_count\b", "rl_counted", self.agreed)
        # The baseline itself in place of the library, which takes a while to read.
        self.assertRegex(difference(gone, BASELINE), r"1 Removed[^$]*rl_counted")

    def test_a_parameter_of_another_type_is_seen(self):
        [declaration] = re.findall(r"<function-decl name='rl_session_wait'.*?</function-decl>", self.agreed, re.S)
        [of_int] = set(re.findall(r"<return type-id='(.*?)'/>", declaration))
        [of_double] = re.findall(r"<type-decl name='double' .*?id='(.*?)'/>", self.agreed)
        other = declaration.replace(f"<parameter type-id='{of_int}'/>", f"<parameter type-id='{of_double}'/>")
        self.assertNotEqual(other, declaration)
        found = difference(self.agreed.replace(declaration, other), BASELINE)
        self.assertRegex(found, r"rl_session_wait[^$]*type name changed from 'double' to 'int'")


if __name__ == "__main__":
    if not shutil.which("abidiff") or not shutil.which("abidw"):
        print("skipped: there is no abidiff (Debian's package abigail-tools: tools/setup test)")
        sys.exit(77)
    if platform.machine() != MACHINE:
        print(f"skipped: the baseline is one of {MACHINE}, and this is {platform.machine()}")
        sys.exit(77)
    if os.environ.get("REDISLITE_BASELINE") == "write":
        BASELINE.write_text(describe(LIBRARY))
    unittest.main()
