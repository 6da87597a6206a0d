#!/usr/bin/env python3
"""Runs the random programs of some seeds with two testers, and compares what they print; README.md has the format.

Usage: run.py --reference COMMAND --tester COMMAND [--seed SEED]... [--steps STEPS] [--program FILE]

Without a seed there is one by chance; it is printed. Ends with 1 at the first difference, which it shows with the
command that repeats it.
"""

import argparse
import json
import os
import pathlib
import random
import shlex
import subprocess
import sys
import tempfile
import threading

import generate

DEADLINE_S = 300


class Wrong(Exception):
    """What a tester did that no tester may do."""


def run_part(command, steps, first):
    """Lines from step `first` on, and the step behind the kill that ended them, or None at the program's end."""
    lines, killed_at = [], None
    with tempfile.TemporaryFile() as said:
        process = subprocess.Popen(
            [*command, str(first)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=said
        )
        watchdog = threading.Timer(DEADLINE_S, process.kill)
        watchdog.start()
        try:
            for line in process.stdout:
                lines.append(line)
                number = first + len(lines) - 1
                if number < len(steps) and steps[number][0] == "kill":
                    process.kill()
                    killed_at = number
                    break
        finally:
            late = not watchdog.is_alive()
            watchdog.cancel()
            process.stdin.close()
            process.stdout.close()
            code = process.wait()
        said.seek(0)
        complaint = said.read().decode(errors="replace").strip()
    if late:
        raise Wrong(f"it has not ended after {DEADLINE_S} s, behind {len(lines)} lines from step {first} on")
    if complaint or (killed_at is None and code != 0):
        raise Wrong(f"it ended with {code} behind {len(lines)} lines from step {first} on, and said: {complaint}")
    return lines, None if killed_at is None else killed_at + 1


def run(command, program, steps, directory):
    """Every line of the program, through all its deaths."""
    lines, first = [], 0
    while first is not None:
        part, first = run_part([*shlex.split(command), program, directory], steps, first)
        lines += part
    return lines


def cut(line):
    return line if len(line) <= 600 else line[:600] + b"..."


def first_difference(steps, wanted, found):
    """What to show of it; nothing when there is none."""
    for number in range(max(len(wanted), len(found), len(steps))):
        lines = [lines[number] if number < len(lines) else b"no line\n" for lines in (wanted, found)]
        if lines[0] != lines[1] or lines[0] == b"no line\n":
            step = json.dumps(steps[number]) if number < len(steps) else "there is no such step"
            texts = [cut(line).decode(errors="backslashreplace").rstrip("\n") for line in lines]
            return f"step {number}: {step}\n  reference: {texts[0]}\n  tester:    {texts[1]}"
    return None


def compare(made, reference, tester, scratch):
    """The first difference, as text."""
    scratch = pathlib.Path(scratch)
    program = scratch / "program.json"
    program.write_text(generate.text(made))
    try:
        wanted = run(reference, str(program), made["steps"], str(scratch / "reference"))
    except Wrong as wrong:
        return f"the reference: {wrong}"
    try:
        found = run(tester, str(program), made["steps"], str(scratch / "tester"))
    except Wrong as wrong:
        return f"the tester: {wrong}"
    return first_difference(made["steps"], wanted, found)


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--reference", required=True)
    parser.add_argument("--tester", required=True)
    parser.add_argument("--seed", type=int, action="append")
    parser.add_argument("--steps", type=int, default=3000)
    parser.add_argument("--program")
    given = parser.parse_args()
    testers = ["--reference", given.reference, "--tester", given.tester]
    if given.program:
        programs = [(json.loads(pathlib.Path(given.program).read_text()), ["--program", given.program])]
    else:
        seeds = given.seed or [random.randrange(1 << 32)]
        steps = str(given.steps)
        programs = [
            (generate.program(seed, given.steps), ["--seed", str(seed), "--steps", steps]) for seed in seeds
        ]
    compared = 0
    for made, choice in programs:
        print(f"programs: {' '.join(choice)}, {len(made['steps'])} steps", flush=True)
        with tempfile.TemporaryDirectory(prefix="rl-program-") as scratch:
            difference = compare(made, given.reference, given.tester, scratch)
        if difference:
            print(f"{difference}\nagain: {shlex.join([sys.argv[0], *choice, *testers])}")
            sys.exit(1)
        compared += len(made["steps"])
    print(f"programs: {compared} steps, the same lines")
    if "RL_FIGURES_DIR" in os.environ:
        path = pathlib.Path(os.environ["RL_FIGURES_DIR"]) / f"programs-{os.getpid()}.json"
        path.write_text(json.dumps({"steps of random programs compared with the C API": compared}))


if __name__ == "__main__":
    main()
