"""Ending redislite-cli in the middle of its work: by SIGKILL nothing acknowledged is lost, by Ctrl-C and SIGTERM it
closes the store."""

import json
import os
import pathlib
import random
import signal
import threading
import time

import harness


class Killed(harness.Case):
    def load(self, process, first, count):
        """Feeds batches from a thread: each makes a hash, a list and counts itself."""

        def feed():
            try:
                for i in range(first, count):
                    process.stdin.write(b"MULTI\nHSET h:%d n %d\nRPUSH l:%d a b\nINCR total\nEXEC\n" % (i, i, i))
                process.stdin.close()
            except (BrokenPipeError, ValueError):
                pass

        thread = threading.Thread(target=feed)
        thread.start()
        self.addCleanup(thread.join)

    def test_every_acknowledged_batch_is_there_and_every_other_one_whole_or_absent(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        count, present = 3000, 0
        for jobs in ("1", "8", "1", "8"):
            process = self.start("--json", "-j", jobs, self.dir)
            self.load(process, present, count)
            acknowledged, wanted = present, present + rng.randrange(1, 600)
            for line in process.stdout:
                if line.startswith(b"["):
                    acknowledged += 1
                    if acknowledged == wanted:
                        process.kill()
            self.assertEqual(process.wait(), -signal.SIGKILL)
            done = self.run_cli(
                "--json",
                self.dir,
                stdin=b"".join(b"HGET h:%d n\nLLEN l:%d\n" % (i, i) for i in range(count)) + b"GET total\n",
            )
            self.assertIn(b"recovered after an unclean end", done.stderr)
            replies = [json.loads(line) for line in done.stdout.splitlines()]
            whole = [i for i in range(count) if replies[2 * i] == str(i) and replies[2 * i + 1] == 2]
            absent = [i for i in range(count) if replies[2 * i] is None and replies[2 * i + 1] == 0]
            context = f"seed {seed}, jobs {jobs}"
            self.assertEqual(len(whole) + len(absent), count, context)
            # With one job the order is the input's; with more, what is acknowledged is a prefix of it all the same.
            self.assertEqual(whole[:acknowledged], list(range(acknowledged)), context)
            self.assertEqual(int(replies[-1]), len(whole), context)
            # Go on behind the last one that may be there; the gaps that jobs leave are filled by absent ones' batches.
            if absent and whole and absent[0] < whole[-1]:
                gaps = [i for i in absent if i < whole[-1]]
                self.ok(
                    self.dir,
                    stdin=b"".join(
                        b"MULTI\nHSET h:%d n %d\nRPUSH l:%d a b\nINCR total\nEXEC\n" % (i, i, i) for i in gaps
                    ),
                )
            present = whole[-1] + 1 if whole else 0

    def test_ctrl_c_and_sigterm_close_the_store_and_say_so_by_the_status(self):
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            for jobs in ("1", "8"):
                process = self.start("--json", "-j", jobs, self.dir)
                process.stdin.write(b"INCR total\n" * 100)
                process.stdin.flush()
                last = 0
                while last % 100 != 0 or last == 0:
                    last = int(process.stdout.readline())
                process.send_signal(number)
                self.assertEqual(process.wait(harness.PATIENCE_S), 128 + number)
                self.assertIn(b"closed cleanly", self.ok("--check", self.dir))
                self.assertEqual(self.ok(self.dir, "GET", "total"), b"%d\n" % last)
                self.ok(self.dir, "SET", "total", "0")

    def test_a_signal_in_the_middle_of_a_load_leaves_whole_batches(self):
        process = self.start("--json", "-j", "8", self.dir)
        self.load(process, 0, 100000)
        acknowledged = 0
        for line in process.stdout:
            acknowledged += line.startswith(b"[")
            if acknowledged == 200:
                process.send_signal(signal.SIGTERM)
        self.assertEqual(process.wait(harness.PATIENCE_S), 128 + signal.SIGTERM)
        self.assertEqual(process.stderr.read(), b"")
        self.assertIn(b"closed cleanly", self.ok("--check", self.dir))
        # Closed by ordinary control flow: what was run was also answered.
        self.assertEqual(int(self.ok(self.dir, "GET", "total")), acknowledged)

    def test_ctrl_c_ends_the_wait_for_an_argument_and_a_third_one_ends_anything(self):
        process = self.start(self.dir, "-x", "SET", "k")
        self.wait_for_store(process)
        process.send_signal(signal.SIGINT)
        self.assertEqual(process.wait(harness.PATIENCE_S), 130)
        self.assertEqual(self.ok(self.dir, "EXISTS", "k"), b"0\n")
        process = self.start(self.dir, "DEBUG", "SLEEP", "1000")
        self.wait_for_store(process)
        for _ in range(3):
            self.assertIsNone(process.poll())
            process.send_signal(signal.SIGINT)
            time.sleep(0.1)  # two of one kind that are pending become one
        self.assertEqual(process.wait(harness.PATIENCE_S), 130)
        self.assertIn(b"kept", process.stderr.read())

    def wait_for_store(self, process):
        """Until the process has the lock: its handlers are in place then. Looking must not take the lock from it."""
        deadline = time.monotonic() + harness.PATIENCE_S
        lock = os.path.join(self.dir, "LOCK")
        while not os.path.exists(lock) or pathlib.Path(lock).read_text().strip() != str(process.pid):
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)


if __name__ == "__main__":
    harness.main()
