#!/usr/bin/env python3
"""What fetches ahead has instructions that do.

GCC takes a function that does nothing but prefetch for one without effect, and leaves out the calls of it: no reply is
other for that, only later. So the machine code is looked at.

Usage: prefetch_test.py PROGRAM
"""

import re
import shutil
import subprocess
import sys

# Each of them has three steps of one look-up to fetch at least, those of a lone key in two parts.
FUNCTIONS = {
    "redislite::engine::Keyspace::Prefetch": 3,
    "redislite::engine::CommitPipeline::Prefetch": 1,
    "redislite::engine::CommitPipeline::CommitBatch": 1,
}


def symbols(program):
    """{name without arguments: mangled name}"""
    listed = subprocess.run(["nm", program], check=True, capture_output=True, text=True).stdout.split("\n")
    mangled = [line.split()[-1] for line in listed if line]
    plain = subprocess.run(["c++filt"], check=True, input="\n".join(mangled), capture_output=True, text=True).stdout
    return {name.split("(")[0]: symbol for name, symbol in zip(plain.split("\n"), mangled) if "[clone" not in name}


def prefetches(program, symbol, others):
    """How many instructions of the function prefetch, with those of the functions that it calls to do so, but for the
    others of the list."""
    code = subprocess.run(
        ["objdump", "-d", "--no-show-raw-insn", f"--disassemble={symbol}", program],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    called = set(re.findall(r"\tcall +[0-9a-f]+ <(\w*Prefetch\w*)>", code)) - {symbol} - others
    return code.count("\tprefetch") + sum(prefetches(program, each, others) for each in called)


def main():
    if not shutil.which("objdump"):
        print("skipped: there is no objdump")
        sys.exit(77)
    program = sys.argv[1]
    known = symbols(program)
    failed = False
    for name, least in FUNCTIONS.items():
        if name not in known:
            sys.exit(f"{program} has no {name}: what this test looks at has another name now")
        found = prefetches(program, known[name], {known[other] for other in FUNCTIONS if other in known})
        print(f"{name}: {found} prefetches, at least {least}")
        failed |= found < least
    sys.exit(1 if failed else 0)


main()
