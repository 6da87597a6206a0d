"""The methods for the commands take what those of redis-py take, by the same names in the same order."""

import inspect

import pytest
import redis

from redislite._commands import AsyncCommands, BatchCommands, Commands

# redis-py builds an object of BITFIELD, gives COMMAND INFO no names, and refuses LATENCY GRAPH.
OTHERWISE = {"bitfield", "bitfield_ro", "command_info", "latency_graph"}
# redis-py has no such methods. The families take the words behind their name: memory("USAGE", key).
OWN = {"acl", "debug", "georadius_ro", "georadiusbymember_ro", "latency", "memory", "slowlog"}
METHODS = {name: method for name, method in inspect.getmembers(Commands, inspect.isfunction) if name != "_run"}


def parameters(method):
    return list(inspect.signature(method).parameters.values())


@pytest.mark.parametrize("name", sorted(set(METHODS) - OTHERWISE))
def test_a_method_is_called_as_that_of_redis_py(name):
    theirs = getattr(redis.Redis, name, None)
    if theirs is None:
        assert name in OWN, f"redis-py has no {name}"
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
