"""Peers that are broken, slow, greedy or many: the server stays up and bounded, and the others are served."""

import pathlib
import random
import resource
import socket
import subprocess
import time

import harness
from harness import request


class Hostile(harness.Case):
    def resident_bytes(self):
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text(encoding="ascii")
        return 1024 * int(status.split("VmRSS:")[1].split()[0])

    def served(self, client=None):
        self.assertEqual((client or self.connect()).say("PING"), b"+PONG")

    def test_a_thousand_pipelines_may_be_cut_at_every_byte(self):
        path = str(self.work / "socket")
        self.start("--unixsocket", path)
        client = self.connect(path)
        draw = random.Random(1)
        for number in range(1000):
            value = draw.randbytes(draw.randrange(6))
            commands = [request("SET", "k", value), request("GET", "k"), b"PING\r\n", request("ECHO", number)]
            draw.shuffle(commands)
            replies = {commands.index(request("SET", "k", value)): b"+OK\r\n"}
            replies[commands.index(b"PING\r\n")] = b"+PONG\r\n"
            client.send(request("SET", "k", value))
            self.assertEqual(client.line(), b"+OK\r\n")
            for command in (request("GET", "k"), request("ECHO", number)):
                said = value if b"GET" in command else str(number).encode()
                replies[commands.index(command)] = b"$%d\r\n%s\r\n" % (len(said), said)
            sent, wanted = b"".join(commands), b"".join(replies[i] for i in range(len(commands)))
            for cut in range(1, len(sent)):
                client.send(sent[:cut])
                client.send(sent[cut:])
            self.assertEqual(client.receive(len(wanted) * (len(sent) - 1)), wanted * (len(sent) - 1))

    def test_garbage_bad_lengths_and_nested_arrays_end_their_connection_only(self):
        self.start()
        good = self.connect()
        draw = random.Random(2)
        bad = [b"*-2\r\n", b"*99999999999999999999\r\n", b"*2147483647\r\n", b"*1\r\n$-1\r\n",
               b"*1\r\n$999999999999\r\n",
               b"*1\r\n*1\r\n" * 1000, b"*1\r\n:1\r\n", b"*1\r\n$1\r\nab\r\n", b"\x00" * 100,
               b"*" * 70000, b"$5\r\nhello\r\n",
               b"*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$536870913\r\n"]
        bad += [draw.randbytes(draw.randrange(1, 4000)) for _ in range(200)]
        for text in bad:
            client = self.connect()
            client.send(text)
            client.socket.shutdown(socket.SHUT_WR)
            # What is said, if anything, are errors and the replies to what happened to be a command.
            client.to_the_end()
            client.close()
            self.served(good)
        self.assertLess(self.resident_bytes(), 200 << 20)

    def test_a_thousand_clients_that_never_read_cost_what_the_limits_say(self):
        # What a sanitizer keeps of freed memory is not the server's.
        self.start("--client-output-buffer-limit", "normal 2mb 0 0", env={"ASAN_OPTIONS": "quarantine_size_mb=1"})
        good = self.connect()
        self.assertEqual(good.say("SET", "big", b"x" * 10_000), b"+OK")
        before = self.resident_bytes()
        deaf = []
        for _ in range(1000):
            client = self.connect()
            client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            client.send(request("GET", "big") * 20)
            deaf.append(client)
        self.served(good)
        self.assertLess(self.resident_bytes() - before, 1000 * (100 << 10))
        for client in deaf:
            client.close()
        self.served(good)

    def test_writers_of_a_byte_at_a_time_hold_up_nobody(self):
        self.start()
        good = self.connect()
        slow = [self.connect() for _ in range(50)]
        text = request("SET", "slow", "value")
        for i in range(len(text)):
            for client in slow:
                client.send(text[i : i + 1])
            self.served(good)
        for client in slow:
            self.assertEqual(client.line(), b"+OK\r\n")

    def test_ten_thousand_connections_are_served(self):
        count = 10_000
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard != resource.RLIM_INFINITY and hard < count + 200:
            self.skipTest(f"a process may open {hard} files only")
        resource.setrlimit(resource.RLIMIT_NOFILE, (count + 200, hard))
        self.addCleanup(resource.setrlimit, resource.RLIMIT_NOFILE, (soft, hard))
        self.start("--maxclients", str(count + 10))
        before = self.resident_bytes()
        clients = [self.connect() for _ in range(count)]
        for client in clients:
            client.send(b"PING\r\n")
        for client in clients:
            self.assertEqual(client.line(), b"+PONG\r\n")
        self.assertLess((self.resident_bytes() - before) / count, 16 << 10)
        for client in clients:
            client.close()
        self.served()

    def test_when_descriptors_run_out_clients_wait_and_are_served_when_others_leave(self):
        # Less than maxclients may need, so that the server lowers it; and then less than that, behind its back.
        self.start("--maxclients", "100")
        files = len(list(pathlib.Path(f"/proc/{self.process.pid}/fd").iterdir()))
        done = subprocess.run(["prlimit", f"--nofile={files + 5}:", "--pid", str(self.process.pid)], check=False)
        if done.returncode != 0:
            self.skipTest("prlimit cannot lower the server's limit")
        clients = [self.connect() for _ in range(20)]
        for client in clients:
            client.send(request("PING"))
        self.assertEqual(clients[0].line(), b"+PONG\r\n")
        # Those that wait are in the backlog: as the first leave, they come in.
        for client in clients:
            self.assertEqual(client.line() if client is not clients[0] else b"+PONG\r\n", b"+PONG\r\n")
            client.close()
        deadline = time.monotonic() + harness.PATIENCE_S
        while self.connect().say("PING") != b"+PONG":
            self.assertLess(time.monotonic(), deadline)


if __name__ == "__main__":
    harness.main()
