"""redislite-cli from a shell: one command, commands from a pipe, formats, exit statuses, options."""

import json
import os
import pathlib
import re
import shutil
import socket
import subprocess
import time
import unittest

import harness


class OneCommand(harness.Case):
    def test_a_command_is_run_and_its_effect_stays(self):
        self.assertEqual(self.ok(self.dir, "SET", "k", "v"), b"OK\n")
        self.assertEqual(self.ok(self.dir, "GET", "k"), b"v\n")

    def test_arguments_are_bytes_and_options_behind_the_command_are_its_own(self):
        value = bytes(range(1, 256))
        self.assertEqual(self.ok(self.dir, "SET", b"--json", value), b"OK\n")
        self.assertEqual(self.ok(self.dir, "GET", "--json"), value + b"\n")
        self.assertEqual(self.ok(self.dir, "SET", "", ""), b"OK\n")
        self.assertEqual(self.ok(self.dir, "GET", ""), b"\n")

    def test_the_last_argument_can_come_from_the_input(self):
        value = bytes(range(256)) * 1000
        self.ok(self.dir, "-x", "SET", "k", stdin=value)
        self.assertEqual(self.ok(self.dir, "GET", "k"), value + b"\n")

    def test_a_command_can_be_repeated(self):
        self.assertEqual(self.ok("-r", "3", self.dir, "INCR", "n"), b"1\n2\n3\n")
        self.assertEqual(self.ok("-r", "0", self.dir, "INCR", "n"), b"")
        self.assertEqual(self.ok("-r", "2", "-i", "0.01", self.dir, "INCR", "n"), b"4\n5\n")

    def test_an_error_reply_is_status_1_and_goes_to_stderr(self):
        self.ok(self.dir, "RPUSH", "l", "a")
        done = self.run_cli(self.dir, "INCR", "l")
        self.assertEqual((done.returncode, done.stdout), (1, b""))
        self.assertEqual(done.stderr, b"WRONGTYPE Operation against a key holding the wrong kind of value\n")
        self.assertIn(b"unknown command", self.fails(1, self.dir, "NONSENSE"))
        self.assertIn(b"wrong number of arguments", self.fails(1, self.dir, "GET"))
        # Formats that can tell an error from a string keep it with the replies.
        done = self.run_cli("--json", self.dir, "INCR", "l")
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        self.assertTrue(json.loads(done.stdout)["error"].startswith("WRONGTYPE"))
        done = self.run_cli("--no-raw", self.dir, "INCR", "l")
        self.assertEqual((done.returncode, done.stderr), (1, b""))
        self.assertTrue(done.stdout.startswith(b"(error) WRONGTYPE"))

    def test_memory_keeps_nothing(self):
        self.assertEqual(self.ok(":memory:", "SET", "k", "v"), b"OK\n")
        self.assertEqual(self.ok(":memory:", "GET", "k"), b"\n")
        self.assertEqual(list(self.work.iterdir()), [])

    def test_the_directory_is_data_unless_said(self):
        self.ok(stdin=b"SET k v\n")
        self.assertTrue((self.work / "data" / "MANIFEST").exists())

    def test_a_forgotten_directory_is_noticed(self):
        message = self.fails(2, "SET", "k", "v")
        self.assertIn(b"SET is a command: the directory comes first", message)
        self.assertEqual(list(self.work.iterdir()), [])
        self.ok("./SET", "PING")
        self.assertEqual(self.ok("SET", "PING"), b"PONG\n")  # there is such a directory now


class Opening(harness.Case):
    def test_what_cannot_be_opened_is_status_2_with_the_reason(self):
        pathlib.Path(self.dir).write_text("a file")
        self.assertIn(self.dir.encode(), self.fails(2, self.dir, "PING"))
        self.assertNotEqual(self.fails(2, "--create", "no", str(self.work / "none"), "PING"), b"")
        self.assertFalse((self.work / "none").exists())

    def test_a_second_process_is_told_who_holds_the_store(self):
        holder = self.start(self.dir)
        holder.stdin.write(b"SET k v\n")
        holder.stdin.flush()
        self.assertEqual(holder.stdout.readline(), b"OK\n")
        self.assertIn(str(holder.pid).encode(), self.fails(2, self.dir, "PING"))
        self.assertEqual(self.run_cli("--check", self.dir).returncode, 2)

    def test_options_come_from_line_environment_and_file(self):
        for arguments, env, wanted in [
            ((), {}, "always"),
            (("--appendfsync", "no"), {}, "no"),
            (("--appendfsync=everysec",), {}, "everysec"),
            ((), {"REDISLITE_APPENDFSYNC": "everysec"}, "everysec"),
            (("--appendfsync", "no"), {"REDISLITE_APPENDFSYNC": "everysec"}, "no"),
        ]:
            shown = self.ok(*arguments, self.dir, "CONFIG", "GET", "appendfsync", env=env)
            self.assertEqual(shown.split()[-1].decode(), wanted)
        file = self.work / "options"
        file.write_text("# mine\nappendfsync everysec\nsnapshot-wal-bytes 1gb\n")
        shown = self.ok("--options", str(file), self.dir, "CONFIG", "GET", "appendfsync")
        self.assertEqual(shown.split()[-1], b"everysec")
        file.write_bytes(b"appendfsync no\n\xff\x00nonsense\n")
        self.assertIn(b"options:2: there is no option", self.fails(2, "--options", str(file), self.dir, "PING"))

    def test_every_option_of_the_store_is_known_here_and_the_library_judges_values(self):
        header = (pathlib.Path(__file__).parents[2] / "include" / "redislite.h").read_text()
        table = header[header.index("/* ---- Options ---") : header.index("RL_API int rl_options_new")]
        names = re.findall(r"^ \* ([a-z][a-z-]+) +\S", table, re.M)
        shown = json.loads(self.ok("--json", ":memory:", "CONFIG", "GET", "*"))
        names = sorted(set(names) & set(shown))
        self.assertGreater(len(names), 18)
        help_text = self.ok("--help").decode()
        for name in names:
            self.assertIn(f"--{name} ", help_text, "an option of the store that the CLI does not know")
        self.assertIn(b"appendfsync", self.fails(2, "--appendfsync", "sometimes", self.dir, "PING"))
        self.assertIn(b"--nonsense", self.fails(2, "--nonsense", "1", self.dir, "PING"))

    def test_read_only_refuses_to_write(self):
        self.ok(self.dir, "SET", "k", "v")
        self.assertEqual(self.ok("--read-only", "yes", self.dir, "GET", "k"), b"v\n")
        self.assertNotEqual(self.fails(1, "--read-only", "yes", self.dir, "SET", "k", "w"), b"")
        self.assertEqual(self.ok(self.dir, "GET", "k"), b"v\n")

    def test_version_and_help(self):
        self.assertRegex(self.ok("--version"), rb"^redislite-cli \d+\.\d+\.\d+\n$")
        self.assertIn(b"SYNOPSIS", self.ok("--help"))
        self.assertNotEqual(self.run_cli("--help").stdout, b"")


class Pipe(harness.Case):
    def test_commands_come_one_a_line_quoted_as_in_redis_cli(self):
        lines = rb"""SET "a b" "\x00\xff\n"

GET "a b"
SET c 'it\'s "so"'
GET c
"""
        self.assertEqual(self.ok(self.dir, stdin=lines), b'OK\n\x00\xff\n\nOK\nit\'s "so"\n')

    def test_the_last_line_may_lack_its_newline_and_lines_may_end_in_crlf(self):
        self.assertEqual(self.ok(self.dir, stdin=b"SET k v\r\nGET k"), b"OK\nv\n")

    def test_a_line_that_cannot_be_understood_is_named_and_the_rest_still_runs(self):
        done = self.run_cli(self.dir, stdin=b'SET a 1\nSET b "2\nINCR a\nLPUSH a x\nGET a\n')
        self.assertEqual((done.returncode, done.stdout), (1, b"OK\n2\n2\n"))
        self.assertEqual(
            done.stderr.splitlines(),
            [
                b"line 2: unbalanced double quote (column 7)",
                b"line 4: WRONGTYPE Operation against a key holding the wrong kind of value",
            ],
        )

    def test_replies_come_as_they_are_made(self):
        process = self.start(self.dir)
        for i in range(1, 20):
            process.stdin.write(b"INCR n\n")
            process.stdin.flush()
            self.assertEqual(process.stdout.readline(), b"%d\n" % i)
        process.stdin.close()
        self.assertEqual(process.wait(harness.PATIENCE_S), 0)

    def test_multi_and_exec_are_one_batch(self):
        out = self.ok(self.dir, stdin=b"MULTI\nSET a 1\nINCR a\nEXEC\nGET a\n")
        self.assertEqual(out, b"OK\nQUEUED\nQUEUED\nOK\n2\n2\n")
        dump = self.ok("--json", "log", "dump", self.dir)
        self.assertEqual(
            [json.loads(line)["command"][0] for line in dump.splitlines()], ["MULTI", "SET", "INCR", "EXEC"]
        )

    def test_transactions_follow_redis_rules(self):
        done = self.run_cli(
            self.dir,
            stdin=b"EXEC\nDISCARD\nMULTI\nMULTI\nSET a 1\nDISCARD\nGET a\n"
            b"MULTI\nNONSENSE\nSET a 1\nEXEC\nGET a\nMULTI x\n",
        )
        self.assertEqual(done.returncode, 1)
        self.assertEqual(done.stdout, b"OK\nQUEUED\nOK\n\nOK\nQUEUED\n\n")
        errors = [line.split(b": ", 1)[1] for line in done.stderr.splitlines()]
        self.assertEqual(
            errors[:3], [b"ERR EXEC without MULTI", b"ERR DISCARD without MULTI", b"ERR MULTI calls can not be nested"]
        )
        self.assertTrue(errors[3].startswith(b"ERR unknown command"), errors[3])
        self.assertEqual(errors[4], b"EXECABORT Transaction discarded because of previous errors.")
        self.assertEqual(errors[5], b"ERR wrong number of arguments for 'multi' command")

    def test_a_failing_command_of_a_batch_leaves_the_others(self):
        self.ok(self.dir, "RPUSH", "l", "x")
        done = self.run_cli("--json", self.dir, stdin=b"MULTI\nSET a 1\nINCR l\nSET b 2\nEXEC\nMGET a b\n")
        self.assertEqual(done.returncode, 1)
        replies = [json.loads(line) for line in done.stdout.splitlines()]
        self.assertEqual(replies[4][0], "OK")
        self.assertIn("WRONGTYPE", replies[4][1]["error"])
        self.assertEqual(replies[5], ["1", "2"])

    def test_multi_without_exec_is_an_error_and_changes_nothing(self):
        done = self.run_cli(self.dir, stdin=b"MULTI\nSET a 1\n")
        self.assertEqual(done.returncode, 1)
        self.assertIn(b"MULTI without EXEC", done.stderr)
        self.assertEqual(self.ok(self.dir, "EXISTS", "a"), b"0\n")

    def test_quit_ends_it(self):
        for word in (b"quit", b"EXIT", b".quit"):
            self.assertEqual(self.ok(self.dir, stdin=b"PING\n" + word + b"\nPING\n"), b"PONG\n")

    def test_many_at_once_answer_in_order_and_lose_nothing(self):
        lines = []
        for i in range(400):
            lines.append(b"SET k%d %d" % (i, i))
            lines += [b"MULTI", b"INCR n", b"RPUSH l%d a b" % i, b"EXEC"]
        process = self.run_cli("--json", "-j", "8", self.dir, stdin=b"\n".join(lines) + b"\n.stats keyspace\nGET n\n")
        self.assertEqual((process.returncode, process.stderr), (0, b""))
        out = process.stdout.splitlines()
        seen = set()
        for i in range(400):
            block = [json.loads(line) for line in out[i * 5 : i * 5 + 5]]
            self.assertEqual(block[:4], ["OK", "OK", "QUEUED", "QUEUED"])
            self.assertEqual(block[4][1], 2)
            seen.add(block[4][0])
        self.assertEqual(seen, set(range(1, 401)))
        self.assertEqual(out[-1], b'"400"')
        self.assertIn(b"keys=801", process.stdout)

    def test_a_closed_output_ends_it_without_a_cry(self):
        process = self.start(self.dir)
        process.stdout.close()
        process.stdin.write(b"SET k v\nSET k w\n" * 100)
        process.stdin.close()
        self.assertEqual(process.wait(harness.PATIENCE_S), 1)
        self.assertEqual(process.stderr.read(), b"")
        self.assertIn(self.ok(self.dir, "GET", "k"), (b"v\n", b"w\n"))


def resp(*words):
    return b"*%d\r\n" % len(words) + b"".join(b"$%d\r\n%s\r\n" % (len(word), word) for word in words)


class Bulk(harness.Case):
    def test_requests_are_run_and_counted(self):
        requests = b"".join(resp(b"SET", b"k%d" % i, bytes(range(256))) for i in range(500))
        self.assertEqual(self.ok("--pipe", self.dir, stdin=requests), b"errors: 0, replies: 500\n")
        self.assertEqual(self.ok(self.dir, "DBSIZE"), b"500\n")
        self.assertEqual(self.ok(self.dir, "GET", "k499"), bytes(range(256)) + b"\n")

    def test_errors_are_shown_and_counted(self):
        done = self.run_cli("--pipe", self.dir, stdin=resp(b"SET", b"k", b"v") + resp(b"INCR", b"k") + resp(b"PING"))
        self.assertEqual((done.returncode, done.stdout), (1, b"errors: 1, replies: 3\n"))
        self.assertEqual(done.stderr, b"command 2: ERR value is not an integer or out of range\n")

    def test_what_is_no_resp_ends_it_with_its_place(self):
        for broken in (b"*1\r\n+PING\r\n", b"*2\r\n$4\r\nPING\r\n"):
            done = self.run_cli("--pipe", self.dir, stdin=resp(b"PING") + broken)
            self.assertEqual((done.returncode, done.stdout), (1, b"errors: 1, replies: 1\n"))
            self.assertTrue(done.stderr.startswith(b"byte 14: "), done.stderr)

    def test_batches_are_batches_here_too(self):
        requests = resp(b"MULTI") + resp(b"INCR", b"n") + resp(b"INCR", b"n") + resp(b"EXEC")
        self.assertEqual(self.ok("--pipe", "-j", "4", self.dir, stdin=requests * 50), b"errors: 0, replies: 200\n")
        self.assertEqual(self.ok(self.dir, "GET", "n"), b"100\n")


class Files(harness.Case):
    def test_check_tells_sound_from_damaged_from_impossible(self):
        self.ok(self.dir, stdin=b"SET k v\nSET l w\n")
        self.assertRegex(self.ok("--check", self.dir), rb"^ok: .*last LSN 2, closed cleanly\n$")
        self.assertTrue(json.loads(self.ok("--json", "--check", self.dir))["ok"])
        segment = next(pathlib.Path(self.dir).glob("wal-*.log"))
        data = bytearray(segment.read_bytes())
        data[64 + 48 + 4] ^= 1
        segment.write_bytes(data)
        done = self.run_cli("--check", self.dir)
        self.assertEqual(done.returncode, 1)
        self.assertIn(segment.name.encode(), done.stdout + done.stderr)
        self.assertNotEqual(self.fails(2, self.dir, "PING"), b"")
        self.assertNotEqual(self.fails(2, "--check", str(self.work / "none")), b"")

    def test_the_log_is_shown_in_lines(self):
        self.ok(self.dir, stdin=b'SET k "two words"\nMULTI\nRPUSH l a "\\x00"\nEXPIRE l 100\nEXEC\nGET k\nDEL none\n')
        lines = self.ok("log", "dump", self.dir).decode().splitlines()
        stamp = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z"
        wanted = [
            rf'1 {stamp} SET k "two words"',
            rf"2 {stamp} MULTI",
            rf'3 {stamp} RPUSH l a "\\x00"',
            rf"4 {stamp} PEXPIREAT l \d+",
            rf"5 {stamp} EXEC",
        ]
        self.assertEqual(len(lines), len(wanted), lines)
        for line, pattern in zip(lines, wanted):
            self.assertRegex(line, f"^{pattern}$")

    def test_a_torn_tail_is_shown_and_damage_is_named(self):
        process = self.start(self.dir)
        process.stdin.write(b"SET a 1\nSET b 2\nSET c 3\n")
        process.stdin.flush()
        for _ in range(3):
            self.assertEqual(process.stdout.readline(), b"OK\n")
        process.kill()
        process.wait()
        segment = max(pathlib.Path(self.dir).glob("wal-*.log"))
        data = bytearray(segment.read_bytes())
        frames = [match.start() for match in re.finditer(b"RLF1", data)]
        last = bytes(data).index(b"SET\r\n$1\r\nc")
        torn = bytearray(data)
        torn[last] ^= 1
        segment.write_bytes(torn)
        done = self.run_cli("log", "dump", self.dir)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(len(done.stdout.splitlines()), 2)
        self.assertIn(b"torn tail", done.stderr)
        torn = bytearray(data)
        torn[frames[0] + 60] ^= 1
        segment.write_bytes(torn)
        done = self.run_cli("log", "dump", self.dir)
        self.assertEqual(done.returncode, 1)
        self.assertIn(segment.name.encode(), done.stderr)
        self.assertNotEqual(self.fails(2, "log", "dump", str(self.work / "none")), b"")

    def test_what_was_recovered_is_told_once(self):
        process = self.start(self.dir)
        process.stdin.write(b"SET a 1\n")
        process.stdin.flush()
        process.stdout.readline()
        process.kill()
        process.wait()
        done = self.run_cli(self.dir, "GET", "a")
        self.assertEqual(done.stdout, b"1\n")
        self.assertRegex(done.stderr, rb"^recovered after an unclean end: 1 records replayed, .*\n$")
        self.assertEqual(self.ok(self.dir, "GET", "a"), b"1\n")


@unittest.skipUnless(shutil.which("redis-server") and shutil.which("redis-cli"), "no redis-server to compare with")
class AsRedisCli(harness.Case):
    """The same commands through redis-cli and a server of Debian: the same output, byte for byte."""

    COMMANDS = [
        ["SET", "k", 'a"\\\n\t\x01é'],
        ["GET", "k"],
        ["GET", "none"],
        ["INCR", "n"],
        ["RPUSH", "l", *"abcdefghijkl"],
        ["LRANGE", "l", "0", "-1"],
        ["LRANGE", "none", "0", "-1"],
        ["HSET", "h", "f", "v", "g", "1"],
        ["HGETALL", "h"],
        ["HGETALL", "none"],
        ["HMGET", "h", "f", "x"],
        ["MGET", "k", "none", "n"],
        ["INCRBYFLOAT", "n", "0.5"],
        ["TYPE", "k"],
        ["SCAN", "0", "COUNT", "100", "MATCH", "k"],
        ["PING", ""],
        ["LMPOP", "1", "l", "LEFT", "COUNT", "2"],
        ["LMPOP", "1", "none", "LEFT"],
        ["LCS", "k", "k", "IDX", "WITHMATCHLEN"],
        ["HSET", "one", "f", "v"],
        ["HRANDFIELD", "one", "-2"],
        ["HRANDFIELD", "one", "-2", "WITHVALUES"],
        ["LCS", "none", "none2", "IDX"],
        ["CONFIG", "GET", "appendfsync-not"],
        ["HRANDFIELD", "none", "2", "WITHVALUES"],
        ["COMMAND", "GETKEYS", "MSET", "a", "1", "b", "2"],
    ]

    def setUp(self):
        super().setUp()
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = str(probe.getsockname()[1])
        server = subprocess.Popen(
            [
                "redis-server",
                "--port",
                self.port,
                "--bind",
                "127.0.0.1",
                "--save",
                "",
                "--appendonly",
                "no",
                "--dir",
                str(self.work),
            ],
            stdout=subprocess.DEVNULL,
        )
        self.addCleanup(server.wait)
        self.addCleanup(server.terminate)
        deadline = time.monotonic() + harness.PATIENCE_S
        while self.redis("PING").stdout != b"PONG\n" and time.monotonic() < deadline:
            time.sleep(0.02)

    def redis(self, *arguments):
        return subprocess.run(
            ["redis-cli", "-p", self.port, *arguments], capture_output=True, env=harness.environment()
        )

    def test_formats_are_the_same(self):
        for options in (["--no-raw"], ["--raw"], ["--csv"], ["--no-raw", "-3"], ["--json"]):
            self.redis("FLUSHALL")
            if os.path.exists(self.dir):
                shutil.rmtree(self.dir)
            for command in self.COMMANDS:
                with self.subTest(options=options, command=command):
                    ours = self.run_cli(*options, self.dir, *command)
                    theirs = self.redis(*options, *command)
                    # redis-cli ends every csv and json reply with a newline, and so do we.
                    self.assertEqual(ours.stdout, theirs.stdout)

    def test_errors_read_the_same_on_a_terminal(self):
        for command in (["INCR", "l"], ["GET"], ["NONSENSE", "a"], ["SET", "k", "v", "EX", "0"]):
            self.redis("RPUSH", "l", "a")
            self.ok(self.dir, "RPUSH", "l", "a")
            ours = self.run_cli("--no-raw", self.dir, *command).stdout
            self.assertEqual(ours.strip(), self.redis("--no-raw", *command).stdout.strip())


if __name__ == "__main__":
    harness.main()
