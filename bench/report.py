#!/usr/bin/env python3
"""Turns the lines of bench_macro, server/bench.py and bindings/bench.py into tables and plots.

Usage: bench/report.py RESULTS.jsonl DIRECTORY

Writes DIRECTORY/results.md and an SVG a plot. Figures are medians over the repeats; a ratio is RedisLite's figure over
a peer's, of the same row, so of the same minutes on the same machine.
"""

import collections
import io
import json
import os
import pathlib
import platform
import statistics
import sys

import matplotlib

matplotlib.use("svg")
import matplotlib.pyplot as plt  # noqa: E402 (the back end must be chosen first)

OURS = "redislite"
# Two runs with the same figures give the same bytes.
matplotlib.rcParams["svg.hashsalt"] = "redislite"

# row, figure, our engine, peer, least ratio (or, when the last is "most", greatest)
TARGETS = [
    ("durable_set_1", "ops_per_s", "redislite", "raw_loop", 0.95),
    *[
        (f"durable_set_{threads}", "ops_per_s", "redislite", peer, ratio)
        for threads in (16, 64)
        for peer, ratio in (("rocksdb", 2), ("leveldb", 2), ("sqlite_full", 10), ("lmdb", 10))
    ],
    ("relaxed_set", "ops_per_cpu_s", "redislite_everysec", "rocksdb_nosync", 3),
    ("relaxed_set", "ops_per_cpu_s", "redislite_everysec", "leveldb_nosync", 2.5),
    ("relaxed_set", "ops_per_cpu_s", "redislite_everysec", "lmdb_nosync", 3),
    ("relaxed_set", "ops_per_cpu_s", "redislite_no", "tkrzw_hash", 1.2),
    ("get_1", "ops_per_cpu_s", "redislite_no", "absl_flat_hash_map", 1.15),
    ("get_1", "ops_per_cpu_s", "redislite_no", "lmdb_writemap", 1.8),
    ("get_1", "ops_per_cpu_s", "redislite_no", "rocksdb_nosync", 8),
    ("get_beside_durable_writer", "p99_us", "beside_writer", "alone", 2, "most"),
    ("memory_16_8", "rss_bytes_per_key", "redislite_memory", "tkrzw_tiny", 1, "most"),
    ("memory_16_32", "rss_bytes_per_key", "redislite_memory", "tkrzw_tiny", 1, "most"),
    ("open_from_snapshot", "open_s", "redislite", "redis_server", 1 / 2.5, "most"),
    ("open_from_log", "open_s", "redislite", "redis_server", 1 / 4, "most"),
    ("flood", "ops_per_cpu_s", "chosen_keys", "random_keys", 0.95),
    ("set_during_snapshot", "ops_per_s", "during_snapshots", "without", 0.8),
    ("set_during_snapshot", "p999_us", "during_snapshots", "without", 2, "most"),
    *[
        (f"server_{test}_{fsync}_{load}", "ops_per_cpu_s", "redislite", "redis_server", ratio)
        for test in ("set", "get")
        for fsync in ("everysec", "no")
        for load, ratio in (("c50_p1", 1), ("c1000_p1", 1), ("c50_p16", 1.5), ("c50_p64", 1.5))
    ],
    ("server_set_always_c50", "ops_per_s", "redislite", "redis_server", 1.5),
    ("server_get_always_beside_8_writers", "ops_per_s", "redislite", "redis_server", 2),
    ("server_get_always_beside_8_writers", "p99_ms", "redislite", "redis_server", 0.5, "most"),
    *[
        (f"server_memory_{what}", "rss_bytes_each", "redislite", "redis_server", ratio, "most")
        for what, ratio in (("keys", 0.5), ("list", 1), ("hash", 0.5), ("set", 0.5), ("zset", 0.5))
    ],
    *[
        (f"server_{command}", "ops_per_cpu_s", "redislite", "redis_server", 1.2)
        for command in ("zadd", "zrank", "hgetall_100", "lrange_100", "sinter_100k")
    ],
    *[
        (f"bindings_python_{what}", "ops_per_s", ours, peer, ratio)
        for what in ("get", "set")
        for ours, peer, ratio in (
            ("redislite", "redis_py_over_tcp", 20),
            ("redislite", "sqlite3", 2),
            ("redislite", "py_lmdb", 1),
            ("redis_py_in_process", "redis_py_over_tcp", 2),
        )
    ],
]
# row, figure, engine, greatest value
LIMITS = [
    ("memory_16_8", "overhead_bytes_per_key", "redislite_memory", 24),
    ("memory_16_32", "overhead_bytes_per_key", "redislite_memory", 24),
    ("growth", "worst_insert_cpu_us", "redislite_memory", 1000),
    ("expiry_under_load", "p99_ratio", "redislite", 2),
    ("expiry_under_load", "gone_after_s", "redislite", 1),
    ("server_idle_connections", "rss_bytes_each", "redislite", 8192),
    ("bindings_rust_get", "above_c_ns", "redislite_rust", 5),
    ("bindings_go_get", "above_c_and_bare_ns", "redislite_go", 30),
]

# file, title, figure, rows
PLOTS = [
    ("durable_set", "Durable SET", "ops_per_s", [f"durable_set_{n}" for n in (1, 16, 64)]),
    ("relaxed_set", "SET without a sync, one thread", "ops_per_cpu_s", ["relaxed_set", "memory_set"]),
    ("get", "GET of a key that is there, uniform", "ops_per_cpu_s", ["get_1"]),
    ("get_threads", "GET by one and two threads", "ops_per_s", ["get_1", "get_2"]),
    ("memory", "Memory above key and value, bytes a key", "overhead_bytes_per_key", ["memory_16_8", "memory_16_32"]),
    ("open", "Opening a store, seconds", "open_s", ["open_from_snapshot", "open_from_log"]),
    (
        "server",
        "redislite-server, 50 clients, everysec: SET and GET without and with a pipeline of 16",
        "ops_per_cpu_s",
        [f"server_{test}_everysec_c50_{pipeline}" for test in ("set", "get") for pipeline in ("p1", "p16")],
    ),
]
WORDS = {
    "ops_per_s": "calls a second",
    "ops_per_cpu_s": "calls a second of CPU time",
    "overhead_bytes_per_key": "bytes a key",
    "open_s": "seconds",
}


def read(path):
    """{row: {engine: {figure: [values]}}}, in the order of the file."""
    rows = collections.OrderedDict()
    for line in path.read_text().splitlines():
        record = json.loads(line)
        engine = rows.setdefault(record.pop("row"), {}).setdefault(record.pop("engine"), {})
        record.pop("repeat")
        for name, value in record.items():
            engine.setdefault(name, []).append(value)
    return rows


def median(rows, row, engine, figure):
    values = rows.get(row, {}).get(engine, {}).get(figure)
    return statistics.median(values) if values else None


def number(value):
    if abs(value) >= 1e6:
        return f"{value / 1e6:.2f}M"
    if abs(value) >= 1e4:
        return f"{value / 1e3:.1f}k"
    return f"{value:.0f}" if abs(value) >= 100 else f"{value:.3g}"


def targets(rows):
    lines = ["| row | figure | measured | target | |", "|---|---|--:|--:|---|"]
    for row, figure, ours, peer, wanted, *most in TARGETS:
        mine, theirs = median(rows, row, ours, figure), median(rows, row, peer, figure)
        if mine is None or theirs is None or theirs == 0:
            continue
        ratio = mine / theirs
        met = ratio <= wanted if most else ratio >= wanted
        sign = "≤" if most else "≥"
        lines.append(
            f"| {row} | {ours} / {peer}, {figure} | {ratio:.2f} | {sign} {wanted:.2f} | {'met' if met else 'missed'} |"
        )
    for row, figure, ours, wanted in LIMITS:
        mine = median(rows, row, ours, figure)
        if mine is not None:
            met = "met" if mine <= wanted else "missed"
            lines.append(f"| {row} | {ours}, {figure} | {number(mine)} | ≤ {wanted} | {met} |")
    misses = [median(rows, "eviction", name, "miss_ratio") for name in ("exact_lru", "redislite_lru", "redislite_lfu")]
    exact, lru, lfu = misses
    if all(misses):
        lines.append(
            f"| eviction | redislite_lru - exact_lru, miss_ratio | {lru - exact:.4f} | ≤ 0.0100 | "
            f"{'met' if lru - exact <= 0.01 else 'missed'} |"
        )
        met = "met" if lfu < lru else "missed"
        lines.append(f"| eviction | redislite_lfu / redislite_lru, miss_ratio | {lfu / lru:.3f} | < 1.000 | {met} |")
    one, two = (median(rows, f"get_{n}", "redislite_no", "ops_per_s") for n in (1, 2))
    if one and two:
        met = "met" if two / one >= 1.8 else "missed"
        lines.append(f"| get_2 | two threads / one, ops_per_s | {two / one:.2f} | ≥ 1.80 | {met} |")
    return lines


def table(row, engines):
    figures = list(dict.fromkeys(name for engine in engines.values() for name in engine))
    lines = [f"### {row}", "", "| engine | " + " | ".join(figures) + " |", "|---" + "|--:" * len(figures) + "|"]
    for engine, values in engines.items():
        cells = []
        for figure in figures:
            found = values.get(figure)
            if not found:
                cells.append("")
            elif len(found) == 1:
                cells.append(number(found[0]))
            else:
                cells.append(f"{number(statistics.median(found))} [{number(min(found))}–{number(max(found))}]")
        lines.append(f"| {engine} | " + " | ".join(cells) + " |")
    return lines + [""]


def plot(rows, directory, name, title, figure, wanted):
    present = [row for row in wanted if row in rows]
    bars = [(row, engine) for row in present for engine in rows[row] if figure in rows[row][engine]]
    if not bars:
        return
    values = [statistics.median(rows[row][engine][figure]) for row, engine in bars]
    chart, axes = plt.subplots(figsize=(7, 0.6 + 0.28 * len(bars)))
    common = len(os.path.commonprefix(present))
    labels = [engine + (f"  ({row[common:]})" if len(present) > 1 else "") for row, engine in bars]
    colors = ["#b5452c" if engine.startswith(OURS) else "#8a94a0" for _, engine in bars]
    places = range(len(bars))
    axes.barh(places, values, color=colors)
    axes.set_yticks(places, labels, fontsize=8)
    axes.invert_yaxis()
    axes.set_title(title, fontsize=10)
    axes.set_xlabel(WORDS[figure], fontsize=8)
    axes.tick_params(axis="x", labelsize=8)
    for place, value in zip(places, values):
        axes.text(value, place, " " + number(value), va="center", fontsize=7)
    axes.margins(x=0.12)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)
    chart.tight_layout()
    drawn = io.StringIO()
    chart.savefig(drawn, format="svg", metadata={"Date": None})
    (directory / f"{name}.svg").write_text("".join(line.rstrip() + "\n" for line in drawn.getvalue().splitlines()))
    plt.close(chart)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    rows = read(pathlib.Path(sys.argv[1]))
    directory = pathlib.Path(sys.argv[2])
    directory.mkdir(parents=True, exist_ok=True)
    kernel = ".".join(platform.release().split(".")[:2])
    lines = [
        "# Results",
        "",
        f"`make bench` on {platform.machine()}, Linux {kernel}. Medians of the repeats, least and",
        "greatest in brackets; engines in turn, in short slices, each in a process of its own. Ratios hold; figures",
        "are this machine's.",
        "",
        "## Targets",
        "",
        *targets(rows),
        "",
        "## Rows",
        "",
    ]
    for row, engines in rows.items():
        lines += table(row, engines)
    (directory / "results.md").write_text("\n".join(lines).rstrip() + "\n")
    for plan in PLOTS:
        plot(rows, directory, *plan)
    print("\n".join(targets(rows)))


main()
