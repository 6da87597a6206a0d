"""redis-py's asyncio client in process: `redislite.asyncio.Redis("data")` is a `redis.asyncio.Redis`.

Nothing blocks the loop: a command is done when it is sent, and what must wait (for a sync of the device, for a key, for
a message) is announced by the session's descriptor."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Iterable
from typing import Any

import redis.asyncio.lock
from redis.asyncio.connection import AbstractConnection

from ._session import Session
from ._store import DEFAULT_DIRECTORY, RedisLite
from .redispy import (
    CLIENT_ARGUMENTS,
    LockWithoutScripts,
    Options,
    StoreOfPool,
    connection_arguments,
    url_arguments,
)


class SessionStream:
    """The two ends that redis-py has of a connection: a real StreamReader, and this as the writer."""

    def __init__(self, session: Session) -> None:
        self.reader = asyncio.StreamReader()
        self._session: Session | None = session
        self._loop = asyncio.get_running_loop()
        self._descriptor = session.fd()
        self._loop.add_reader(self._descriptor, self._pump)

    @property
    def transport(self) -> SessionStream:
        return self

    def _pump(self) -> None:
        """Gives the reader what is ready, or the end."""
        while self._session is not None:
            data = self._session.take()
            if data is None:
                self._loop.remove_reader(self._descriptor)
                self.reader.feed_eof()
                return
            if not data:
                return
            self.reader.feed_data(data)

    def write(self, data: bytes) -> None:
        if self._session is None or not self._session.feed(data):
            self._pump()
            raise ConnectionResetError("the session is over")
        self._pump()

    def writelines(self, data: Iterable[bytes]) -> None:
        self.write(b"".join(data))

    async def drain(self) -> None:
        """What was written is with the session."""

    def is_closing(self) -> bool:
        return self._session is None

    def close(self) -> None:
        session, self._session = self._session, None
        if session is not None:
            if not self._loop.is_closed():
                self._loop.remove_reader(self._descriptor)
            session.close()
            if not self.reader.at_eof():
                self.reader.feed_eof()

    abort = close

    async def wait_closed(self) -> None:
        """It is closed when close() returns."""

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        return default


class Connection(AbstractConnection):
    """A connection of redis.asyncio that is a session of a store. `store` comes from the pool."""

    host: Any = None
    port = 0

    def __init__(self, *, store: StoreOfPool, **arguments: Any) -> None:
        self._store = store
        super().__init__(**arguments)

    def repr_pieces(self) -> list[tuple[str, Any]]:
        pieces = [("store", self._store.path), ("db", self.db)]
        return pieces + ([("client_name", self.client_name)] if self.client_name else [])

    def _connection_arguments(self) -> dict[str, Any]:
        return {}

    async def _connect(self) -> None:
        # Opening may recover, which takes as long as there is log to read.
        found = await asyncio.get_running_loop().run_in_executor(None, self._store.session_or_socket)
        self._writer: Any
        if isinstance(found, Session):
            stream = SessionStream(found)
            self._reader, self._writer = stream.reader, stream
        else:
            self._reader, self._writer = await asyncio.open_unix_connection(sock=found)

    def _host_error(self) -> str:
        return self._store.path


class ConnectionPool(redis.asyncio.ConnectionPool):
    """redis.asyncio's pool, of connections to the store at `path`, or to a RedisLite that is open."""

    def __init__(
        self,
        path: str | os.PathLike[str] | RedisLite[Any] = DEFAULT_DIRECTORY,
        *,
        options: Options | None = None,
        shared: bool = False,
        connection_class: type[AbstractConnection] = Connection,
        max_connections: int | None = None,
        **arguments: Any,
    ) -> None:
        self.store = arguments.pop("store", None) or StoreOfPool(path, options, shared)
        arguments = connection_arguments({"store": self.store, **arguments})
        super().__init__(connection_class, max_connections, **arguments)

    @classmethod
    def from_url(cls, url: str, **arguments: Any) -> ConnectionPool:
        path, found, options = url_arguments(url)
        given = dict(arguments.pop("options", {}))
        return cls(path, options={**given, **options}, **{**arguments, **found})

    async def disconnect(self, *arguments: Any, **more: Any) -> None:
        await super().disconnect(*arguments, **more)
        self.store.release()


class Lock(LockWithoutScripts, redis.asyncio.lock.Lock):  # type: ignore[misc]
    async def _if_owned(self, client: Any, name: Any, token: Any, change: Callable[[Any, int], object]) -> bool:
        async def attempt(pipe: Any) -> None:
            owner, left_ms = await pipe.execute_command("GET", name, NEVER_DECODE=True), await pipe.pttl(name)
            pipe.multi()
            if owner == client.get_encoder().encode(token):
                change(pipe, left_ms)

        return any(await client.transaction(attempt, name))


class Redis(redis.asyncio.Redis):
    """A `redis.asyncio.Redis` on the store at `path`, in this process; arguments as redislite.Redis has them."""

    def __init__(
        self,
        path: str | os.PathLike[str] | RedisLite[Any] = DEFAULT_DIRECTORY,
        *,
        options: Options | None = None,
        shared: bool = False,
        connection_pool: Any = None,
        **arguments: Any,
    ) -> None:
        own = {name: arguments.pop(name) for name in CLIENT_ARGUMENTS if name in arguments}
        is_ours = connection_pool is None
        pool = connection_pool or ConnectionPool(path, options=options, shared=shared, **arguments)
        super().__init__(connection_pool=pool, **own)
        self.auto_close_connection_pool = is_ours

    def lock(
        self,
        name: Any,
        timeout: float | None = None,
        sleep: float = 0.1,
        blocking: bool = True,
        blocking_timeout: float | None = None,
        lock_class: Any = None,
        *arguments: Any,
        **more: Any,
    ) -> Any:
        """redis-py's, of a lock that does without Lua."""
        return super().lock(name, timeout, sleep, blocking, blocking_timeout, lock_class or Lock, *arguments, **more)

    @classmethod
    def from_url(cls, url: str, **arguments: Any) -> Redis:  # type: ignore[override]
        made = cls(connection_pool=ConnectionPool.from_url(url, **arguments))
        made.auto_close_connection_pool = True
        return made
