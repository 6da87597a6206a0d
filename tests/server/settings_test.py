"""Where settings come from, which wins, and what is said about a bad one."""

import json
import os
import pathlib
import signal
import socket
import subprocess

import harness
from harness import request


class Settings(harness.Case):
    def value(self, name):
        client = self.connect()
        client.send(request("CONFIG", "GET", name))
        for _ in range(4):
            client.line()
        return client.line()[:-2].decode()

    def write(self, text):
        path = self.work / "redis.conf"
        path.write_text(text)
        return str(path)

    def test_the_command_line_wins_over_the_environment_that_over_the_file_that_over_the_default(self):
        self.start()
        self.assertEqual(self.value("appendfsync"), "everysec")
        self.stop()
        config = self.write(
            "# a comment\n\n  appendfsync no\nMaxmemory \"5mb\"\nclient-output-buffer-limit normal 9mb 0 0\n"
        )
        self.start("--config", config)
        self.assertEqual(self.value("appendfsync"), "no")
        self.assertEqual(self.value("maxmemory"), str(5 << 20))
        self.assertIn(f"normal {9 << 20} 0 0", self.value("client-output-buffer-limit"))
        self.stop()
        self.start("--config", config, env={"REDISLITE_APPENDFSYNC": "always"})
        self.assertEqual(self.value("appendfsync"), "always")
        self.stop()
        self.start("--config", config, "--appendfsync", "everysec", env={"REDISLITE_APPENDFSYNC": "always"})
        self.assertEqual(self.value("appendfsync"), "everysec")

    def test_a_bad_line_of_the_file_is_named_with_its_place(self):
        cases = {
            "port 1\nslave-of x\n": ":2: there is no directive slave-of",
            "port\n": ":1: expected one value for port",
            "port 1 2\n": ":1: expected one value for port",
            "port 65536\n": ":1: port: 65536 is not PORT",
            "\nmaxclients 0\n": ":2: maxclients: 0 is not N",
            "protected-mode maybe\n": ":1: protected-mode: maybe is not yes|no",
            "bind\n": ":1: expected values for bind",
            'dir "a\n': ":1: unbalanced double quote (column 5)",
            "appendfsync a b\n": ":1: expected one value for appendfsync",
            "client-output-buffer-limit normal 1\n": ":1: expected 4 values for client-output-buffer-limit",
            "unixsocketperm 8\n": ":1: unixsocketperm: 8 is not OCTAL",
            "framed-max-bytes 4x\n": ":1: framed-max-bytes: 4x is not BYTES",
        }
        for text, error in cases.items():
            path = self.write(text)
            self.assertIn(path + error, self.refused("--config", path))
        self.assertIn("appendfsync", self.refused("--config", self.write("appendfsync sometimes\n")))
        self.assertIn("cannot be read", self.refused("--config", "missing"))

    def test_bad_flags_environments_and_addresses_are_refused(self):
        self.assertIn("--nonsense", self.refused("--nonsense", "1"))
        self.assertIn("--port: x is not PORT", self.refused("--port", "x"))
        self.assertIn("io-threads: 0 is not N", self.refused(env={"REDISLITE_IO_THREADS": "0"}))
        self.assertIn("REQUIREPASS_FILE", self.refused(env={"REDISLITE_REQUIREPASS_FILE": "/missing"}))
        self.assertIn("nothing to listen on", self.refused("--port", "0"))
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        port = str(taken.getsockname()[1])
        self.assertIn(f"127.0.0.1:{port}", self.refused("--port", port))
        self.assertIn("no-address", self.refused("--port", "any", "--bind", "no-address"))
        self.start()
        self.assertIn(str(self.process.pid), self.refused("--port", "any"))

    def test_clients_see_the_servers_settings_and_change_some(self):
        self.start("--maxclients", "17", "--timeout", "90")
        shown = {name: self.value(name) for name in ("port", "bind", "maxclients", "timeout", "appendonly", "save")}
        self.assertEqual(
            shown,
            {"port": str(self.port), "bind": "127.0.0.1", "maxclients": "17", "timeout": "90", "appendonly": "yes",
             "save": ""},
        )
        self.assertEqual(self.value("dir"), str(self.work / "store"))
        client = self.connect()
        self.assertEqual(client.say("CONFIG", "SET", "maxclients", "20", "maxmemory", "1mb"), b"+OK")
        self.assertEqual(self.value("maxclients"), "20")
        self.assertEqual(client.say("CONFIG", "SET", "maxmemory", "2mb", "port", "1")[:23], b"-ERR CONFIG SET failed ")
        self.assertEqual(client.say("CONFIG", "SET", "maxclients", "none")[:23], b"-ERR CONFIG SET failed ")
        self.assertEqual(self.value("maxmemory"), str(1 << 20))
        client.send(request("PING"))
        self.assertEqual(client.line(), b"+PONG\r\n")
        self.assertEqual(client.say("CONFIG", "REWRITE"), b"-ERR The server is running without a config file")

    def test_config_rewrite_changes_the_file_and_the_next_start_reads_it(self):
        path = self.write("# mine\nmaxmemory 5mb\ntimeout 3\n\nloglevel notice\n")
        self.start("--config", path, "--tcp-keepalive", "60")
        client = self.connect()
        said = client.say("CONFIG", "SET", "maxmemory", "6mb", "loglevel", "debug", "requirepass", 'two "words"')
        self.assertEqual(said, b"+OK")
        limits = "normal 1048576 0 0 slave 0 0 0 pubsub 0 0 0"
        self.assertEqual(client.say("CONFIG", "SET", "client-output-buffer-limit", limits), b"+OK")
        self.assertEqual(client.say("CONFIG", "REWRITE"), b"+OK")
        text = pathlib.Path(path).read_text()
        self.assertEqual(
            text,
            f"# mine\nmaxmemory {6 << 20}\ntimeout 3\n\nloglevel debug\n# Generated by CONFIG REWRITE\n"
            f'client-output-buffer-limit {limits}\nrequirepass "two \\"words\\""\n',
        )
        # Back again: the file follows what is in force.
        self.assertEqual(client.say("CONFIG", "SET", "maxmemory", "5mb", "requirepass", ""), b"+OK")
        self.assertEqual(client.say("CONFIG", "REWRITE"), b"+OK")
        self.assertIn(f"maxmemory {5 << 20}\n", pathlib.Path(path).read_text())
        self.stop()
        self.start("--config", path)
        self.assertEqual(self.value("loglevel"), "debug")
        self.assertEqual(self.value("client-output-buffer-limit"), limits)
        os.unlink(path)
        self.assertEqual(self.connect().say("CONFIG", "SET", "timeout", "4"), b"+OK")
        self.assertIn(b"-ERR Rewriting config file", self.connect().say("CONFIG", "REWRITE"))

    def test_help_and_version_are_printed(self):
        text = subprocess.run([harness.SERVER, "--help"], capture_output=True, text=True, timeout=60).stdout
        page = (pathlib.Path(__file__).parents[2] / "docs" / "SERVER.md").read_text()
        for line in text.splitlines():
            if line.startswith("  --"):
                self.assertIn(f"`{line.split()[0][2:]}`", page)
        done = subprocess.run([harness.SERVER, "--version"], capture_output=True, text=True, timeout=60)
        self.assertRegex(done.stdout, r"^redislite-server \d+\.\d+\.\d+\n$")

    def test_the_log_can_be_json_the_process_id_a_file_and_systemd_is_told(self):
        notes = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.addCleanup(notes.close)
        notes.bind(str(self.work / "notify"))
        notes.settimeout(harness.PATIENCE_S)
        self.start(
            "--log-format", "json", "--pidfile", "pid", "--loglevel", "debug",
            env={"NOTIFY_SOCKET": str(self.work / "notify")},
        )
        self.assertEqual(notes.recv(100), b"READY=1")
        self.assertEqual((self.work / "pid").read_text(), f"{self.process.pid}\n")
        self.process.send_signal(signal.SIGHUP)
        self.assertEqual(self.connect().say("PING"), b"+PONG")
        self.assertEqual(self.stop(), 0)
        self.assertEqual(notes.recv(100), b"STOPPING=1")
        self.assertFalse(os.path.exists(self.work / "pid"))
        lines = [json.loads(line) for line in (self.work / "log").read_text().splitlines()]
        self.assertEqual({line["pid"] for line in lines}, {self.process.pid})
        self.assertIn("stopping on SIGTERM", [line["message"] for line in lines])


if __name__ == "__main__":
    harness.main()
