"""The comparison of random programs is tested: what README.md shows is what the reference prints, two runs of it are
the same, and a tester that is wrong once, dies or says too little is found.

Needs REDISLITE_PROGRAM_TESTER in the environment."""

import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

import generate
import run

HERE = pathlib.Path(__file__).resolve().parent
TESTER = os.environ["REDISLITE_PROGRAM_TESTER"]


class Programs(unittest.TestCase):
    def setUp(self):
        temporary = tempfile.TemporaryDirectory(prefix="rl-program-")
        self.addCleanup(temporary.cleanup)
        self.scratch = pathlib.Path(temporary.name)

    def wrapped(self, body):
        """A tester that is the reference with something behind it, in shell."""
        path = self.scratch / "tester"
        path.write_text(f"#!/bin/sh\n{body}\n")
        path.chmod(0o755)
        return str(path)

    def compare(self, made, tester):
        place = self.scratch / "run"
        place.mkdir()
        return run.compare(made, TESTER, tester, place)

    def test_the_page_shows_what_the_reference_prints(self):
        page = (HERE / "README.md").read_text()
        program = json.loads(re.search(r"```json\n(.*?)```", page, re.S).group(1))
        wanted = re.search(r"```text\n(.*?)```", page, re.S).group(1)
        path = self.scratch / "program.json"
        path.write_text(generate.text(program))
        lines = run.run(TESTER, str(path), program["steps"], str(self.scratch / "store"))
        self.assertEqual(b"".join(lines).decode(), wanted)

    def test_the_page_names_every_step_that_is_drawn_and_no_other(self):
        page = (HERE / "README.md").read_text()
        rows = re.findall(r"^\| (`[a-z].*?) \|", page.split("## A line")[0].split("| step | reply |")[1], re.M)
        named = {name for row in rows for name in re.findall(r"`([a-z_]+)", row)}
        drawn = {step[0] for seed in range(5) for step in generate.program(seed, 3000)["steps"]}
        self.assertEqual(drawn, named)

    def test_a_seed_is_one_program(self):
        command = [sys.executable, str(HERE / "generate.py"), "--seed", "11", "--steps", "500"]
        first, again = (subprocess.run(command, check=True, capture_output=True).stdout for _ in range(2))
        self.assertEqual(first, again)
        self.assertEqual(json.loads(first), generate.program(11, 500))
        self.assertNotEqual(generate.program(11, 500)["steps"], generate.program(12, 500)["steps"])

    def test_the_reference_repeats_itself(self):
        self.assertIsNone(self.compare(generate.program(1, 3000), TESTER))

    def test_one_wrong_answer_is_found_with_its_step(self):
        made = generate.program(2, 1500)
        wrong = 1234
        difference = self.compare(made, self.wrapped(f'exec "{TESTER}" "$1" "$2" "$3" {wrong}'))
        self.assertIn(f"step {wrong}: {json.dumps(made['steps'][wrong])}\n", difference)
        self.assertIn(" and more", difference)

    def test_a_write_that_a_kill_loses_is_found(self):
        made = {"start_ms": 0, "options": {"appendfsync": "no"}, "steps": [["set", "a", "1"], ["kill"], ["get", "a"]]}
        difference = self.compare(made, self.wrapped(f'[ "$3" = 0 ] || rm -r "$2"; exec "{TESTER}" "$@"'))
        self.assertIn('step 2: ["get", "a"]\n  reference: 2 "1"\n  tester:    2 nil', difference)

    def test_a_tester_that_dies_or_complains_or_says_too_little_is_found(self):
        made = {"start_ms": 0, "options": {}, "steps": [["push", "a"], ["count"]]}
        for body, said in (
            ("echo '0 \"a\"'; exit 3", "ended with 3 behind 1 lines"),
            (f'"{TESTER}" "$@"; echo oh >&2', "and said: oh"),
            (f'"{TESTER}" "$@" | head -n 1', "tester:    no line"),
            (f'"{TESTER}" "$@"; echo more', "there is no such step"),
        ):
            with self.subTest(body=body), tempfile.TemporaryDirectory(prefix="rl-program-") as place:
                self.assertIn(said, str(run.compare(made, TESTER, self.wrapped(body), place)))


unittest.main()
