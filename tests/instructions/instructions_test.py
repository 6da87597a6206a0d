#!/usr/bin/env python3
"""What an operation costs in instructions, counted by callgrind.

The fast lanes stay fast. Times on a busy machine tell nothing; instructions are the same each time, so a rise of more
than a twentieth above baseline.json fails, until the baseline is changed in the same commit: REDISLITE_BASELINE=write
does it.

One program (operations.c) runs with N and with 2N operations. What opening, closing and the background cost is in both,
so that the difference is what N operations cost, the caller's loop and its snprintf included. The middle of three
counts: the hash's key is drawn anew for each store.

Usage: instructions_test.py PROGRAM
"""

import json
import os
import pathlib
import re
import shutil
import statistics
import subprocess
import sys
import tempfile

BASELINE = pathlib.Path(__file__).with_name("baseline.json")
OPERATIONS = 4000
RISE_MAX = 1.05


def count(program, operation, operations, store):
    """The instructions of one run of the program."""
    if operation == "replay" and not store.exists():
        subprocess.run([program, "write", store, str(operations)], check=True)
    done = subprocess.run(
        ["valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", program, operation, store, str(operations)],
        capture_output=True,
        text=True,
    )
    if done.returncode != 0:
        sys.exit(f"{operation} failed:\n{done.stderr}")
    return int(re.search(r"Collected : (\d+)", done.stderr).group(1))


def cost(program, operation, directory):
    """The instructions of one operation."""
    costs = []
    for _ in range(3):
        few, many = (
            count(program, operation, operations, directory / f"store-{operations}")
            for operations in (OPERATIONS, 2 * OPERATIONS)
        )
        costs.append((many - few) / OPERATIONS)
    return round(statistics.median(costs))


def main():
    if not shutil.which("valgrind"):
        print("skipped: there is no valgrind")
        sys.exit(77)
    with tempfile.TemporaryDirectory(prefix="instructions-") as directory:
        costs = {name: cost(sys.argv[1], name, pathlib.Path(directory)) for name in ("get", "set", "replay")}
    if os.environ.get("REDISLITE_BASELINE") == "write":
        BASELINE.write_text(json.dumps(costs, indent=2) + "\n")
    failed = False
    for name, before in json.loads(BASELINE.read_text()).items():
        wrong = costs[name] > before * RISE_MAX
        print(f"{name}: {costs[name]} instructions, baseline {before}{': RISEN' if wrong else ''}")
        failed |= wrong
    if failed:
        print("REDISLITE_BASELINE=write changes tests/instructions/baseline.json; say in the commit why")
    sys.exit(failed)


main()
