"""redis-py in process: its own clients and pools, on connections that are sessions of a store instead of sockets.

`Redis("data")` is a `redis.Redis`. Everything that it does with a connection it does with these: pipelines, WATCH,
pub/sub, blocking commands, RESP2 and RESP3, hiredis's parser and the pure one. What redis-py needs of a connection are
its documented extension points, connection_class and AbstractConnection; nothing is patched."""

from __future__ import annotations

import errno
import os
import select
import socket
import threading
import time
import urllib.parse
from collections.abc import Callable, Mapping
from typing import Any

import redis.lock
from redis.connection import AbstractConnection

from ._errors import BusyError, Error
from ._server import NAME
from ._session import Session
from ._store import DEFAULT_DIRECTORY, RedisLite, opened_store

Options = Mapping[str, "str | int | bool"]

# A reply that waits for a sync comes within this; what waits longer waits on the descriptor, without the lock.
_SHORT_WAIT_MS = 5
# How long a shared store is tried to be opened or connected to, and how often: a process that has died over it leaves
# nobody for a moment.
_TAKEOVER_SECONDS = 10
_RETRY_SECONDS = 0.01
# How often a waiting thread looks whether another one has closed its connection.
_LONG_WAIT_MS = 100


def connection_arguments(arguments: dict[str, Any]) -> dict[str, Any]:
    """Newer versions of redis-py give up after some seconds by default, which a slow device may take; and ask a server
    to announce its maintenance, by the name of its host, which is not there."""
    arguments = {"socket_timeout": None, **arguments}
    try:
        from redis.maint_notifications import MaintNotificationsConfig
    except ImportError:
        return arguments
    return {"maint_notifications_config": MaintNotificationsConfig(enabled=False), **arguments}


class StoreOfPool:
    """The store behind a pool: given, or opened at the first connection and let go when the pool is closed.

    Pools on the same directory share one store, also with a RedisLite that is open there. With `shared` other processes
    do, too: the one that opens the directory serves those that cannot."""

    def __init__(
        self, path: str | os.PathLike[str] | RedisLite[Any], options: Options | None, shared: bool = False
    ) -> None:
        self.shared = shared
        self._given = isinstance(path, RedisLite)
        self._store: RedisLite[Any] | None = path if isinstance(path, RedisLite) else None
        self.path = path.path if isinstance(path, RedisLite) else os.fspath(path)
        self._options = dict(options or {})
        self._lock = threading.Lock()

    def __repr__(self) -> str:
        return self.path

    def open(self) -> RedisLite[Any]:
        with self._lock:
            store = self._store
            if store is None or (not self._given and (store.closed or store.process != os.getpid())):
                store = self._store = opened_store(self.path, self._options)
            return store

    def session_or_socket(self) -> Session | socket.socket:
        """A session of the store or, when it is shared and another process has it, a connection to that one."""
        if not self.shared:
            return open_session(self)
        deadline = time.monotonic() + _TAKEOVER_SECONDS
        while True:
            try:
                store = self.open()
                store.serve()
                return store.session()
            except BusyError as error:
                # It may be opening, or dying: then its socket is not there yet, or no longer.
                sock = socket.socket(socket.AF_UNIX)
                try:
                    sock.connect(os.path.join(self.path, NAME))
                    return sock
                except (FileNotFoundError, ConnectionRefusedError):
                    sock.close()
                    if time.monotonic() > deadline:
                        raise redis.ConnectionError(f"{self.path}: {error}") from error
                    time.sleep(_RETRY_SECONDS)
                except OSError as failure:
                    sock.close()
                    raise redis.ConnectionError(f"{self.path}: {failure}") from failure
            except Error as error:
                raise redis.ConnectionError(f"{self.path}: {error}") from error

    def release(self) -> None:
        """A store in memory is what it is as long as the pool lives; one on disk can be opened again."""
        with self._lock:
            if not self._given and self.path != ":memory:":
                self._store = None


def open_session(store: StoreOfPool) -> Session:
    try:
        return store.open().session()
    except Error as error:
        raise redis.ConnectionError(f"{store.path}: {error}") from error


class SessionSocket:
    """What redis-py sees of a socket. One thread may send while another receives, as with a socket."""

    def __init__(self, session: Session, timeout: float | None) -> None:
        self._session = session
        self._timeout = timeout
        self._lock = threading.Lock()
        self._closed = False

    def sendall(self, data: bytes) -> None:
        with self._lock:
            if self._closed or not self._session.feed(bytes(data)):
                raise BrokenPipeError("the session is over")

    def recv(self, size: int, how: int = 0) -> bytes:
        found: list[bytes] = []

        def take() -> int | None:
            data = self._session.peek(size) if how & socket.MSG_PEEK else self._session.take(size)
            found[:] = [data or b""]
            return None if data is None else len(data)

        return found[0] if self._receive(take) else b""

    def recv_into(self, buffer: Any, size: int = 0, how: int = 0) -> int:
        view = memoryview(buffer)
        # Most replies are there when they are asked for.
        with self._lock:
            taken = 0 if self._closed else self._session.take_into(view[:size] if size else view)
        if taken:
            return taken
        return self._receive(lambda: self._session.take_into(view[:size] if size else view))

    def _receive(self, take: Any) -> int:
        """How many bytes were taken; 0 at the end of the session."""
        deadline = None if self._timeout is None else time.monotonic() + self._timeout
        short_wait_ms = _SHORT_WAIT_MS if self._timeout is None else min(_SHORT_WAIT_MS, int(self._timeout * 1000))
        while True:
            with self._lock:
                if self._closed:
                    return 0
                if not self._session.pending():
                    self._session.wait(short_wait_ms)
                taken: int | None = take()
                if taken is None:
                    return 0
                if taken:
                    return taken
                descriptor = self._session.fd()
            left_ms = _LONG_WAIT_MS
            if deadline is not None:
                left_ms = min(left_ms, int((deadline - time.monotonic()) * 1000))
                if left_ms <= 0:
                    if self._timeout == 0:
                        raise BlockingIOError(errno.EWOULDBLOCK, "nothing to read")
                    raise TimeoutError("timed out")
            poller = select.poll()
            poller.register(descriptor, select.POLLIN)
            poller.poll(left_ms)
            short_wait_ms = 0

    def pending(self) -> bool:
        with self._lock:
            return not self._closed and self._session.pending()

    def readable(self) -> bool:
        """Something to read, or the end; without a descriptor and a system call."""
        with self._lock:
            return self._closed or self._session.readable()

    def settimeout(self, timeout: float | None) -> None:
        self._timeout = timeout

    def gettimeout(self) -> float | None:
        return self._timeout

    def setblocking(self, blocking: bool) -> None:
        self._timeout = None if blocking else 0

    def setsockopt(self, *option: Any) -> None:
        """There is nothing to set."""

    def fileno(self) -> int:
        with self._lock:
            return -1 if self._closed else self._session.fd()

    def getpeername(self) -> str:
        return "redislite"

    getsockname = getpeername

    def shutdown(self, how: int) -> None:
        self._closed = True
        self._session.interrupt()

    def close(self) -> None:
        self._closed = True
        self._session.interrupt()
        with self._lock:
            self._session.close()


class Connection(AbstractConnection):
    """A connection of redis-py that is a session of a store. `store` comes from the pool."""

    host: Any = None
    port = 0

    def __init__(self, store: StoreOfPool, **arguments: Any) -> None:
        self._store = store
        super().__init__(**arguments)

    def repr_pieces(self) -> list[tuple[str, Any]]:
        pieces = [("store", self._store.path), ("db", self.db)]
        return pieces + ([("client_name", self.client_name)] if self.client_name else [])

    def _connect(self) -> Any:
        found = self._store.session_or_socket()
        if isinstance(found, Session):
            return SessionSocket(found, self.socket_timeout)
        found.settimeout(self.socket_timeout)
        return found

    def _host_error(self) -> str:
        return self._store.path

    def can_read(self, timeout: float = 0) -> Any:
        # A pool asks at every checkout, and hiredis's parser would make a descriptor and a system call of it.
        reader = getattr(self._parser, "_reader", None)
        sock = self._sock
        if timeout == 0 and hasattr(reader, "has_data") and isinstance(sock, SessionSocket):
            return reader.has_data() or sock.readable()
        return super().can_read(timeout)


def url_arguments(url: str) -> tuple[str, dict[str, Any], dict[str, str]]:
    """The path, redis-py's arguments and the store's options of redislite:///absolute, redislite://relative or
    redislite://:memory:, each with ?name=value."""
    parts = urllib.parse.urlsplit(url)
    if parts.scheme != "redislite":
        raise ValueError(f"{url}: the URL of a store begins with redislite://")
    path = urllib.parse.unquote(parts.netloc + parts.path)
    if not path:
        raise ValueError(f"{url}: the URL names no directory")
    casts: dict[str, Any] = {
        "db": int,
        "protocol": int,
        "max_connections": int,
        "health_check_interval": int,
        "socket_timeout": float,
        "shared": lambda text: text.lower() in ("1", "yes", "true", "on"),
        "decode_responses": lambda text: text.lower() in ("1", "yes", "true", "on"),
    }
    texts = {"username", "password", "client_name", "encoding", "encoding_errors"}
    arguments: dict[str, Any] = {}
    options: dict[str, str] = {}
    for name, value in urllib.parse.parse_qsl(parts.query, keep_blank_values=True):
        if name in casts:
            arguments[name] = casts[name](value)
        elif name in texts:
            arguments[name] = value
        else:
            options[name] = value
    return path, arguments, options


class ConnectionPool(redis.ConnectionPool):
    """redis-py's pool, of connections to the store at `path`, or to a RedisLite that is open."""

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

    def disconnect(self, *arguments: Any, **more: Any) -> None:
        super().disconnect(*arguments, **more)
        self.store.release()


class LockWithoutScripts:
    """What is done with a lock that is held, for redis-py's Lock to call: its scripts do it where there is Lua."""

    # (client, name, token, change): does change(pipe, the milliseconds that are left) in a transaction if the token is
    # still the lock's, and says whether it has changed anything.
    _if_owned: Callable[[Any, Any, Any, Callable[[Any, int], object]], Any]

    def register_scripts(self) -> None:
        """There are none."""

    def lua_release(self, keys: list[Any], args: list[Any], client: Any) -> Any:
        return self._if_owned(client, keys[0], args[0], lambda pipe, left_ms: pipe.delete(keys[0]))

    def lua_extend(self, keys: list[Any], args: list[Any], client: Any) -> Any:
        def extend(pipe: Any, left_ms: int) -> None:
            # What has no end cannot be extended.
            if left_ms >= 0:
                pipe.pexpire(keys[0], args[1] + (left_ms if args[2] == "0" else 0))

        return self._if_owned(client, keys[0], args[0], extend)

    def lua_reacquire(self, keys: list[Any], args: list[Any], client: Any) -> Any:
        return self._if_owned(client, keys[0], args[0], lambda pipe, left_ms: pipe.pexpire(keys[0], args[1]))


class Lock(LockWithoutScripts, redis.lock.Lock):  # type: ignore[misc]
    def _if_owned(self, client: Any, name: Any, token: Any, change: Callable[[Any, int], object]) -> bool:
        def attempt(pipe: Any) -> None:
            # Another one's token need not be text.
            owner, left_ms = pipe.execute_command("GET", name, NEVER_DECODE=True), pipe.pttl(name)
            pipe.multi()
            if owner == client.get_encoder().encode(token):
                change(pipe, left_ms)

        return any(client.transaction(attempt, name))


# What concerns the client and not its connections.
CLIENT_ARGUMENTS = ("single_connection_client", "event_dispatcher")


class Redis(redis.Redis):
    """A `redis.Redis` on the store at `path`, in this process. `options` are those of RedisLite; everything else is
    redis-py's: db, decode_responses, protocol, client_name, max_connections and so on."""

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
    def from_url(cls, url: str, **arguments: Any) -> Redis:
        made = cls(connection_pool=ConnectionPool.from_url(url, **arguments))
        made.auto_close_connection_pool = True
        return made
