#!/usr/bin/env python3
"""What a call costs from Python, Rust and Go, beside what it is compared with: a line of JSON a result.

Usage: bench/bindings/bench.py RELEASE_BUILD DIRECTORY [--quick] [--row PREFIX]

Each repeat asks all in turn, in short slices, and their medians count: what else the machine does meets all. The
bindings are built as their users build them, below DIRECTORY; a language that is not there is named, and its rows are
left out. The lines are those of bench_macro, for bench/report.py.
"""

import importlib.machinery
import importlib.util
import json
import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BINDINGS = ROOT / "bindings"
# What bindings/python/benchmark compares, by the engines' names here.
PYTHON_ENGINES = {
    "redislite": "stored",
    "redis_py_in_process": "in_process",
    "redis_py_over_tcp": "over_tcp",
    "sqlite3": "sqlite",
    "py_lmdb": "lmdb",
}
# Of a repeat.
SLICES = 21


def emit(row, engine, repeat, figures):
    rounded = {name: round(value, 3) for name, value in figures.items()}
    print(json.dumps({"row": row, "engine": engine, "repeat": repeat, **rounded}), flush=True)


def say(text):
    print(f"bench: {text}", file=sys.stderr, flush=True)


def build(command, **more):
    """Builds something, silent unless it fails."""
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, **more)
    if done.returncode != 0:
        sys.exit(f"bench: {' '.join(map(str, command))} failed:\n{done.stdout}{done.stderr}")


def python_rows(prefix, calls, repeats):
    """Runs within the environment that has the package and its peers."""
    path = str(BINDINGS / "python" / "benchmark")
    loader = importlib.machinery.SourceFileLoader("benchmark", path)
    benchmark = importlib.util.module_from_spec(importlib.util.spec_from_loader("benchmark", loader))
    loader.exec_module(benchmark)
    rows = [row for row in ("bindings_python_get", "bindings_python_set") if row.startswith(prefix)]
    servers = []
    with tempfile.TemporaryDirectory(prefix="redislite-bench-") as directory:
        try:
            subjects = {}
            for engine, function in PYTHON_ENGINES.items():
                if engine == "redis_py_over_tcp" and not shutil.which("redis-server"):
                    say("no redis-server: no redis-py over TCP")
                    continue
                get, put, *server = getattr(benchmark, function)(directory)
                servers += server
                put()
                subjects[engine] = {"bindings_python_get": get, "bindings_python_set": put}
            for row in rows:
                for repeat in range(repeats):
                    took = {engine: [] for engine in subjects}
                    for _ in range(SLICES):
                        for engine, pair in subjects.items():
                            took[engine].append(benchmark.microseconds(pair[row], calls // SLICES))
                    for engine, slices in took.items():
                        emit(row, engine, repeat, {"ops_per_s": 1e6 / statistics.median(slices)})
        finally:
            for server in servers:
                server.terminate()
                server.wait()


def python(directory, prefix, calls, repeats):
    place = directory / "python"
    interpreter = place / "bin" / "python"
    if not interpreter.exists():
        build([sys.executable, "-m", "venv", place])
    build([interpreter, "-m", "pip", "install", "--quiet", BINDINGS / "python", "redis", "hiredis", "lmdb"])
    subprocess.run([interpreter, __file__, "--python-rows", prefix, str(calls), str(repeats)], check=True)


def turns(command, environment=None):
    """The lines of numbers that a program prints."""
    done = subprocess.run([str(word) for word in command], check=True, capture_output=True, text=True, env=environment)
    return [[float(word) for word in line.split()] for line in done.stdout.splitlines()]


def rust(directory, calls, repeats):
    environment = {**os.environ, "CARGO_TARGET_DIR": str(directory / "rust")}
    source = BINDINGS / "rust"
    options = ["--quiet", "--locked", "--release", "-p", "redislite", "--example", "get_cost"]
    build(["cargo", "build", *options], cwd=source, env=environment)
    for repeat, (native, c) in enumerate(turns([directory / "rust/release/examples/get_cost", calls, repeats])):
        emit("bindings_rust_get", "rl_get_into", repeat, {"ns": c})
        emit("bindings_rust_get", "redislite_rust", repeat, {"ns": native, "above_c_ns": native - c})


def go(release, directory, calls, repeats):
    prefix = directory / "prefix"
    build(["cmake", "--install", release, "--prefix", prefix])
    [configuration] = prefix.glob("**/redislite.pc")
    linking = {"PKG_CONFIG_PATH": str(configuration.parent), "CGO_LDFLAGS": f"-Wl,-rpath,{configuration.parent.parent}"}
    environment = {**os.environ, **linking, "GOTOOLCHAIN": "local", "GOFLAGS": "-buildvcs=false"}
    program = directory / "getcost"
    command = ["go", "build", "-tags", "libredislite", "-o", program, "./internal/getcost"]
    build(command, cwd=BINDINGS / "go", env=environment)
    for repeat, (native, c, bare) in enumerate(turns([program, calls, repeats], environment)):
        emit("bindings_go_get", "rl_get_into", repeat, {"ns": c})
        emit("bindings_go_get", "bare_cgo_call", repeat, {"ns": bare})
        figures = {"ns": native, "above_c_ns": native - c, "above_c_and_bare_ns": native - c - bare}
        emit("bindings_go_get", "redislite_go", repeat, figures)


def main():
    if sys.argv[1:2] == ["--python-rows"]:
        return python_rows(sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))
    # Where the languages' own installers put them.
    os.environ["PATH"] += f":/usr/local/go/bin:{pathlib.Path.home() / '.cargo' / 'bin'}"
    arguments = sys.argv[1:]
    quick = "--quick" in arguments
    prefix = arguments[arguments.index("--row") + 1] if "--row" in arguments else ""
    names = [argument for argument in arguments if not argument.startswith("--") and argument != prefix]
    if len(names) != 2:
        sys.exit(__doc__)
    release, directory = (pathlib.Path(name).resolve() for name in names)
    directory.mkdir(parents=True, exist_ok=True)
    repeats = 3 if quick else 7

    def wanted(row, tool):
        """Whether the row is asked for and can be run."""
        if not row.startswith(prefix) and not prefix.startswith(row):
            return False
        if shutil.which(tool) is None:
            say(f"no {tool} on this machine: no rows of {row}")
            return False
        return True

    if wanted("bindings_python", sys.executable):
        python(directory, prefix, 4200 if quick else 21000, repeats)
    if wanted("bindings_rust_get", "cargo"):
        rust(directory, 200_000 if quick else 2_000_000, repeats)
    if wanted("bindings_go_get", "go"):
        go(release, directory, 200_000 if quick else 2_000_000, repeats)
    return None


main()
