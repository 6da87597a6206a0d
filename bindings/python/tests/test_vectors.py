"""The vectors, through the binding and through redis-py in process."""

import os
import pathlib
import shutil

import pytest
import vectors

import redislite
from redislite import ManualClock, RedisLite

ROOT = pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"]) / "tests" / "vectors"
# What only connections can do is in `sessions`.
SCRIPTS = sorted(path for path in ROOT.glob("*/*.rlt") if path.parent.name != "sessions")


class Native:
    """RedisLite.execute."""

    has_statuses = True

    def __init__(self, store):
        self.store = store

    def execute(self, words):
        try:
            return self.store.execute(*words)
        except redislite.Error as error:
            return error


class InProcess:
    """A connection of redislite.Redis, without what redis-py makes of replies."""

    has_statuses = False

    def __init__(self, store):
        import redis

        self.failure = redis.RedisError
        self.pool = redislite.ConnectionPool(store, protocol=3)
        self.connection = self.pool.make_connection()
        self.connection.connect()

    def execute(self, words):
        self.connection.send_command(*words)
        try:
            return self.connection.read_response()
        except self.failure as error:
            return error


class Runner:
    def __init__(self, surface, directory, is_about_files):
        self.surface, self.directory, self.is_about_files, self.steps = surface, directory, is_about_files, 0

    def open(self):
        # A crash loses nothing that was acknowledged, in any mode, and a sync for each command takes long.
        self.store = RedisLite(self.path, clock=self.clock, appendfsync="no", reaper_interval_ms=0)
        self.door = self.surface(self.store)

    def run(self, steps):
        self.clock, self.number = ManualClock(), 0
        self.path = self.directory / "store"
        shutil.rmtree(self.path, ignore_errors=True)
        # Opening and closing directories would take most of the time.
        if not self.is_about_files and not any(step.kind in ("reopen", "crash") for step in steps):
            self.path = ":memory:"
        self.open()
        for step in steps:
            if step.kind == "stop":
                break
            if step.kind == "clock":
                self.clock.advance(step.milliseconds)
            else:
                getattr(self, step.kind)(step)
        self.store.close()

    def command(self, step):
        if step.only_rl_command and self.surface is InProcess:
            return
        reply = self.door.execute(step.words)
        self.steps += 1
        assert step.expected.matches(reply, self.door.has_statuses), (
            f"line {step.line}: {step.words!r}\nexpected {step.expected.text}\nreplied {reply!r}"
        )


    def reopen(self, step):
        self.store.close()
        self.open()

    def crash(self, step):
        """The directory as it is while the store is open, without its lock."""
        self.number += 1
        copy = self.directory / f"store{self.number}"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(self.path, copy, ignore=shutil.ignore_patterns("LOCK"))
        self.store.close()
        shutil.rmtree(self.path)
        self.path = copy
        self.open()


@pytest.mark.parametrize("surface", [Native, InProcess])
@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}.{path.stem}")
def test_the_vectors(script, surface, tmp_path):
    runner = Runner(surface, tmp_path, script.parent.name in ("server", "durability"))
    for _, steps in vectors.read(script):
        runner.run(steps)
    assert runner.steps > 0


def test_every_group_is_there():
    assert len(SCRIPTS) > 40 and len({script.parent for script in SCRIPTS}) > 7


@pytest.mark.parametrize(
    ("expected", "reply"),
    [
        ("+OK", b"OK"), ('"a"', "a"), (":1", 2), (":1", True), (",1.5", 1.0), ("(nil)", b""), ("#t", 1),
        ('["a", "b"]', [b"b", b"a"]), ('["a"]', [b"a", b"b"]), ('unordered ["a"]', [b"a", b"a"]),
        ('{"a": "b"}', {b"a": b"c"}), ("-ERR", b"ERR"), ("-WRONGTYPE", redislite.Error("ERR no")),
        ("any", ValueError()),
        (":1..3", 4), ('contains "x"', b"y"), ('subset ["a"]', [b"b"]),
    ],
)
def test_the_runner_sees_what_is_wrong(expected, reply):
    assert not vectors.Expectation(expected).matches(reply)
