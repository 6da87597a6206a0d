"""The length-prefixed protocol: a frame a request, a frame a reply, and nothing above the limit."""

import struct
import subprocess

import harness
from harness import frame, request


class Framed(harness.Case):
    def framed(self, *arguments):
        self.start("--framed-port", "any", *arguments)
        return self.connect(("127.0.0.1", self.framed_port))

    def test_lines_and_arrays_are_answered_frame_by_frame_however_they_are_cut(self):
        client = self.framed("--appendfsync", "no")
        requests = (
            frame(b'SET k "a b"')
            + frame(request("GET", "k"))
            + frame(b"NONSENSE\r\n")
            + frame(request("RPUSH", "l", b"\x00\xff", ""))
            + frame(b"LRANGE l 0 -1")
            + frame(b"HELLO 3")
            + frame(b"HGETALL none\n")
            + frame(b"HELLO 2")
            + frame(b"DEL k l")
        )
        wanted = [
            b"+OK\r\n",
            b"$3\r\na b\r\n",
            b"-ERR unknown command 'NONSENSE', with args beginning with: \r\n",
            b":2\r\n",
            b"*2\r\n$2\r\n\x00\xff\r\n$0\r\n\r\n",
            None,
            b"%0\r\n",
            None,
            b":2\r\n",
        ]
        for cut in range(len(requests)):
            client.send(requests[:cut])
            client.send(requests[cut:])
            for reply in wanted:
                got = client.receive_frame()
                self.assertEqual(got, got if reply is None else reply, f"cut at {cut}")

    def test_pipelined_synced_writes_keep_their_order(self):
        client = self.framed("--appendfsync", "always")
        client.send(b"".join(frame(b"INCR n") for _ in range(500)))
        self.assertEqual([client.receive_frame() for _ in range(500)], [b":%d\r\n" % i for i in range(1, 501)])

    def test_what_is_no_request_is_refused_behind_the_replies_before_it(self):
        cases = {
            b"": b"an empty frame",
            b" \r\n": b"an empty frame",
            b"PING\r\nPING": b"a frame of several lines",
            request("PING") * 2: b"a frame that is not one whole request",
            request("PING")[:-1]: b"a frame that is not one whole request",
            b"*-1\r\n": b"a frame that is not one whole request",
            b"*1\r\n$99999999999999999999\r\nx\r\n": b"a frame that is not one whole request",
        }
        self.framed("--appendfsync", "always")
        for payload, why in cases.items():
            client = self.connect(("127.0.0.1", self.framed_port))
            client.send(frame(b"INCR n") + frame(payload) + frame(b"INCR n"))
            self.assertTrue(client.receive_frame().startswith(b":"))
            self.assertEqual(client.receive_frame(), b"-ERR Protocol error: " + why + b"\r\n")
            self.assertEqual(client.receive(1), b"")
        self.assertEqual(self.connect().say("INCR", "n"), b":%d" % (len(cases) + 1))

    def test_a_frame_above_the_limit_is_refused_by_its_length_alone(self):
        client = self.framed()
        payload = b"ECHO " + b"x" * (4096 - 5)
        client.send(frame(payload))
        self.assertEqual(client.receive_frame(), b"$4091\r\n" + payload[5:] + b"\r\n")
        for length in (4097, 1 << 31, (1 << 32) - 1):
            client = self.connect(("127.0.0.1", self.framed_port))
            client.send(struct.pack("<I", length))
            error = b"-ERR Protocol error: a frame of %d bytes; at most 4096 are allowed\r\n" % length
            self.assertEqual(client.receive_frame(), error)
            self.assertEqual(client.receive(1), b"")
        self.assertEqual(self.stop(), 0)
        client = self.framed("--framed-max-bytes", "1mb")
        client.send(frame(b"SET k " + b"x" * 1_000_000) + frame(b"STRLEN k"))
        self.assertEqual([client.receive_frame(), client.receive_frame()], [b"+OK\r\n", b":1000000\r\n"])
        client.send(frame(b"GET k") * 20)
        for _ in range(20):
            self.assertEqual(len(client.receive_frame()), 1_000_000 + 12)

    def test_messages_come_in_frames(self):
        client = self.framed()
        client.send(frame(b"SUBSCRIBE a b"))
        self.assertEqual(client.receive_frame(), b"*3\r\n$9\r\nsubscribe\r\n$1\r\na\r\n:1\r\n")
        self.assertEqual(client.receive_frame(), b"*3\r\n$9\r\nsubscribe\r\n$1\r\nb\r\n:2\r\n")
        self.assertEqual(self.connect().say("PUBLISH", "b", "hi"), b":1")
        self.assertEqual(client.receive_frame(), b"*3\r\n$7\r\nmessage\r\n$1\r\nb\r\n$2\r\nhi\r\n")

    def test_the_c_client_of_the_examples_speaks_it(self):
        self.framed()
        done = subprocess.run(
            [harness.FRAMED_CLIENT, str(self.framed_port), 'SET greeting "hello there"', "GET greeting", "INCR n"],
            capture_output=True,
            timeout=harness.PATIENCE_S,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, b"+OK\r\n$11\r\nhello there\r\n:1\r\n")


if __name__ == "__main__":
    harness.main()
