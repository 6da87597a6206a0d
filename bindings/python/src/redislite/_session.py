"""A Redis client's connection without a socket: rl_session_* as a Python object."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._errors import ClosedError, error_of, strerror
from ._redislite import ffi, lib

if TYPE_CHECKING:
    from ._store import RedisLite


class Session:
    """Bytes of RESP in, bytes of replies out. One thread at a time, but for `interrupt`.

    The session keeps its store open: nothing is closed under it but by `RedisLite.close`."""

    def __init__(self, store: RedisLite[Any]) -> None:
        made = ffi.new("rl_session **")
        store.check(lib.rl_session_open(store.handle, made))
        self._store: RedisLite[Any] | None = store
        self._bytes = ffi.new("const void **")
        self._length = ffi.new("size_t *")
        self._handle: Any = ffi.gc(made[0], lib.rl_session_close)

    @property
    def handle(self) -> Any:
        if self._handle is None:
            raise ClosedError("the session was closed")
        return self._handle

    def feed(self, data: bytes) -> bool:
        """False when the session is over, and the bytes were dropped."""
        code = lib.rl_session_feed(self._handle or self.handle, data, len(data))
        if code == lib.RL_ERR_CLOSED:
            return False
        if code:
            self._check(code)
        return True

    def take(self, most: int = -1) -> bytes | None:
        """The reply bytes that are ready, at most so many; None when there are none and the session is over."""
        data = self._peek()
        if data is None or not data:
            return data
        length = len(data) if most < 0 else min(most, len(data))
        taken = bytes(data[:length])
        self._check(lib.rl_session_consume(self.handle, length))
        return taken

    def take_into(self, buffer: memoryview) -> int | None:
        """As take, into a buffer; how many bytes there were."""
        handle = self._handle or self.handle
        code = lib.rl_session_peek(handle, self._bytes, self._length)
        if code:
            self._peek()  # which says what it means
            return None
        length: int = min(len(buffer), self._length[0])
        if length:
            ffi.memmove(buffer, self._bytes[0], length)
            lib.rl_session_consume(handle, length)
        return length

    def readable(self) -> bool:
        """Whether there are bytes, or the session is over."""
        code = lib.rl_session_peek(self._handle or self.handle, self._bytes, self._length)
        return bool(code or self._length[0])

    def peek(self, most: int) -> bytes | None:
        data = self._peek()
        return None if data is None else bytes(data[:most])

    def _peek(self) -> Any:
        code = lib.rl_session_peek(self.handle, self._bytes, self._length)
        if code == lib.RL_ERR_CLOSED:
            return None
        self._check(code)
        length = self._length[0]
        return memoryview(ffi.buffer(self._bytes[0], length)) if length else b""

    def pending(self) -> bool:
        return bool(lib.rl_session_pending(self.handle) == 1)

    def wait(self, timeout_ms: int) -> int:
        """RL_OK, RL_NOT_FOUND (nothing in time) or RL_ERR_CLOSED (over, and nothing is left)."""
        code: int = lib.rl_session_wait(self.handle, timeout_ms)
        if code != lib.RL_ERR_CLOSED:
            self._check(code)
        return code

    def fd(self) -> int:
        found: int = lib.rl_session_fd(self.handle)
        self._check(found)
        return found

    def interrupt(self) -> None:
        handle = self._handle
        if handle is not None:
            lib.rl_session_interrupt(handle)

    def close(self) -> None:
        handle, self._handle = self._handle, None
        if handle is not None:
            ffi.release(handle)
            # Who still has the object, as a server has that of its last event, does not keep the store open.
            self._store = None

    def _check(self, code: int) -> None:
        if code < 0:
            raise error_of(code, strerror(code))
