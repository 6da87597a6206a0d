"""The examples say what they should; and the queue keeps what it has accepted, whenever it is killed."""

import os
import pathlib
import random
import signal
import subprocess
import sys

import pytest

EXAMPLES = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"]) / "examples" / "python"


def run(name, *arguments):
    command = [sys.executable, "-W", "error", EXAMPLES / name, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout.splitlines()


@pytest.mark.parametrize("on_disk", [False, True])
@pytest.mark.parametrize(
    ("name", "lines"),
    [
        (
            "session_store.py",
            ["ada: {'user': 'ada', 'visits': '1'}", "ada: {'user': 'ada', 'visits': '2'}", "bob: None", "ada: None"],
        ),
        (
            "rate_limiter.py",
            ["ada: [True, True, True, False, False]", "bob: True", "ada, a second later: True"],
        ),
        ("leaderboard.py", ["1 bob 45", "2 eve 40", "ada is number 3"]),
        ("cache.py", ["[9, 16, 9] with calls of [3, 4]", "9 with calls of [3, 4, 3]"]),
    ],
)
def test_an_example_says_what_it_should(name, lines, on_disk, tmp_path):
    assert run(name, *([tmp_path / "store"] if on_disk else [])) == lines


def test_every_example_is_tested():
    tested = {"session_store.py", "rate_limiter.py", "leaderboard.py", "cache.py", "job_queue.py"}
    assert {path.name for path in EXAMPLES.glob("*.py")} == tested


def kill_after(lines, *arguments):
    """Runs the queue, kills it when it has said so many lines, and gives all lines that it has said to their end."""
    command = [sys.executable, EXAMPLES / "job_queue.py", *map(str, arguments)]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    said = [process.stdout.readline() for _ in range(lines)]
    process.send_signal(signal.SIGKILL)
    said += process.stdout.readlines()
    process.wait()
    process.stdout.close()
    return [line.rstrip("\n") for line in said if line.endswith("\n")]


def test_the_queue_loses_no_job_that_it_has_accepted(tmp_path):
    seed = random.randrange(1 << 32)
    print("seed", seed)
    choose = random.Random(seed)
    store, accepted, done = tmp_path / "store", set(), set()
    for life in range(4):
        jobs = [f"job-{life}-{number}" for number in range(200)]
        for line in kill_after(choose.randrange(1, 150), "add", store, *jobs):
            accepted.add(line.removeprefix("added "))
        for line in kill_after(choose.randrange(1, 60), "work", store):
            done.add(line.removeprefix("done "))
    listed = {line.split()[0]: set(line.split()[1:]) for line in run("job_queue.py", "list", store)}
    assert done <= listed["done"] and len(listed["begun"]) <= 1
    assert accepted <= listed["waiting"] | listed["begun"] | listed["done"]
    run("job_queue.py", "work", store)
    listed = {line.split()[0]: set(line.split()[1:]) for line in run("job_queue.py", "list", store)}
    assert accepted <= listed["done"] and not listed["waiting"] and not listed["begun"]
