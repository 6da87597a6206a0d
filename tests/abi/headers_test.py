#!/usr/bin/env python3
"""The public header: strict in every dialect that it promises, with both compilers, and true to the contract.

Needs the environment of tests/abi/CMakeLists.txt: REDISLITE_SOURCE_DIR.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
HEADER = SOURCE / "include" / "redislite.h"
STRICT = ["-pedantic", "-Wall", "-Wextra", "-Wundef", "-Werror", "-fsyntax-only", "-I", str(HEADER.parent)]
DIALECTS = {
    "c": (["gcc", "clang-14"], ["c99", "c11"], ["-Wstrict-prototypes", "-Wc++-compat"]),
    "c++": (["g++", "clang++-14"], ["c++17", "c++20"], ["-Wold-style-cast", "-Wsign-conversion"]),
}


def compile_text(compiler, language, dialect, text, flags=()):
    return subprocess.run(
        [compiler, f"-std={dialect}", *STRICT, *flags, "-x", language, "-"], input=text, text=True, capture_output=True
    )


def declared_names():
    return re.findall(r"^RL_API [^;(]*?\b(rl_\w+)\(", HEADER.read_text(), re.M)


class Header(unittest.TestCase):
    def test_it_is_strict_in_every_dialect_with_both_compilers(self):
        for language, (compilers, dialects, flags) in DIALECTS.items():
            for compiler in compilers:
                for dialect in dialects:
                    with self.subTest(compiler=compiler, dialect=dialect):
                        # Twice, for its guard, and alone, for what it forgot to include.
                        done = compile_text(
                            compiler,
                            language,
                            dialect,
                            "#include <redislite.h>\n#include <redislite.h>\nint unused_unit;\n",
                            flags,
                        )
                        self.assertEqual(done.returncode, 0, done.stderr)

    def test_every_type_and_number_is_what_the_contract_says(self):
        contract = (SOURCE / "tests" / "abi" / "contract.c").read_text()
        for compiler in ["gcc", "clang-14"]:
            done = compile_text(compiler, "c", "c11", contract)
            self.assertEqual(done.returncode, 0, done.stderr)

    def test_the_contract_has_a_line_for_every_declared_function_and_number(self):
        contract = (SOURCE / "tests" / "abi" / "contract.c").read_text()
        self.assertEqual(sorted(declared_names()), sorted(re.findall(r"^IS_FUNCTION\((rl_\w+),", contract, re.M)))
        numbers = re.findall(r"\b(RL_[A-Z_0-9]+) = -?\d+", HEADER.read_text())
        self.assertEqual(sorted(numbers), sorted(re.findall(r"^IS_NUMBER\((RL_\w+),", contract, re.M)))

    def test_a_changed_type_and_a_changed_number_are_seen(self):
        contract = (SOURCE / "tests" / "abi" / "contract.c").read_text()
        header = HEADER.read_text()
        for was, becomes in [
            ("int rl_count(rl_db *db, uint64_t *keys)", "int rl_count(rl_db *db, uint32_t *keys)"),
            ("RL_ERR_BUSY = -9", "RL_ERR_BUSY = -90"),
        ]:
            self.assertIn(was, header)
            with tempfile.TemporaryDirectory() as directory:
                pathlib.Path(directory, "redislite.h").write_text(header.replace(was, becomes))
                done = compile_text("gcc", "c", "c11", contract, ["-include", f"{directory}/redislite.h"])
                self.assertNotEqual(done.returncode, 0, f"the contract does not see '{becomes}'")
                self.assertIn("has changed", done.stderr)

    def test_it_agrees_with_the_page_that_fixes_it_where_that_stands_beside_the_checkout(self):
        check = SOURCE.parent / "shared" / "check_api"
        if not check.exists():
            self.skipTest("no shared/check_api here; tests/abi/contract.c says the same")
        done = subprocess.run([str(check), str(HEADER.parent)], capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
