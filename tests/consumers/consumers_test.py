#!/usr/bin/env python3
"""Programs of others, built against an installed prefix in each way that we promise, and run.

Needs REDISLITE_SOURCE_DIR and REDISLITE_BUILD_DIR in the environment. The prefix is moved after the installation:
nothing in it may remember where it was made. """

import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

SOURCE = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"])
BUILD = pathlib.Path(os.environ["REDISLITE_BUILD_DIR"])
CONSUMERS = SOURCE / "tests" / "consumers"


def run(command, **more):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        raise AssertionError(f"{' '.join(map(str, command))}\n{done.stdout}{done.stderr}")
    return done.stdout


class Consumer(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.temporary = tempfile.TemporaryDirectory(prefix="redislite-consumer-")
        cls.work = pathlib.Path(cls.temporary.name)
        made = cls.work / "made"
        run(["cmake", "--install", BUILD, "--prefix", made])
        cls.prefix = cls.work / "moved"
        shutil.move(made, cls.prefix)
        cls.libdir = next(cls.prefix.glob("**/libredislite.so")).parent
        header = (cls.prefix / "include" / "redislite.h").read_text()
        cls.version = ".".join(re.findall(r"^#define RL_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", header, re.M))

    @classmethod
    def tearDownClass(cls):
        cls.temporary.cleanup()

    def setUp(self):
        self.here = self.work / self.id().rsplit(".", 1)[-1]
        self.here.mkdir()

    def check_program(self, program, **environment):
        said = run([program, self.here / "data"], env={**os.environ, **environment})
        self.assertEqual(said.strip(), self.version)

    def build_with_cmake(self, project, *definitions):
        run(["cmake", "-S", CONSUMERS / project, "-B", self.here / "build", "-G", "Ninja", *definitions])
        run(["cmake", "--build", self.here / "build"])
        return self.here / "build"

    def test_cmake_finds_the_package_for_c_for_cxx_and_to_link_in(self):
        built = self.build_with_cmake("cmake", f"-DCMAKE_PREFIX_PATH={self.prefix}")
        for program in ["from_c", "from_cxx", "linked_in"]:
            with self.subTest(program=program):
                self.check_program(built / program)
        self.assertNotIn("libredislite", run(["readelf", "-d", built / "linked_in"]))

    def test_cmake_finds_the_package_in_a_project_without_cxx(self):
        self.check_program(self.build_with_cmake("c_only", f"-DCMAKE_PREFIX_PATH={self.prefix}") / "from_c")

    def test_cmake_refuses_a_version_that_is_not_there(self):
        with self.assertRaisesRegex(AssertionError, "compatible with requested version|considered but not"):
            project = self.here / "project"
            shutil.copytree(CONSUMERS / "c_only", project)
            page = project / "CMakeLists.txt"
            page.write_text(page.read_text().replace("redislite 0.1", "redislite 7.0"))
            run(
                ["cmake", "-S", project, "-B", self.here / "build", "-G", "Ninja", f"-DCMAKE_PREFIX_PATH={self.prefix}"]
            )

    def pkg_config(self, *flags):
        environment = {**os.environ, "PKG_CONFIG_PATH": str(self.libdir / "pkgconfig")}
        return run(["pkg-config", *flags, "redislite"], env=environment).split()

    def test_plain_cc_with_pkg_config_in_strict_c99(self):
        program = self.here / "program"
        run(
            [
                "cc",
                "-std=c99",
                "-pedantic-errors",
                "-Wall",
                "-Wextra",
                "-Werror",
                CONSUMERS / "first.c",
                "-o",
                program,
                *self.pkg_config("--cflags", "--libs"),
            ]
        )
        self.check_program(program, LD_LIBRARY_PATH=str(self.libdir))
        self.assertEqual(self.pkg_config("--modversion"), [self.version])

    def test_plain_cc_links_the_library_in_with_what_pkg_config_adds(self):
        program = self.here / "program"
        words = self.pkg_config("--static", "--cflags", "--libs")
        words[words.index("-lredislite")] = "-l:libredislite.a"
        run(["cc", "-std=c99", CONSUMERS / "first.c", "-o", program, *words])
        self.check_program(program)

    def test_a_project_that_carries_the_sources_gets_the_library_alone(self):
        # Configured and not built: the same sources are built by this run already.
        run(
            [
                "cmake",
                "-S",
                CONSUMERS / "subdirectory",
                "-B",
                self.here / "build",
                "-G",
                "Ninja",
                f"-DREDISLITE_SOURCE_DIR={SOURCE}",
            ]
        )

    def test_the_prefix_holds_what_is_meant_for_users_and_nothing_else(self):
        names = sorted(str(path.relative_to(self.prefix)) for path in self.prefix.rglob("*") if not path.is_dir())
        libdir = self.libdir.relative_to(self.prefix)
        expected = [
            f"{libdir}/libredislite.so",
            f"{libdir}/libredislite.so.0",
            f"{libdir}/libredislite.so.{self.version}",
            f"{libdir}/libredislite.a",
            f"{libdir}/pkgconfig/redislite.pc",
            "include/redislite.h",
            "include/redislite.hpp",
            "bin/redislite-cli",
            "bin/redislite-server",
        ]
        package = [name for name in names if name.startswith(f"{libdir}/cmake/redislite/")]
        self.assertEqual(sorted(set(names) - set(package)), sorted(expected))
        self.assertTrue(package)
        for name in [*package, f"{libdir}/pkgconfig/redislite.pc"]:
            self.assertNotIn(str(SOURCE), (self.prefix / name).read_text(), f"{name} remembers where it was made")


if __name__ == "__main__":
    unittest.main()
