"""What goes into a command and what comes out: encoding of arguments, words of options, shapes of replies."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Mapping
from typing import Any, TypeAlias

Value: TypeAlias = str | bytes | bytearray | memoryview | int | float
Key: TypeAlias = str | bytes | bytearray | memoryview
Argument: TypeAlias = Value
Convert: TypeAlias = Callable[[Any], Any] | None


def encode(value: Argument) -> bytes:
    """The bytes that a command gets. A bool or None is refused: what would they be in a store of bytes?"""
    if isinstance(value, bytes):
        return value
    if isinstance(value, str):
        return value.encode()
    if isinstance(value, bool):
        raise TypeError("a bool is no value of RedisLite: give 0, 1 or text")
    if isinstance(value, (bytearray, memoryview)):
        return bytes(value)
    if isinstance(value, int):
        return b"%d" % value
    if isinstance(value, float):
        return repr(value).encode()
    raise TypeError(f"{type(value).__name__} is no value of RedisLite: give bytes, text or a number")


def path_bytes(path: str | bytes | os.PathLike[str]) -> bytes:
    found = os.fsencode(path)
    if b"\0" in found:
        raise ValueError("a path holds no NUL byte")
    return found


# ---- arguments of the generated methods ------------------------------------------------------------------------------


def flags(**words: bool) -> list[str]:
    """The words whose condition holds: flags(NX=True, XX=False) is ["NX"]."""
    return [word for word, is_given in words.items() if is_given]


def option(word: str, value: Argument | None) -> list[Argument]:
    return [] if value is None else [word, value]


def options(**words: Argument | None) -> list[Argument]:
    """Each word that has a value, with it."""
    return [part for word, value in words.items() for part in option(word, value)]


def listed(first: Iterable[Value] | Value, rest: tuple[Value, ...] = ()) -> list[Value]:
    """One value, a list of them, or either with more behind."""
    if isinstance(first, (str, bytes, bytearray, memoryview, int, float)):
        return [first, *rest]
    return [*first, *rest]


def counted(keys: Iterable[Value] | Value) -> list[Value]:
    found = listed(keys)
    return [len(found), *found]


def pairs(mapping: Mapping[Any, Any] | None) -> list[Any]:
    return [part for pair in (mapping or {}).items() for part in pair]


def scores(mapping: Mapping[Any, float]) -> list[Any]:
    """As ZADD has them: the score first."""
    return [part for member, score in mapping.items() for part in (score, member)]


def limit(start: int | None, num: int | None) -> list[Argument]:
    if (start is None) != (num is None):
        raise ValueError("start and num belong together")
    return [] if start is None or num is None else ["LIMIT", start, num]


def word(given: str | None) -> list[str]:
    return [] if given is None else [given]


def at_most(count: int | None, is_any: bool) -> list[Argument]:
    if is_any and count is None:
        raise ValueError("any belongs to a count")
    return [] if count is None else ["COUNT", count, *flags(ANY=is_any)]


def place(member: Value | None, longitude: float | None, latitude: float | None) -> list[Argument]:
    if member is not None and longitude is None and latitude is None:
        return ["FROMMEMBER", member]
    if member is None and longitude is not None and latitude is not None:
        return ["FROMLONLAT", longitude, latitude]
    raise ValueError("give a member, or a longitude and a latitude")


def shape(unit: str, radius: float | None, width: float | None, height: float | None) -> list[Argument]:
    if radius is not None and width is None and height is None:
        return ["BYRADIUS", radius, unit]
    if radius is None and width is not None and height is not None:
        return ["BYBOX", width, height, unit]
    raise ValueError("give a radius, or a width and a height")


def weighted(keys: Mapping[Any, float] | Iterable[Value] | Value) -> list[Any]:
    """Keys with their number, and with WEIGHTS when they are a mapping to them."""
    if isinstance(keys, Mapping):
        return [len(keys), *keys, "WEIGHTS", *keys.values()]
    return counted(keys)


# ---- shapes of replies -----------------------------------------------------------------------------------------------


def ok(reply: Any) -> Any:
    """True for OK; nil, which says that a condition did not hold, stays None, and with GET a value is one."""
    return True if isinstance(reply, str) and reply == "OK" else reply


def boolean(reply: Any) -> Any:
    return bool(reply) if isinstance(reply, int) else reply


def number(reply: Any) -> Any:
    """A float from its text; nil stays None."""
    return None if reply is None else float(reply)


def booleans(reply: Any) -> Any:
    return [bool(each) for each in reply]


def tuples(reply: Any) -> Any:
    """Rows of several values as tuples."""
    return [tuple(row) if isinstance(row, list) else row for row in reply] if isinstance(reply, list) else reply


def cursor(reply: Any) -> Any:
    return int(reply[0]), reply[1]


def cursor_pairs(reply: Any) -> Any:
    return int(reply[0]), dict(zip(reply[1][::2], reply[1][1::2]))


def cursor_scores(reply: Any) -> Any:
    return int(reply[0]), [(member, float(score)) for member, score in zip(reply[1][::2], reply[1][1::2])]


def info(reply: Any) -> dict[str, Any]:
    """INFO's lines as a dict: numbers are numbers, and a keyspace line is a dict."""
    text = reply.decode() if isinstance(reply, bytes) else str(reply)
    found: dict[str, Any] = {}
    for line in text.splitlines():
        name, colon, value = line.partition(":")
        if colon and not line.startswith("#"):
            found[name] = _fields(value) if "=" in value and "," in value else _number(value)
    return found


def _fields(text: str) -> dict[str, Any]:
    return {name: _number(value) for name, _, value in (part.partition("=") for part in text.split(","))}


def _number(text: str) -> Any:
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return text
