#!/usr/bin/env python3
"""What an operation costs in system calls, counted by strace.

Goal: the promises that make durability affordable are numbers, and hold exactly: a durable rl_set from one thread is
one write and one sync; what changes nothing is none; many threads share syncs.

Method: one program (writer.c) is run twice, with N and with 2N operations. What opening, closing and the background
cost is in both, so that the difference is what N operations cost. The background (which prepares the next log
segment) is left out by counting the calling thread alone; it must show in the count of all threads only as single
calls, not as one an operation.

Needs REDISLITE_WRITER in the environment: the built program.
"""

import collections
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import unittest

WRITER = os.environ["REDISLITE_WRITER"]
WRITES = {"write", "pwrite64", "writev", "pwritev", "pwritev2", "io_uring_enter"}
SYNCS = {"fsync", "fdatasync", "sync_file_range", "msync", "syncfs", "sync"}
OPERATIONS = 100


def can_trace():
    return (
        bool(shutil.which("strace"))
        and subprocess.run(["strace", "-o", os.devnull, "true"], capture_output=True).returncode == 0
    )


class Calls:
    """The writes and syncs of one run: of the thread that began it, and of all."""

    def __init__(self, log):
        self.own, self.all = collections.Counter(), collections.Counter()
        first = None
        for line in log.read_text().splitlines():
            # "123 fdatasync(4) = 0"; a call that another thread interrupts is "<unfinished ...>" here and "<...
            # resumed" later.
            match = re.match(r"(\d+) +(\w+)\(", line)
            if not match:
                continue
            first = first or match.group(1)
            kind = "write" if match.group(2) in WRITES else "sync" if match.group(2) in SYNCS else None
            if kind:
                self.all[kind] += 1
                self.own[kind] += match.group(1) == first


@unittest.skipUnless(can_trace(), "strace cannot trace here")
class SystemCalls(unittest.TestCase):
    def setUp(self):
        # Beside the program and not in /tmp, which may be memory: a sync that takes no time is shared by nobody.
        temporary = tempfile.TemporaryDirectory(prefix="syscalls-", dir=pathlib.Path(WRITER).parent)
        self.addCleanup(temporary.cleanup)
        self.here = pathlib.Path(temporary.name)
        self.runs = 0

    def trace(self, kind, count, threads=1):
        self.runs += 1
        log = self.here / f"{self.runs}.strace"
        # The execve is traced for the number of the first thread.
        done = subprocess.run(
            [
                "strace",
                "-f",
                "-qq",
                "-o",
                log,
                "-e",
                f"trace=execve,{','.join(sorted(WRITES | SYNCS))}",
                WRITER,
                self.here / f"{self.runs}.data",
                kind,
                str(count),
                str(threads),
            ],
            capture_output=True,
            text=True,
        )
        self.assertEqual(done.returncode, 0, done.stderr)
        return Calls(log)

    def cost(self, kind):
        """What OPERATIONS more of them cost: (own writes, own syncs), (all threads' writes, syncs)."""
        fewer, more = self.trace(kind, OPERATIONS), self.trace(kind, 2 * OPERATIONS)
        own, everyone = more.own, more.all
        own.subtract(fewer.own)
        everyone.subtract(fewer.all)
        return (own["write"], own["sync"]), (everyone["write"], everyone["sync"])

    def test_a_durable_set_from_one_thread_is_one_write_and_one_sync(self):
        own, everyone = self.cost("set")
        self.assertEqual(own, (OPERATIONS, OPERATIONS))
        for count in everyone:
            self.assertLess(abs(count - OPERATIONS), OPERATIONS // 4, f"the background costs calls too: {everyone}")

    def test_a_del_of_a_missing_key_is_neither(self):
        own, everyone = self.cost("del")
        self.assertEqual(own, (0, 0))
        for count in everyone:
            self.assertLess(abs(count), OPERATIONS // 4, f"the background costs calls: {everyone}")

    def test_what_changes_nothing_or_fails_is_neither(self):
        self.assertEqual(self.cost("noop")[0], (0, 0))

    def test_a_read_is_neither(self):
        self.assertEqual(self.cost("get")[0], (0, 0))

    def test_64_threads_share_syncs(self):
        threads, count = 64, 50
        writes = threads * count
        syncs = self.trace("set", count, threads).all["sync"]
        self.assertLess(syncs, writes / 8, f"{syncs} syncs for {writes} durable writes")


if __name__ == "__main__":
    unittest.main()
