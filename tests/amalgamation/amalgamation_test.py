"""tools/amalgamate makes one file that a plain compiler takes, and that is the library: the vectors run on it.

Usage: amalgamation_test.py COMPILER
"""

import os
import pathlib
import re
import shlex
import shutil
import subprocess
import sys
import unittest

COMPILER = sys.argv.pop(1)
SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["REDISLITE_BUILD_DIR"])
PLACE = BUILD / "amalgamation"
# The name that vector_runner asks the loader for; its directory goes before that of the library it was linked with.
LIBRARY = PLACE / "libredislite.so.0"


def amalgamate():
    subprocess.run([SOURCE / "tools" / "amalgamate", PLACE], check=True)
    return PLACE / "redislite.cc"


def compile_as_its_head_says(source):
    """The command of the file's head, with warnings as errors; the object is made for a shared library."""
    command = re.search(r"^// To build: g\+\+ (.*?), and link with -lz", source.read_text(), re.M).group(1)
    launcher = [shutil.which("ccache")] if shutil.which("ccache") else []
    flags = ["-fPIC", "-Wall", "-Wextra", "-Werror", "-o", "redislite.o"]
    subprocess.run([*launcher, COMPILER, *shlex.split(command), *flags], cwd=PLACE, check=True)


class Amalgamation(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        source = amalgamate()
        compile_as_its_head_says(source)
        linking = ["-shared", "-Wl,-soname,libredislite.so.0", f"-Wl,--version-script={BUILD / 'redislite.map'}"]
        subprocess.run([COMPILER, *linking, "redislite.o", "-lz", "-o", LIBRARY], cwd=PLACE, check=True)

    def test_the_vectors_run_on_it(self):
        runner = BUILD / "tests" / "vectors" / "vector_runner"
        environment = {**os.environ, "LD_LIBRARY_PATH": str(PLACE)}
        loaded = subprocess.run(["ldd", runner], env=environment, check=True, capture_output=True, text=True).stdout
        self.assertIn(f"{LIBRARY} ", loaded, "the vectors would run on the other library")
        groups = sorted({path.parent for path in (SOURCE / "tests" / "vectors").rglob("*.rlt")})
        self.assertGreater(len(groups), 5)
        local = [group for group in groups if group.name != "sessions"]
        for mode, directories in ([], local), (["--session2"], groups), (["--session3"], groups):
            command = [runner, *mode, "--in-memory", "--option", "appendfsync=no", *directories]
            done = subprocess.run(command, env=environment, capture_output=True, text=True)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_a_second_run_makes_the_same_and_touches_nothing(self):
        source = PLACE / "redislite.cc"
        before = source.stat().st_mtime_ns, source.read_text()
        amalgamate()
        self.assertEqual((source.stat().st_mtime_ns, source.read_text()), before)

    def test_nothing_of_the_tree_is_included(self):
        included = re.findall(r'^\s*#\s*include "([^"]+)"', (PLACE / "redislite.cc").read_text(), re.M)
        self.assertEqual(set(included), {"redislite.h"})


unittest.main()
