"""What redis_py_test.py runs where redis-py is installed. Usage: redis_py_client.py PORT PROTOCOL"""

import asyncio
import sys

import redis
import redis.asyncio

PORT, PROTOCOL = int(sys.argv[1]), int(sys.argv[2])
SETTINGS = {"port": PORT, "protocol": PROTOCOL, "decode_responses": True}


def commands(client):
    client.flushall()
    assert client.set("k", "v", ex=100) and client.get("k") == "v" and 0 < client.ttl("k") <= 100
    assert client.hset("h", mapping={"a": 1, "b": 2}) == 2 and client.hgetall("h") == {"a": "1", "b": "2"}
    assert client.rpush("l", *range(10)) == 10 and client.lrange("l", -2, -1) == ["8", "9"]
    assert client.sadd("s", "x", "y") == 2 and client.smembers("s") == {"x", "y"}
    assert client.zadd("z", {"one": 1, "two": 2.5}) == 2
    scores = [tuple(pair) for pair in client.zrange("z", 0, -1, withscores=True)]
    assert scores == [("one", 1.0), ("two", 2.5)], scores
    assert sorted(client.scan_iter(match="?")) == ["h", "k", "l", "s", "z"]
    assert client.info()["redis_version"] and client.info("commandstats")["cmdstat_get"]["calls"] >= 1
    assert client.config_get("appendonly") == {"appendonly": "yes"}
    assert client.client_id() in [int(each["id"]) for each in client.client_list()]
    assert client.client_setname("test") and client.client_getname() == "test"
    assert client.memory_usage("k") > 0 and client.memory_stats()["keys.count"] == 5
    assert client.slowlog_len() == 0 and client.slowlog_get() == []
    assert client.role()[0] in ("master", b"master") and client.wait(0, 0) == 0
    assert client.command_count() > 200 and client.command_getkeys("MGET", "a", "b") == ["a", "b"]
    assert client.dbsize() == 5 and client.object("encoding", "z") == "listpack"
    try:
        client.lpush("k", "x")
        raise AssertionError("a list in a string")
    except redis.ResponseError as error:
        assert str(error).startswith("WRONGTYPE"), error


def pipelines(client):
    with client.pipeline(transaction=False) as pipe:
        for i in range(1000):
            pipe.set(f"p{i}", i).get(f"p{i}")
        replies = pipe.execute()
    assert replies[1::2] == [str(i) for i in range(1000)]
    with client.pipeline() as pipe:
        pipe.incr("n").incr("n").lpush("p1", "x")
        replies = pipe.execute(raise_on_error=False)
    assert replies[:2] == [1, 2] and isinstance(replies[2], redis.ResponseError)
    with client.pipeline() as pipe:
        pipe.watch("n")
        client.set("n", 7)
        pipe.multi()
        pipe.incr("n")
        try:
            pipe.execute()
            raise AssertionError("the watched key changed")
        except redis.WatchError:
            pass
    assert client.get("n") == "7"


def messages(client):
    listener = client.pubsub(ignore_subscribe_messages=True)
    listener.subscribe("news")
    listener.psubscribe("n*")
    # The confirmations have to be read before anybody may count on being heard.
    while client.pubsub_numsub("news")[0][1] != 1 or client.pubsub_numpat() != 1:
        listener.get_message(timeout=1)
    assert client.publish("news", "hello") == 2
    heard = []
    while len(heard) < 2:
        message = listener.get_message(timeout=30)
        if message is not None:
            heard.append((message["type"], message["data"]))
    assert sorted(heard) == [("message", "hello"), ("pmessage", "hello")], heard
    listener.close()


async def asynchronous():
    client = redis.asyncio.Redis(**SETTINGS)
    waiting = asyncio.create_task(client.blpop(["queue"], timeout=30))
    replies = await asyncio.gather(*(client.incr("count") for _ in range(100)))
    assert sorted(replies) == list(range(1, 101))
    assert await client.rpush("queue", "job") == 1
    assert list(await waiting) == ["queue", "job"]
    async with client.pipeline() as pipe:
        assert await pipe.set("a", 1).get("a").execute() == [True, "1"]
    async with client.pubsub() as listener:
        await listener.subscribe("async")
        assert (await listener.get_message(timeout=30))["type"] == "subscribe"
        await client.publish("async", "word")
        assert (await listener.get_message(timeout=30))["data"] == "word"
    await client.aclose()


def main():
    client = redis.Redis(**SETTINGS)
    commands(client)
    pipelines(client)
    messages(client)
    asyncio.run(asynchronous())
    print(f"redis-py {redis.__version__}, RESP{PROTOCOL}: content")


main()
