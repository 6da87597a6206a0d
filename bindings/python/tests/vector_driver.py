#!/usr/bin/env python3
"""What tests/vectors/runner/driver_store.h asks of a driver: a store in Python, for the vectors.

Usage: vector_driver.py [2|3]     RedisLite.execute, or a connection of redis-py in process that speaks RESP2 or RESP3
"""

import re
import sys

import redislite
from redislite import ManualClock, RedisLite

# Errors whose first word redis-py keeps; it takes "ERR" off the others.
KEPT = re.compile(r"(INVALIDOBJ|WRONGTYPE|NOAUTH|WRONGPASS|EXECABORT|BUSYKEY|BUSY|NOPROTO|OOM|MISCONF|UNBLOCKED) ")


class Native:
    def __init__(self, store):
        self.store = store

    def do(self, words):
        try:
            return self.store.execute(*words)
        except redislite.Error as error:
            return error

    def close(self):
        """The store is closed by who opened it."""


class InProcess:
    """A connection, without what redis-py makes of replies."""

    def __init__(self, store, protocol):
        import redis

        self.failure = redis.RedisError
        self.connection = redislite.ConnectionPool(store, protocol=protocol).make_connection()
        self.connection.connect()

    def do(self, words):
        self.connection.send_command(*words)
        try:
            return self.connection.read_response()
        except self.failure as error:
            return error

    def close(self):
        self.connection.disconnect()


def read_request(source):
    def length():
        line = source.readline()
        return int(line[1:]) if line else None

    count = length()
    return None if count is None else [source.read(length() + 2)[:-2] for _ in range(count)]


def encoded(reply):
    """A reply in RESP3."""
    if reply is None:
        return b"_\r\n"
    if isinstance(reply, redislite.Error):
        return b"-%s\r\n" % str(reply).encode("latin-1", "replace")
    if isinstance(reply, Exception):
        text = str(reply)
        return b"-%s\r\n" % (text if KEPT.match(text) else f"ERR {text}").encode("latin-1", "replace")
    if isinstance(reply, bool):
        return b"#t\r\n" if reply else b"#f\r\n"
    if isinstance(reply, int):
        return b":%d\r\n" % reply
    if isinstance(reply, float):
        return b",%s\r\n" % repr(reply).encode()
    if isinstance(reply, bytes):
        return b"$%d\r\n%s\r\n" % (len(reply), reply)
    if isinstance(reply, str):  # a status; or a text, which has lines
        data = reply.encode()
        return b"=%d\r\ntxt:%s\r\n" % (len(data) + 4, data) if b"\n" in data or not data else b"+%s\r\n" % data
    if isinstance(reply, dict):
        return b"%%%d\r\n" % len(reply) + b"".join(encoded(part) for pair in reply.items() for part in pair)
    kind = b"~" if isinstance(reply, set) else b"*"
    return b"%s%d\r\n" % (kind, len(reply)) + b"".join(map(encoded, reply))


def main():
    protocol = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    store = door = clock = None
    while (words := read_request(sys.stdin.buffer)) is not None:
        what, reply = words[0], "OK"
        try:
            if what == b"open":
                clock = ManualClock(int(words[2]))
                options = {name.decode(): value.decode() for name, value in zip(words[3::2], words[4::2])}
                store = RedisLite(words[1].decode(), clock=clock, **options)
                door = InProcess(store, protocol) if protocol else Native(store)
            elif what == b"close":
                door.close()
                store.close()
            elif what == b"clock":
                clock.cell[0] = int(words[1])
            else:
                reply = door.do(words[1:])
        except redislite.Error as error:
            reply = error
        sys.stdout.buffer.write(encoded(reply))
        sys.stdout.buffer.flush()


main()
