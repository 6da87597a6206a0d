#!/usr/bin/env python3
"""Draws the random program of a seed; README.md says what it means.

Usage: generate.py [--seed SEED] [--steps STEPS]     (a seed by chance, which the program has in it; 3000)
"""

import argparse
import json
import random

KEYS = [*"abcdefghijk", "", "\x00\xff\r\n"]
FIELDS = ["one", "two", "three", "", "\x00", "\xe9t\xe9"]
WORDS = ["", "0", "1", "-1", "7", "3.25", "-0.5", "1e300", "inf", "9223372036854775807", "-9223372036854775808"]
WORDS += ["hello", "\x00", "\xff\xfe", 'quote"back\\slash', "line\r\nline", " 12", "0x10", "ada", "bob"]
WORDS += ["a longer text " * 5]
INTEGERS = ["0", "1", "-1", "2", "5", "-3", "100", "9223372036854775807", "-9223372036854775808", "ten", ""]
INDEXES = ["0", "1", "2", "-1", "-2", "3", "10", "-10"]
SCORES = ["0", "1", "-1", "1.5", "2", "1e10", "inf", "-inf", "0.1", "nought"]
LIMITS = ["-inf", "+inf", "0", "(1", "1.5", "2", "(2"]
SPANS_MS = ["0", "1", "20", "500", "1000", "5000", "60000", "100000000"]
SPANS_S = ["0", "1", "3", "60", "-1", "ten"]
SIDES = ["LEFT", "RIGHT"]
START_MS = 1_700_000_000_000

# A line is the shapes of commands, behind the type that they are of: K a key, F a field, W a word, I an integer, X an
# index, S a score, L a limit of scores, T milliseconds, U seconds, M a moment in Unix milliseconds, D a side, B a bit,
# O a degree; what ends in "*" comes one to three times, what is in lower case is a word as it stands, in upper case
# after it was drawn.
COMMANDS = """
strings: set K W | set K W nx | set K W xx get | set K W px T
strings: set K W ex U | set K W pxat M | set K W keepttl | set K W nx xx
strings: get K | getset K W | getdel K | getex K px T | getex K persist | setnx K W | psetex K T W | setex K U W
strings: append K W | strlen K | setrange K I W | getrange K X X
strings: incr K | decr K | incrby K I | decrby K I | incrbyfloat K S
strings: mset K W K W | mget K* | msetnx K W K W
any: del K* | unlink K | exists K* | type K | rename K K | renamenx K K | copy K K | copy K K replace | touch K*
any: pexpire K T | expire K U | pexpireat K M | pexpire K T nx
any: pexpire K T gt | persist K | pttl K | ttl K | pexpiretime K
lists: lpush K W* | rpush K W* | lpushx K W | lpop K | rpop K
lists: lpop K I | lrange K X X | lindex K X | lset K X W | llen K
lists: lrem K X W | ltrim K X X | linsert K before W W | lpos K W | lmove K K D D | rpoplpush K K
hashes: hset K F W F W | hget K F | hmget K F* | hdel K F* | hgetall K | hlen K | hincrby K F I | hincrbyfloat K F S
hashes: hsetnx K F W | hexists K F | hstrlen K F
sets: sadd K W* | srem K W | sismember K W | smismember K W*
sets: scard K | smembers K | sinter K K | sunion K K | sdiff K K
sets: sinterstore K K K | sunionstore K K K | smove K K W | sintercard 2 K K
zsets: zadd K S W | zadd K S W S W | zadd K nx S W | zadd K gt ch S W | zadd K incr S W | zincrby K S W | zscore K W
zsets: zmscore K W* | zrank K W | zrank K W withscore | zrange K X X | zrange K X X withscores | zrange K L L byscore
zsets: zrange K X X rev withscores | zrangebyscore K L L withscores | zrem K W | zcard K | zcount K L L | zpopmin K
zsets: zpopmax K I | zunionstore K 2 K K | zinterstore K 2 K K | zrevrank K W | zremrangebyrank K X X
strings: setbit K X B | getbit K X | bitcount K | bitpos K B | bitop xor K K K | bitfield K incrby u8 0 I | pfadd K W*
strings: pfcount K
places: geoadd K O O W | geodist K W W | geopos K W* | geopos K W W | geodist K W W km
any: sort K alpha | sort K desc limit 0 3
any: nosuch | get | set K | incrby K I I | select 1
any: multi | subscribe c | expire K U never | zadd K W | object nothing K
"""
SORTED = ["hkeys K", "hvals K", "keys *"]
# Most commands meet a key of their type: the others are all refused in the same way.
KEYS_OF = {"strings": "ab", "lists": "cd", "hashes": "ef", "sets": "gh", "zsets": "ij", "places": "k", "any": KEYS}
SHAPES = [
    (KEYS_OF[line.partition(": ")[0]], shape.split())
    for line in COMMANDS.strip().splitlines()
    for shape in line.partition(": ")[2].split(" | ")
]


class Drawer:
    def __init__(self, seed):
        self.random = random.Random(seed)
        self.now_ms = START_MS

    def of(self, choices):
        return self.random.choice(choices)

    def word(self):
        return self.random.randrange(6) if self.random.random() < 0.15 else self.of(WORDS)

    def key(self, keys=KEYS):
        if self.random.random() < 0.02:
            return self.random.randrange(3)
        return self.of(keys if self.random.random() < 0.75 else KEYS)

    def drawn(self, letter, keys):
        if letter == "M":
            return str(self.now_ms + self.of([-5000, -1, 0, 1, 1000, 60000, 10**9]))
        kinds = {"F": FIELDS, "I": INTEGERS, "X": INDEXES, "S": SCORES, "L": LIMITS, "T": SPANS_MS, "U": SPANS_S}
        kinds |= {"D": SIDES, "B": ["0", "1", "2"], "O": ["13.361389", "15.087269", "0", "38.115556", "200"]}
        return self.key(keys) if letter == "K" else self.word() if letter == "W" else self.of(kinds[letter])

    def command(self, keys, shape):
        words = []
        for part in shape:
            letter = part[0]
            if letter.isupper():
                times = self.random.randint(1, 3) if part.endswith("*") else 1
                words += [self.drawn(letter, keys) for _ in range(times)]
            else:
                words.append(part.upper() if self.random.random() < 0.9 else part)
        return words

    def any_command(self):
        return self.command(*self.of(SHAPES))

    def fast(self):
        """A step of a function that is not `command`."""
        key = self.key("ab")
        return self.of([
            ["set", key, self.word()],
            ["set", key, self.word()],
            ["set_with", key, self.word(), self.of(SPANS_MS), self.of(["", "NX", "XX"])],
            ["set_with", key, self.word(), "0", "KEEPTTL"],
            ["get", key],
            ["get", key],
            ["del", key],
            ["exists", key],
            ["incr_by", key, self.of(["1", "-1", "40", "9223372036854775807", "-9223372036854775808"])],
            ["expire", key, self.of(SPANS_MS)],
            ["persist", key],
            ["ttl", key],
            ["count"],
            ["scan", self.of(["*", "[a-d]", "?", "none"])],
        ])

    def stack(self):
        return self.of([
            ["push", self.of(WORDS)],
            ["concat", self.random.randrange(4), self.word()],
            ["repeat", self.of(WORDS), self.of(["0", "2", "30", "300"])],
        ])

    def large(self):
        """A value for which no buffer of a binding is large enough, in and out."""
        key = self.of(KEYS)
        return [["repeat", "0123456789\x00\xff", self.of(["50", "1400", "6000"])], ["set", key, 0], ["get", key]]

    def clock(self):
        span = self.of([1, 19, 20, 500, 1000, 4000, 70000])
        self.now_ms += span
        return ["clock", str(span)]

    def everything(self):
        """Steps that print all that the store has."""
        yield from (["count"], ["scan", "*"])
        for key in KEYS:
            yield ["ttl", key]
            yield ["get", key]
            for words in (["LRANGE", key, "0", "-1"], ["HGETALL", key], ["SMEMBERS", key]):
                yield ["command", *words]
            yield ["command", "ZRANGE", key, "0", "-1", "WITHSCORES"]

    def steps(self, count):
        out = []
        while len(out) < count:
            dice = self.random.random()
            if dice < 0.62:
                out.append(["command", *self.any_command()])
            elif dice < 0.82:
                out.append(self.fast())
            elif dice < 0.86:
                out.append(["batch", *(self.any_command() for _ in range(self.random.randint(0, 6)))])
            elif dice < 0.90:
                out.append(self.stack())
            elif dice < 0.93:
                out.append(["sorted", *self.command("ef", self.of(SORTED).split())])
            elif dice < 0.97:
                out.append(self.clock())
            elif dice < 0.98:
                out.append([self.of(["sync", "snapshot"])])
            elif dice < 0.984:
                out += self.large()
            elif dice < 0.988:
                out += [[self.of(["reopen", "kill"])], *self.everything()]
            elif dice < 0.99:
                out.append(["command", "DEL", *KEYS])
        # The end of a program is seen by nobody else.
        return [*out, *self.everything()]

    def options(self):
        return {
            "appendfsync": self.of(["no", "everysec"]),
            "wal-segment-bytes": self.of(["4kb", "32kb", "1mb"]),
            "snapshot-wal-bytes": self.of(["0", "20kb", "200kb"]),
        }


def program(seed, steps):
    drawer = Drawer(seed)
    head = {"seed": seed, "start_ms": START_MS, "options": drawer.options()}
    return {**head, "steps": drawer.steps(steps)}


def text(made):
    """As JSON, a step a line."""
    steps = ",\n".join(json.dumps(step) for step in made["steps"])
    head = json.dumps({name: value for name, value in made.items() if name != "steps"})
    return f'{head[:-1]}, "steps": [\n{steps}\n]}}\n'


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=random.randrange(1 << 32))
    parser.add_argument("--steps", type=int, default=3000)
    given = parser.parse_args()
    print(text(program(given.seed, given.steps)), end="")


if __name__ == "__main__":
    main()
