"""Export, import and backup: what goes out comes back, byte for byte, and what is bad is named."""

import base64
import json
import os
import pathlib
import random
import subprocess

import harness


def quoted(data):
    return b'"' + b"".join(b"\\x%02x" % byte for byte in data) + b'"'


class Transfer(harness.Case):
    def fill(self, seed, count):
        """Random keys of every type, any bytes; returns what must be in an export."""
        rng = random.Random(seed)
        blob = lambda low=0: rng.randbytes(rng.randrange(low, 20))
        lines, model = [b"FLUSHALL"], {}
        for i in range(count):
            key = rng.choice([blob(), b"key:%d" % i, f"schlüssel:{i}".encode()])
            kind = rng.choice(["string", "list", "hash", "set", "zset"])
            if kind == "string":
                value = blob()
                commands = [b"SET %s %s" % (quoted(key), quoted(value))]
            elif kind == "list":
                value = [blob() for _ in range(rng.randrange(1, 30))]
                commands = [b"DEL " + quoted(key), b"RPUSH %s %s" % (quoted(key), b" ".join(map(quoted, value)))]
            elif kind == "zset":
                value = {blob(): rng.choice(["0.1", "-2.5", "inf", "-inf", "3", "1e+30"]) for _ in range(20)}
                pairs = b" ".join(b"%s %s" % (score.encode(), quoted(member)) for member, score in value.items())
                commands = [b"DEL " + quoted(key), b"ZADD %s %s" % (quoted(key), pairs)]
            elif kind == "set":
                value = {blob() for _ in range(rng.randrange(1, 30))}
                commands = [b"DEL " + quoted(key), b"SADD %s %s" % (quoted(key), b" ".join(map(quoted, value)))]
            else:
                value = {blob(): blob() for _ in range(rng.randrange(1, 30))}
                commands = [
                    b"DEL " + quoted(key),
                    b"HSET %s %s" % (quoted(key), b" ".join(quoted(x) for pair in value.items() for x in pair)),
                ]
            expiry = None
            if rng.random() < 0.3:
                expiry = 4102444800000 + rng.randrange(10**9)
                commands.append(b"PEXPIREAT %s %d" % (quoted(key), expiry))
            lines += commands
            model[key] = (kind, value, expiry)
        self.ok("--appendfsync", "no", self.dir, stdin=b"\n".join(lines) + b"\n")
        return model

    @staticmethod
    def read(path):
        decode = lambda text: (
            base64.b64decode(text["base64"], validate=True) if isinstance(text, dict) else text.encode()
        )
        model = {}
        for line in pathlib.Path(path).read_bytes().splitlines():
            record = json.loads(line)
            value = record["value"]
            if record["type"] == "list":
                value = [decode(element) for element in value]
            elif record["type"] == "set":
                value = {decode(element) for element in value}
            elif record["type"] == "zset":
                value = {decode(member): score for member, score in value}
            elif record["type"] == "hash":
                value = {decode(field): decode(element) for field, element in value}
            else:
                value = decode(value)
            assert record["db"] == 0 and set(record) <= {"key", "type", "value", "expire_at_ms", "db"}
            model[decode(record["key"])] = (record["type"], value, record.get("expire_at_ms"))
        return model

    def test_what_is_exported_is_what_is_there_and_comes_back(self):
        for seed in range(3):
            with self.subTest(seed=seed):
                model = self.fill(seed, 400)
                file = str(self.work / f"{seed}.jsonl")
                self.assertEqual(self.ok(self.dir, ".export", file), b"exported %d keys\n" % len(model))
                self.assertEqual(self.read(file), model)
                copy = str(self.work / f"copy{seed}")
                self.ok(copy, "RPUSH", "key:1", "is replaced")
                self.assertEqual(self.ok(copy, ".import", file), b"imported %d keys\n" % len(model))
                self.ok(copy, ".export", file + ".again")
                found = self.read(file + ".again")
                if b"key:1" not in model:
                    self.assertEqual(found.pop(b"key:1"), ("list", [b"is replaced"], None))
                self.assertEqual(found, model)
                self.assertEqual([name for name in os.listdir(self.work) if ".tmp" in name], [])

    def test_pipes_work_too(self):
        model = self.fill(7, 50)
        exported = self.ok(self.dir, ".export", "-")
        copy = str(self.work / "copy")
        self.ok(copy, ".import", "-", stdin=exported)
        again = self.work / "again"
        again.write_bytes(self.ok(copy, ".export", "-"))
        self.assertEqual(self.read(again), model)

    def test_a_bad_line_is_named_and_nothing_is_imported(self):
        file = self.work / "keys.jsonl"
        good = b'{"key":"k%d","type":"string","value":"v"}\n'
        file.write_bytes(b"".join(good % i for i in range(2000)) + b'\n{"key":"k","type":"string"}\n' + good % 1)
        message = self.fails(1, self.dir, ".import", str(file))
        self.assertEqual(message, b'%s:2002: the member "value" is missing (0 keys imported)\n' % os.fsencode(file))
        self.assertEqual(self.ok(self.dir, "DBSIZE"), b"0\n")
        # A pipe is read once: what stands before the bad line is there.
        message = self.fails(1, self.dir, ".import", "-", stdin=file.read_bytes())
        self.assertEqual(message, b'-:2002: the member "value" is missing (2000 keys imported)\n')
        self.assertEqual(self.ok(self.dir, "DBSIZE"), b"2000\n")

    def test_keys_whose_time_has_come_are_not_brought_back(self):
        file = self.work / "keys.jsonl"
        file.write_text(
            '{"key":"a","type":"string","value":"v","expire_at_ms":1}\n'
            '{"key":"b","type":"list","value":["v"],"expire_at_ms":1}\n'
        )
        self.ok(self.dir, "SET", "a", "old")
        self.ok(self.dir, ".import", str(file))
        self.assertEqual(self.ok(self.dir, "DBSIZE"), b"0\n")

    def test_files_that_cannot_be_read_or_written_are_named(self):
        self.ok(self.dir, "SET", "k", "v")
        self.assertIn(b"No such file", self.fails(1, self.dir, ".import", str(self.work / "none")))
        self.assertIn(b"No such file", self.fails(1, self.dir, ".export", str(self.work / "none" / "file")))
        self.assertIn(b"Is a directory", self.fails(1, self.dir, ".export", str(self.work)))
        self.assertEqual(self.run_cli(self.dir, ".export", "/dev/full").returncode, 1)

    def test_a_failed_export_leaves_the_old_file(self):
        file = self.work / "keys.jsonl"
        file.write_text("old")
        self.ok(self.dir, "SET", "k", "v")
        process = subprocess.run(
            [
                "bash",
                "-c",
                'ulimit -f 0; exec "$@"',
                "-",
                harness.CLI,
                "--read-only",
                "yes",
                self.dir,
                ".export",
                str(file),
            ],
            capture_output=True,
            env=harness.environment(),
        )
        self.assertNotEqual(process.returncode, 0)
        self.assertEqual(file.read_text(), "old")

    def test_a_large_list_and_hash_come_back(self):
        elements = b" ".join(b"%d" % i for i in range(100000))
        pairs = b" ".join(b"f%d %d" % (i, i) for i in range(100000))
        self.ok(self.dir, stdin=b"RPUSH l %s\nHSET h %s\n" % (elements, pairs))
        copy = str(self.work / "copy")
        self.ok(copy, ".import", "-", stdin=self.ok(self.dir, ".export", "-"))
        self.assertEqual(self.ok(copy, "LRANGE", "l", "0", "-1").split(), elements.split())
        self.assertEqual(self.ok(copy, stdin=b"HLEN h\nHGET h f99999\n"), b"100000\n99999\n")

    def test_a_backup_is_a_store_of_its_own(self):
        model = self.fill(5, 100)
        copy = str(self.work / "backup")
        self.assertEqual(self.ok(self.dir, ".backup", copy), b"OK\n")
        self.assertIn(b"backup", self.fails(1, self.dir, ".backup", copy))
        self.ok("--check", copy)
        file = self.work / "file"
        file.write_bytes(self.ok(copy, ".export", "-"))
        self.assertEqual(self.read(file), model)


if __name__ == "__main__":
    harness.main()
