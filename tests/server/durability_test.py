"""Ending redislite-server: by SIGTERM everything is kept and the store is closed, by SIGKILL nothing acknowledged is
lost."""

import random
import select
import signal
import time

import harness
from harness import request


class Durability(harness.Case):
    def test_sigterm_and_sigint_close_the_store_with_everything_in_it(self):
        count = 0
        for number, fsync, threads in (
            (signal.SIGTERM, "always", "1"),
            (signal.SIGINT, "everysec", "2"),
            (signal.SIGTERM, "no", "1"),
            (signal.SIGINT, "always", "2"),
        ):
            self.start("--appendfsync", fsync, "--io-threads", threads)
            clients = [self.connect() for _ in range(20)]
            blocked = self.connect()
            blocked.send(request("BLPOP", "nothing", 0))
            for client in clients:
                client.send(request("INCR", "n") * 5)
            for client in clients:
                for _ in range(5):
                    self.assertTrue(client.line().startswith(b":"))
            count += 100
            self.assertEqual(self.stop(number), 0)
            for client in [*clients, blocked]:
                self.assertEqual(client.to_the_end(), b"")
            self.assertIn(b"closed", (self.work / "log").read_bytes())
        self.start()
        self.assertEqual(self.connect().say("INCR", "n"), b":%d" % (count + 1))
        info = self.connect()
        info.send(request("INFO", "recovery"))
        self.assertIn(b"clean", info.receive(200))

    def test_what_a_signal_finds_under_way_is_answered_or_not_taken(self):
        self.start("--appendfsync", "always")
        clients = [self.connect() for _ in range(10)]
        for client in clients:
            client.send(request("INCR", "n") * 300)
        for client in clients:
            self.assertTrue(client.line().startswith(b":"))
        self.process.send_signal(signal.SIGTERM)
        # Everything that was taken was answered: with whole replies, each number once.
        replies = b"".join(self.rest(client) for client in clients)
        self.assertEqual(self.process.wait(harness.PATIENCE_S), 0)
        self.assertTrue(replies.endswith(b"\r\n") or replies == b"")
        self.start()
        self.assertEqual(self.connect().say("GET", "n")[:1], b"$")
        total = int(self.connect().say("INCR", "n")[1:]) - 1
        self.assertEqual(total, replies.count(b"\r\n") + len(clients))

    @staticmethod
    def rest(client):
        data = b""
        try:
            while more := client.socket.recv(65536):
                data += more
        except ConnectionResetError:
            pass  # requests that were not taken any more
        return data

    def test_kill_loses_nothing_acknowledged(self):
        seed = random.randrange(1 << 32)
        rng = random.Random(seed)
        acknowledged = 0
        for _ in range(4):
            self.start("--appendfsync", "always")
            client = self.connect()
            at_start = int(client.say("INCRBY", "n", 0)[1:])
            self.assertGreaterEqual(at_start, acknowledged, f"seed {seed}")
            until = time.monotonic() + rng.uniform(0.02, 0.3)
            killed = False
            client.send(request("INCR", "n") * 5000)
            data = b""
            while True:
                if not killed and time.monotonic() >= until:
                    self.process.kill()
                    killed = True
                if not select.select([client.socket], [], [], 0.01)[0]:
                    continue
                try:
                    more = client.socket.recv(4096)
                except ConnectionResetError:
                    break
                if not more:
                    break
                data += more
            lines = data.split(b"\r\n")[:-1]  # the last may be cut
            if lines:
                acknowledged = int(lines[-1][1:])
            self.process.wait()
        self.start()
        self.assertGreaterEqual(int(self.connect().say("INCRBY", "n", 0)[1:]), acknowledged, f"seed {seed}")


if __name__ == "__main__":
    harness.main()
