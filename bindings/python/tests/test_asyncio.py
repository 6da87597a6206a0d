"""redis.asyncio on a store in this process: the loop goes on, whatever waits."""

import asyncio

import pytest
import redis
import redis.asyncio

import redislite
from redislite import RedisLite, aio
from redislite.asyncio import Redis


@pytest.fixture(params=[2, 3])
def protocol(request):
    return request.param


def test_commands_pipelines_and_large_values(protocol):
    async def main():
        async with Redis(":memory:", protocol=protocol, decode_responses=True) as client:
            assert isinstance(client, redis.asyncio.Redis)
            assert await client.set("k", 1) is True and await client.get("k") == "1"
            async with client.pipeline() as pipe:
                assert await pipe.incr("k").hset("h", mapping={"f": "v"}).hgetall("h").execute() == [2, 1, {"f": "v"}]
            async with client.pipeline() as pipe:
                await pipe.watch("k")
                await client.set("k", 5)
                pipe.multi()
                pipe.set("k", 6)
                with pytest.raises(redis.WatchError):
                    await pipe.execute()
            big = "x" * 5_000_000
            assert await client.set("big", big) and await client.get("big") == big
            assert sorted([key async for key in client.scan_iter()]) == ["big", "h", "k"]
            with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
                await client.incr("h")

    asyncio.run(main())


def test_many_at_once_and_blocking_ones(protocol):
    async def main():
        async with Redis(":memory:", protocol=protocol) as client:
            sums = await asyncio.gather(*(client.incr("n") for _ in range(50)))
            assert sorted(sums) == list(range(1, 51))
            popped = asyncio.create_task(client.blpop("q", timeout=30))
            await client.ping()
            assert not popped.done()
            await client.rpush("q", "job")
            assert list(await popped) == [b"q", b"job"]
            assert await client.blpop("q", timeout=0.01) is None

    asyncio.run(main())


def test_messages_from_the_loop_and_from_another_thread(protocol):
    if protocol == 3 and redis.VERSION < (6,):
        pytest.skip("redis-py 5 waits for ever for what it was told by RESP3, of a Redis server too")

    async def main():
        with RedisLite(":memory:") as store:
            async with Redis(store, protocol=protocol) as client, client.pubsub() as pubsub:
                await pubsub.subscribe("c")
                assert (await pubsub.get_message(timeout=5))["type"] == "subscribe"
                await client.publish("c", "one")
                await asyncio.get_running_loop().run_in_executor(None, store.publish, "c", "two")
                assert [(await pubsub.get_message(timeout=5))["data"] for _ in range(2)] == [b"one", b"two"]

    asyncio.run(main())


def test_a_durable_write_does_not_hold_the_loop(tmp_path):
    async def main():
        async with Redis(tmp_path / "store") as client:
            await client.ping()
            written = asyncio.gather(*(client.set(f"k{number}", number) for number in range(50)))
            turns = 0
            while not written.done():
                turns += 1
                await asyncio.sleep(0)
            assert await written == [True] * 50
            assert turns > 1  # the loop went round while the device was waited for
        with RedisLite(tmp_path / "store") as store:
            assert len(store) == 50

    asyncio.run(main())


def test_a_connection_that_was_ended_is_made_again(protocol):
    async def main():
        async with Redis(":memory:", protocol=protocol) as client:
            await client.set("k", "v")
            await client.client_kill_filter(_id=await client.client_id(), skipme=False)
            assert await client.get("k") == b"v"

    asyncio.run(main())


def test_a_url(tmp_path):
    async def main():
        async with Redis.from_url(f"redislite://{tmp_path}/store?decode_responses=yes") as client:
            assert await client.set("k", "v") and await client.get("k") == "v"

    asyncio.run(main())


def test_the_native_store_is_awaited(tmp_path):
    async def main(path):
        async with aio.RedisLite(path, decode_responses=True) as store:
            assert await store.set("k", 1) is True and await store.get("k") == "1"
            assert await asyncio.gather(*(store.hset("h", str(number), number) for number in range(50))) == [1] * 50
            assert len(await store.hgetall("h")) == 50 and await store.execute("INCR", "k") == 2
            batch = store.batch().incr("k").lpush("l", "x")
            assert await store.commit(batch) == [3, 1]
            assert sorted([key async for key in store.scan_iter()]) == ["h", "k", "l"]
            with pytest.raises(redislite.WrongTypeError):
                await store.incr("h")
            with pytest.raises(redislite.CommandError, match="redislite.asyncio"):
                await store.blpop("l")
            await store.sync()
            assert await store.backup(tmp_path / f"copy-{store.store.path == ':memory:'}") is True
        with pytest.raises(redislite.ClosedError):
            await store.get("k")

    asyncio.run(main(tmp_path / "store"))
    asyncio.run(main(":memory:"))


def test_a_durable_write_of_the_native_store_does_not_hold_the_loop(tmp_path):
    async def main():
        async with aio.RedisLite(tmp_path / "store") as store:
            written = asyncio.gather(*(store.set(f"k{number}", number) for number in range(50)))
            turns = 0
            while not written.done():
                turns += 1
                await asyncio.sleep(0)
            assert await written == [True] * 50 and turns > 1

    asyncio.run(main())
