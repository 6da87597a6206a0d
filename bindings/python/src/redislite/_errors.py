"""The exceptions: one class a code of the library, all of them `redislite.Error`."""

from __future__ import annotations

from ._redislite import ffi, lib


class Error(Exception):
    """What the library or a command refused. `code` is the RL_ERR_* of redislite.h."""

    code: int = lib.RL_ERR_INVALID


class InvalidError(Error, ValueError):
    """Misuse: an unknown option, or a bad value of one."""

    code = lib.RL_ERR_INVALID


class CommandError(Error):
    """An unknown command, a wrong number of arguments, a syntax error, or a command that is not allowed here."""

    code = lib.RL_ERR_COMMAND


class WrongTypeError(Error, TypeError):
    """The key holds a value of another type."""

    code = lib.RL_ERR_TYPE


class NumberError(Error, ValueError):
    """Not an integer or float, out of range, or an overflow."""

    code = lib.RL_ERR_VALUE


class StorageError(Error):
    """The store as a whole, not one command, is the reason."""


class IOFailedError(StorageError, OSError):
    """A write or sync failed: reads go on, writes raise this until the store is opened again."""

    code = lib.RL_ERR_IO


class FullError(StorageError, OSError):
    """No space is left on the device: nothing was written."""

    code = lib.RL_ERR_FULL


class OutOfMemoryError(StorageError, MemoryError):
    """Out of memory: nothing was written."""

    code = lib.RL_ERR_NOMEM


class MaxMemoryError(StorageError):
    """Over `maxmemory`, with nothing to evict."""

    code = lib.RL_ERR_MAXMEMORY


class BusyError(StorageError):
    """Another process has the store; the message names it."""

    code = lib.RL_ERR_BUSY


class CorruptError(StorageError):
    """The files are damaged; the message names file, offset, what was expected and what was found."""

    code = lib.RL_ERR_CORRUPT


class VersionError(StorageError):
    """The files were written by a newer format; nothing was touched."""

    code = lib.RL_ERR_VERSION


class ClosedError(StorageError):
    """The store was closed."""

    code = lib.RL_ERR_CLOSED


class ForkedError(StorageError):
    """The store was opened by a parent of this process; open it, or another, here."""

    code = lib.RL_ERR_FORKED


class ReadOnlyError(StorageError):
    """A write on a store that is open read-only."""

    code = lib.RL_ERR_READONLY


class LimitError(StorageError):
    """A key or value above 512 MiB, a record above 1 GiB, or a session too many."""

    code = lib.RL_ERR_LIMIT


class NotFoundError(StorageError, FileNotFoundError):
    """The path does not exist, and `create` is `no`."""

    code = lib.RL_ERR_NOT_FOUND


def _classes(base: type[Error]) -> list[type[Error]]:
    return [base, *(found for child in base.__subclasses__() for found in _classes(child))]


_BY_CODE = {found.code: found for found in _classes(Error) if "code" in found.__dict__ and found is not Error}


def error_of(code: int, message: str) -> Error:
    error = _BY_CODE.get(code, Error)(message)
    error.code = code
    return error


def strerror(code: int) -> str:
    text: str = ffi.string(lib.rl_strerror(code)).decode()
    return text


def last_message(db: object, code: int) -> str:
    """The message of the handle's last failure, or of this thread's when `db` is NULL."""
    room = ffi.new("char[]", 1024)
    length = lib.rl_errmsg(db, room, 1024)
    if length >= 1024:
        room = ffi.new("char[]", length + 1)
        lib.rl_errmsg(db, room, length + 1)
    text: str = ffi.string(room).decode(errors="replace")
    return text or strerror(code)
