"""redis-py's locks, sync and asyncio: released, extended and reacquired without scripts, and by their owner only."""

import asyncio
import threading

import pytest
import redis.lock
from redis.exceptions import LockError, LockNotOwnedError

import redislite
from redislite.asyncio import Redis as AsyncRedis


class Waiting:
    """An asyncio object whose coroutines are waited for: the tests below are the same for both clients."""

    def __init__(self, runner, target):
        self._runner, self._target = runner, target

    def __getattr__(self, name):
        found = getattr(self._target, name)
        if not callable(found):
            return found

        def call(*arguments, **more):
            async def main():
                result = found(*arguments, **more)
                return await result if hasattr(result, "__await__") else result

            result = self._runner.run(main())
            return Waiting(self._runner, result) if name == "lock" else result

        return call


@pytest.fixture(params=[(kind, decode) for kind in ("sync", "asyncio") for decode in (False, True)], ids=str)
def client(request):
    kind, decode = request.param
    if kind == "sync":
        with redislite.Redis(":memory:", decode_responses=decode) as made:
            yield made
    else:
        with asyncio.Runner() as runner:
            made = Waiting(runner, AsyncRedis(":memory:", decode_responses=decode))
            yield made
            made.aclose()


def test_a_lock_is_released_by_its_owner_only(client):
    first, second = client.lock("name"), client.lock("name", blocking=False)
    assert first.acquire() and not second.acquire() and first.locked() and first.owned() and not second.owned()
    with pytest.raises(LockError):
        second.release()
    first.release()
    assert not first.locked() and second.acquire()
    with pytest.raises(LockError):
        first.release()
    second.release()
    assert client.exists("name") == 0


def test_what_another_has_taken_is_not_released_extended_or_reacquired(client):
    lock = client.lock("name", timeout=100)
    # Another owner's token may be any bytes, also with decode_responses.
    for other in (b"\xff\xfe", "other", None):
        client.delete("name")
        assert lock.acquire()
        if other is None:
            client.delete("name")
        else:
            client.set("name", other, px=50_000)
        changes = [lambda: lock.extend(10), lambda: lock.extend(10, replace_ttl=True), lock.reacquire, lock.release]
        for change in changes:
            with pytest.raises(LockNotOwnedError):
                change()
        assert client.exists("name") == (other is not None)
        assert other is None or 40_000 < client.pttl("name") <= 50_000
        with pytest.raises(LockError):
            lock.release()


def test_extend_and_reacquire(client):
    lock = client.lock("name", timeout=100)
    assert lock.acquire()
    assert lock.extend(50.5) and 149_000 < client.pttl("name") <= 150_500
    assert lock.extend(10, replace_ttl=True) and 9_000 < client.pttl("name") <= 10_000
    assert lock.reacquire() and 99_000 < client.pttl("name") <= 100_000
    client.persist("name")
    for replace_ttl in (False, True):
        with pytest.raises(LockNotOwnedError):
            lock.extend(10, replace_ttl=replace_ttl)
    assert client.pttl("name") == -1
    assert lock.reacquire() and 99_000 < client.pttl("name") <= 100_000
    lock.release()
    endless = client.lock("name")
    assert endless.acquire()
    for change in (lambda: endless.extend(10), endless.reacquire):
        with pytest.raises(LockError):
            change()
    endless.release()


def test_a_token_may_be_given_as_text(client):
    lock = client.lock("name", timeout=100)
    assert lock.acquire(token="tök") and lock.extend(1) and lock.owned()
    lock.release()
    # As one does who releases what another process has taken.
    client.set("name", "tök", px=100_000)
    lock.local.token = "tök"
    lock.release()
    assert client.exists("name") == 0


def test_an_expired_lock_is_nobodys(client):
    lock = client.lock("name", timeout=0.01)
    assert lock.acquire()
    # A lock that waits gets it when it has expired.
    other = client.lock("name", timeout=100, sleep=0.002, blocking_timeout=30)
    assert other.acquire()
    with pytest.raises(LockNotOwnedError):
        lock.release()
    assert other.owned()
    other.release()


def test_a_type_that_is_no_string_is_an_error_as_in_a_script(client):
    lock = client.lock("name", timeout=100)
    assert lock.acquire() and client.delete("name") and client.rpush("name", "x")
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        lock.release()


def test_what_changes_meanwhile_is_looked_at_again(monkeypatch):
    with redislite.Redis(":memory:") as client:
        lock = client.lock("name", timeout=100)
        assert lock.acquire()
        between, turns = [lock.local.token, "other"], []

        def change_before_exec(pipe, multi=redis.client.Pipeline.multi):
            turns.append(pipe)
            if between:
                client.set("name", between.pop(0))
            multi(pipe)

        monkeypatch.setattr(redis.client.Pipeline, "multi", change_before_exec)
        with pytest.raises(LockNotOwnedError):
            lock.release()
        assert len(turns) == 3 and client.get("name") == b"other"


def test_another_class_of_lock_can_be_given(client):
    class Own:
        def __init__(self, redis, name, **arguments):
            self.name, self.timeout = name, arguments["timeout"]

    lock = client.lock("name", timeout=5, lock_class=Own)
    assert (lock.name, lock.timeout) == ("name", 5)
    assert client.lock("name", 5, 0.1, True, None, Own).name == "name"
    with redislite.Redis(":memory:") as sync:
        assert isinstance(sync.lock("name"), redis.lock.Lock)


def test_threads_contend(tmp_path):
    with redislite.Redis(tmp_path / "store", options={"appendfsync": "no"}) as client:
        inside, most, failures = [], [], []

        def work():
            try:
                lock = client.lock("name", timeout=60, sleep=0.0005)
                for _ in range(50):
                    with lock:
                        inside.append(1)
                        most.append(len(inside))
                        lock.extend(1)
                        client.set("n", int(client.get("n") or 0) + 1)
                        inside.pop()
            except Exception as failure:
                failures.append(failure)

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert not failures and max(most) == 1 and client.get("n") == b"300" and not client.exists("name")


def test_tasks_contend():
    async def main():
        async with AsyncRedis(":memory:") as client:

            async def work():
                lock = client.lock("name", timeout=60, sleep=0.0005)
                for _ in range(20):
                    async with lock:
                        await lock.reacquire()
                        await client.set("n", int(await client.get("n") or 0) + 1)

            await asyncio.wait_for(asyncio.gather(*(work() for _ in range(6))), 60)
            assert await client.get("n") == b"120" and not await client.exists("name")

    asyncio.run(main())
