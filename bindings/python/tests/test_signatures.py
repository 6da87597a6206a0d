"""The methods for the commands take what those of redis-py take, by the same names in the same order."""

import inspect

import pytest
import redis

from redislite._commands import AsyncCommands, BatchCommands, Commands

# redis-py builds an object of BITFIELD, and gives COMMAND INFO no names.
OTHERWISE = {"bitfield", "bitfield_ro", "command_info"}
# Those of a server's operator take their words as they are: slowlog_get("10"), memory("USAGE", key).
PLAIN = {
    *("acl", "acl_list", "acl_users", "acl_whoami", "bgrewriteaof", "latency", "latency_doctor", "latency_graph"),
    *("latency_history", "latency_latest", "latency_reset", "lolwut", "memory", "memory_doctor"),
    *("memory_malloc_stats", "memory_purge", "memory_stats", "memory_usage", "role", "shutdown", "slaveof"),
    *("slowlog", "slowlog_get", "slowlog_len", "slowlog_reset", "wait", "waitaof"),
}
METHODS = {name: method for name, method in inspect.getmembers(Commands, inspect.isfunction) if name != "_run"}


def parameters(method):
    return list(inspect.signature(method).parameters.values())


@pytest.mark.parametrize("name", sorted(PLAIN))
def test_an_operators_method_takes_its_words_as_they_are(name):
    assert [each.kind for each in parameters(METHODS[name])][1:] == [inspect.Parameter.VAR_POSITIONAL]


@pytest.mark.parametrize("name", sorted(set(METHODS) - OTHERWISE - PLAIN))
def test_a_method_is_called_as_that_of_redis_py(name):
    theirs = getattr(redis.Redis, name, None)
    if theirs is None:
        assert name in ("debug", "georadius_ro", "georadiusbymember_ro"), f"redis-py has no {name}"
        return
    ours = parameters(METHODS[name])
    in_order = [each for each in ours if each.kind is not each.KEYWORD_ONLY]
    by_name = {each.name for each in ours} - {each.name for each in in_order}
    names = [(each.name, each.kind) for each in parameters(theirs)]
    assert [(each.name, each.kind) for each in in_order] == names[: len(in_order)]
    assert by_name <= {each for each, _ in names}


def test_every_kind_of_caller_has_the_same_methods():
    for kind in (AsyncCommands, BatchCommands):
        for name, method in METHODS.items():
            assert [each.name for each in parameters(getattr(kind, name))] == [each.name for each in parameters(method)]
