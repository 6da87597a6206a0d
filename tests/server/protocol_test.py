"""What clients of Redis see: requests cut anywhere, replies in order, messages and pops across connections."""

import pathlib
import re
import shutil
import socket
import subprocess
import unittest

import harness
from harness import request


class Protocol(harness.Case):
    def test_a_pipeline_may_be_cut_at_every_byte(self):
        self.start("--appendfsync", "no")
        pipeline = (
            request("SET", "k", b"\x00\r\n")
            + request("GET", "k")
            + b"PING\r\n"
            + request("RPUSH", "l", "a", "b")
            + request("LRANGE", "l", 0, -1)
            + request("DEL", "k", "l")
        )
        replies = b"+OK\r\n$3\r\n\x00\r\n\r\n+PONG\r\n:2\r\n*2\r\n$1\r\na\r\n$1\r\nb\r\n:2\r\n"
        client, other = self.connect(), self.connect()
        for cut in range(1, len(pipeline)):
            client.send(pipeline[:cut])
            self.assertEqual(other.say("PING"), b"+PONG")  # time enough for the first part to be read alone
            client.send(pipeline[cut:])
            self.assertEqual(client.receive(len(replies)), replies, f"cut at {cut}")
        for byte in pipeline:
            client.send(bytes([byte]))
        self.assertEqual(client.receive(len(replies)), replies)

    def test_replies_of_synced_writes_keep_their_order(self):
        self.start("--appendfsync", "always")
        client = self.connect()
        client.send(b"".join(request("INCR", "n") + request("GET", "n") for _ in range(200)))
        wanted = b"".join(b":%d\r\n$%d\r\n%d\r\n" % (i, len(str(i)), i) for i in range(1, 201))
        self.assertEqual(client.receive(len(wanted)), wanted)

    def test_who_says_no_more_is_told_the_rest_and_then_let_go(self):
        self.start("--appendfsync", "always")
        for end in (b"", b"*2\r\n$3\r\nGET\r\n$1"):  # whole, and in the midst of a command
            client = self.connect()
            client.send(b"".join(request("SET", f"k{i}", i) for i in range(300)) + end)
            client.socket.shutdown(socket.SHUT_WR)
            self.assertEqual(client.to_the_end(), b"+OK\r\n" * 300)
        waits = self.connect()
        waits.send(request("SET", "k", "v") + request("BLPOP", "none", "0"))
        waits.socket.shutdown(socket.SHUT_WR)
        self.assertEqual(waits.to_the_end(), b"+OK\r\n")
        self.assertEqual(self.connect().say("STRLEN", "k299"), b":3")

    def test_messages_and_pops_reach_other_connections_on_any_thread(self):
        for threads in ("1", "3"):
            self.start("--io-threads", threads)
            subscriber, popper, other = self.connect(), self.connect(), self.connect()
            subscriber.send(request("SUBSCRIBE", "news"))
            subscribed = b"*3\r\n$9\r\nsubscribe\r\n$4\r\nnews\r\n:1\r\n"
            self.assertEqual(subscriber.receive(len(subscribed)), subscribed)
            popper.send(request("CLIENT", "ID") + request("BLPOP", "queue", 0))
            self.assertTrue(popper.line().startswith(b":"))
            self.assertEqual(other.say("PUBLISH", "news", "hi"), b":1")
            message = b"*3\r\n$7\r\nmessage\r\n$4\r\nnews\r\n$2\r\nhi\r\n"
            self.assertEqual(subscriber.receive(len(message)), message)
            self.assertEqual(other.say("RPUSH", "queue", "job"), b":1")
            popped = b"*2\r\n$5\r\nqueue\r\n$3\r\njob\r\n"
            self.assertEqual(popper.receive(len(popped)), popped)
            self.assertEqual(other.say("DEL", "queue"), b":0")
            self.assertEqual(self.stop(), 0)

    def test_a_protocol_error_is_told_and_ends_the_connection_only(self):
        self.start()
        client, other = self.connect(), self.connect()
        client.send(request("PING") + b"*1\r\n!x\r\n" + b"x" * 100_000)
        self.assertEqual(client.to_the_end(), b"+PONG\r\n-ERR Protocol error: expected '$', got '!'\r\n")
        other.send(b"QUIT\r\n")
        self.assertEqual(other.to_the_end(), b"+OK\r\n")
        self.assertEqual(self.connect().say("PING"), b"+PONG")

    def test_large_values_go_both_ways_and_a_long_pipeline_is_read_before_its_replies_are(self):
        self.start("--appendfsync", "no")
        client = self.connect()
        value = bytes(range(256)) * 40_000  # 10 MB
        client.send(request("SET", "large", value))
        self.assertEqual(client.line(), b"+OK\r\n")
        client.send(request("GET", "large"))
        self.assertEqual(client.line(), b"$%d\r\n" % len(value))
        self.assertEqual(client.receive(len(value) + 2), value + b"\r\n")
        self.assertEqual(client.say("SET", "k", "v" * 1000), b"+OK")
        count = 20_000
        client.send(request("GET", "k") * count)
        self.assertEqual(len(client.receive(count * 1009)), count * 1009)
        self.assertEqual(client.say("PING"), b"+PONG")

    def test_a_client_that_does_not_read_holds_up_nobody_else(self):
        self.start("--appendfsync", "no")
        deaf, other = self.connect(), self.connect()
        self.assertEqual(other.say("SET", "k", "v" * 100_000), b"+OK")
        deaf.send(request("GET", "k") * 10_000)  # 1 GB of replies
        for _ in range(100):
            self.assertEqual(other.say("PING"), b"+PONG")
        status = pathlib.Path(f"/proc/{self.process.pid}/status").read_text()
        resident_kb = int(re.search(r"VmRSS:\s+(\d+)", status).group(1))
        self.assertLess(resident_kb, 400_000, "the replies wait in the store, not in buffers")

    @unittest.skipUnless(shutil.which("redis-cli"), "redis-tools is not installed")
    def test_redis_cli_and_redis_benchmark_are_content(self):
        self.start("--appendfsync", "everysec")
        port = str(self.port)

        def cli(*words):
            return subprocess.run(["redis-cli", "-p", port, *words], capture_output=True, text=True, timeout=60).stdout

        self.assertEqual(cli("SET", "a", "1"), "OK\n")
        self.assertEqual(cli("INCR", "a"), "2\n")
        self.assertEqual(cli("-3", "HSET", "h", "f", "v"), "1\n")
        self.assertEqual(cli("-3", "HGETALL", "h"), "f v\n")
        tests = "set,get,incr,lpush,rpush,lpop,rpop,hset,mset,ping"
        for pipeline in ("1", "16"):
            done = subprocess.run(
                ["redis-benchmark", "-p", port, "-n", "2000", "-q", "-P", pipeline, "-t", tests],
                capture_output=True,
                text=True,
                timeout=120,
            )
            self.assertEqual(done.returncode, 0, done.stderr)
            self.assertNotIn("rror", done.stdout + done.stderr)
            self.assertEqual(done.stdout.count("requests per second, p50"), 11, done.stdout)


if __name__ == "__main__":
    harness.main()
