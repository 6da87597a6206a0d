"""RedisLite for asyncio: the native API, whose methods are awaited and never hold the loop.

What Redis calls fast and that needs no device runs at once, on the loop's thread: it takes about as long as the switch
to another task. Everything else, writes to a directory and what looks at many elements, runs in a thread of the
store's own pool, so that writes of many tasks share one sync."""

from __future__ import annotations

import asyncio
import concurrent.futures
import functools
import os
from collections.abc import AsyncIterator, Callable, Iterable
from typing import Any, Generic, Self, TypeVar

from . import _store, _values
from ._commands import AsyncCommands
from ._errors import CommandError
from ._values import Argument, Convert, Key, Value

T = TypeVar("T", bytes, str)


class RedisLite(AsyncCommands[T], Generic[T]):
    """`async with RedisLite("data") as store: await store.set("k", "v")`. Arguments are those of redislite.RedisLite.

    A blocking command (BLPOP) is for a connection, which can give it up: redislite.asyncio.Redis has them."""

    def __init__(self, path: str | os.PathLike[str] = _store.DEFAULT_DIRECTORY, **options: Any) -> None:
        self._open = functools.partial(_store.RedisLite, path, **options)
        self._in_memory = os.fspath(path) == ":memory:"
        self._threads = concurrent.futures.ThreadPoolExecutor(thread_name_prefix="redislite")
        self._store: _store.RedisLite[T] | None = None
        self._flags: dict[str, frozenset[str]] = {}

    async def __aenter__(self) -> Self:
        self._store = await self._in_thread(self._open)
        for row in self._store.command():
            name = row[0] if isinstance(row[0], str) else row[0].decode()
            self._flags[name] = frozenset(row[2])
        return self

    async def __aexit__(self, *exception: object) -> None:
        await self.close()

    @property
    def store(self) -> _store.RedisLite[T]:
        """The same store for code that is not asynchronous."""
        if self._store is None:
            raise RuntimeError("the store is opened by `async with` or `await store.__aenter__()`")
        return self._store

    async def close(self) -> None:
        """Makes everything durable and releases the directory, when what is under way is done."""
        if self._store is not None:
            await self._in_thread(self._store.close)
        self._threads.shutdown(wait=False)

    async def _in_thread(self, call: Callable[..., Any], *arguments: Any) -> Any:
        return await asyncio.get_running_loop().run_in_executor(self._threads, call, *arguments)

    async def execute(self, *words: Argument) -> Any:
        """Runs any command, as redislite.RedisLite.execute does."""
        return await self._run(words, None)

    async def _run(self, words: Iterable[Argument], convert: Convert) -> Any:
        parts = list(words)
        name = _values.encode(parts[0]).decode("ascii", "replace").lower() if parts else ""
        flags = self._flags.get(name, frozenset())
        if "blocking" in flags:
            raise CommandError(f"{name.upper()} waits: use it with redislite.asyncio.Redis, whose connections can")
        call = functools.partial(self.store._run, parts, convert)
        if "fast" in flags and ("readonly" in flags or self._in_memory):
            return call()
        return await self._in_thread(call)

    async def set(self, name: Key, value: Value, *arguments: Any, **options: Any) -> Any:
        call = functools.partial(self.store.set, name, value, *arguments, **options)
        return call() if self._in_memory else await self._in_thread(call)

    async def commit(self, batch: _store.Batch[T]) -> list[Any]:
        """Commits a batch of `batch()`."""
        return list(await self._in_thread(batch.commit))

    def batch(self) -> _store.Batch[T]:
        """A batch, which is filled as redislite.RedisLite.batch() is, and then given to commit()."""
        return self.store.batch()

    async def scan_iter(
        self, match: Key | None = None, count: int | None = None, _type: str | None = None
    ) -> AsyncIterator[T]:
        at = 0
        while True:
            at, found = await self.scan(at, match=match, count=count, _type=_type)
            for key in found:
                yield key
            if at == 0:
                return

    async def sync(self) -> None:
        await self._in_thread(self.store.sync)

    async def snapshot(self) -> None:
        await self._in_thread(self.store.snapshot)

    async def backup(self, path: str | os.PathLike[str], progress: Callable[[int, int], object] | None = None) -> bool:
        """As redislite.RedisLite.backup; `progress` is called in another thread."""
        return bool(await self._in_thread(self.store.backup, path, progress))
