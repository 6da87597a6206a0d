"""RedisLite: the store, as a Python object."""

from __future__ import annotations

import atexit
import contextlib
import os
import threading
import weakref
from collections.abc import Callable, Iterable, Iterator, Mapping, MutableMapping
from importlib.machinery import ExtensionFileLoader
from importlib.util import module_from_spec, spec_from_loader
from typing import Any, Generic, Literal, Self, TypeVar, overload

from . import _redislite, _values
from ._commands import BatchCommands, Commands
from ._errors import ClosedError, Error, error_of, last_message
from ._redislite import ffi, lib
from ._server import Server
from ._session import Session
from ._values import Argument, Convert, Key, Value, encode

T = TypeVar("T", bytes, str)

DEFAULT_DIRECTORY = "redislite-data"
_NULL = ffi.NULL
_open_stores: weakref.WeakSet[RedisLite[Any]] = weakref.WeakSet()
_opening = threading.Lock()


class ManualClock:
    """A clock that stands still until it is moved: for tests of what expires. Give it to RedisLite(clock=...)."""

    def __init__(self, now_ms: int = 1_000_000_000_000) -> None:
        self.cell = ffi.new("int64_t *", now_ms)

    def advance(self, milliseconds: int) -> None:
        self.cell[0] += milliseconds


@ffi.def_extern()  # type: ignore[untyped-decorator]
def rlpy_log(ctx: Any, level: int, message: Any) -> None:
    ffi.from_handle(ctx)(("debug", "info", "warning", "error")[level], ffi.string(message).decode(errors="replace"))


class _Progress:
    """What rl_backup reports to, and what that threw."""

    def __init__(self, report: Callable[[int, int], object]) -> None:
        self.report = report
        self.thrown: BaseException | None = None


@ffi.def_extern()  # type: ignore[untyped-decorator]
def rlpy_progress(ctx: Any, done: int, total: int) -> int:
    progress: _Progress = ffi.from_handle(ctx)
    try:
        return 1 if progress.report(done, total) is False else 0
    except BaseException as thrown:  # it comes out of backup()
        progress.thrown = thrown
        return 1


def _second_module(name: str) -> Any:
    """Another module that is in the shared object of _redislite."""
    loader = ExtensionFileLoader(f"{__package__}.{name}", _redislite.__file__)
    spec = spec_from_loader(loader.name, loader)
    assert spec is not None
    module = module_from_spec(spec)
    loader.exec_module(module)
    return module


_direct = _second_module("_direct")


def arguments(words: Iterable[Argument]) -> tuple[int, Any, Any, list[Any]]:
    """argc, argv and argv_len of a command, and what must live as long as they do."""
    encoded = [encode(word) for word in words]
    buffers = [ffi.from_buffer("char[]", word) for word in encoded]
    return len(encoded), ffi.new("const char *[]", buffers), ffi.new("size_t[]", [len(e) for e in encoded]), buffers


def value_of(reply: Any, decode: bool) -> Any:
    """The Python value of a reply: a status is str, a string bytes (str when decoding), an error an exception."""
    kind = lib.rl_reply_type(reply)
    if kind == lib.RL_REPLY_STRING:
        length = ffi.new("size_t *")
        text = lib.rl_reply_string(reply, length)
        found = ffi.buffer(text, length[0])[:]
        return found.decode() if decode else found
    if kind == lib.RL_REPLY_INTEGER:
        return lib.rl_reply_integer(reply)
    if kind == lib.RL_REPLY_NIL:
        return None
    if kind == lib.RL_REPLY_STATUS:
        return ffi.string(lib.rl_reply_string(reply, _NULL)).decode()
    if kind == lib.RL_REPLY_DOUBLE:
        return lib.rl_reply_double(reply)
    if kind == lib.RL_REPLY_BOOLEAN:
        return lib.rl_reply_integer(reply) != 0
    if kind == lib.RL_REPLY_ERROR:
        text = ffi.string(lib.rl_reply_string(reply, _NULL)).decode(errors="replace")
        return error_of(lib.rl_reply_code(reply), text)
    if kind in (lib.RL_REPLY_VERBATIM, lib.RL_REPLY_BIGNUMBER):
        text = ffi.string(lib.rl_reply_string(reply, _NULL)).decode(errors="replace")
        return int(text) if kind == lib.RL_REPLY_BIGNUMBER else text
    elements = [value_of(lib.rl_reply_at(reply, index), decode) for index in range(lib.rl_reply_count(reply))]
    if kind == lib.RL_REPLY_MAP:
        return dict(zip(elements[::2], elements[1::2]))
    if kind == lib.RL_REPLY_SET:
        return set(elements)
    return elements


class RedisLite(Commands[T], Generic[T]):
    """A store in the directory `path`, or in memory only with ":memory:".

    It has redis-py's methods for the commands, is a mapping from keys to strings, and a context manager. Any number of
    threads may use it; a process that was forked may not. `options` are those of redislite.h, with underscores:
    RedisLite("data", appendfsync="everysec", maxmemory="100mb")."""

    _handle: Any = None
    _server: Server | None = None

    @overload
    def __init__(
        self: RedisLite[bytes],
        path: str | os.PathLike[str] = ...,
        *,
        decode_responses: Literal[False] = ...,
        clock: ManualClock | None = ...,
        log: Callable[[str, str], object] | None = ...,
        **options: str | int | bool,
    ) -> None: ...
    @overload
    def __init__(
        self: RedisLite[str],
        path: str | os.PathLike[str] = ...,
        *,
        decode_responses: Literal[True],
        clock: ManualClock | None = ...,
        log: Callable[[str, str], object] | None = ...,
        **options: str | int | bool,
    ) -> None: ...
    def __init__(
        self,
        path: str | os.PathLike[str] = DEFAULT_DIRECTORY,
        *,
        decode_responses: bool = False,
        clock: ManualClock | None = None,
        log: Callable[[str, str], object] | None = None,
        **options: str | int | bool,
    ) -> None:
        self.path = os.fspath(path)
        self.process = os.getpid()
        self._decode = decode_responses
        # What the library calls back, which must live as long as the store is open.
        self._kept = (clock, log, ffi.new_handle(log) if log else None)
        made = ffi.new("rl_options **")
        self._must(lib.rl_options_new(made))
        chosen = ffi.gc(made[0], lib.rl_options_free)
        for name, value in options.items():
            text = ("yes" if value else "no") if isinstance(value, bool) else str(value)
            self._must(lib.rl_options_set(chosen, name.replace("_", "-").encode(), text.encode()))
        if clock:
            self._must(lib.rlpy_set_clock(chosen, clock.cell))
        if log:
            self._must(lib.rlpy_set_log(chosen, self._kept[2]))
        opened = ffi.new("rl_db **")
        self._must(lib.rl_open(_values.path_bytes(self.path), chosen, opened))
        self._opened, self._handle = opened, opened[0]
        # The two calls that programs make most.
        address = int(ffi.cast("uintptr_t", opened))
        self._get, self._set = _direct.getter(address), _direct.setter(address)
        _open_stores.add(self)

    # ---- life --------------------------------------------------------------------------------------------------------

    @property
    def handle(self) -> Any:
        """The rl_db, for the library's functions."""
        if self._handle is None:
            raise ClosedError("the store was closed")
        return self._handle

    @property
    def closed(self) -> bool:
        return self._handle is None

    def close(self) -> None:
        """Makes everything durable and releases the directory. A second call does nothing."""
        # First of all, as stopping the server lets other threads run: they may find it still, and find it closed.
        server, self._server = self._server, None
        handle, self._handle = self._handle, None
        if handle is not None:
            self._opened[0] = _NULL
        if server is not None and self.process == os.getpid():
            server.stop()
        if handle is not None:
            code = lib.rl_close(handle)
            if code not in (lib.RL_OK, lib.RL_ERR_FORKED):
                raise error_of(code, f"{self.path}: {ffi.string(lib.rl_strerror(code)).decode()}")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def __del__(self) -> None:
        with contextlib.suppress(Error):
            self.close()

    def __repr__(self) -> str:
        return f"<RedisLite {self.path!r}{' closed' if self.closed else ''}>"

    def serve(self) -> None:
        """Lets other processes connect to the store, by a Unix socket in its directory, as long as it is open. They do
        with redislite.Redis(path, shared=True), which needs no such call; any client of Redis can."""
        self.check(lib.RL_OK if self.path != ":memory:" else lib.RL_ERR_INVALID)
        with _opening:
            if self._server is None and self.handle:
                self._server = Server(self)

    def check(self, code: int) -> int:
        """Raises when the code of a library's call is an error; gives it back when not."""
        if code < 0:
            raise error_of(code, last_message(self.handle, code))
        return code

    def _must(self, code: int) -> None:
        if code < 0:
            raise error_of(code, last_message(_NULL, code))

    # ---- commands ----------------------------------------------------------------------------------------------------

    def execute(self, *words: Argument) -> Any:
        """Runs any command. A status is a str, a string bytes (str with decode_responses); shapes are RESP3's."""
        return self._run(words, None)

    def _run(self, words: Iterable[Argument], convert: Convert) -> Any:
        argc, argv, lengths, _alive = arguments(words)
        made = ffi.new("rl_reply **")
        self.check(lib.rl_command(self.handle, argc, argv, lengths, made))
        try:
            found = value_of(made[0], self._decode)
        finally:
            lib.rl_reply_free(made[0])
        if isinstance(found, Error):
            raise found
        return convert(found) if convert else found

    def batch(self) -> Batch[T]:
        """Commands that happen together or not at all:

        with store.batch() as batch:
            batch.decrby("from", 5)
            batch.incrby("to", 5)
        """
        return Batch(self, self._decode)

    def session(self) -> Session:
        """A Redis client's connection, without a socket."""
        return Session(self)

    # The two commands that programs call most have functions of their own in the library, and a way of their own there.

    def get(self, name: Key, default: Any = None) -> Any:
        """The string at the key; `default` when there is none."""
        value = self._get(name)
        if value is NotImplemented:
            value = self._get(encode(name))
        if value is None:
            return default
        if value.__class__ is int:
            self.check(value)
        return value.decode() if self._decode else value

    def set(
        self,
        name: Key,
        value: Value,
        ex: int | None = None,
        px: int | None = None,
        nx: bool = False,
        xx: bool = False,
        keepttl: bool = False,
        get: bool = False,
        exat: int | None = None,
        pxat: int | None = None,
    ) -> Any:
        """Sets the key; True, or None when NX or XX said no, or the value before with `get`."""
        if ex is px is exat is pxat is None and not (nx or xx or keepttl or get):
            done = self._set(name, value)
            if done is NotImplemented:
                done = self._set(encode(name), encode(value))
            if done is not True:
                self.check(done)
            return True
        return super().set(name, value, ex, px, nx, xx, keepttl, get, exat, pxat)

    def view(self, name: Key) -> memoryview | None:
        """The string at the key as it was now, read-only and without a copy by Python: for large values."""
        key = encode(name)
        value, length = ffi.new("void **"), ffi.new("size_t *")
        code = lib.rl_get(self.handle, key, len(key), value, length)
        if code == lib.RL_NOT_FOUND:
            return None
        self.check(code)
        return memoryview(ffi.buffer(ffi.gc(value[0], lib.rl_buffer_free, length[0]), length[0])).toreadonly()

    # ---- iteration ---------------------------------------------------------------------------------------------------

    def scan_iter(self, match: Key | None = None, count: int | None = None, _type: str | None = None) -> Iterator[T]:
        """Every key that is there during the whole of it, once."""
        at = 0
        while True:
            at, found = self.scan(at, match=match, count=count, _type=_type)
            yield from found
            if at == 0:
                return

    def hscan_iter(self, name: Key, match: Key | None = None, count: int | None = None) -> Iterator[tuple[T, T]]:
        at = 0
        while True:
            at, found = self.hscan(name, at, match=match, count=count)
            yield from found.items()
            if at == 0:
                return

    def sscan_iter(self, name: Key, match: Key | None = None, count: int | None = None) -> Iterator[T]:
        at = 0
        while True:
            at, found = self.sscan(name, at, match=match, count=count)
            yield from found
            if at == 0:
                return

    def zscan_iter(self, name: Key, match: Key | None = None, count: int | None = None) -> Iterator[tuple[T, float]]:
        at = 0
        while True:
            at, found = self.zscan(name, at, match=match, count=count)
            yield from found
            if at == 0:
                return

    # ---- a mapping from keys to strings ------------------------------------------------------------------------------

    def __getitem__(self, name: Key) -> T:
        found: T | None = self.get(name)
        if found is None:
            raise KeyError(name)
        return found

    def __setitem__(self, name: Key, value: Value) -> None:
        self.set(name, value)

    def __delitem__(self, name: Key) -> None:
        key = encode(name)
        if self.check(lib.rl_del(self.handle, key, len(key))) == lib.RL_NOT_FOUND:
            raise KeyError(name)

    def __contains__(self, name: object) -> bool:
        if not isinstance(name, (str, bytes, bytearray, memoryview, int, float)):
            return False
        key = encode(name)
        return bool(self.check(lib.rl_exists(self.handle, key, len(key))) == lib.RL_OK)

    def __len__(self) -> int:
        keys = ffi.new("uint64_t *")
        self.check(lib.rl_count(self.handle, keys))
        return int(keys[0])

    def __bool__(self) -> bool:
        return True

    def __iter__(self) -> Iterator[T]:
        return self.scan_iter()

    def items(self) -> Iterator[tuple[T, T]]:
        """Keys that hold strings, with them."""
        for name in self.scan_iter(_type="string"):
            found = self.get(name)
            if found is not None:
                yield name, found

    def values(self) -> Iterator[T]:
        return (value for _, value in self.items())

    def update(self, other: Mapping[Any, Any] = {}, /, **more: Value) -> None:
        """All of them at once, or none."""
        merged = {**other, **more}
        if merged:
            self.mset(merged)

    def setdefault(self, name: Key, default: Value) -> T:
        self.set(name, default, nx=True)
        return self[name]

    def pop(self, name: Key, *default: Any) -> Any:
        found = self.getdel(name)
        if found is None:
            if not default:
                raise KeyError(name)
            return default[0]
        return found

    def popitem(self) -> tuple[T, T]:
        for name in self.scan_iter(_type="string"):
            found = self.getdel(name)
            if found is not None:
                return name, found
        raise KeyError("the store holds no string")

    def clear(self) -> None:
        self.flushdb()

    # ---- durability and care -----------------------------------------------------------------------------------------

    def sync(self) -> None:
        """Everything that was acknowledged before is on the device when it returns, whatever `appendfsync` says."""
        self.check(lib.rl_sync(self.handle))

    def snapshot(self) -> None:
        """Writes a snapshot, which the next open begins with, and removes the log before it."""
        self.check(lib.rl_snapshot(self.handle))

    def backup(self, path: str | os.PathLike[str], progress: Callable[[int, int], object] | None = None) -> bool:
        """Copies the store, as it stands now, into a new directory. `progress` gets the keys done and expected; when it
        answers False the copy is removed, and this is False. What it raises does the same and comes out here."""
        report = _Progress(progress) if progress else None
        handle = ffi.new_handle(report) if report else _NULL
        code = lib.rlpy_backup(self.handle, _values.path_bytes(path), handle)
        if report and report.thrown:
            raise report.thrown
        return self.check(code) == int(lib.RL_OK)

    def info(self, section: str | None = None) -> dict[str, Any]:
        """INFO, of one section or all, as a dict; "recovery" says how the store was opened."""
        text = ffi.new("char **")
        self.check(lib.rl_info(self.handle, section.encode() if section else _NULL, text, _NULL))
        try:
            return _values.info(ffi.string(text[0]).decode())
        finally:
            lib.rl_buffer_free(text[0])


MutableMapping.register(RedisLite)


class Batch(BatchCommands, Generic[T]):
    """Commands that happen together or not at all. At the end of a `with` they are committed, unless it was left by an
    exception; `replies` has what they answered. One thread at a time."""

    def __init__(self, store: RedisLite[T], decode: bool) -> None:
        made = ffi.new("rl_batch **")
        store.check(lib.rl_batch_new(store.handle, made))
        self._store: RedisLite[T] = store
        self._decode = decode
        self._handle = ffi.gc(made[0], lib.rl_batch_free)
        self._converts: list[Convert] = []
        self.replies: list[Any] = []

    def __len__(self) -> int:
        return len(self._converts)

    def execute(self, *words: Argument) -> Self:
        """Adds any command."""
        return self._run(words, None)

    def _run(self, words: Iterable[Argument], convert: Convert) -> Self:
        argc, argv, lengths, _alive = arguments(words)
        self._store.check(lib.rl_batch_add(self._handle, argc, argv, lengths))
        self._converts.append(convert)
        return self

    def commit(self, raise_on_error: bool = True) -> list[Any]:
        """Does them all, in one record. A command that fails on the data does not undo the others, as in Redis: its
        error is raised when all are done, or stands among the replies."""
        made = ffi.new("rl_reply **")
        self._store.check(lib.rl_batch_commit(self._handle, made))
        try:
            found = value_of(made[0], self._decode)
        finally:
            lib.rl_reply_free(made[0])
        converts, self._converts = self._converts, []
        self.replies = [
            convert(reply) if convert and not isinstance(reply, Error) else reply
            for convert, reply in zip(converts, found)
        ]
        if raise_on_error:
            for reply in self.replies:
                if isinstance(reply, Error):
                    raise reply
        return self.replies

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *more: object) -> None:
        if kind is None:
            self.commit()


def check(path: str | os.PathLike[str]) -> dict[str, Any]:
    """Verifies every checksum and link of a store that no process has open for writing: {"ok": ..., "errors": [...]}.
    Damage is in the report, and not raised."""
    import json

    report = ffi.new("char **")
    code = lib.rl_check(_values.path_bytes(path), report, _NULL)
    if code not in (lib.RL_OK, lib.RL_ERR_CORRUPT):
        raise error_of(code, last_message(_NULL, code))
    try:
        found: dict[str, Any] = json.loads(ffi.string(report[0]))
        return found
    finally:
        lib.rl_buffer_free(report[0])


def opened_store(path: str, options: Mapping[str, str | int | bool]) -> RedisLite[Any]:
    """The store that this process has open in the directory, or a new one: a directory has one owner."""
    with _opening:
        if path != ":memory:":
            for store in list(_open_stores):
                is_on_disk = not store.closed and store.path != ":memory:" and store.process == os.getpid()
                if is_on_disk and os.path.realpath(store.path) == os.path.realpath(path):
                    return store
        chosen: Any = dict(options)
        made: RedisLite[Any] = RedisLite(path, **chosen)
        return made


@atexit.register
def _close_all() -> None:
    """Before the interpreter goes, while what a store calls back is still there."""
    for store in list(_open_stores):
        store.close()
