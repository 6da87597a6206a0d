#!/usr/bin/env python3
"""The pages are true: the examples compile and print what they say, the words exist.

Needs REDISLITE_SOURCE_DIR and REDISLITE_BUILD_DIR (of a build that can be installed) in the environment.
"""

import os
import pathlib
import re
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["REDISLITE_BUILD_DIR"])
README = (SOURCE / "README.md").read_text()


def blocks(text, language):
    return re.findall(rf"^```{language}\n(.*?)^```", text, re.M | re.S)


def run(command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Pages(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="redislite-docs-")
        self.addCleanup(temporary.cleanup)
        self.here = pathlib.Path(temporary.name)

    def install(self):
        prefix = self.here / "prefix"
        run(["cmake", "--install", BUILD, "--prefix", prefix])
        libdir = next(prefix.glob("**/libredislite.so")).parent
        return prefix, {
            **os.environ,
            "PKG_CONFIG_PATH": str(libdir / "pkgconfig"),
            "LD_LIBRARY_PATH": str(libdir),
            "PATH": f"{prefix / 'bin'}:{os.environ['PATH']}",
        }

    def test_the_readmes_example_compiles_as_printed_runs_twice_and_prints_the_value(self):
        [example] = blocks(README, "c")
        self.assertEqual(len(example.splitlines()), 12, "the README promises one screen: the example is 12 lines")
        (self.here / "example.c").write_text(example)
        [command] = re.findall(r"^cc example\.c .*$", README, re.M)
        _, environment = self.install()
        run(
            ["sh", "-c", command.replace("cc ", "cc -std=c99 -pedantic -Wall -Wextra -Werror ", 1)],
            cwd=self.here,
            env=environment,
        )
        for _ in range(2):
            self.assertEqual(run([self.here / "example"], cwd=self.here, env=environment), "Ada\n")

    def test_the_readmes_shell_commands_work_as_printed(self):
        _, environment = self.install()
        commands = [
            line.partition("#")[0].strip()
            for block in blocks(README, "sh")
            for line in block.splitlines()
            if line.startswith("redislite-cli data ")
        ]
        one_shots = [command for command in commands if command != "redislite-cli data"]
        self.assertEqual(len(one_shots), 2)
        said = [run(["sh", "-c", command], cwd=self.here, env=environment).strip() for command in one_shots]
        self.assertEqual(said, ["OK", "Ada"])

    def test_the_make_words_that_pages_use_are_those_that_make_help_lists(self):
        listed = set(re.findall(r"^  make (\w+)", run(["make", "help"], cwd=SOURCE), re.M))
        for page in [SOURCE / "README.md", SOURCE / "DESIGN.md", *(SOURCE / "docs").rglob("*.md")]:
            text = page.read_text()
            used = set(re.findall(r"`make ([a-z]+)[ `]", text))
            used |= set(re.findall(r"^make ([a-z]+)", "\n".join(blocks(text, "sh")), re.M))
            self.assertEqual(used - listed, set(), page)

    def test_the_headers_first_program_is_valid(self):
        header = (SOURCE / "include" / "redislite.h").read_text()
        body = re.search(r"A first program:\n \*\n(.*?)\n \*\n", header, re.S).group(1)
        text = "#include <redislite.h>\nint main(void) {\n" + re.sub(r"^ \*", "", body, flags=re.M) + "\nreturn 0;\n}\n"
        run(
            [
                "cc",
                "-std=c99",
                "-Wall",
                "-Wextra",
                "-Werror",
                "-fsyntax-only",
                "-I",
                SOURCE / "include",
                "-x",
                "c",
                "-",
            ],
            input=text,
        )

    def test_the_change_log_knows_the_headers_version(self):
        header = (SOURCE / "include" / "redislite.h").read_text()
        version = ".".join(re.findall(r"^#define RL_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.M))
        self.assertIn(f"\n## {version} ", (SOURCE / "CHANGELOG.md").read_text())


if __name__ == "__main__":
    unittest.main()
