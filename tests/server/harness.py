"""What the tests of redislite-server share: a server of one's own, and clients that are plain sockets."""

import os
import pathlib
import shutil
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time
import unittest

SERVER = None  # the program's path, set by main()
FRAMED_CLIENT = None
PATIENCE_S = 60  # for things that happen at once unless something is broken


def environment(**more):
    """Nothing of the caller's settings may reach the program."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("REDISLITE_", "NOTIFY_SOCKET"))}
    return {**kept, **more}


def request(*words):
    """A command as clients send it."""
    words = [word if isinstance(word, bytes) else str(word).encode() for word in words]
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


def frame(payload):
    return struct.pack("<I", len(payload)) + payload


class Client:
    def __init__(self, address):
        family = socket.AF_UNIX if isinstance(address, str) else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(address)

    def send(self, data):
        self.socket.sendall(data)

    def receive(self, size):
        """So many bytes, or those before the end."""
        data = b""
        while len(data) < size and (more := self.socket.recv(size - len(data))):
            data += more
        return data

    def receive_frame(self):
        header = self.receive(4)
        return self.receive(struct.unpack("<I", header)[0]) if len(header) == 4 else b""

    def to_the_end(self):
        data = b""
        while more := self.socket.recv(65536):
            data += more
        return data

    def line(self):
        data = b""
        while not data.endswith(b"\r\n") and (more := self.socket.recv(1)):
            data += more
        return data

    def say(self, *words):
        """Sends a command whose reply is one line; gives the line without its end."""
        self.send(request(*words))
        return self.line()[:-2]

    def close(self):
        self.socket.close()


class Case(unittest.TestCase):
    def setUp(self):
        self.work = pathlib.Path(tempfile.mkdtemp(prefix="redislite-server-test."))
        self.addCleanup(shutil.rmtree, self.work, ignore_errors=True)
        self.process = None
        self.log = b""

    def start(self, *arguments, env=None):
        """Starts a server on ./store and waits until it listens; self.port and self.framed_port are its ports."""
        ports = self.work / "ports"
        ports.unlink(missing_ok=True)
        log = open(self.work / "log", "wb")
        self.process = subprocess.Popen(
            [SERVER, "store", "--port", "any", "--bind", "127.0.0.1", "--port-file", "ports", *arguments],
            stderr=log,
            env=environment(**(env or {})),
            cwd=self.work,
        )
        log.close()
        self.addCleanup(self.reap, self.process)
        deadline = time.monotonic() + PATIENCE_S
        while b"ready" not in (self.work / "log").read_bytes():
            self.assertIsNone(self.process.poll(), (self.work / "log").read_bytes())
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.005)
        listed = dict(line.split() for line in ports.read_text().splitlines())
        self.port = int(listed.get("port", 0))
        self.framed_port = int(listed.get("framed-port", 0))

    @staticmethod
    def reap(process):
        if process.poll() is None:
            process.kill()
        process.wait()

    def stop(self, number=signal.SIGTERM):
        """Ends the server; its exit status."""
        self.process.send_signal(number)
        return self.process.wait(PATIENCE_S)

    def connect(self, address=None):
        client = Client(address or ("127.0.0.1", self.port))
        self.addCleanup(client.close)
        return client

    def refused(self, *arguments, env=None):
        """What a server that must not start says."""
        done = subprocess.run(
            [SERVER, "store", *arguments],
            capture_output=True,
            timeout=PATIENCE_S,
            env=environment(**(env or {})),
            cwd=self.work,
        )
        self.assertEqual((done.returncode, done.stdout), (2, b""), done.stderr)
        return done.stderr.decode()


def main():
    global SERVER, FRAMED_CLIENT
    if len(sys.argv) < 3:
        sys.exit(f"usage: {sys.argv[0]} PATH_OF_REDISLITE_SERVER PATH_OF_FRAMED_CLIENT [TEST...]")
    # The importing module's tests; harness.SERVER is this module's.
    SERVER, FRAMED_CLIENT = (str(pathlib.Path(sys.argv.pop(1)).resolve()) for _ in range(2))
    unittest.main(verbosity=2)
