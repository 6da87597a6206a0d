#!/usr/bin/env python3
"""Runs the harnesses against each planted bug until one notices, and prints which one did.

Usage: run.py [--only=TEXT] NAME=COMMAND...      in the order in which they are asked

Without a bug each harness must pass. A bug that no harness notices is a hole in them: exit status 1. What one
found is seen with RL_MUTANT='<name>' before its command. --only: the mutants with this text in their names. The
figures and the list go to $RL_FIGURES_DIR.
"""

import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys

import mutants

SECONDS_MAX = 120  # a harness that hangs has noticed
MEMORY = "/dev/shm"  # for stores in real files: what a real disk's syncs take is not the question here


def passes(command, mutant=None):
    environment = {key: value for key, value in os.environ.items() if key not in ("RL_MUTANT", "RL_FIGURES_DIR")}
    if mutant is not None:
        environment["RL_MUTANT"] = mutant
    if os.access(MEMORY, os.W_OK):
        environment["TMPDIR"] = MEMORY
    try:
        run = subprocess.run(
            shlex.split(command), env=environment, capture_output=True, timeout=SECONDS_MAX, text=True, check=False
        )
    except subprocess.TimeoutExpired:
        return False, "it hangs"
    return run.returncode == 0, run.stdout + run.stderr


def check_without_bug(harness):
    name, command = harness
    passed, output = passes(command)
    return "" if passed else f"{name} fails without a bug: {command}\n{output}"


def find(mutant, harnesses):
    """The first harness that notices, or None."""
    for name, command in harnesses:
        if not passes(command, mutant.name)[0]:
            return name
    return None


def main():
    arguments = [argument.split("=", 1) for argument in sys.argv[1:]]
    harnesses = [argument for argument in arguments if argument[0] != "--only"]
    only = dict(arguments).get("--only", "")
    planted = [mutant for mutant in mutants.read() if only in mutant.name]
    width = max(len(mutant.name) for mutant in planted)
    killed, lines = 0, []
    with concurrent.futures.ThreadPoolExecutor(len(os.sched_getaffinity(0))) as pool:
        for failure in filter(None, pool.map(check_without_bug, harnesses)):
            sys.exit(failure)
        for mutant, by in zip(planted, pool.map(lambda mutant: find(mutant, harnesses), planted)):
            lines.append(f"{mutant.name:<{width}}  {by or 'NOT FOUND'}")
            print(lines[-1], flush=True)
            killed += by is not None
    print(f"{len(planted)} mutants planted, {killed} killed")
    if "RL_FIGURES_DIR" in os.environ:
        figures = {"mutants planted": len(planted), "mutants killed": killed}
        directory = pathlib.Path(os.environ["RL_FIGURES_DIR"])
        directory.mkdir(parents=True, exist_ok=True)
        (directory / "mutants.json").write_text(json.dumps(figures) + "\n")
        (directory / "mutants.txt").write_text("Each planted bug, and what found it:\n  " + "\n  ".join(lines) + "\n")
    sys.exit(0 if killed == len(planted) else 1)


main()
