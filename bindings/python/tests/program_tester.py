#!/usr/bin/env python3
"""What tests/bindings/programs/README.md asks of a tester, in Python: program_tester.py PROGRAM DIRECTORY FIRST"""

import json
import struct
import sys

from redislite import Error, ManualClock, RedisLite

STACK_DEPTH, PUSHED_BYTES = 16, 100


def quoted(data):
    return '"' + "".join(chr(b) if 0x20 <= b <= 0x7E and b not in b'"\\' else f"\\x{b:02x}" for b in data) + '"'


def array(parts):
    return "[" + " ".join(parts) + "]"


def text_of(reply):
    """The text of a line."""
    if reply is None:
        return "nil"
    if isinstance(reply, bool):
        return "#t" if reply else "#f"
    if isinstance(reply, int):
        return f":{reply}"
    if isinstance(reply, float):
        return "," + struct.pack(">d", reply).hex()
    if isinstance(reply, bytes):
        return quoted(reply)
    if isinstance(reply, str):
        return "+" + quoted(reply.encode())
    if isinstance(reply, Error):
        return f"!{reply.code} {quoted(str(reply).encode())}"
    if isinstance(reply, set):
        return "~" + array(sorted(map(text_of, reply)))
    if isinstance(reply, dict):
        return "{" + ", ".join(sorted(f"{text_of(name)} {text_of(value)}" for name, value in reply.items())) + "}"
    return array(map(text_of, reply))


class Line(str):
    """A reply that is the text of a line already."""


class Machine:
    def __init__(self, program, directory, first):
        before = sum(int(step[1]) for step in program["steps"][:first] if step[0] == "clock")
        self.clock = ManualClock(program["start_ms"] + before)
        self.options = {name.replace("-", "_"): value for name, value in program["options"].items()}
        self.directory = directory
        self.stack = []
        self.open()

    def open(self):
        self.store = RedisLite(self.directory, clock=self.clock, **self.options)

    def operand(self, operand):
        if isinstance(operand, str):
            return operand.encode("latin-1")
        return self.stack[-1 - operand] if operand < len(self.stack) else b""

    def run(self, step):
        name, *operands = step
        words = [self.operand(each) for each in operands if not isinstance(each, list)]
        if name == "batch":
            reply = self.batch([[self.operand(each) for each in command] for command in operands])
        else:
            try:
                reply = getattr(self, f"do_{name}")(*words)
            except Error as error:
                reply = error if name in ("command", "sorted") else Line(f"!{error.code}")
        line = str(reply) if isinstance(reply, Line) else text_of(reply)
        pushed = line.encode()
        if isinstance(reply, bytes):
            pushed = reply
        elif isinstance(reply, (str, int)) and not isinstance(reply, (Line, bool)):
            pushed = str(reply).encode()
        self.stack.append(pushed if name in ("push", "concat", "repeat") else pushed[:PUSHED_BYTES])
        del self.stack[:-STACK_DEPTH]
        return line

    def batch(self, commands):
        batch, added = self.store.batch(), []
        for words in commands:
            try:
                batch.execute(*words)
                added.append(0)
            except Error as error:
                added.append(error.code)
        try:
            committed = text_of(batch.commit(raise_on_error=False))
        except Error as error:
            committed = f"!{error.code}"
        return Line(array([text_of(added), committed]))

    def do_push(self, a):
        return a

    def do_concat(self, a, b):
        return a + b

    def do_repeat(self, a, times):
        return a * int(times)

    def do_set(self, key, value):
        return "OK" if self.store.set(key, value) else None

    def do_set_with(self, key, value, ttl_ms, how):
        conditions = {how.decode().lower(): True} if how else {}
        return "OK" if self.store.set(key, value, px=int(ttl_ms) or None, **conditions) else None

    def do_get(self, key):
        return self.store.get(key)

    def do_del(self, key):
        try:
            del self.store[key]
        except KeyError:
            return 0
        return 1

    def do_exists(self, key):
        return int(key in self.store)

    def do_incr_by(self, key, delta):
        return self.store.incrby(key, int(delta))

    def do_expire(self, key, ttl_ms):
        return int(self.store.pexpire(key, int(ttl_ms)))

    def do_persist(self, key):
        self.store.persist(key)
        return "OK"

    def do_ttl(self, key):
        return self.store.pttl(key)

    def do_count(self):
        return len(self.store)

    def do_scan(self, pattern):
        return Line(array(sorted(map(text_of, self.store.scan_iter(match=pattern)))))

    def do_command(self, *words):
        return self.store.execute(*words)

    def do_sorted(self, *words):
        reply = self.store.execute(*words)
        return Line(array(sorted(map(text_of, reply)))) if isinstance(reply, list) else reply

    def do_clock(self, ms):
        self.clock.advance(int(ms))
        return self.clock.cell[0]

    def do_sync(self):
        self.store.sync()
        return "OK"

    def do_snapshot(self):
        self.store.snapshot()
        return "OK"

    def do_reopen(self):
        self.store.close()
        self.open()
        return "OK"

    def do_kill(self):
        return "OK"


def main():
    with open(sys.argv[1]) as file:
        program = json.load(file)
    first = int(sys.argv[3])
    machine = Machine(program, sys.argv[2], first)
    for number, step in enumerate(program["steps"][first:], first):
        print(number, machine.run(step))
        if step[0] == "kill":
            sys.stdout.flush()
            sys.stdin.read()
            sys.exit("nobody has killed it")
    machine.store.close()


if __name__ == "__main__":
    main()
