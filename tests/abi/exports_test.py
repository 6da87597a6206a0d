#!/usr/bin/env python3
"""The shared library as it is shipped: what it exports, what it needs, how it binds.

Needs REDISLITE_SOURCE_DIR and REDISLITE_LIBRARY (the built shared library) in the environment.
"""

import ctypes.util
import os
import pathlib
import re
import subprocess
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
LIBRARY = os.environ["REDISLITE_LIBRARY"]
MAY_NEED = {
    "libc.so.6",
    "libm.so.6",
    "libstdc++.so.6",
    "libgcc_s.so.1",
    "libz.so.1",
    "ld-linux-x86-64.so.2",
    "ld-linux-aarch64.so.1",
}


def output(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def exported_names(library):
    """Names that a program could be bound to, without their versions."""
    return {line.split()[-1].split("@")[0] for line in output("nm", "-D", "--defined-only", library).splitlines()}


class SharedLibrary(unittest.TestCase):
    def test_it_exports_exactly_the_declared_names(self):
        header = (SOURCE / "include" / "redislite.h").read_text()
        declared = set(re.findall(r"^RL_API [^;(]*?\b(rl_\w+)\(", header, re.M))
        self.assertGreater(len(declared), 40)
        self.assertEqual(exported_names(LIBRARY), declared)

    def test_no_exported_name_is_one_of_gnu_readlines(self):
        # A host that has readline loaded must not get ours for its own, nor we its.
        name = ctypes.util.find_library("readline")
        self.assertIsNotNone(name, "libreadline is not installed: tools/setup test")
        paths = {line.split()[-1] for line in output("/sbin/ldconfig", "-p").splitlines() if f"{name} " in line}
        self.assertTrue(paths)
        for path in paths:
            readlines = exported_names(path)
            self.assertIn("rl_message", readlines)
            self.assertEqual(exported_names(LIBRARY) & readlines, set())

    def test_its_soname_carries_the_major_version(self):
        self.assertRegex(output("readelf", "-dW", LIBRARY), r"\(SONAME\).*\[libredislite\.so\.0\]")

    def test_it_needs_only_the_languages_libraries_and_zlib(self):
        needed = set(re.findall(r"\(NEEDED\).*\[(.*)\]", output("readelf", "-dW", LIBRARY)))
        self.assertIn("libz.so.1", needed)
        self.assertEqual(needed - MAY_NEED, set())
        self.assertNotRegex(output("readelf", "-dW", LIBRARY), r"\((RPATH|RUNPATH)\)")

    def test_what_is_written_once_at_load_is_read_only_after_it(self):
        self.assertRegex(output("readelf", "-dW", LIBRARY), r"BIND_NOW|\(FLAGS_1\).*NOW")
        self.assertIn("GNU_RELRO", output("readelf", "-lW", LIBRARY))
        self.assertRegex(output("readelf", "-lW", LIBRARY), r"GNU_STACK .* RW ")

    def test_calls_between_its_own_functions_are_bound_when_it_is_linked(self):
        relocations = output("readelf", "-rW", LIBRARY)
        own = [line for line in relocations.splitlines() if re.search(r" (rl_\w+|_ZN?K?9redislite\w*)", line)]
        self.assertEqual(own, [])


if __name__ == "__main__":
    unittest.main()
