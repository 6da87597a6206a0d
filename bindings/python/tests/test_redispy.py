"""redis-py on a store in this process: its clients, pools and parsers, unchanged but for the constructor."""

import os
import subprocess
import sys
import threading

import pytest
import redis

import redislite
from redislite import redispy

try:
    import hiredis  # noqa: F401
    from redis._parsers import _HiredisParser

    HIREDIS = [_HiredisParser]
except ImportError:
    HIREDIS = []
from redis._parsers import _RESP2Parser, _RESP3Parser

PARSERS = [(2, _RESP2Parser), (3, _RESP3Parser)] + [(protocol, parser) for parser in HIREDIS for protocol in (2, 3)]


@pytest.fixture(params=PARSERS, ids=lambda param: f"resp{param[0]}-{param[1].__name__}")
def client(request):
    protocol, parser = request.param
    with redislite.Redis(":memory:", protocol=protocol, parser_class=parser, decode_responses=True) as made:
        assert isinstance(made, redis.Redis)
        yield made


def test_the_class_that_redis_py_has(client):
    assert type(client).__mro__[1] is redis.Redis
    assert "store=:memory:" in repr(client)
    assert client.ping() is True


def test_commands(client):
    assert client.set("k", "ä") is True and client.get("k") == "ä" and client.get("none") is None
    assert client.set("k", 1, nx=True) is None and client.expire("k", 100) and client.ttl("k") > 0
    assert client.hset("h", mapping={"a": 1, "b": 2}) == 2 and client.hgetall("h") == {"a": "1", "b": "2"}
    assert client.zadd("z", {"a": 1.5}) == 1 and client.zscore("z", "a") == 1.5
    assert client.sadd("s", "x") == 1 and client.smembers("s") == {"x"}
    assert sorted(client.scan_iter()) == ["h", "k", "s", "z"]
    with pytest.raises(redis.ResponseError, match="WRONGTYPE"):
        client.incr("h")
    assert client.info()["redis_version"].startswith("7.2")
    assert client.client_id() > 0 and client.client_list()[0]["id"]


def test_pipelines_and_transactions(client):
    several = client.pipeline().set("k", 1).incr("k").lpush("l", 1, 2).lrange("l", 0, -1)
    assert several.execute() == [True, 2, 2, ["2", "1"]]
    many = client.pipeline(transaction=False)
    for number in range(2000):
        many.set(f"k{number}", number)
    assert many.execute() == [True] * 2000
    assert client.pipeline(transaction=False).lpush("k", 1).get("k").execute(raise_on_error=False)[1] == "2"
    with client.pipeline() as pipe:
        pipe.watch("k")
        value = int(pipe.get("k"))
        pipe.multi()
        pipe.set("k", value + 1)
        assert pipe.execute() == [True]
        pipe.watch("k")
        client.set("k", 100)
        pipe.multi()
        pipe.set("k", 0)
        with pytest.raises(redis.WatchError):
            pipe.execute()
    assert client.transaction(lambda pipe: pipe.multi() or pipe.incr("k"), "k") == [101]


def test_publish_and_subscribe(client):
    if client.connection_pool.connection_kwargs["protocol"] == 3 and redis.VERSION < (6,):
        pytest.skip("redis-py 5 waits for ever for what it was told by RESP3, of a Redis server too")
    with client.pubsub() as pubsub:
        pubsub.subscribe("c")
        pubsub.psubscribe("p*")
        assert [pubsub.get_message(timeout=5)["type"] for _ in range(2)] == ["subscribe", "psubscribe"]
        assert pubsub.get_message() is None and pubsub.get_message(timeout=0.01) is None
        assert client.publish("c", "one") == 1 and client.publish("pq", "two") == 1
        assert [pubsub.get_message(timeout=5)["data"] for _ in range(2)] == ["one", "two"]
    heard = []
    with client.pubsub(ignore_subscribe_messages=True) as pubsub:
        pubsub.subscribe(c=heard.append)
        thread = pubsub.run_in_thread(sleep_time=0.01)
        # From here on messages come to the handler, in its thread.
        while not heard:
            client.publish("c", "three")
        thread.stop()
        thread.join(30)
        assert heard[0]["data"] == "three"


def test_blocking_commands(client):
    assert client.blpop("q", timeout=0.01) is None
    pushing = threading.Thread(target=lambda: client.rpush("q", "job"))
    pushing.start()
    assert list(client.blpop("q", timeout=30)) == ["q", "job"]
    pushing.join()


def test_a_timeout_is_a_timeout():
    with redislite.Redis(":memory:", socket_timeout=0.02) as client:
        with pytest.raises(redis.TimeoutError):
            client.blpop("q")
        assert client.ping()


def test_large_values_and_any_bytes():
    with redislite.Redis(":memory:") as client:
        for size in (0, 1, 65536, 5_000_000):
            value = os.urandom(size)
            assert client.set(b"\0\r\n", value) and client.get(b"\0\r\n") == value


def test_a_connection_that_was_ended_is_made_again():
    with redislite.Redis(":memory:", single_connection_client=False) as client:
        client.set("k", "v")
        client.client_kill_filter(_id=client.client_id(), skipme=False)
        assert client.get("k") == b"v"
        client.connection_pool.disconnect()
        assert client.get("k") == b"v"


def test_a_single_connection_client_databases_and_names():
    with redislite.Redis(":memory:", db=3, client_name="me", single_connection_client=True) as client:
        client.set("k", "v")
        assert client.client_getname() in ("me", b"me")
        assert client.info("keyspace")["db3"]["keys"] == 1
        with client.client() as other:
            assert other.get("k") == b"v"


def test_clients_and_a_store_share_a_directory(tmp_path):
    path = str(tmp_path / "store")
    with redislite.RedisLite(path, appendfsync="everysec") as store:
        with redislite.Redis(path) as one, redislite.Redis(store) as two:
            one.set("k", 1)
            assert two.incr("k") == 2 and store.get("k") == b"2"
        assert store.get("k") == b"2"
    with redislite.Redis(path) as client:
        assert client.get("k") == b"2"
        with pytest.raises(redislite.BusyError):
            redislite.RedisLite(path)
    # close() has let the directory go.
    with redislite.RedisLite(path) as store:
        assert store["k"] == b"2"


def test_options_and_urls(tmp_path):
    with redislite.Redis(tmp_path / "one", options={"appendfsync": "no"}) as client:
        assert client.config_get("appendfsync")["appendfsync"] == "no"
    url = f"redislite://{tmp_path}/two?db=2&decode_responses=yes&appendfsync=everysec"
    with redislite.Redis.from_url(url) as client:
        assert client.set("k", "v") and client.get("k") == "v"
        assert client.config_get("appendfsync")["appendfsync"] == "everysec"
        assert client.info("keyspace")["db2"]["keys"] == 1
    assert redispy.url_arguments("redislite://:memory:")[0] == ":memory:"
    assert redispy.url_arguments("redislite://data?db=1")[0] == "data"
    for url in ("redis://localhost", "redislite://"):
        with pytest.raises(ValueError):
            redispy.url_arguments(url)


def test_a_directory_that_cannot_be_opened_is_a_connection_error(tmp_path):
    (tmp_path / "file").write_text("")
    with redislite.Redis(tmp_path / "file") as client:
        with pytest.raises(redis.ConnectionError, match="file"):
            client.get("k")


def test_many_threads_on_one_client(tmp_path):
    with redislite.Redis(tmp_path / "store", options={"appendfsync": "everysec"}) as client:

        def work():
            for _ in range(100):
                client.incr("sum")
                client.pipeline().incr("sum").get("sum").execute()

        threads = [threading.Thread(target=work) for _ in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert client.get("sum") == b"1200"


def test_a_forked_child_gets_an_error(tmp_path):
    program = """
import os, sys, redis, redislite
client = redislite.Redis(sys.argv[1])
client.set("k", "v")
child = os.fork()
if child == 0:
    try:
        client.get("k")
    except redis.ConnectionError as error:
        os._exit(0)
    os._exit(1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert client.get("k") == b"v"
"""
    subprocess.run([sys.executable, "-c", program, tmp_path / "store"], check=True, timeout=60)


def test_clients_leave_no_descriptor_and_no_store_behind(tmp_path):
    def some():
        for _ in range(20):
            with redislite.Redis(tmp_path / "store", options={"appendfsync": "no"}) as client:
                client.pipeline().set("k", 1).get("k").execute()
                pubsub = client.pubsub()
                pubsub.subscribe("c")
                assert pubsub.get_message(timeout=5)
                assert client.blpop("none", timeout=0.001) is None
                pubsub.close()
        return len(os.listdir("/proc/self/fd"))

    assert some() == some()
    redislite.RedisLite(tmp_path / "store").close()


def test_many_connections_wait_at_once(tmp_path):
    with redislite.Redis(tmp_path / "store", options={"appendfsync": "no"}) as client:
        found = []
        threads = [threading.Thread(target=lambda: found.append(client.blpop("q", timeout=30))) for _ in range(20)]
        for thread in threads:
            thread.start()
        for number in range(20):
            client.rpush("q", number)
        for thread in threads:
            thread.join()
        assert sorted(int(value) for _, value in found) == list(range(20))


def test_another_thread_may_subscribe_while_one_listens():
    with redislite.Redis(":memory:", decode_responses=True) as client:
        pubsub = client.pubsub()
        pubsub.subscribe("first")
        heard = []

        def listen():
            for message in pubsub.listen():
                heard.append((message["type"], message["data"]))
                if message["data"] == "end":
                    return

        thread = threading.Thread(target=listen)
        thread.start()
        # While nothing comes the listener holds nothing that the sender needs.
        pubsub.subscribe("second")
        while client.publish("second", "end") == 0:
            pass
        thread.join(30)
        assert heard[-1] == ("message", "end") and [kind for kind, _ in heard[:2]] == ["subscribe"] * 2
        pubsub.close()


def test_the_core_does_not_need_redis_py():
    program = "import sys; sys.modules['redis'] = None; import redislite; redislite.RedisLite(':memory:').set('k', 1)"
    subprocess.run([sys.executable, "-c", program], check=True)
