"""RedisLite, the native API."""

import collections.abc
import inspect
import os
import pathlib
import re
import subprocess
import sys
import threading

import pytest

import redislite
from redislite import ManualClock, RedisLite
from redislite._redislite import lib


@pytest.fixture
def store():
    with RedisLite(":memory:") as opened:
        yield opened


def test_the_first_program_works_in_a_directory_of_its_own(tmp_path):
    program = (
        "from redislite import RedisLite; store = RedisLite(); store.set('name', 'Harshad'); print(store.get('name'))"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout == "b'Harshad'\n" and done.stderr == ""
    assert (tmp_path / redislite.DEFAULT_DIRECTORY).is_dir()


def test_the_version_is_that_of_the_header():
    header = (pathlib.Path(os.environ["REDISLITE_SOURCE_DIR"]) / "include" / "redislite.h").read_text()
    numbers = re.findall(r"^#define RL_VERSION_(?:MAJOR|MINOR|PATCH) (\d+)$", header, re.M)
    project = (pathlib.Path(__file__).parent.parent / "pyproject.toml").read_text()
    assert redislite.__version__ == ".".join(numbers) == re.search(r'^version = "(.*?)"', project, re.M).group(1)


def test_what_is_set_is_there_after_reopening(tmp_path):
    with RedisLite(tmp_path / "store") as store:
        store.set("name", "Ada")
        store[b"\0"] = b"\r\n\0"
    with RedisLite(tmp_path / "store", appendfsync="everysec") as store:
        assert store.get("name") == b"Ada" and store[b"\0"] == b"\r\n\0"


def test_every_code_has_a_class_of_its_own():
    codes = {name: getattr(lib, name) for name in dir(lib) if name.startswith("RL_ERR_")}
    classes = {
        found.code: found
        for found in vars(redislite).values()
        if isinstance(found, type) and issubclass(found, redislite.Error) and "code" in vars(found)
        if found is not redislite.Error
    }
    assert sorted(classes) == sorted(codes.values())
    for found in classes.values():
        assert issubclass(found, redislite.Error)


def test_errors_have_their_class_code_and_text(tmp_path, store):
    with pytest.raises(redislite.NotFoundError) as caught:
        RedisLite(tmp_path / "none", create=False)
    assert caught.value.code == lib.RL_ERR_NOT_FOUND and isinstance(caught.value, FileNotFoundError)
    with pytest.raises(redislite.InvalidError, match="appendfsync"):
        RedisLite(":memory:", appendfsync="sometimes")
    store.rpush("list", "a")
    with pytest.raises(redislite.WrongTypeError, match="WRONGTYPE"):
        store.get("list")
    with pytest.raises(redislite.WrongTypeError):
        store.incr("list")
    with pytest.raises(redislite.NumberError, match="not an integer"):
        store.set("k", "v") and store.incr("k")
    with pytest.raises(redislite.CommandError, match="unknown command"):
        store.execute("NOSUCH")
    with pytest.raises(redislite.CommandError):
        store.execute("SUBSCRIBE", "c")
    for value in (None, True, object()):
        with pytest.raises(TypeError):
            store.set("k", value)
    with RedisLite(tmp_path / "busy"):
        with pytest.raises(redislite.BusyError, match=str(os.getpid())):
            RedisLite(tmp_path / "busy")


def test_a_closed_store_says_so_and_closing_twice_is_nothing(tmp_path):
    store = RedisLite(tmp_path / "store")
    batch, session = store.batch(), store.session()
    store.close()
    store.close()
    assert store.closed
    for call in (lambda: store.get("k"), lambda: store.set("k", "v"), lambda: len(store), store.session, store.sync):
        with pytest.raises(redislite.ClosedError):
            call()
    with pytest.raises(redislite.ClosedError):
        batch.set("k", "v")
    assert not session.feed(b"PING\r\n")


def test_a_mapping_from_keys_to_strings(store):
    assert isinstance(store, collections.abc.MutableMapping)
    model = {b"k%d" % number: b"v%d" % number for number in range(500)}
    store.update(model)
    assert len(store) == 500 and set(store) == set(model) and dict(store.items()) == model
    assert sorted(store.values()) == sorted(model.values()) and set(store.keys()) == set(model)
    assert "k1" in store and "none" not in store and None not in store
    del store["k1"]
    for call in (lambda: store["k1"], lambda: store.pop("k1"), lambda: store.__delitem__("k1")):
        with pytest.raises(KeyError):
            call()
    assert store.get("k1", b"other") == b"other" and store.pop("k1", 5) == 5 and store.pop("k2") == b"v2"
    assert store.setdefault("k3", "no") == b"v3" and store.setdefault("k1", "new") == b"new"
    name, value = store.popitem()
    assert name not in store and value
    store.clear()
    assert len(store) == 0 and bool(store)
    with pytest.raises(KeyError):
        store.popitem()


def test_values_of_any_size_and_kind(store):
    for size in (0, 1, 4095, 4096, 4097, 65536, 1_000_000):
        value = os.urandom(size)
        store.set("k", value)
        assert store.get("k") == value
        view = store.view("k")
        assert view.readonly and bytes(view) == value
    store.delete("k")
    assert bytes(view) == value  # what was looked at stays
    assert store.view("k") is None and store.set("other", 1)
    for key in ("ä", "ä".encode(), bytearray("ä".encode()), memoryview("ä".encode())):
        store.set(key, "v")
        assert store.get(key) == b"v" and store.dbsize() == 2
    with pytest.raises(UnicodeEncodeError):
        store.get("\ud800")
    kept = {"ä": "ä".encode(), -5: b"-5", 1.5: b"1.5", memoryview(b"y"): b"y", b"b": b"b"}
    for value, kept in [*kept.items(), (bytearray(b"x"), b"x")]:
        store.set("k", value)
        assert store.get("k") == kept


def test_a_value_that_changes_its_size_meanwhile_is_got_whole(store):
    values = [bytes([number]) * size for number, size in enumerate((0, 10, 4096, 5000, 9000, 200_000))]
    store.set("k", values[0])
    ended = threading.Event()

    def change():
        while not ended.is_set():
            for value in values:
                store.set("k", value)

    thread = threading.Thread(target=change)
    thread.start()
    try:
        for _ in range(3000):
            assert store.get("k") in values
    finally:
        ended.set()
        thread.join()


def test_decoding(tmp_path):
    with RedisLite(":memory:", decode_responses=True) as store:
        store.set("k", "ä")
        store.hset("h", mapping={"f": "v"})
        assert store.get("k") == "ä" and store.hgetall("h") == {"f": "v"} and sorted(store) == ["h", "k"]


def test_commands_answer_as_redis_py_does(store):
    assert store.set("k", 1, nx=True) is True and store.set("k", 2, nx=True) is None
    assert store.set("k", 3, get=True) == b"1"
    assert store.expire("k", 100) is True and 0 < store.ttl("k") <= 100 and store.persist("k") is True
    assert store.incr("k") == 4 and store.decr("k", 2) == 2 and store.incrbyfloat("k", 0.5) == 2.5
    assert store.mset({"a": 1, "b": 2}) is True and store.mget("a", "b", "c") == [b"1", b"2", None]
    assert store.mget(["a", "b"]) == [b"1", b"2"] and store.exists("a", "b", "c") == 2
    assert store.rpush("l", 1, 2, 3) == 3 and store.lrange("l", 0, -1) == [b"1", b"2", b"3"]
    assert store.lpop("l") == b"1" and store.lpop("l", 2) == [b"2", b"3"] and store.lpop("l") is None
    assert store.hset("h", "f", 1) == 1 and store.hset("h", mapping={"g": 2}) == 1
    assert store.hgetall("h") == {b"f": b"1", b"g": b"2"} and store.hexists("h", "f") is True
    assert store.sadd("s", "a", "b") == 2 and store.smembers("s") == {b"a", b"b"}
    assert store.smismember("s", ["a", "c"]) == [True, False]
    assert store.zadd("z", {"a": 1, "b": 2.5}) == 2 and store.zscore("z", "b") == 2.5
    assert store.zrange("z", 0, -1, withscores=True) == [(b"a", 1.0), (b"b", 2.5)]
    assert store.zrange("z", 0, -1) == [b"a", b"b"] and store.zpopmin("z") == [(b"a", 1.0)]
    assert store.zunion({"z": 2}, withscores=True) == [(b"b", 5.0)]
    assert store.type("z") == "zset" and store.object("encoding", "z") == b"listpack"
    assert store.setbit("bits", 7, 1) == 0 and store.bitcount("bits") == 1
    assert store.sort("l") == [] and store.ping() == "PONG" and store.config_get("maxmemory") == {b"maxmemory": b"0"}
    assert store.info("server")["redis_version"].startswith("7.2") and store.info()["db0"]["keys"] == len(store)
    assert store.execute("SET", "k", "v") == "OK" and store.execute("HGETALL", "none") == {}
    assert store.flushdb() is True and store.dbsize() == 0


def test_commands_of_operators_take_what_redis_py_gives_them(store):
    store.set("k", "v" * 100)
    assert store.memory_usage("k") > 100 and store.memory_usage("k", samples=5) and store.memory_usage("none") is None
    assert store.memory_purge() is True and store.memory_stats()[b"keys.count"] == 1
    assert store.config_set("slowlog-log-slower-than", 0) is True and store.set("k", 1)
    assert store.slowlog_len() > 0 and len(store.slowlog_get(1)) == 1 and store.slowlog_reset() is True
    assert store.latency_latest() == [] and store.latency_reset() == 0 and store.latency_history("command") == []
    assert store.wait(0, 10) == 0 and store.waitaof(0, 0, 0) == [0, 0] and store.role()[0] == b"master"
    assert store.acl_whoami() == b"default" and store.acl_users() == [b"default"] and len(store.acl_list()) == 1
    assert store.replicaof("NO", "ONE") is True and store.slaveof() is True
    assert "Redis" in store.lolwut() and "Redis" in store.lolwut(5)
    for report in (store.memory_doctor(), store.latency_doctor(), store.memory_malloc_stats()):
        assert isinstance(report, str)
    store.geoadd("g", (13.361389, 38.115556, "Palermo"))
    assert store.georadius_ro("g", 15, 37, 200, "km") == store.georadiusbymember_ro("g", "Palermo", 1) == [b"Palermo"]


def test_places(store):
    assert store.geoadd("g", [13.361389, 38.115556, "Palermo", 15.087269, 37.502669, "Catania"]) == 2
    assert round(store.geodist("g", "Palermo", "Catania", unit="km")) == 166
    assert store.geodist("g", "Palermo", "none") is None and store.geopos("g", "none") == [None]
    assert store.geosearch("g", longitude=15, latitude=37, radius=100, unit="km") == [b"Catania"]
    assert len(store.geosearch("g", member="Palermo", width=400, height=400, unit="km", withdist=True)) == 2
    assert store.geosearchstore("near", "g", longitude=15, latitude=37, radius=100, unit="km") == 1
    assert store.georadius("g", 15, 37, 200, unit="km", sort="ASC") == [b"Catania", b"Palermo"]
    with pytest.raises(ValueError):
        store.geosearch("g", radius=1)


def test_scans_give_each_element_once(store):
    members = {b"m%d" % number for number in range(1000)}
    for member in members:
        store.set(member, 1)
    store.sadd("s", *members)
    store.hset("h", mapping={member: 1 for member in members})
    store.zadd("z", {member: 1 for member in members})
    for found in (store.scan_iter(match="m*"), store.sscan_iter("s"), (f for f, _ in store.hscan_iter("h", count=7))):
        listed = list(found)
        assert len(listed) == len(members) and set(listed) == members
    assert {member for member, score in store.zscan_iter("z") if score == 1.0} == members
    assert list(store.scan_iter(_type="hash")) == [b"h"]


def test_a_batch_happens_as_a_whole(store):
    with store.batch() as batch:
        batch.set("k", 1).incrby("k", 4).hset("h", mapping={"f": 1})
        batch.zrange("none", 0, -1)
        assert len(batch) == 4 and len(store) == 0
    assert batch.replies == [True, 5, 1, []] and len(batch) == 0
    with pytest.raises(RuntimeError, match="left"):
        with store.batch() as batch:
            batch.flushall()
            raise RuntimeError("left")
    assert len(store) == 2
    batch = store.batch()
    with pytest.raises(redislite.CommandError):
        batch.execute("SET", "k")
    batch.set("k", "x").rpush("k", 1).set("l", "y")
    assert isinstance(batch.commit(raise_on_error=False)[1], redislite.WrongTypeError)
    with pytest.raises(redislite.WrongTypeError):
        batch.rpush("k", 1).commit()


def test_time_is_what_the_clock_says():
    clock = ManualClock()
    with RedisLite(":memory:", clock=clock, reaper_interval_ms=0) as store:
        store.set("k", "v", px=1000)
        clock.advance(999)
        assert store.pttl("k") == 1
        clock.advance(1)
        assert store.get("k") is None and store.ttl("k") == -2


def test_a_snapshot_a_backup_and_a_check(tmp_path):
    said, seen = [], []
    with RedisLite(tmp_path / "store", log=lambda level, text: said.append((level, text))) as store:
        store.update({f"k{number}": number for number in range(3000)})
        store.snapshot()
        store.sync()
        assert store.backup(tmp_path / "copy", progress=lambda done, total: seen.append((done, total))) is True
        assert store.backup(tmp_path / "no", progress=lambda done, total: False) is False
        with pytest.raises(ZeroDivisionError):
            store.backup(tmp_path / "no", progress=lambda done, total: 1 // 0)
        assert not (tmp_path / "no").exists()
        with pytest.raises(redislite.InvalidError):
            store.backup(tmp_path / "copy")
        with pytest.raises(redislite.BusyError):
            redislite.check(tmp_path / "store")
    assert seen[-1] == (3000, 3000)
    with RedisLite(tmp_path / "copy", read_only=True) as copy:
        assert len(copy) == 3000 and copy["k7"] == b"7"
        with pytest.raises(redislite.ReadOnlyError):
            copy.set("k", "v")
    assert redislite.check(tmp_path / "store")["ok"] is True
    snapshot = next((tmp_path / "store").glob("snapshot-*"))
    damaged = bytearray(snapshot.read_bytes())
    damaged[len(damaged) // 2] ^= 1
    snapshot.write_bytes(damaged)
    assert redislite.check(tmp_path / "store")["ok"] is False
    with pytest.raises(redislite.CorruptError, match="snapshot"):
        RedisLite(tmp_path / "store")


def test_threads_share_a_store(tmp_path):
    with RedisLite(tmp_path / "store", appendfsync="no") as store:

        def work(number):
            for step in range(300):
                store.incr("sum")
                store.set(f"{number}", step)
                assert store.get(f"{number}") == b"%d" % step

        threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert store.get("sum") == b"2400"


def test_a_blocking_call_lets_others_work(store):
    found = []
    thread = threading.Thread(target=lambda: found.append(store.blpop("queue", 30)))
    thread.start()
    while thread.is_alive():
        if store.llen("queue") == 0 and not found:
            store.rpush("queue", "job")
        thread.join(0.01)
    assert found == [[b"queue", b"job"]]


def test_closing_ends_a_blocking_call(tmp_path):
    store, raised = RedisLite(tmp_path / "store"), []
    started = threading.Event()

    def wait():
        started.set()
        try:
            store.blpop("queue", 0)
        except redislite.ClosedError as error:
            raised.append(error)

    thread = threading.Thread(target=wait)
    thread.start()
    started.wait()
    store.close()
    thread.join(30)
    assert len(raised) == 1


def test_a_forked_child_gets_an_error_and_may_open_another(tmp_path):
    program = """
import os, sys, redislite
store = redislite.RedisLite(sys.argv[1])
store.set("k", "v")
child = os.fork()
if child == 0:
    failed = 0
    for call in (lambda: store.get("k"), lambda: store.set("k", "w"), store.session, store.batch):
        try:
            call()
        except redislite.ForkedError:
            failed += 1
    with redislite.RedisLite(sys.argv[2]) as other:
        other.set("k", "child")
    store.close()
    os._exit(0 if failed == 4 else 1)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert store.get("k") == b"v"
store.set("k", "after")
store.close()
assert redislite.RedisLite(sys.argv[1]).get("k") == b"after"
"""
    subprocess.run([sys.executable, "-c", program, tmp_path / "one", tmp_path / "two"], check=True, timeout=60)


def test_what_is_forgotten_is_closed(tmp_path):
    for _ in range(50):
        RedisLite(tmp_path / "store", appendfsync="no").set("k", "v")
    with RedisLite(tmp_path / "store") as store:
        store.session()
        store.batch().set("k", "w")
        assert store["k"] == b"v"


def test_memory_does_not_grow_with_calls(store):
    import resource

    def some():
        for _ in range(300):
            store.set("k", b"x" * 100_000)
            store.get("k"), store.view("k"), store.execute("GET", "k")
            store.batch().set("k", b"y" * 1000).commit()
            store.session().feed(b"PING\r\n")
            with pytest.raises(redislite.Error):
                store.execute("NOSUCH")

    some()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        some()
    # 1,500 rounds of 400 KB each would be 600 MB.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


def test_every_command_of_the_table_is_a_method_or_belongs_to_a_session(store):
    methods = {name for name, _ in inspect.getmembers(RedisLite, inspect.isfunction)}
    sessions = "auth client discard exec hello monitor multi psubscribe punsubscribe quit reset select ssubscribe"
    sessions = set(sessions.split()) | {"subscribe", "sunsubscribe", "unsubscribe", "unwatch", "watch"}
    names = {name.decode() for name in store.command_list()}
    for name in sorted(names):
        method = {"del": "delete"}.get(name, name.replace("|", "_"))
        if "|" in name:
            method = method if method in methods else name.split("|")[0]
        if name.split("|")[0] in sessions or name.endswith("|help"):
            continue
        assert method in methods or any(each.startswith(method + "_") for each in methods), name
