"""What the tests of redislite-cli share: the program, a directory of one's own, and a terminal."""

import contextlib
import fcntl
import os
import pathlib
import pty
import re
import select
import shutil
import signal
import struct
import subprocess
import sys
import tempfile
import termios
import time
import unittest

CLI = None  # the program's path, set by main()
PATIENCE_S = 60  # for things that happen at once unless something is broken


def environment(**more):
    """Nothing of the caller's settings may reach the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("REDISLITE_")}
    return {**kept, "LC_ALL": "C.UTF-8", **more}


class Case(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="redislite-cli-test."))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.dir = str(self.work / "store")

    def run_cli(self, *arguments, stdin=b"", env=None, cwd=None):
        """Runs the program to its end; everything is bytes."""
        return subprocess.run(
            [CLI, *arguments],
            input=stdin,
            capture_output=True,
            timeout=PATIENCE_S * 5,
            env=environment(**(env or {})),
            cwd=cwd or self.work,
        )

    def ok(self, *arguments, **more):
        """The standard output of a run that must succeed and say nothing else."""
        done = self.run_cli(*arguments, **more)
        self.assertEqual((done.returncode, done.stderr), (0, b""), f"{arguments}: {done.stdout[:300]!r}")
        return done.stdout

    def fails(self, status, *arguments, **more):
        """The standard error of a run that must end with this status."""
        done = self.run_cli(*arguments, **more)
        self.assertEqual(done.returncode, status, f"{arguments}: {done.stdout[:300]!r} {done.stderr[:300]!r}")
        return done.stderr

    def start(self, *arguments, **more):
        process = subprocess.Popen(
            [CLI, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=environment(),
            cwd=self.work,
            **more,
        )
        self.addCleanup(self.reap, process)
        return process

    @staticmethod
    def reap(process):
        if process.poll() is None:
            process.kill()
        for pipe in (process.stdin, process.stdout, process.stderr):
            # What was still buffered for a process that is gone has nowhere to go.
            with contextlib.suppress(BrokenPipeError):
                if pipe:
                    pipe.close()
        process.wait()


class Screen:
    """What a terminal shows: the bytes of a line editor move a cursor about, so the bytes alone are not the text."""

    def __init__(self, columns):
        self.columns, self.rows, self.row, self.column = columns, [[]], 0, 0

    def feed(self, data):
        for piece in re.findall(rb"\x1b\[[0-9;?]*[@-~]|\x1b[()][A-Z0-9]|\x1b[^\[()]|[^\x1b]", data, re.DOTALL):
            if piece.startswith(b"\x1b["):
                self._control(piece[2:-1], piece[-1:])
            elif piece == b"\x1b7":
                self.saved = (self.row, self.column)
            elif piece == b"\x1b8":
                self.row, self.column = self.saved
            elif piece == b"\r":
                self.column = 0
            elif piece == b"\n":
                self._down(1)
            elif piece == b"\b":
                self.column = max(self.column - 1, 0)
            elif not piece.startswith(b"\x1b") and piece >= b" ":
                self._put(piece)

    def _down(self, count):
        self.row += count
        while len(self.rows) <= self.row:
            self.rows.append([])

    def _put(self, byte):
        # The bytes behind the first of a UTF-8 sequence take no column.
        row = self.rows[self.row]
        if 0x80 <= byte[0] < 0xC0 and self.column > 0:
            row[self.column - 1] += byte
            return
        if self.column == self.columns:
            self.column = 0
            self._down(1)
            row = self.rows[self.row]
        row.extend([b" "] * (self.column + 1 - len(row)))
        row[self.column] = byte
        self.column += 1

    def _control(self, arguments, name):
        count = int(arguments) if arguments.isdigit() else 1
        row = self.rows[self.row]
        if name == b"G":
            self.column = count - 1
        elif name == b"C":
            self.column += count
        elif name == b"D":
            self.column = max(self.column - count, 0)
        elif name == b"A":
            self.row = max(self.row - count, 0)
        elif name == b"B":
            self._down(count)
        elif name == b"K":
            del row[self.column:]
        elif name == b"J":
            del row[self.column:], self.rows[self.row + 1:]
        elif name == b"P":
            del row[self.column:self.column + count]
        elif name == b"@":
            row[self.column:self.column] = [b" "] * count

    def lines(self):
        return [b"".join(row) for row in self.rows]

    def forget(self):
        """Drops all lines above the cursor's."""
        del self.rows[:self.row]
        self.row = 0


class Terminal:
    """The program on a terminal of 100 columns, and what that shows since the last forget()."""

    def __init__(self, *arguments, cwd, **env):
        self.screen = Screen(100)
        self.pid, self.fd = pty.fork()
        if self.pid == 0:
            fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 40, self.screen.columns, 0, 0))
            os.chdir(cwd)
            os.execve(CLI, [CLI, *arguments], environment(**{"TERM": "xterm", **env}))

    def type(self, keys):
        os.write(self.fd, keys)

    def text(self):
        return b"\n".join(self.screen.lines())

    def forget(self):
        self.screen.forget()

    def wait_for(self, wanted):
        """Reads until the text is shown."""
        self.wait_until(lambda: wanted in self.text(), wanted)

    def wait_for_prompt(self, prompt):
        """Reads until the cursor stands behind a fresh prompt, and keys reach the editor one by one."""
        self.wait_until(lambda: self.screen.lines()[self.screen.row] == prompt, prompt)
        # What is typed before the editor has taken the terminal over may be lost: a Ctrl-D, for one.
        deadline = time.monotonic() + PATIENCE_S
        while termios.tcgetattr(self.fd)[3] & termios.ICANON:
            if time.monotonic() > deadline:
                raise AssertionError("the terminal is not the editor's")
            time.sleep(0.001)

    def wait_until(self, condition, what):
        deadline = time.monotonic() + PATIENCE_S
        while not condition():
            if not self._read(deadline):
                raise AssertionError(f"waited for {what!r}, saw {self.text()!r}")

    def _read(self, deadline):
        ready, _, _ = select.select([self.fd], [], [], max(0, deadline - time.monotonic()))
        if not ready:
            return False
        try:
            data = os.read(self.fd, 65536)
        except OSError:
            return False
        self.screen.feed(data)
        return bool(data)

    def end(self):
        """Waits until the program has ended; its exit status, negative for a signal."""
        deadline = time.monotonic() + PATIENCE_S
        while self._read(deadline):
            pass
        while True:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                break
            if time.monotonic() > deadline:
                os.kill(self.pid, signal.SIGKILL)
                os.waitpid(self.pid, 0)
                raise AssertionError(f"it did not end; it showed {self.text()!r}")
            time.sleep(0.01)
        os.close(self.fd)
        return os.waitstatus_to_exitcode(status)


def main():
    global CLI
    if len(sys.argv) < 2:
        sys.exit(f"usage: {sys.argv[0]} PATH_OF_REDISLITE_CLI [TEST...]")
    # The importing module's tests; harness.CLI is this module's.
    CLI = str(pathlib.Path(sys.argv.pop(1)).resolve())
    unittest.main(verbosity=2)
