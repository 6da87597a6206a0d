#!/usr/bin/env python3
"""redislite-server beside redis-server: the same requests to both in turn, a line of JSON a result.

Usage: bench/server/bench.py REDISLITE_SERVER DIRECTORY [--quick] [--row PREFIX]

The server has processor 0, the client (redis-benchmark, or this program) processor 1. What counts most is requests a
second of the server's CPU time, which hardly depends on what else the machine does; both servers write a log, with the
same appendfsync. The lines are those of bench_macro, for bench/report.py.
"""

import json
import os
import pathlib
import resource
import shutil
import signal
import socket
import subprocess
import sys
import time

TICKS = os.sysconf("SC_CLK_TCK")
SERVER_CPU, CLIENT_CPU = "0", "1"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A server process with a store of its own."""

    def __init__(self, engine, program, directory, fsync):
        self.engine, self.port = engine, free_port()
        self.directory = pathlib.Path(directory) / f"{engine}-{self.port}"
        self.directory.mkdir(parents=True)
        common = ["--port", str(self.port), "--appendfsync", fsync, "--maxclients", "12000"]
        if engine == "redis_server":
            command = ["redis-server", *common, "--save", "", "--appendonly", "yes", "--dir", str(self.directory)]
        else:
            command = [program, *common, str(self.directory)]
        self.process = subprocess.Popen(
            ["taskset", "-c", SERVER_CPU, *command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
        )
        deadline = time.monotonic() + 60
        while True:
            try:
                self.connect().close()
                return
            except OSError:
                if time.monotonic() > deadline or self.process.poll() is not None:
                    raise SystemExit(f"bench: {engine} does not answer on port {self.port}") from None
                time.sleep(0.02)

    def connect(self):
        return socket.create_connection(("127.0.0.1", self.port), timeout=300)

    def cpu_s(self):
        fields = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def rss(self):
        for line in pathlib.Path(f"/proc/{self.process.pid}/status").read_text().splitlines():
            if line.startswith("VmRSS:"):
                return int(line.split()[1]) * 1024
        raise SystemExit("bench: no VmRSS")

    def send(self, commands):
        """Pipelines the commands, and reads one reply for each; they must not be errors."""
        with self.connect() as connection:
            batch, waiting = [], 0
            for words in commands:
                batch.append(encode(words))
                waiting += 1
                if waiting == 1000:
                    exchange(connection, b"".join(batch), waiting)
                    batch, waiting = [], 0
            exchange(connection, b"".join(batch), waiting)

    def stop(self):
        self.process.send_signal(signal.SIGTERM)
        self.process.wait()
        shutil.rmtree(self.directory)


def encode(words):
    parts = [b"*%d\r\n" % len(words)]
    for word in words:
        data = word if isinstance(word, bytes) else str(word).encode()
        parts.append(b"$%d\r\n%s\r\n" % (len(data), data))
    return b"".join(parts)


def exchange(connection, requests, replies):
    """Replies of one line each: statuses and integers."""
    connection.sendall(requests)
    lines = 0
    while lines < replies:
        data = connection.recv(1 << 20)
        if not data or b"-ERR" in data:
            raise SystemExit(f"bench: unexpected reply {data[:200]!r}")
        lines += data.count(b"\n")


def benchmark(server, arguments):
    """One redis-benchmark; its requests a second, and those a second of the server's CPU time."""
    before = server.cpu_s()
    command = ["taskset", "-c", CLIENT_CPU, "redis-benchmark", "-p", str(server.port), "--csv", *arguments]
    out = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    spent = server.cpu_s() - before
    # "test","rps","avg_latency_ms","min_latency_ms","p50_latency_ms","p95_latency_ms","p99_latency_ms","max..."
    cells = [cell.strip('"') for cell in out[-1].split('","')]
    requests = int(arguments[arguments.index("-n") + 1])
    return {"ops_per_s": float(cells[1]), "ops_per_cpu_s": requests / spent, "p99_ms": float(cells[6])}


class Bench:
    def __init__(self, program, directory, quick, prefix):
        self.program, self.directory, self.prefix = program, directory, prefix
        self.scale = 0.1 if quick else 1
        self.repeats = 1 if quick else 3

    def requests(self, number):
        return str(int(number * self.scale))

    def emit(self, row, engine, repeat, figures):
        rounded = {name: round(value, 3) for name, value in figures.items()}
        print(json.dumps({"row": row, "engine": engine, "repeat": repeat, **rounded}), flush=True)

    def row(self, name, fsync, measure, prepare=None, repeats=None):
        """Both servers live through the whole row; each repeat asks one and then the other."""
        if not name.startswith(self.prefix):
            return
        servers = [Server(engine, self.program, self.directory, fsync) for engine in ("redislite", "redis_server")]
        try:
            for server in servers:
                if prepare:
                    prepare(server)
            for repeat in range(repeats or self.repeats):
                for server in servers:
                    self.emit(name, server.engine, repeat, measure(server))
        finally:
            for server in servers:
                server.stop()

    def throughput(self):
        for test, command in (("set", ["SET", "key:__rand_int__", "x" * 100]), ("get", ["GET", "key:__rand_int__"])):
            for clients, pipeline, number in ((50, 1, 200e3), (1000, 1, 200e3), (50, 16, 1e6), (50, 64, 2e6)):
                for fsync in ("everysec", "no"):
                    options = ["-c", str(clients), "-P", str(pipeline), "-n", self.requests(number), "-r", "100000"]
                    self.row(
                        f"server_{test}_{fsync}_c{clients}_p{pipeline}",
                        fsync,
                        lambda server, o=options, c=command: benchmark(server, [*o, *c]),
                        prepare=lambda server: server.send(["SET", f"key:{i:012}", "x" * 100] for i in range(100000)),
                    )

    def durable(self):
        options = ["-c", "50", "-n", self.requests(40e3), "-r", "100000"]
        set_command = ["SET", "key:__rand_int__", "x" * 100]
        self.row("server_set_always_c50", "always", lambda server: benchmark(server, [*options, *set_command]))

        def beside_writers(server):
            command = ["taskset", "-c", CLIENT_CPU, "redis-benchmark", "-p", str(server.port), "-q", "-l", "-c", "8"]
            writers = subprocess.Popen(
                [*command, "-r", "100000", *set_command], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
            )
            try:
                time.sleep(0.5)
                return benchmark(
                    server, ["-c", "50", "-n", self.requests(100e3), "-r", "100000", "GET", "key:__rand_int__"]
                )
            finally:
                writers.kill()
                writers.wait()

        self.row("server_get_always_beside_8_writers", "always", beside_writers)

    def memory(self):
        million = int(1_000_000 * self.scale)
        wide = range(0, million, 10)
        fills = {
            "keys": (["SET", f"key:{i:012}", f"{i:08}"] for i in range(million)),
            "list": (["RPUSH", "l", *(f"element:{i + j:08}" for j in range(10))] for i in wide),
            "hash": (
                ["HSET", "h", *(word for j in range(10) for word in (f"field:{i + j:08}", f"{i + j:08}"))] for i in wide
            ),
            "set": (["SADD", "s", *(f"member:{i + j:08}" for j in range(10))] for i in wide),
            "zset": (["ZADD", "z", *(w for j in range(10) for w in (i + j, f"member:{i + j:08}"))] for i in wide),
        }
        for name, commands in fills.items():
            kept = list(commands) if f"server_memory_{name}".startswith(self.prefix) else []

            def measure(server, fill=kept):
                before = server.rss()
                server.send(fill)
                return {"rss_bytes_each": (server.rss() - before) / million}

            self.row(f"server_memory_{name}", "no", measure, repeats=1)

    def structures(self):
        million = int(1_000_000 * self.scale)
        hundred = [word for i in range(100) for word in (f"field:{i}", f"value:{i:020}")]

        def fill(server):
            server.send(
                ["ZADD", "z", *(w for j in range(100) for w in (i + j, f"member:{i + j:012}"))]
                for i in range(0, million, 100)
            )
            server.send([["HSET", "h", *hundred], ["RPUSH", "l", *hundred[1::2]]])
            for name, step in (("a", 2), ("b", 3)):
                server.send(
                    ["SADD", name, *(f"member:{(i + j) * step}" for j in range(100))] for i in range(0, 100000, 100)
                )

        rows = {
            "zadd": (200e3, ["-r", str(million), "ZADD", "z", "__rand_int__", "member:__rand_int__"]),
            "zrank": (200e3, ["-r", str(million), "ZRANK", "z", "member:__rand_int__"]),
            "hgetall_100": (50e3, ["HGETALL", "h"]),
            "lrange_100": (50e3, ["LRANGE", "l", "0", "99"]),
            "sinter_100k": (100, ["SINTER", "a", "b"]),
        }
        for name, (number, command) in rows.items():
            options = ["-c", "20", "-n", self.requests(number)]
            self.row(
                f"server_{name}", "no", lambda server, o=options, c=command: benchmark(server, [*o, *c]), prepare=fill
            )

    def idle(self):
        limit = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        clients = min(10_000, limit - 200)

        def measure(server):
            before = server.rss()
            connections = [server.connect() for _ in range(clients)]
            for connection in connections:
                exchange(connection, encode(["PING"]), 1)
            figures = {"rss_bytes_each": (server.rss() - before) / clients}
            for connection in connections:
                connection.close()
            return figures

        self.row("server_idle_connections", "no", measure, repeats=1)


def main():
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    prefix = arguments[arguments.index("--row") + 1] if "--row" in arguments else ""
    names = [argument for argument in arguments if not argument.startswith("--") and argument != prefix]
    if len(names) != 2:
        sys.exit(__doc__)
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    bench = Bench(*names, quick, prefix)
    for part in (bench.throughput, bench.durable, bench.memory, bench.structures, bench.idle):
        part()


main()
