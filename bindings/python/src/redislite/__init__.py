"""RedisLite: Redis' data types inside your process, kept in a directory as SQLite keeps a file.

    from redislite import RedisLite

    store = RedisLite("data")
    store.set("name", "Harshad")      # on the device when it returns
    print(store.get("name"))

With redis-py installed, `redislite.Redis` and `redislite.asyncio.Redis` are its clients on such a store."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import (
    BusyError,
    ClosedError,
    CommandError,
    CorruptError,
    Error,
    ForkedError,
    FullError,
    InvalidError,
    IOFailedError,
    LimitError,
    MaxMemoryError,
    NotFoundError,
    NumberError,
    OutOfMemoryError,
    ReadOnlyError,
    StorageError,
    VersionError,
    WrongTypeError,
)
from ._redislite import ffi as _ffi
from ._redislite import lib as _lib
from ._session import Session
from ._store import DEFAULT_DIRECTORY, Batch, ManualClock, RedisLite, check

if TYPE_CHECKING:
    from .redispy import ConnectionPool, Redis

__version__: str = _ffi.string(_lib.rl_version()).decode()

__all__ = [
    "DEFAULT_DIRECTORY",
    "Batch",
    "BusyError",
    "ClosedError",
    "CommandError",
    "ConnectionPool",
    "CorruptError",
    "Error",
    "ForkedError",
    "FullError",
    "IOFailedError",
    "InvalidError",
    "LimitError",
    "ManualClock",
    "MaxMemoryError",
    "NotFoundError",
    "NumberError",
    "OutOfMemoryError",
    "ReadOnlyError",
    "Redis",
    "RedisLite",
    "Session",
    "StorageError",
    "VersionError",
    "WrongTypeError",
    "check",
]


def __getattr__(name: str) -> Any:
    """redis-py is imported when its clients are asked for, and need not be there before."""
    if name in ("Redis", "ConnectionPool"):
        from . import redispy

        return getattr(redispy, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
