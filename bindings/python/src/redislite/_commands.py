"""The commands as methods. Made by bindings/python/generate of commands.txt and the command table; change those."""
# What a reply becomes is said by commands.txt, and the compiler cannot know it.
# mypy: disable-error-code="no-any-return"

from __future__ import annotations

import builtins
from collections.abc import Iterable, Mapping
from typing import Any, Generic, Self, TypeAlias, TypeVar

from . import _values
from ._values import (
    Argument,
    Convert,
    Key,
    Value,
    at_most,
    counted,
    flags,
    limit,
    listed,
    option,
    options,
    pairs,
    place,
    scores,
    shape,
    weighted,
    word,
)

T = TypeVar("T", bytes, str)
Keys: TypeAlias = Iterable[Any] | Key


class Commands(Generic[T]):
    """Each command, done when the method returns."""

    def _run(self, words: Iterable[Argument], convert: Convert) -> Any:
        raise NotImplementedError

    def copy(self, source: Key, destination: Key, destination_db: int | None = None, replace: bool = False) -> bool:
        """COPY source destination [DB destination-db] [REPLACE]: Copies the value of a key, with its expiry, to
        another key."""
        return self._run((
            "COPY",
            source,
            destination,
            *option("DB", destination_db),
            *flags(REPLACE=replace),
        ), _values.boolean)

    def delete(self, *names: Key) -> int:
        """DEL key [key ...]: Removes keys of any type; replies how many there were."""
        return self._run(("DEL", *names), None)

    def dump(self, name: Key) -> bytes | None:
        """DUMP key: Replies the value at a key as bytes that RESTORE, here and in Redis, makes it of again."""
        return self._run(("DUMP", name), None)

    def exists(self, *names: Key) -> int:
        """EXISTS key [key ...]: Counts how many of the keys exist; a key given twice counts twice."""
        return self._run(("EXISTS", *names), None)

    def expire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """EXPIRE key seconds [NX | XX | GT | LT]: Makes a key expire after some seconds."""
        return self._run(("EXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def expireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """EXPIREAT key unix-time-seconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in seconds."""
        return self._run(("EXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def expiretime(self, key: Key) -> int:
        """EXPIRETIME key: Replies the Unix time in seconds at which a key expires; -1 when never, -2 when there is
        no key."""
        return self._run(("EXPIRETIME", key), None)

    def keys(self, pattern: Key = "*") -> list[T]:
        """KEYS pattern: Replies all keys whose names match a glob pattern."""
        return self._run(("KEYS", pattern), None)

    def move(self, name: Key, db: int) -> bool:
        """MOVE key db: Moves a key, with its expiry, to another database that does not have it."""
        return self._run(("MOVE", name, db), _values.boolean)

    def object(self, infotype: str, key: Key) -> Any:
        """OBJECT subcommand [argument ...]: Looks into how a value is kept."""
        return self._run(("OBJECT", infotype, key), None)

    def persist(self, name: Key) -> bool:
        """PERSIST key: Removes a key's expiry."""
        return self._run(("PERSIST", name), _values.boolean)

    def pexpire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """PEXPIRE key milliseconds [NX | XX | GT | LT]: Makes a key expire after some milliseconds."""
        return self._run(("PEXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def pexpireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in
        milliseconds."""
        return self._run(("PEXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def pexpiretime(self, key: Key) -> int:
        """PEXPIRETIME key: Replies the Unix time in milliseconds at which a key expires; -1 when never, -2 when
        there is no key."""
        return self._run(("PEXPIRETIME", key), None)

    def pttl(self, name: Key) -> int:
        """PTTL key: Replies the milliseconds until a key expires; -1 when never, -2 when there is no key."""
        return self._run(("PTTL", name), None)

    def randomkey(self) -> T | None:
        """RANDOMKEY: Replies the name of a key chosen at random."""
        return self._run(("RANDOMKEY",), None)

    def rename(self, src: Key, dst: Key) -> bool:
        """RENAME key newkey: Renames a key, replacing the key of the new name."""
        return self._run(("RENAME", src, dst), _values.ok)

    def renamenx(self, src: Key, dst: Key) -> bool:
        """RENAMENX key newkey: Renames a key when there is none of the new name."""
        return self._run(("RENAMENX", src, dst), _values.boolean)

    def restore(
        self,
        name: Key,
        ttl: int,
        value: Value,
        replace: bool = False,
        absttl: bool = False,
        idletime: int | None = None,
        frequency: int | None = None,
    ) -> bool:
        """RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]: Makes a key of
        what DUMP, here or in Redis, has replied."""
        return self._run((
            "RESTORE",
            name,
            ttl,
            value,
            *flags(REPLACE=replace, ABSTTL=absttl),
            *options(IDLETIME=idletime, FREQ=frequency),
        ), _values.ok)

    def scan(
        self,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
        _type: str | None = None,
    ) -> tuple[int, list[T]]:
        """SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]: Replies some of the keys and the cursor to go on
        with, 0 at the end."""
        return self._run(("SCAN", cursor, *options(MATCH=match, COUNT=count, TYPE=_type)), _values.cursor)

    def sort(
        self,
        name: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
        store: Key | None = None,
    ) -> Any:
        """SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE
        destination]: Replies or stores the elements of a list in order, or what other keys hold of them."""
        return self._run((
            "SORT",
            name,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
            *option("STORE", store),
        ), None)

    def sort_ro(
        self,
        key: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> list[T | None]:
        """SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]:
        Replies the elements of a list in order, or what other keys hold of them."""
        return self._run((
            "SORT_RO",
            key,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
        ), None)

    def touch(self, *args: Key) -> int:
        """TOUCH key [key ...]: Marks keys as just used; replies how many exist."""
        return self._run(("TOUCH", *args), None)

    def ttl(self, name: Key) -> int:
        """TTL key: Replies the seconds until a key expires; -1 when never, -2 when there is no key."""
        return self._run(("TTL", name), None)

    def type(self, name: Key) -> str:
        """TYPE key: Replies the type of the value at a key: string, list, hash, set, zset or none."""
        return self._run(("TYPE", name), None)

    def unlink(self, *names: Key) -> int:
        """UNLINK key [key ...]: Removes keys of any type, as DEL does."""
        return self._run(("UNLINK", *names), None)

    def append(self, key: Key, value: Value) -> int:
        """APPEND key value: Adds bytes at the end of a string, which is made when missing; replies its length."""
        return self._run(("APPEND", key, value), None)

    def decr(self, name: Key, amount: int = 1) -> int:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return self._run(("DECRBY", name, amount), None)

    def decrby(self, name: Key, amount: int = 1) -> int:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return self._run(("DECRBY", name, amount), None)

    def get(self, name: Key) -> T | None:
        """GET key: Replies the string at a key."""
        return self._run(("GET", name), None)

    def getdel(self, name: Key) -> T | None:
        """GETDEL key: Replies the string at a key and removes the key."""
        return self._run(("GETDEL", name), None)

    def getex(
        self,
        name: Key,
        ex: int | None = None,
        px: int | None = None,
        exat: int | None = None,
        pxat: int | None = None,
        persist: bool = False,
    ) -> T | None:
        """GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds |
        PERSIST]: Replies the string at a key and sets or removes its expiry."""
        return self._run(("GETEX", name, *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat), *flags(PERSIST=persist)), None)

    def getrange(self, key: Key, start: int, end: int) -> T:
        """GETRANGE key start end: Replies the bytes from start to end, both included; negative ones count from the
        end."""
        return self._run(("GETRANGE", key, start, end), None)

    def getset(self, name: Key, value: Value) -> T | None:
        """GETSET key value: Sets a key to a string and replies the one before."""
        return self._run(("GETSET", name, value), None)

    def incr(self, name: Key, amount: int = 1) -> int:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return self._run(("INCRBY", name, amount), None)

    def incrby(self, name: Key, amount: int = 1) -> int:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return self._run(("INCRBY", name, amount), None)

    def incrbyfloat(self, name: Key, amount: float = 1.0) -> float:
        """INCRBYFLOAT key increment: Adds a number to the floating-point number at a key, 0 when missing; replies
        the result."""
        return self._run(("INCRBYFLOAT", name, amount), float)

    def lcs(
        self,
        key1: Key,
        key2: Key,
        len: bool | None = False,
        idx: bool | None = False,
        minmatchlen: int | None = 0,
        withmatchlen: bool | None = False,
    ) -> Any:
        """LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]: Replies the longest common
        subsequence of two strings, its length or its places."""
        return self._run((
            "LCS",
            key1,
            key2,
            *flags(LEN=bool(len), IDX=bool(idx)),
            *option("MINMATCHLEN", minmatchlen or None),
            *flags(WITHMATCHLEN=bool(withmatchlen)),
        ), None)

    def mget(self, keys: Keys, *args: Key) -> list[T | None]:
        """MGET key [key ...]: Replies the strings at several keys at once; null where there is none."""
        return self._run(("MGET", *listed(keys, args)), None)

    def mset(self, mapping: Mapping[Any, Value]) -> bool:
        """MSET key value [key value ...]: Sets several keys to strings at once."""
        return self._run(("MSET", *pairs(mapping)), _values.ok)

    def msetnx(self, mapping: Mapping[Any, Value]) -> bool:
        """MSETNX key value [key value ...]: Sets several keys to strings at once when none of them exists."""
        return self._run(("MSETNX", *pairs(mapping)), _values.boolean)

    def psetex(self, name: Key, time_ms: int, value: Value) -> bool:
        """PSETEX key milliseconds value: Sets a key to a string that expires after some milliseconds."""
        return self._run(("PSETEX", name, time_ms, value), _values.ok)

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
        """SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-
        milliseconds | KEEPTTL]: Sets a key to a string, whatever it held."""
        return self._run((
            "SET",
            name,
            value,
            *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat),
            *flags(NX=nx, XX=xx, KEEPTTL=keepttl, GET=get),
        ), _values.ok)

    def setex(self, name: Key, time: int, value: Value) -> bool:
        """SETEX key seconds value: Sets a key to a string that expires after some seconds."""
        return self._run(("SETEX", name, time, value), _values.ok)

    def setnx(self, name: Key, value: Value) -> bool:
        """SETNX key value: Sets a key to a string when the key does not exist."""
        return self._run(("SETNX", name, value), _values.boolean)

    def setrange(self, name: Key, offset: int, value: Value) -> int:
        """SETRANGE key offset value: Overwrites part of a string from an offset on, padding with zero bytes;
        replies its length."""
        return self._run(("SETRANGE", name, offset, value), None)

    def strlen(self, name: Key) -> int:
        """STRLEN key: Replies the length of the string at a key."""
        return self._run(("STRLEN", name), None)

    def substr(self, name: Key, start: int, end: int = -1) -> T:
        """SUBSTR key start end: Replies the bytes from start to end: the old name of GETRANGE."""
        return self._run(("SUBSTR", name, start, end), None)

    def bitcount(self, key: Key, start: int | None = None, end: int | None = None, mode: str | None = None) -> int:
        """BITCOUNT key [start end [BYTE | BIT]]: Counts the bits of a string that are set, in all of it or from
        start to end."""
        return self._run((
            "BITCOUNT",
            key,
            *([] if start is None else [start, -1 if end is None else end]),
            *([] if mode is None else [mode]),
        ), None)

    def bitfield(self, key: Key, *operations: Value) -> list[int | None]:
        """BITFIELD key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type
        offset increment> ...]: Reads and changes integers of a few bits anywhere in a string."""
        return self._run(("BITFIELD", key, *operations), None)

    def bitfield_ro(self, key: Key, *operations: Value) -> list[int]:
        """BITFIELD_RO key [GET type offset [GET type offset ...]]: Reads integers of a few bits anywhere in a
        string."""
        return self._run(("BITFIELD_RO", key, *operations), None)

    def bitop(self, operation: str, dest: Key, *keys: Key) -> int:
        """BITOP <AND | OR | XOR | NOT> destkey key [key ...]: Combines strings bit by bit and stores the result;
        replies its length."""
        return self._run(("BITOP", operation, dest, *keys), None)

    def bitpos(
        self,
        key: Key,
        bit: int,
        start: int | None = None,
        end: int | None = None,
        mode: str | None = None,
    ) -> int:
        """BITPOS key bit [start [end [BYTE | BIT]]]: Finds the first bit of a string that is set, or clear."""
        return self._run((
            "BITPOS",
            key,
            bit,
            *([] if start is None else [start]),
            *([] if end is None else [end]),
            *([] if mode is None else [mode]),
        ), None)

    def getbit(self, name: Key, offset: int) -> int:
        """GETBIT key offset: Replies the bit at an offset, 0 behind the end."""
        return self._run(("GETBIT", name, offset), None)

    def setbit(self, name: Key, offset: int, value: int) -> int:
        """SETBIT key offset value: Sets or clears the bit at an offset of a string, which grows as it needs;
        replies the bit before."""
        return self._run(("SETBIT", name, offset, value), None)

    def pfadd(self, name: Key, *values: Value) -> bool:
        """PFADD key [element [element ...]]: Adds elements to a HyperLogLog, which is made when missing; replies
        whether its estimate may have changed."""
        return self._run(("PFADD", name, *values), _values.boolean)

    def pfcount(self, *sources: Key) -> int:
        """PFCOUNT key [key ...]: Estimates how many different elements were added to a HyperLogLog, or to several
        together."""
        return self._run(("PFCOUNT", *sources), None)

    def pfmerge(self, dest: Key, *sources: Key) -> bool:
        """PFMERGE destkey [sourcekey [sourcekey ...]]: Merges HyperLogLogs into another, which is made when
        missing."""
        return self._run(("PFMERGE", dest, *sources), _values.ok)

    def blmove(
        self,
        first_list: Key,
        second_list: Key,
        timeout: float,
        src: str = "LEFT",
        dest: str = "RIGHT",
    ) -> T | None:
        """BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout: LMOVE that waits for an element, at most
        so many seconds (0: for ever)."""
        return self._run(("BLMOVE", first_list, second_list, src, dest, timeout), None)

    def blmpop(
        self,
        timeout: float,
        numkeys: int,
        *args: Key,
        direction: str,
        count: int | None = 1,
    ) -> list[Any] | None:
        """BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: LMPOP that waits for an element."""
        return self._run(("BLMPOP", timeout, numkeys, *args, direction, *option("COUNT", count)), None)

    def blpop(self, keys: Keys, timeout: float = 0) -> list[T] | None:
        """BLPOP key [key ...] timeout: Takes the first element of the first list that has one, or waits for one."""
        return self._run(("BLPOP", *listed(keys), timeout), None)

    def brpop(self, keys: Keys, timeout: float = 0) -> list[T] | None:
        """BRPOP key [key ...] timeout: Takes the last element of the first list that has one, or waits for one."""
        return self._run(("BRPOP", *listed(keys), timeout), None)

    def brpoplpush(self, src: Key, dst: Key, timeout: float = 0) -> T | None:
        """BRPOPLPUSH source destination timeout: RPOPLPUSH that waits for an element: the old name of BLMOVE RIGHT
        LEFT."""
        return self._run(("BRPOPLPUSH", src, dst, timeout), None)

    def lindex(self, name: Key, index: int) -> T | None:
        """LINDEX key index: Replies the element at an index; negative ones count from the end."""
        return self._run(("LINDEX", name, index), None)

    def linsert(self, name: Key, where: str, refvalue: Value, value: Value) -> int:
        """LINSERT key <BEFORE | AFTER> pivot element: Inserts an element before or after the first one that equals
        the pivot; replies the length."""
        return self._run(("LINSERT", name, where, refvalue, value), None)

    def llen(self, name: Key) -> int:
        """LLEN key: Replies the length of a list."""
        return self._run(("LLEN", name), None)

    def lmove(self, first_list: Key, second_list: Key, src: str = "LEFT", dest: str = "RIGHT") -> T | None:
        """LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>: Moves an element from one end of a list to one
        end of another; replies it."""
        return self._run(("LMOVE", first_list, second_list, src, dest), None)

    def lmpop(self, num_keys: int, *args: Key, direction: str, count: int | None = 1) -> list[Any] | None:
        """LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: Takes elements from one end of the first of
        several lists that exists."""
        return self._run(("LMPOP", num_keys, *args, direction, *option("COUNT", count)), None)

    def lpop(self, name: Key, count: int | None = None) -> Any:
        """LPOP key [count]: Takes elements from the head of a list; replies them."""
        return self._run(("LPOP", name, *([] if count is None else [count])), None)

    def lpos(
        self,
        name: Key,
        value: Value,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> Any:
        """LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]: Replies the index of an element that
        equals the one given, or of several."""
        return self._run(("LPOS", name, value, *options(RANK=rank, COUNT=count, MAXLEN=maxlen)), None)

    def lpush(self, name: Key, *values: Value) -> int:
        """LPUSH key element [element ...]: Adds elements at the head of a list, which is made when missing; replies
        its length."""
        return self._run(("LPUSH", name, *values), None)

    def lpushx(self, name: Key, *values: Value) -> int:
        """LPUSHX key element [element ...]: Adds elements at the head of a list that exists; replies its length."""
        return self._run(("LPUSHX", name, *values), None)

    def lrange(self, name: Key, start: int, end: int) -> list[T]:
        """LRANGE key start stop: Replies the elements from start to stop, both included; negative ones count from
        the end."""
        return self._run(("LRANGE", name, start, end), None)

    def lrem(self, name: Key, count: int, value: Value) -> int:
        """LREM key count element: Removes elements that equal the one given: all for 0, else so many from the head,
        or from the tail when negative."""
        return self._run(("LREM", name, count, value), None)

    def lset(self, name: Key, index: int, value: Value) -> bool:
        """LSET key index element: Replaces the element at an index."""
        return self._run(("LSET", name, index, value), _values.ok)

    def ltrim(self, name: Key, start: int, end: int) -> bool:
        """LTRIM key start stop: Removes the elements outside start to stop."""
        return self._run(("LTRIM", name, start, end), _values.ok)

    def rpop(self, name: Key, count: int | None = None) -> Any:
        """RPOP key [count]: Takes elements from the tail of a list; replies them."""
        return self._run(("RPOP", name, *([] if count is None else [count])), None)

    def rpoplpush(self, src: Key, dst: Key) -> T | None:
        """RPOPLPUSH source destination: Moves an element from the tail of a list to the head of another: the old
        name of LMOVE RIGHT LEFT."""
        return self._run(("RPOPLPUSH", src, dst), None)

    def rpush(self, name: Key, *values: Value) -> int:
        """RPUSH key element [element ...]: Adds elements at the tail of a list, which is made when missing; replies
        its length."""
        return self._run(("RPUSH", name, *values), None)

    def rpushx(self, name: Key, *values: Value) -> int:
        """RPUSHX key element [element ...]: Adds elements at the tail of a list that exists; replies its length."""
        return self._run(("RPUSHX", name, *values), None)

    def hdel(self, name: Key, *keys: Key) -> int:
        """HDEL key field [field ...]: Removes fields of a hash; replies how many there were."""
        return self._run(("HDEL", name, *keys), None)

    def hexists(self, name: Key, key: Key) -> bool:
        """HEXISTS key field: Replies whether a hash has a field."""
        return self._run(("HEXISTS", name, key), _values.boolean)

    def hget(self, name: Key, key: Key) -> T | None:
        """HGET key field: Replies the value of a field of a hash."""
        return self._run(("HGET", name, key), None)

    def hgetall(self, name: Key) -> dict[T, T]:
        """HGETALL key: Replies all fields of a hash with their values."""
        return self._run(("HGETALL", name), None)

    def hincrby(self, name: Key, key: Key, amount: int = 1) -> int:
        """HINCRBY key field increment: Adds a number to the integer in a field, 0 when missing; replies the result."""
        return self._run(("HINCRBY", name, key, amount), None)

    def hincrbyfloat(self, name: Key, key: Key, amount: float = 1.0) -> float:
        """HINCRBYFLOAT key field increment: Adds a number to the floating-point number in a field, 0 when missing;
        replies the result."""
        return self._run(("HINCRBYFLOAT", name, key, amount), float)

    def hkeys(self, name: Key) -> list[T]:
        """HKEYS key: Replies all fields of a hash."""
        return self._run(("HKEYS", name), None)

    def hlen(self, name: Key) -> int:
        """HLEN key: Replies how many fields a hash has."""
        return self._run(("HLEN", name), None)

    def hmget(self, name: Key, keys: Keys, *args: Key) -> list[T | None]:
        """HMGET key field [field ...]: Replies the values of several fields; null where there is none."""
        return self._run(("HMGET", name, *listed(keys, args)), None)

    def hmset(self, name: Key, mapping: Mapping[Any, Value]) -> bool:
        """HMSET key field value [field value ...]: Sets fields of a hash, as HSET does; replies OK."""
        return self._run(("HMSET", name, *pairs(mapping)), _values.ok)

    def hrandfield(self, key: Key, count: int | None = None, withvalues: bool = False) -> Any:
        """HRANDFIELD key [count [WITHVALUES]]: Replies fields of a hash chosen at random: distinct ones, or with
        repeats when the count is negative."""
        return self._run(("HRANDFIELD", key, *([] if count is None else [count]), *flags(WITHVALUES=withvalues)), None)

    def hscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, dict[T, T]]:
        """HSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the fields with their values and the
        cursor to go on with, 0 at the end."""
        return self._run(("HSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_pairs)

    def hset(
        self,
        name: Key,
        key: Key | None = None,
        value: Value | None = None,
        mapping: Mapping[Any, Value] | None = None,
        items: list[Any] | None = None,
    ) -> int:
        """HSET key field value [field value ...]: Sets fields of a hash, which is made when missing; replies how
        many are new."""
        return self._run((
            "HSET",
            name,
            *([] if key is None else [key, "" if value is None else value]),
            *pairs(mapping),
            *(items or []),
        ), None)

    def hsetnx(self, name: Key, key: Key, value: Value) -> bool:
        """HSETNX key field value: Sets a field of a hash when it does not exist."""
        return self._run(("HSETNX", name, key, value), _values.boolean)

    def hstrlen(self, name: Key, key: Key) -> int:
        """HSTRLEN key field: Replies the length of the value of a field."""
        return self._run(("HSTRLEN", name, key), None)

    def hvals(self, name: Key) -> list[T]:
        """HVALS key: Replies the values of all fields of a hash."""
        return self._run(("HVALS", name), None)

    def sadd(self, name: Key, *values: Value) -> int:
        """SADD key member [member ...]: Adds members to a set, which is made when missing; replies how many are
        new."""
        return self._run(("SADD", name, *values), None)

    def scard(self, name: Key) -> int:
        """SCARD key: Replies how many members a set has."""
        return self._run(("SCARD", name), None)

    def sdiff(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SDIFF key [key ...]: Replies the members of the first set that none of the others has."""
        return self._run(("SDIFF", *listed(keys, args)), None)

    def sdiffstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SDIFFSTORE destination key [key ...]: Keeps what SDIFF replies at a key; replies how many members it has."""
        return self._run(("SDIFFSTORE", dest, *listed(keys, args)), None)

    def sinter(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SINTER key [key ...]: Replies the members that all of the sets have."""
        return self._run(("SINTER", *listed(keys, args)), None)

    def sintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """SINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sets have, up to a
        limit."""
        return self._run(("SINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    def sinterstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SINTERSTORE destination key [key ...]: Keeps what SINTER replies at a key; replies how many members it
        has."""
        return self._run(("SINTERSTORE", dest, *listed(keys, args)), None)

    def sismember(self, name: Key, value: Value) -> bool:
        """SISMEMBER key member: Replies whether a set has a member."""
        return self._run(("SISMEMBER", name, value), _values.boolean)

    def smembers(self, name: Key) -> builtins.set[T]:
        """SMEMBERS key: Replies all members of a set."""
        return self._run(("SMEMBERS", name), None)

    def smismember(self, name: Key, values: Keys, *args: Value) -> list[bool]:
        """SMISMEMBER key member [member ...]: Replies which of several members a set has."""
        return self._run(("SMISMEMBER", name, *listed(values, args)), _values.booleans)

    def smove(self, src: Key, dst: Key, value: Value) -> bool:
        """SMOVE source destination member: Moves a member from one set to another."""
        return self._run(("SMOVE", src, dst, value), _values.boolean)

    def spop(self, name: Key, count: int | None = None) -> Any:
        """SPOP key [count]: Takes members chosen at random out of a set; replies them."""
        return self._run(("SPOP", name, *([] if count is None else [count])), None)

    def srandmember(self, name: Key, number: int | None = None) -> Any:
        """SRANDMEMBER key [count]: Replies members of a set chosen at random: distinct ones, or with repeats when
        the count is negative."""
        return self._run(("SRANDMEMBER", name, *([] if number is None else [number])), None)

    def srem(self, name: Key, *values: Value) -> int:
        """SREM key member [member ...]: Removes members of a set; replies how many there were."""
        return self._run(("SREM", name, *values), None)

    def sscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, list[T]]:
        """SSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members and the cursor to go on with,
        0 at the end."""
        return self._run(("SSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor)

    def sunion(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SUNION key [key ...]: Replies the members that any of the sets has."""
        return self._run(("SUNION", *listed(keys, args)), None)

    def sunionstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SUNIONSTORE destination key [key ...]: Keeps what SUNION replies at a key; replies how many members it
        has."""
        return self._run(("SUNIONSTORE", dest, *listed(keys, args)), None)

    def zadd(
        self,
        name: Key,
        mapping: Mapping[Any, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]: Gives members of a sorted set
        scores; replies how many are new, or with CH how many changed."""
        return self._run(("ZADD", name, *flags(NX=nx, XX=xx, GT=gt, LT=lt, CH=ch, INCR=incr), *scores(mapping)), None)

    def zcard(self, name: Key) -> int:
        """ZCARD key: Replies how many members a sorted set has."""
        return self._run(("ZCARD", name), None)

    def zcount(self, name: Key, min: Value, max: Value) -> int:
        """ZCOUNT key min max: Counts the members with a score from min to max."""
        return self._run(("ZCOUNT", name, min, max), None)

    def zdiff(self, keys: Keys, withscores: bool = False) -> list[Any]:
        """ZDIFF numkeys key [key ...] [WITHSCORES]: Replies the members of the first sorted set that none of the
        others has."""
        return self._run(("ZDIFF", *counted(keys), *flags(WITHSCORES=withscores)), _values.tuples)

    def zdiffstore(self, dest: Key, keys: Keys) -> int:
        """ZDIFFSTORE destination numkeys key [key ...]: Keeps what ZDIFF replies at a key; replies how many members
        it has."""
        return self._run(("ZDIFFSTORE", dest, *counted(keys)), None)

    def zincrby(self, name: Key, amount: float, value: Value) -> float:
        """ZINCRBY key increment member: Adds a number to the score of a member, 0 when missing; replies the result."""
        return self._run(("ZINCRBY", name, amount, value), None)

    def zinter(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that all of the sorted sets have, with their scores combined."""
        return self._run((
            "ZINTER",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """ZINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sorted sets have, up
        to a limit."""
        return self._run(("ZINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    def zinterstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> int:
        """ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZINTER replies at a key; replies how many members it has."""
        return self._run(("ZINTERSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    def zlexcount(self, name: Key, min: Value, max: Value) -> int:
        """ZLEXCOUNT key min max: Counts the members from min to max, which are members themselves."""
        return self._run(("ZLEXCOUNT", name, min, max), None)

    def zmpop(
        self,
        num_keys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]: Takes members from one end of the first of several
        sorted sets that exists."""
        return self._run((
            "ZMPOP",
            num_keys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    def zmscore(self, key: Key, members: Keys) -> list[float | None]:
        """ZMSCORE key member [member ...]: Replies the scores of several members; null where there is none."""
        return self._run(("ZMSCORE", key, *listed(members)), None)

    def zpopmax(self, name: Key, count: int | None = None) -> list[Any]:
        """ZPOPMAX key [count]: Takes the members with the highest scores; replies them with their scores."""
        return self._run(("ZPOPMAX", name, 1 if count is None else count), _values.tuples)

    def zpopmin(self, name: Key, count: int | None = None) -> list[Any]:
        """ZPOPMIN key [count]: Takes the members with the lowest scores; replies them with their scores."""
        return self._run(("ZPOPMIN", name, 1 if count is None else count), _values.tuples)

    def zrandmember(self, key: Key, count: int | None = None, withscores: bool = False) -> Any:
        """ZRANDMEMBER key [count [WITHSCORES]]: Replies members of a sorted set chosen at random: distinct ones, or
        with repeats when the count is negative."""
        return self._run((
            "ZRANDMEMBER",
            key,
            *([] if count is None else [count]),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrange(
        self,
        name: Key,
        start: Value,
        end: Value,
        desc: bool = False,
        withscores: bool = False,
        *,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[Any]:
        """ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]: Replies the members of a
        range of ranks, scores or members."""
        return self._run((
            "ZRANGE",
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrangebylex(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> list[T]:
        """ZRANGEBYLEX key min max [LIMIT offset count]: Replies the members from min to max, which are members
        themselves."""
        return self._run(("ZRANGEBYLEX", name, min, max, *limit(start, num)), None)

    def zrangebyscore(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]: Replies the members with a score from min to
        max."""
        return self._run((
            "ZRANGEBYSCORE",
            name,
            min,
            max,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrangestore(
        self,
        dest: Key,
        name: Key,
        start: Value,
        end: Value,
        byscore: bool = False,
        bylex: bool = False,
        desc: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> int:
        """ZRANGESTORE destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]: Keeps what ZRANGE
        replies at a key; replies how many members it has."""
        return self._run((
            "ZRANGESTORE",
            dest,
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
        ), None)

    def zrank(self, name: Key, value: Value, withscore: bool = False) -> Any:
        """ZRANK key member [WITHSCORE]: Replies the rank of a member by ascending score, from 0."""
        return self._run(("ZRANK", name, value, *flags(WITHSCORE=withscore)), None)

    def zrem(self, name: Key, *values: Value) -> int:
        """ZREM key member [member ...]: Removes members of a sorted set; replies how many there were."""
        return self._run(("ZREM", name, *values), None)

    def zremrangebylex(self, name: Key, min: Value, max: Value) -> int:
        """ZREMRANGEBYLEX key min max: Removes the members from min to max, which are members themselves; replies
        how many there were."""
        return self._run(("ZREMRANGEBYLEX", name, min, max), None)

    def zremrangebyrank(self, name: Key, min: int, max: int) -> int:
        """ZREMRANGEBYRANK key start stop: Removes the members of a range of ranks; replies how many there were."""
        return self._run(("ZREMRANGEBYRANK", name, min, max), None)

    def zremrangebyscore(self, name: Key, min: Value, max: Value) -> int:
        """ZREMRANGEBYSCORE key min max: Removes the members with a score from min to max; replies how many there
        were."""
        return self._run(("ZREMRANGEBYSCORE", name, min, max), None)

    def zrevrange(self, name: Key, start: int, end: int, withscores: bool = False) -> list[Any]:
        """ZREVRANGE key start stop [WITHSCORES]: Replies the members of a range of ranks by descending score."""
        return self._run(("ZREVRANGE", name, start, end, *flags(WITHSCORES=withscores)), _values.tuples)

    def zrevrangebylex(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> list[T]:
        """ZREVRANGEBYLEX key max min [LIMIT offset count]: Replies the members from max down to min, which are
        members themselves."""
        return self._run(("ZREVRANGEBYLEX", name, max, min, *limit(start, num)), None)

    def zrevrangebyscore(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]: Replies the members with a score from max
        down to min."""
        return self._run((
            "ZREVRANGEBYSCORE",
            name,
            max,
            min,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrevrank(self, name: Key, value: Value, withscore: bool = False) -> Any:
        """ZREVRANK key member [WITHSCORE]: Replies the rank of a member by descending score, from 0."""
        return self._run(("ZREVRANK", name, value, *flags(WITHSCORE=withscore)), None)

    def zscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, list[tuple[T, float]]]:
        """ZSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members with their scores and the
        cursor to go on with, 0 at the end."""
        return self._run(("ZSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_scores)

    def zscore(self, name: Key, value: Value) -> float | None:
        """ZSCORE key member: Replies the score of a member."""
        return self._run(("ZSCORE", name, value), None)

    def zunion(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that any of the sorted sets has, with their scores combined."""
        return self._run((
            "ZUNION",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zunionstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> int:
        """ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZUNION replies at a key; replies how many members it has."""
        return self._run(("ZUNIONSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    def bzmpop(
        self,
        timeout: float,
        numkeys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]: ZMPOP that waits for a member."""
        return self._run((
            "BZMPOP",
            timeout,
            numkeys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    def bzpopmax(self, keys: Keys, timeout: float = 0) -> list[Any] | None:
        """BZPOPMAX key [key ...] timeout: Takes the member with the highest score of the first sorted set that has
        one, or waits for one."""
        return self._run(("BZPOPMAX", *listed(keys), timeout), None)

    def bzpopmin(self, keys: Keys, timeout: float = 0) -> list[Any] | None:
        """BZPOPMIN key [key ...] timeout: Takes the member with the lowest score of the first sorted set that has
        one, or waits for one."""
        return self._run(("BZPOPMIN", *listed(keys), timeout), None)

    def geoadd(self, name: Key, values: Iterable[Any], nx: bool = False, xx: bool = False, ch: bool = False) -> int:
        """GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]: Adds members with
        their places to a sorted set; replies how many are new, or with CH changed."""
        return self._run(("GEOADD", name, *flags(NX=nx, XX=xx, CH=ch), *values), None)

    def geodist(self, name: Key, place1: Value, place2: Value, unit: str | None = None) -> float | None:
        """GEODIST key member1 member2 [M | KM | FT | MI]: Replies the distance between the places of two members."""
        return self._run(("GEODIST", name, place1, place2, *([] if unit is None else [unit])), _values.number)

    def geohash(self, name: Key, *values: Value) -> list[T | None]:
        """GEOHASH key [member [member ...]]: Replies the places of members as geohashes of eleven letters."""
        return self._run(("GEOHASH", name, *values), None)

    def geopos(self, name: Key, *values: Value) -> list[Any]:
        """GEOPOS key [member [member ...]]: Replies the longitudes and latitudes of members."""
        return self._run(("GEOPOS", name, *values), _values.tuples)

    def georadius(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Any:
        """GEORADIUS key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around a
        place."""
        return self._run((
            "GEORADIUS",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    def georadiusbymember(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Any:
        """GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around one
        of them."""
        return self._run((
            "GEORADIUSBYMEMBER",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    def georadius_ro(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> list[Any]:
        """GEORADIUS_RO key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT
        count [ANY]] [ASC | DESC]: Replies the members within a radius around a place."""
        return self._run((
            "GEORADIUS_RO",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    def georadiusbymember_ro(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> list[Any]:
        """GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC]: Replies the members within a radius around one of them."""
        return self._run((
            "GEORADIUSBYMEMBER_RO",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    def geosearch(
        self,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        withcoord: bool = False,
        withdist: bool = False,
        withhash: bool = False,
    ) -> list[Any]:
        """GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> |
        BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST]
        [WITHHASH]: Replies the members within a circle or a box."""
        return self._run((
            "GEOSEARCH",
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
        ), None)

    def geosearchstore(
        self,
        dest: Key,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        storedist: bool = False,
    ) -> int:
        """GEOSEARCHSTORE destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M
        | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [STOREDIST]:
        Stores the members within a circle or a box as a sorted set, with their places or distances."""
        return self._run((
            "GEOSEARCHSTORE",
            dest,
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(STOREDIST=storedist),
        ), None)

    def publish(self, channel: Key, message: Value) -> int:
        """PUBLISH channel message: Sends a message to whoever listens to the channel; replies how many those are."""
        return self._run(("PUBLISH", channel, message), None)

    def pubsub_channels(self, pattern: Key = "*") -> list[T]:
        """PUBSUB CHANNELS [pattern]: Replies the channels that somebody listens to."""
        return self._run(("PUBSUB", "CHANNELS", pattern), None)

    def pubsub_numpat(self) -> int:
        """PUBSUB NUMPAT: Counts the patterns that somebody listens to."""
        return self._run(("PUBSUB", "NUMPAT"), None)

    def pubsub_numsub(self, *args: Key) -> list[Any]:
        """PUBSUB NUMSUB [channel [channel ...]]: Counts who listens to each channel."""
        return self._run(("PUBSUB", "NUMSUB", *args), None)

    def pubsub_shardchannels(self, pattern: Key = "*") -> list[T]:
        """PUBSUB SHARDCHANNELS [pattern]: Replies the shard channels that somebody listens to."""
        return self._run(("PUBSUB", "SHARDCHANNELS", pattern), None)

    def pubsub_shardnumsub(self, *args: Key) -> list[Any]:
        """PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]: Counts who listens to each shard channel."""
        return self._run(("PUBSUB", "SHARDNUMSUB", *args), None)

    def spublish(self, shard_channel: Key, message: Value) -> int:
        """SPUBLISH shardchannel message: Sends a message to whoever listens to the shard channel."""
        return self._run(("SPUBLISH", shard_channel, message), None)

    def acl_list(self) -> list[T]:
        """ACL LIST: Replies the rules of the users."""
        return self._run(("ACL", "LIST"), None)

    def acl_users(self) -> list[T]:
        """ACL USERS: Replies the names of the users."""
        return self._run(("ACL", "USERS"), None)

    def acl_whoami(self) -> T:
        """ACL WHOAMI: Replies the name of the connection's user."""
        return self._run(("ACL", "WHOAMI"), None)

    def bgrewriteaof(self) -> str:
        """BGREWRITEAOF: Begins to take a snapshot, which takes the place of the log before it."""
        return self._run(("BGREWRITEAOF",), None)

    def bgsave(self) -> str:
        """BGSAVE [SCHEDULE]: Starts a snapshot in the background."""
        return self._run(("BGSAVE",), None)

    def command(self) -> list[Any]:
        """COMMAND [subcommand [argument ...]]: Describes every command."""
        return self._run(("COMMAND",), None)

    def command_count(self) -> int:
        """COMMAND COUNT: Counts the commands."""
        return self._run(("COMMAND", "COUNT"), None)

    def command_docs(self, *args: str) -> dict[Any, Any]:
        """COMMAND DOCS [command-name ...]: Replies what commands are for."""
        return self._run(("COMMAND", "DOCS", *args), None)

    def command_getkeys(self, *args: Value) -> list[T]:
        """COMMAND GETKEYS command [argument ...]: Finds the keys among the arguments of a command."""
        return self._run(("COMMAND", "GETKEYS", *args), None)

    def command_getkeysandflags(self, *args: Value) -> list[Any]:
        """COMMAND GETKEYSANDFLAGS command [argument ...]: Finds the keys among the arguments of a command, and how
        it uses them."""
        return self._run(("COMMAND", "GETKEYSANDFLAGS", *args), None)

    def command_info(self, *args: str) -> list[Any]:
        """COMMAND INFO [command-name ...]: Describes commands by name."""
        return self._run(("COMMAND", "INFO", *args), None)

    def command_list(self) -> list[T]:
        """COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]: Replies the names of
        commands."""
        return self._run(("COMMAND", "LIST"), None)

    def config_get(self, pattern: str = "*", *args: str) -> dict[T, T]:
        """CONFIG GET parameter [parameter ...]: Replies the options whose names match glob patterns."""
        return self._run(("CONFIG", "GET", pattern, *args), None)

    def config_resetstat(self) -> bool:
        """CONFIG RESETSTAT: Sets the counters that INFO shows back to 0."""
        return self._run(("CONFIG", "RESETSTAT"), _values.ok)

    def config_rewrite(self) -> bool:
        """CONFIG REWRITE: Writes what CONFIG SET has changed into the file that the server was started with."""
        return self._run(("CONFIG", "REWRITE"), _values.ok)

    def config_set(self, name: str, value: Value, *args: Value) -> bool:
        """CONFIG SET parameter value [parameter value ...]: Changes options, all or none."""
        return self._run(("CONFIG", "SET", name, value, *args), _values.ok)

    def dbsize(self) -> int:
        """DBSIZE: Counts the keys of the database."""
        return self._run(("DBSIZE",), None)

    def debug(self, *args: Value) -> Any:
        """DEBUG subcommand [argument ...]: Helps to test the store."""
        return self._run(("DEBUG", *args), None)

    def echo(self, value: Value) -> T:
        """ECHO message: Replies the message."""
        return self._run(("ECHO", value), None)

    def flushall(self) -> bool:
        """FLUSHALL [ASYNC | SYNC]: Removes all keys of all databases."""
        return self._run(("FLUSHALL",), _values.ok)

    def flushdb(self) -> bool:
        """FLUSHDB [ASYNC | SYNC]: Removes all keys of the database."""
        return self._run(("FLUSHDB",), _values.ok)

    def info(self, section: str | None = None) -> dict[str, Any]:
        """INFO [section ...]: Replies facts and counters about the store."""
        return self._run(("INFO", *([] if section is None else [section])), _values.info)

    def lastsave(self) -> int:
        """LASTSAVE: Replies the Unix time of the last durable snapshot."""
        return self._run(("LASTSAVE",), None)

    def latency_doctor(self) -> str:
        """LATENCY DOCTOR: Replies a report on what took long."""
        return self._run(("LATENCY", "DOCTOR"), None)

    def latency_graph(self, event: str) -> str:
        """LATENCY GRAPH event: Draws how long an event took."""
        return self._run(("LATENCY", "GRAPH", event), None)

    def latency_histogram(self, *args: str) -> dict[Any, Any]:
        """LATENCY HISTOGRAM [command [command ...]]: Replies how many calls of commands took up to 1, 2, 4, 8, ...
        microseconds."""
        return self._run(("LATENCY", "HISTOGRAM", *args), None)

    def latency_history(self, event: str) -> list[Any]:
        """LATENCY HISTORY event: Replies when an event took long, and how long."""
        return self._run(("LATENCY", "HISTORY", event), None)

    def latency_latest(self) -> list[Any]:
        """LATENCY LATEST: Replies the last time that each event took long."""
        return self._run(("LATENCY", "LATEST"), None)

    def latency_reset(self, *events: str) -> int:
        """LATENCY RESET [event [event ...]]: Forgets what took long; replies of how many events."""
        return self._run(("LATENCY", "RESET", *events), None)

    def lolwut(self, *version_numbers: int) -> str:
        """LOLWUT [VERSION version]: Replies the version."""
        return self._run(("LOLWUT", *flags(VERSION=len(version_numbers) > 0), *version_numbers), None)

    def memory_doctor(self) -> str:
        """MEMORY DOCTOR: Replies a report on the memory in use."""
        return self._run(("MEMORY", "DOCTOR"), None)

    def memory_malloc_stats(self) -> str:
        """MEMORY subcommand [argument ...]: Tells what keys and the store take."""
        return self._run(("MEMORY", "MALLOC-STATS"), None)

    def memory_purge(self) -> bool:
        """MEMORY PURGE: Moves keys together, and gives the pages that they leave back to the system."""
        return self._run(("MEMORY", "PURGE"), _values.ok)

    def memory_stats(self) -> dict[Any, Any]:
        """MEMORY STATS: Replies numbers on the memory in use."""
        return self._run(("MEMORY", "STATS"), None)

    def memory_usage(self, key: Key, samples: int | None = None) -> int | None:
        """MEMORY USAGE key [SAMPLES count]: Replies the bytes that a key and its value take."""
        return self._run(("MEMORY", "USAGE", key, *option("SAMPLES", samples)), None)

    def ping(self) -> Any:
        """PING [message]: Replies PONG, or the message."""
        return self._run(("PING",), None)

    def replicaof(self, *args: Value) -> bool:
        """REPLICAOF host port: Answers NO ONE: a store is nobody's replica."""
        return self._run(("REPLICAOF", *args), _values.ok)

    def role(self) -> list[Any]:
        """ROLE: Replies that the store is a master without replicas."""
        return self._run(("ROLE",), None)

    def save(self) -> bool:
        """SAVE: Takes a snapshot; replies when it is durable."""
        return self._run(("SAVE",), _values.ok)

    def shutdown(
        self,
        save: bool = False,
        nosave: bool = False,
        now: bool = False,
        force: bool = False,
        abort: bool = False,
    ) -> Any:
        """SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]: Asks the program that the store is in to end."""
        return self._run(("SHUTDOWN", *flags(SAVE=save, NOSAVE=nosave, NOW=now, FORCE=force, ABORT=abort)), None)

    def slaveof(self, host: str = "NO", port: int | str = "ONE") -> bool:
        """SLAVEOF host port: As REPLICAOF."""
        return self._run(("SLAVEOF", host, port), _values.ok)

    def slowlog_get(self, num: int | None = None) -> list[Any]:
        """SLOWLOG GET [count]: Replies the last commands that ran long."""
        return self._run(("SLOWLOG", "GET", *([] if num is None else [num])), None)

    def slowlog_len(self) -> int:
        """SLOWLOG LEN: Counts the commands that ran long."""
        return self._run(("SLOWLOG", "LEN"), None)

    def slowlog_reset(self) -> bool:
        """SLOWLOG RESET: Forgets the commands that ran long."""
        return self._run(("SLOWLOG", "RESET"), _values.ok)

    def swapdb(self, first: int, second: int) -> bool:
        """SWAPDB index1 index2: Swaps two databases."""
        return self._run(("SWAPDB", first, second), _values.ok)

    def time(self) -> list[T]:
        """TIME: Replies the store's clock: Unix seconds, and microseconds within the second."""
        return self._run(("TIME",), None)

    def wait(self, num_replicas: int, timeout: int) -> int:
        """WAIT numreplicas timeout: Replies how many replicas have the writes: none."""
        return self._run(("WAIT", num_replicas, timeout), None)

    def waitaof(self, num_local: int, num_replicas: int, timeout: int) -> list[int]:
        """WAITAOF numlocal numreplicas timeout: Makes what was written before durable; replies 1 for this store,
        and no replicas."""
        return self._run(("WAITAOF", num_local, num_replicas, timeout), None)


class AsyncCommands(Generic[T]):
    """Each command, done when what the method gives is awaited."""

    async def _run(self, words: Iterable[Argument], convert: Convert) -> Any:
        raise NotImplementedError

    async def copy(
        self,
        source: Key,
        destination: Key,
        destination_db: int | None = None,
        replace: bool = False,
    ) -> bool:
        """COPY source destination [DB destination-db] [REPLACE]: Copies the value of a key, with its expiry, to
        another key."""
        return await self._run((
            "COPY",
            source,
            destination,
            *option("DB", destination_db),
            *flags(REPLACE=replace),
        ), _values.boolean)

    async def delete(self, *names: Key) -> int:
        """DEL key [key ...]: Removes keys of any type; replies how many there were."""
        return await self._run(("DEL", *names), None)

    async def dump(self, name: Key) -> bytes | None:
        """DUMP key: Replies the value at a key as bytes that RESTORE, here and in Redis, makes it of again."""
        return await self._run(("DUMP", name), None)

    async def exists(self, *names: Key) -> int:
        """EXISTS key [key ...]: Counts how many of the keys exist; a key given twice counts twice."""
        return await self._run(("EXISTS", *names), None)

    async def expire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """EXPIRE key seconds [NX | XX | GT | LT]: Makes a key expire after some seconds."""
        return await self._run(("EXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    async def expireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """EXPIREAT key unix-time-seconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in seconds."""
        return await self._run(("EXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    async def expiretime(self, key: Key) -> int:
        """EXPIRETIME key: Replies the Unix time in seconds at which a key expires; -1 when never, -2 when there is
        no key."""
        return await self._run(("EXPIRETIME", key), None)

    async def keys(self, pattern: Key = "*") -> list[T]:
        """KEYS pattern: Replies all keys whose names match a glob pattern."""
        return await self._run(("KEYS", pattern), None)

    async def move(self, name: Key, db: int) -> bool:
        """MOVE key db: Moves a key, with its expiry, to another database that does not have it."""
        return await self._run(("MOVE", name, db), _values.boolean)

    async def object(self, infotype: str, key: Key) -> Any:
        """OBJECT subcommand [argument ...]: Looks into how a value is kept."""
        return await self._run(("OBJECT", infotype, key), None)

    async def persist(self, name: Key) -> bool:
        """PERSIST key: Removes a key's expiry."""
        return await self._run(("PERSIST", name), _values.boolean)

    async def pexpire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """PEXPIRE key milliseconds [NX | XX | GT | LT]: Makes a key expire after some milliseconds."""
        return await self._run(("PEXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    async def pexpireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> bool:
        """PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in
        milliseconds."""
        return await self._run(("PEXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    async def pexpiretime(self, key: Key) -> int:
        """PEXPIRETIME key: Replies the Unix time in milliseconds at which a key expires; -1 when never, -2 when
        there is no key."""
        return await self._run(("PEXPIRETIME", key), None)

    async def pttl(self, name: Key) -> int:
        """PTTL key: Replies the milliseconds until a key expires; -1 when never, -2 when there is no key."""
        return await self._run(("PTTL", name), None)

    async def randomkey(self) -> T | None:
        """RANDOMKEY: Replies the name of a key chosen at random."""
        return await self._run(("RANDOMKEY",), None)

    async def rename(self, src: Key, dst: Key) -> bool:
        """RENAME key newkey: Renames a key, replacing the key of the new name."""
        return await self._run(("RENAME", src, dst), _values.ok)

    async def renamenx(self, src: Key, dst: Key) -> bool:
        """RENAMENX key newkey: Renames a key when there is none of the new name."""
        return await self._run(("RENAMENX", src, dst), _values.boolean)

    async def restore(
        self,
        name: Key,
        ttl: int,
        value: Value,
        replace: bool = False,
        absttl: bool = False,
        idletime: int | None = None,
        frequency: int | None = None,
    ) -> bool:
        """RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]: Makes a key of
        what DUMP, here or in Redis, has replied."""
        return await self._run((
            "RESTORE",
            name,
            ttl,
            value,
            *flags(REPLACE=replace, ABSTTL=absttl),
            *options(IDLETIME=idletime, FREQ=frequency),
        ), _values.ok)

    async def scan(
        self,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
        _type: str | None = None,
    ) -> tuple[int, list[T]]:
        """SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]: Replies some of the keys and the cursor to go on
        with, 0 at the end."""
        return await self._run(("SCAN", cursor, *options(MATCH=match, COUNT=count, TYPE=_type)), _values.cursor)

    async def sort(
        self,
        name: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
        store: Key | None = None,
    ) -> Any:
        """SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE
        destination]: Replies or stores the elements of a list in order, or what other keys hold of them."""
        return await self._run((
            "SORT",
            name,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
            *option("STORE", store),
        ), None)

    async def sort_ro(
        self,
        key: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> list[T | None]:
        """SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]:
        Replies the elements of a list in order, or what other keys hold of them."""
        return await self._run((
            "SORT_RO",
            key,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
        ), None)

    async def touch(self, *args: Key) -> int:
        """TOUCH key [key ...]: Marks keys as just used; replies how many exist."""
        return await self._run(("TOUCH", *args), None)

    async def ttl(self, name: Key) -> int:
        """TTL key: Replies the seconds until a key expires; -1 when never, -2 when there is no key."""
        return await self._run(("TTL", name), None)

    async def type(self, name: Key) -> str:
        """TYPE key: Replies the type of the value at a key: string, list, hash, set, zset or none."""
        return await self._run(("TYPE", name), None)

    async def unlink(self, *names: Key) -> int:
        """UNLINK key [key ...]: Removes keys of any type, as DEL does."""
        return await self._run(("UNLINK", *names), None)

    async def append(self, key: Key, value: Value) -> int:
        """APPEND key value: Adds bytes at the end of a string, which is made when missing; replies its length."""
        return await self._run(("APPEND", key, value), None)

    async def decr(self, name: Key, amount: int = 1) -> int:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return await self._run(("DECRBY", name, amount), None)

    async def decrby(self, name: Key, amount: int = 1) -> int:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return await self._run(("DECRBY", name, amount), None)

    async def get(self, name: Key) -> T | None:
        """GET key: Replies the string at a key."""
        return await self._run(("GET", name), None)

    async def getdel(self, name: Key) -> T | None:
        """GETDEL key: Replies the string at a key and removes the key."""
        return await self._run(("GETDEL", name), None)

    async def getex(
        self,
        name: Key,
        ex: int | None = None,
        px: int | None = None,
        exat: int | None = None,
        pxat: int | None = None,
        persist: bool = False,
    ) -> T | None:
        """GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds |
        PERSIST]: Replies the string at a key and sets or removes its expiry."""
        return await self._run((
            "GETEX",
            name,
            *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat),
            *flags(PERSIST=persist),
        ), None)

    async def getrange(self, key: Key, start: int, end: int) -> T:
        """GETRANGE key start end: Replies the bytes from start to end, both included; negative ones count from the
        end."""
        return await self._run(("GETRANGE", key, start, end), None)

    async def getset(self, name: Key, value: Value) -> T | None:
        """GETSET key value: Sets a key to a string and replies the one before."""
        return await self._run(("GETSET", name, value), None)

    async def incr(self, name: Key, amount: int = 1) -> int:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return await self._run(("INCRBY", name, amount), None)

    async def incrby(self, name: Key, amount: int = 1) -> int:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return await self._run(("INCRBY", name, amount), None)

    async def incrbyfloat(self, name: Key, amount: float = 1.0) -> float:
        """INCRBYFLOAT key increment: Adds a number to the floating-point number at a key, 0 when missing; replies
        the result."""
        return await self._run(("INCRBYFLOAT", name, amount), float)

    async def lcs(
        self,
        key1: Key,
        key2: Key,
        len: bool | None = False,
        idx: bool | None = False,
        minmatchlen: int | None = 0,
        withmatchlen: bool | None = False,
    ) -> Any:
        """LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]: Replies the longest common
        subsequence of two strings, its length or its places."""
        return await self._run((
            "LCS",
            key1,
            key2,
            *flags(LEN=bool(len), IDX=bool(idx)),
            *option("MINMATCHLEN", minmatchlen or None),
            *flags(WITHMATCHLEN=bool(withmatchlen)),
        ), None)

    async def mget(self, keys: Keys, *args: Key) -> list[T | None]:
        """MGET key [key ...]: Replies the strings at several keys at once; null where there is none."""
        return await self._run(("MGET", *listed(keys, args)), None)

    async def mset(self, mapping: Mapping[Any, Value]) -> bool:
        """MSET key value [key value ...]: Sets several keys to strings at once."""
        return await self._run(("MSET", *pairs(mapping)), _values.ok)

    async def msetnx(self, mapping: Mapping[Any, Value]) -> bool:
        """MSETNX key value [key value ...]: Sets several keys to strings at once when none of them exists."""
        return await self._run(("MSETNX", *pairs(mapping)), _values.boolean)

    async def psetex(self, name: Key, time_ms: int, value: Value) -> bool:
        """PSETEX key milliseconds value: Sets a key to a string that expires after some milliseconds."""
        return await self._run(("PSETEX", name, time_ms, value), _values.ok)

    async def set(
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
        """SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-
        milliseconds | KEEPTTL]: Sets a key to a string, whatever it held."""
        return await self._run((
            "SET",
            name,
            value,
            *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat),
            *flags(NX=nx, XX=xx, KEEPTTL=keepttl, GET=get),
        ), _values.ok)

    async def setex(self, name: Key, time: int, value: Value) -> bool:
        """SETEX key seconds value: Sets a key to a string that expires after some seconds."""
        return await self._run(("SETEX", name, time, value), _values.ok)

    async def setnx(self, name: Key, value: Value) -> bool:
        """SETNX key value: Sets a key to a string when the key does not exist."""
        return await self._run(("SETNX", name, value), _values.boolean)

    async def setrange(self, name: Key, offset: int, value: Value) -> int:
        """SETRANGE key offset value: Overwrites part of a string from an offset on, padding with zero bytes;
        replies its length."""
        return await self._run(("SETRANGE", name, offset, value), None)

    async def strlen(self, name: Key) -> int:
        """STRLEN key: Replies the length of the string at a key."""
        return await self._run(("STRLEN", name), None)

    async def substr(self, name: Key, start: int, end: int = -1) -> T:
        """SUBSTR key start end: Replies the bytes from start to end: the old name of GETRANGE."""
        return await self._run(("SUBSTR", name, start, end), None)

    async def bitcount(
        self,
        key: Key,
        start: int | None = None,
        end: int | None = None,
        mode: str | None = None,
    ) -> int:
        """BITCOUNT key [start end [BYTE | BIT]]: Counts the bits of a string that are set, in all of it or from
        start to end."""
        return await self._run((
            "BITCOUNT",
            key,
            *([] if start is None else [start, -1 if end is None else end]),
            *([] if mode is None else [mode]),
        ), None)

    async def bitfield(self, key: Key, *operations: Value) -> list[int | None]:
        """BITFIELD key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type
        offset increment> ...]: Reads and changes integers of a few bits anywhere in a string."""
        return await self._run(("BITFIELD", key, *operations), None)

    async def bitfield_ro(self, key: Key, *operations: Value) -> list[int]:
        """BITFIELD_RO key [GET type offset [GET type offset ...]]: Reads integers of a few bits anywhere in a
        string."""
        return await self._run(("BITFIELD_RO", key, *operations), None)

    async def bitop(self, operation: str, dest: Key, *keys: Key) -> int:
        """BITOP <AND | OR | XOR | NOT> destkey key [key ...]: Combines strings bit by bit and stores the result;
        replies its length."""
        return await self._run(("BITOP", operation, dest, *keys), None)

    async def bitpos(
        self,
        key: Key,
        bit: int,
        start: int | None = None,
        end: int | None = None,
        mode: str | None = None,
    ) -> int:
        """BITPOS key bit [start [end [BYTE | BIT]]]: Finds the first bit of a string that is set, or clear."""
        return await self._run((
            "BITPOS",
            key,
            bit,
            *([] if start is None else [start]),
            *([] if end is None else [end]),
            *([] if mode is None else [mode]),
        ), None)

    async def getbit(self, name: Key, offset: int) -> int:
        """GETBIT key offset: Replies the bit at an offset, 0 behind the end."""
        return await self._run(("GETBIT", name, offset), None)

    async def setbit(self, name: Key, offset: int, value: int) -> int:
        """SETBIT key offset value: Sets or clears the bit at an offset of a string, which grows as it needs;
        replies the bit before."""
        return await self._run(("SETBIT", name, offset, value), None)

    async def pfadd(self, name: Key, *values: Value) -> bool:
        """PFADD key [element [element ...]]: Adds elements to a HyperLogLog, which is made when missing; replies
        whether its estimate may have changed."""
        return await self._run(("PFADD", name, *values), _values.boolean)

    async def pfcount(self, *sources: Key) -> int:
        """PFCOUNT key [key ...]: Estimates how many different elements were added to a HyperLogLog, or to several
        together."""
        return await self._run(("PFCOUNT", *sources), None)

    async def pfmerge(self, dest: Key, *sources: Key) -> bool:
        """PFMERGE destkey [sourcekey [sourcekey ...]]: Merges HyperLogLogs into another, which is made when
        missing."""
        return await self._run(("PFMERGE", dest, *sources), _values.ok)

    async def blmove(
        self,
        first_list: Key,
        second_list: Key,
        timeout: float,
        src: str = "LEFT",
        dest: str = "RIGHT",
    ) -> T | None:
        """BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout: LMOVE that waits for an element, at most
        so many seconds (0: for ever)."""
        return await self._run(("BLMOVE", first_list, second_list, src, dest, timeout), None)

    async def blmpop(
        self,
        timeout: float,
        numkeys: int,
        *args: Key,
        direction: str,
        count: int | None = 1,
    ) -> list[Any] | None:
        """BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: LMPOP that waits for an element."""
        return await self._run(("BLMPOP", timeout, numkeys, *args, direction, *option("COUNT", count)), None)

    async def blpop(self, keys: Keys, timeout: float = 0) -> list[T] | None:
        """BLPOP key [key ...] timeout: Takes the first element of the first list that has one, or waits for one."""
        return await self._run(("BLPOP", *listed(keys), timeout), None)

    async def brpop(self, keys: Keys, timeout: float = 0) -> list[T] | None:
        """BRPOP key [key ...] timeout: Takes the last element of the first list that has one, or waits for one."""
        return await self._run(("BRPOP", *listed(keys), timeout), None)

    async def brpoplpush(self, src: Key, dst: Key, timeout: float = 0) -> T | None:
        """BRPOPLPUSH source destination timeout: RPOPLPUSH that waits for an element: the old name of BLMOVE RIGHT
        LEFT."""
        return await self._run(("BRPOPLPUSH", src, dst, timeout), None)

    async def lindex(self, name: Key, index: int) -> T | None:
        """LINDEX key index: Replies the element at an index; negative ones count from the end."""
        return await self._run(("LINDEX", name, index), None)

    async def linsert(self, name: Key, where: str, refvalue: Value, value: Value) -> int:
        """LINSERT key <BEFORE | AFTER> pivot element: Inserts an element before or after the first one that equals
        the pivot; replies the length."""
        return await self._run(("LINSERT", name, where, refvalue, value), None)

    async def llen(self, name: Key) -> int:
        """LLEN key: Replies the length of a list."""
        return await self._run(("LLEN", name), None)

    async def lmove(self, first_list: Key, second_list: Key, src: str = "LEFT", dest: str = "RIGHT") -> T | None:
        """LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>: Moves an element from one end of a list to one
        end of another; replies it."""
        return await self._run(("LMOVE", first_list, second_list, src, dest), None)

    async def lmpop(self, num_keys: int, *args: Key, direction: str, count: int | None = 1) -> list[Any] | None:
        """LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: Takes elements from one end of the first of
        several lists that exists."""
        return await self._run(("LMPOP", num_keys, *args, direction, *option("COUNT", count)), None)

    async def lpop(self, name: Key, count: int | None = None) -> Any:
        """LPOP key [count]: Takes elements from the head of a list; replies them."""
        return await self._run(("LPOP", name, *([] if count is None else [count])), None)

    async def lpos(
        self,
        name: Key,
        value: Value,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> Any:
        """LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]: Replies the index of an element that
        equals the one given, or of several."""
        return await self._run(("LPOS", name, value, *options(RANK=rank, COUNT=count, MAXLEN=maxlen)), None)

    async def lpush(self, name: Key, *values: Value) -> int:
        """LPUSH key element [element ...]: Adds elements at the head of a list, which is made when missing; replies
        its length."""
        return await self._run(("LPUSH", name, *values), None)

    async def lpushx(self, name: Key, *values: Value) -> int:
        """LPUSHX key element [element ...]: Adds elements at the head of a list that exists; replies its length."""
        return await self._run(("LPUSHX", name, *values), None)

    async def lrange(self, name: Key, start: int, end: int) -> list[T]:
        """LRANGE key start stop: Replies the elements from start to stop, both included; negative ones count from
        the end."""
        return await self._run(("LRANGE", name, start, end), None)

    async def lrem(self, name: Key, count: int, value: Value) -> int:
        """LREM key count element: Removes elements that equal the one given: all for 0, else so many from the head,
        or from the tail when negative."""
        return await self._run(("LREM", name, count, value), None)

    async def lset(self, name: Key, index: int, value: Value) -> bool:
        """LSET key index element: Replaces the element at an index."""
        return await self._run(("LSET", name, index, value), _values.ok)

    async def ltrim(self, name: Key, start: int, end: int) -> bool:
        """LTRIM key start stop: Removes the elements outside start to stop."""
        return await self._run(("LTRIM", name, start, end), _values.ok)

    async def rpop(self, name: Key, count: int | None = None) -> Any:
        """RPOP key [count]: Takes elements from the tail of a list; replies them."""
        return await self._run(("RPOP", name, *([] if count is None else [count])), None)

    async def rpoplpush(self, src: Key, dst: Key) -> T | None:
        """RPOPLPUSH source destination: Moves an element from the tail of a list to the head of another: the old
        name of LMOVE RIGHT LEFT."""
        return await self._run(("RPOPLPUSH", src, dst), None)

    async def rpush(self, name: Key, *values: Value) -> int:
        """RPUSH key element [element ...]: Adds elements at the tail of a list, which is made when missing; replies
        its length."""
        return await self._run(("RPUSH", name, *values), None)

    async def rpushx(self, name: Key, *values: Value) -> int:
        """RPUSHX key element [element ...]: Adds elements at the tail of a list that exists; replies its length."""
        return await self._run(("RPUSHX", name, *values), None)

    async def hdel(self, name: Key, *keys: Key) -> int:
        """HDEL key field [field ...]: Removes fields of a hash; replies how many there were."""
        return await self._run(("HDEL", name, *keys), None)

    async def hexists(self, name: Key, key: Key) -> bool:
        """HEXISTS key field: Replies whether a hash has a field."""
        return await self._run(("HEXISTS", name, key), _values.boolean)

    async def hget(self, name: Key, key: Key) -> T | None:
        """HGET key field: Replies the value of a field of a hash."""
        return await self._run(("HGET", name, key), None)

    async def hgetall(self, name: Key) -> dict[T, T]:
        """HGETALL key: Replies all fields of a hash with their values."""
        return await self._run(("HGETALL", name), None)

    async def hincrby(self, name: Key, key: Key, amount: int = 1) -> int:
        """HINCRBY key field increment: Adds a number to the integer in a field, 0 when missing; replies the result."""
        return await self._run(("HINCRBY", name, key, amount), None)

    async def hincrbyfloat(self, name: Key, key: Key, amount: float = 1.0) -> float:
        """HINCRBYFLOAT key field increment: Adds a number to the floating-point number in a field, 0 when missing;
        replies the result."""
        return await self._run(("HINCRBYFLOAT", name, key, amount), float)

    async def hkeys(self, name: Key) -> list[T]:
        """HKEYS key: Replies all fields of a hash."""
        return await self._run(("HKEYS", name), None)

    async def hlen(self, name: Key) -> int:
        """HLEN key: Replies how many fields a hash has."""
        return await self._run(("HLEN", name), None)

    async def hmget(self, name: Key, keys: Keys, *args: Key) -> list[T | None]:
        """HMGET key field [field ...]: Replies the values of several fields; null where there is none."""
        return await self._run(("HMGET", name, *listed(keys, args)), None)

    async def hmset(self, name: Key, mapping: Mapping[Any, Value]) -> bool:
        """HMSET key field value [field value ...]: Sets fields of a hash, as HSET does; replies OK."""
        return await self._run(("HMSET", name, *pairs(mapping)), _values.ok)

    async def hrandfield(self, key: Key, count: int | None = None, withvalues: bool = False) -> Any:
        """HRANDFIELD key [count [WITHVALUES]]: Replies fields of a hash chosen at random: distinct ones, or with
        repeats when the count is negative."""
        return await self._run((
            "HRANDFIELD",
            key,
            *([] if count is None else [count]),
            *flags(WITHVALUES=withvalues),
        ), None)

    async def hscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, dict[T, T]]:
        """HSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the fields with their values and the
        cursor to go on with, 0 at the end."""
        return await self._run(("HSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_pairs)

    async def hset(
        self,
        name: Key,
        key: Key | None = None,
        value: Value | None = None,
        mapping: Mapping[Any, Value] | None = None,
        items: list[Any] | None = None,
    ) -> int:
        """HSET key field value [field value ...]: Sets fields of a hash, which is made when missing; replies how
        many are new."""
        return await self._run((
            "HSET",
            name,
            *([] if key is None else [key, "" if value is None else value]),
            *pairs(mapping),
            *(items or []),
        ), None)

    async def hsetnx(self, name: Key, key: Key, value: Value) -> bool:
        """HSETNX key field value: Sets a field of a hash when it does not exist."""
        return await self._run(("HSETNX", name, key, value), _values.boolean)

    async def hstrlen(self, name: Key, key: Key) -> int:
        """HSTRLEN key field: Replies the length of the value of a field."""
        return await self._run(("HSTRLEN", name, key), None)

    async def hvals(self, name: Key) -> list[T]:
        """HVALS key: Replies the values of all fields of a hash."""
        return await self._run(("HVALS", name), None)

    async def sadd(self, name: Key, *values: Value) -> int:
        """SADD key member [member ...]: Adds members to a set, which is made when missing; replies how many are
        new."""
        return await self._run(("SADD", name, *values), None)

    async def scard(self, name: Key) -> int:
        """SCARD key: Replies how many members a set has."""
        return await self._run(("SCARD", name), None)

    async def sdiff(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SDIFF key [key ...]: Replies the members of the first set that none of the others has."""
        return await self._run(("SDIFF", *listed(keys, args)), None)

    async def sdiffstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SDIFFSTORE destination key [key ...]: Keeps what SDIFF replies at a key; replies how many members it has."""
        return await self._run(("SDIFFSTORE", dest, *listed(keys, args)), None)

    async def sinter(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SINTER key [key ...]: Replies the members that all of the sets have."""
        return await self._run(("SINTER", *listed(keys, args)), None)

    async def sintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """SINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sets have, up to a
        limit."""
        return await self._run(("SINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    async def sinterstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SINTERSTORE destination key [key ...]: Keeps what SINTER replies at a key; replies how many members it
        has."""
        return await self._run(("SINTERSTORE", dest, *listed(keys, args)), None)

    async def sismember(self, name: Key, value: Value) -> bool:
        """SISMEMBER key member: Replies whether a set has a member."""
        return await self._run(("SISMEMBER", name, value), _values.boolean)

    async def smembers(self, name: Key) -> builtins.set[T]:
        """SMEMBERS key: Replies all members of a set."""
        return await self._run(("SMEMBERS", name), None)

    async def smismember(self, name: Key, values: Keys, *args: Value) -> list[bool]:
        """SMISMEMBER key member [member ...]: Replies which of several members a set has."""
        return await self._run(("SMISMEMBER", name, *listed(values, args)), _values.booleans)

    async def smove(self, src: Key, dst: Key, value: Value) -> bool:
        """SMOVE source destination member: Moves a member from one set to another."""
        return await self._run(("SMOVE", src, dst, value), _values.boolean)

    async def spop(self, name: Key, count: int | None = None) -> Any:
        """SPOP key [count]: Takes members chosen at random out of a set; replies them."""
        return await self._run(("SPOP", name, *([] if count is None else [count])), None)

    async def srandmember(self, name: Key, number: int | None = None) -> Any:
        """SRANDMEMBER key [count]: Replies members of a set chosen at random: distinct ones, or with repeats when
        the count is negative."""
        return await self._run(("SRANDMEMBER", name, *([] if number is None else [number])), None)

    async def srem(self, name: Key, *values: Value) -> int:
        """SREM key member [member ...]: Removes members of a set; replies how many there were."""
        return await self._run(("SREM", name, *values), None)

    async def sscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, list[T]]:
        """SSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members and the cursor to go on with,
        0 at the end."""
        return await self._run(("SSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor)

    async def sunion(self, keys: Keys, *args: Key) -> builtins.set[T]:
        """SUNION key [key ...]: Replies the members that any of the sets has."""
        return await self._run(("SUNION", *listed(keys, args)), None)

    async def sunionstore(self, dest: Key, keys: Keys, *args: Key) -> int:
        """SUNIONSTORE destination key [key ...]: Keeps what SUNION replies at a key; replies how many members it
        has."""
        return await self._run(("SUNIONSTORE", dest, *listed(keys, args)), None)

    async def zadd(
        self,
        name: Key,
        mapping: Mapping[Any, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Any:
        """ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]: Gives members of a sorted set
        scores; replies how many are new, or with CH how many changed."""
        return await self._run((
            "ZADD",
            name,
            *flags(NX=nx, XX=xx, GT=gt, LT=lt, CH=ch, INCR=incr),
            *scores(mapping),
        ), None)

    async def zcard(self, name: Key) -> int:
        """ZCARD key: Replies how many members a sorted set has."""
        return await self._run(("ZCARD", name), None)

    async def zcount(self, name: Key, min: Value, max: Value) -> int:
        """ZCOUNT key min max: Counts the members with a score from min to max."""
        return await self._run(("ZCOUNT", name, min, max), None)

    async def zdiff(self, keys: Keys, withscores: bool = False) -> list[Any]:
        """ZDIFF numkeys key [key ...] [WITHSCORES]: Replies the members of the first sorted set that none of the
        others has."""
        return await self._run(("ZDIFF", *counted(keys), *flags(WITHSCORES=withscores)), _values.tuples)

    async def zdiffstore(self, dest: Key, keys: Keys) -> int:
        """ZDIFFSTORE destination numkeys key [key ...]: Keeps what ZDIFF replies at a key; replies how many members
        it has."""
        return await self._run(("ZDIFFSTORE", dest, *counted(keys)), None)

    async def zincrby(self, name: Key, amount: float, value: Value) -> float:
        """ZINCRBY key increment member: Adds a number to the score of a member, 0 when missing; replies the result."""
        return await self._run(("ZINCRBY", name, amount, value), None)

    async def zinter(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that all of the sorted sets have, with their scores combined."""
        return await self._run((
            "ZINTER",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> int:
        """ZINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sorted sets have, up
        to a limit."""
        return await self._run(("ZINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    async def zinterstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> int:
        """ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZINTER replies at a key; replies how many members it has."""
        return await self._run(("ZINTERSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    async def zlexcount(self, name: Key, min: Value, max: Value) -> int:
        """ZLEXCOUNT key min max: Counts the members from min to max, which are members themselves."""
        return await self._run(("ZLEXCOUNT", name, min, max), None)

    async def zmpop(
        self,
        num_keys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]: Takes members from one end of the first of several
        sorted sets that exists."""
        return await self._run((
            "ZMPOP",
            num_keys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    async def zmscore(self, key: Key, members: Keys) -> list[float | None]:
        """ZMSCORE key member [member ...]: Replies the scores of several members; null where there is none."""
        return await self._run(("ZMSCORE", key, *listed(members)), None)

    async def zpopmax(self, name: Key, count: int | None = None) -> list[Any]:
        """ZPOPMAX key [count]: Takes the members with the highest scores; replies them with their scores."""
        return await self._run(("ZPOPMAX", name, 1 if count is None else count), _values.tuples)

    async def zpopmin(self, name: Key, count: int | None = None) -> list[Any]:
        """ZPOPMIN key [count]: Takes the members with the lowest scores; replies them with their scores."""
        return await self._run(("ZPOPMIN", name, 1 if count is None else count), _values.tuples)

    async def zrandmember(self, key: Key, count: int | None = None, withscores: bool = False) -> Any:
        """ZRANDMEMBER key [count [WITHSCORES]]: Replies members of a sorted set chosen at random: distinct ones, or
        with repeats when the count is negative."""
        return await self._run((
            "ZRANDMEMBER",
            key,
            *([] if count is None else [count]),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zrange(
        self,
        name: Key,
        start: Value,
        end: Value,
        desc: bool = False,
        withscores: bool = False,
        *,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> list[Any]:
        """ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]: Replies the members of a
        range of ranks, scores or members."""
        return await self._run((
            "ZRANGE",
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zrangebylex(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> list[T]:
        """ZRANGEBYLEX key min max [LIMIT offset count]: Replies the members from min to max, which are members
        themselves."""
        return await self._run(("ZRANGEBYLEX", name, min, max, *limit(start, num)), None)

    async def zrangebyscore(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]: Replies the members with a score from min to
        max."""
        return await self._run((
            "ZRANGEBYSCORE",
            name,
            min,
            max,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zrangestore(
        self,
        dest: Key,
        name: Key,
        start: Value,
        end: Value,
        byscore: bool = False,
        bylex: bool = False,
        desc: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> int:
        """ZRANGESTORE destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]: Keeps what ZRANGE
        replies at a key; replies how many members it has."""
        return await self._run((
            "ZRANGESTORE",
            dest,
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
        ), None)

    async def zrank(self, name: Key, value: Value, withscore: bool = False) -> Any:
        """ZRANK key member [WITHSCORE]: Replies the rank of a member by ascending score, from 0."""
        return await self._run(("ZRANK", name, value, *flags(WITHSCORE=withscore)), None)

    async def zrem(self, name: Key, *values: Value) -> int:
        """ZREM key member [member ...]: Removes members of a sorted set; replies how many there were."""
        return await self._run(("ZREM", name, *values), None)

    async def zremrangebylex(self, name: Key, min: Value, max: Value) -> int:
        """ZREMRANGEBYLEX key min max: Removes the members from min to max, which are members themselves; replies
        how many there were."""
        return await self._run(("ZREMRANGEBYLEX", name, min, max), None)

    async def zremrangebyrank(self, name: Key, min: int, max: int) -> int:
        """ZREMRANGEBYRANK key start stop: Removes the members of a range of ranks; replies how many there were."""
        return await self._run(("ZREMRANGEBYRANK", name, min, max), None)

    async def zremrangebyscore(self, name: Key, min: Value, max: Value) -> int:
        """ZREMRANGEBYSCORE key min max: Removes the members with a score from min to max; replies how many there
        were."""
        return await self._run(("ZREMRANGEBYSCORE", name, min, max), None)

    async def zrevrange(self, name: Key, start: int, end: int, withscores: bool = False) -> list[Any]:
        """ZREVRANGE key start stop [WITHSCORES]: Replies the members of a range of ranks by descending score."""
        return await self._run(("ZREVRANGE", name, start, end, *flags(WITHSCORES=withscores)), _values.tuples)

    async def zrevrangebylex(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> list[T]:
        """ZREVRANGEBYLEX key max min [LIMIT offset count]: Replies the members from max down to min, which are
        members themselves."""
        return await self._run(("ZREVRANGEBYLEX", name, max, min, *limit(start, num)), None)

    async def zrevrangebyscore(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]: Replies the members with a score from max
        down to min."""
        return await self._run((
            "ZREVRANGEBYSCORE",
            name,
            max,
            min,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zrevrank(self, name: Key, value: Value, withscore: bool = False) -> Any:
        """ZREVRANK key member [WITHSCORE]: Replies the rank of a member by descending score, from 0."""
        return await self._run(("ZREVRANK", name, value, *flags(WITHSCORE=withscore)), None)

    async def zscan(
        self,
        name: Key,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
    ) -> tuple[int, list[tuple[T, float]]]:
        """ZSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members with their scores and the
        cursor to go on with, 0 at the end."""
        return await self._run(("ZSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_scores)

    async def zscore(self, name: Key, value: Value) -> float | None:
        """ZSCORE key member: Replies the score of a member."""
        return await self._run(("ZSCORE", name, value), None)

    async def zunion(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> list[Any]:
        """ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that any of the sorted sets has, with their scores combined."""
        return await self._run((
            "ZUNION",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    async def zunionstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> int:
        """ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZUNION replies at a key; replies how many members it has."""
        return await self._run(("ZUNIONSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    async def bzmpop(
        self,
        timeout: float,
        numkeys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> list[Any] | None:
        """BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]: ZMPOP that waits for a member."""
        return await self._run((
            "BZMPOP",
            timeout,
            numkeys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    async def bzpopmax(self, keys: Keys, timeout: float = 0) -> list[Any] | None:
        """BZPOPMAX key [key ...] timeout: Takes the member with the highest score of the first sorted set that has
        one, or waits for one."""
        return await self._run(("BZPOPMAX", *listed(keys), timeout), None)

    async def bzpopmin(self, keys: Keys, timeout: float = 0) -> list[Any] | None:
        """BZPOPMIN key [key ...] timeout: Takes the member with the lowest score of the first sorted set that has
        one, or waits for one."""
        return await self._run(("BZPOPMIN", *listed(keys), timeout), None)

    async def geoadd(
        self,
        name: Key,
        values: Iterable[Any],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
    ) -> int:
        """GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]: Adds members with
        their places to a sorted set; replies how many are new, or with CH changed."""
        return await self._run(("GEOADD", name, *flags(NX=nx, XX=xx, CH=ch), *values), None)

    async def geodist(self, name: Key, place1: Value, place2: Value, unit: str | None = None) -> float | None:
        """GEODIST key member1 member2 [M | KM | FT | MI]: Replies the distance between the places of two members."""
        return await self._run(("GEODIST", name, place1, place2, *([] if unit is None else [unit])), _values.number)

    async def geohash(self, name: Key, *values: Value) -> list[T | None]:
        """GEOHASH key [member [member ...]]: Replies the places of members as geohashes of eleven letters."""
        return await self._run(("GEOHASH", name, *values), None)

    async def geopos(self, name: Key, *values: Value) -> list[Any]:
        """GEOPOS key [member [member ...]]: Replies the longitudes and latitudes of members."""
        return await self._run(("GEOPOS", name, *values), _values.tuples)

    async def georadius(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Any:
        """GEORADIUS key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around a
        place."""
        return await self._run((
            "GEORADIUS",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    async def georadiusbymember(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Any:
        """GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around one
        of them."""
        return await self._run((
            "GEORADIUSBYMEMBER",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    async def georadius_ro(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> list[Any]:
        """GEORADIUS_RO key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT
        count [ANY]] [ASC | DESC]: Replies the members within a radius around a place."""
        return await self._run((
            "GEORADIUS_RO",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    async def georadiusbymember_ro(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> list[Any]:
        """GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC]: Replies the members within a radius around one of them."""
        return await self._run((
            "GEORADIUSBYMEMBER_RO",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    async def geosearch(
        self,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        withcoord: bool = False,
        withdist: bool = False,
        withhash: bool = False,
    ) -> list[Any]:
        """GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> |
        BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST]
        [WITHHASH]: Replies the members within a circle or a box."""
        return await self._run((
            "GEOSEARCH",
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
        ), None)

    async def geosearchstore(
        self,
        dest: Key,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        storedist: bool = False,
    ) -> int:
        """GEOSEARCHSTORE destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M
        | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [STOREDIST]:
        Stores the members within a circle or a box as a sorted set, with their places or distances."""
        return await self._run((
            "GEOSEARCHSTORE",
            dest,
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(STOREDIST=storedist),
        ), None)

    async def publish(self, channel: Key, message: Value) -> int:
        """PUBLISH channel message: Sends a message to whoever listens to the channel; replies how many those are."""
        return await self._run(("PUBLISH", channel, message), None)

    async def pubsub_channels(self, pattern: Key = "*") -> list[T]:
        """PUBSUB CHANNELS [pattern]: Replies the channels that somebody listens to."""
        return await self._run(("PUBSUB", "CHANNELS", pattern), None)

    async def pubsub_numpat(self) -> int:
        """PUBSUB NUMPAT: Counts the patterns that somebody listens to."""
        return await self._run(("PUBSUB", "NUMPAT"), None)

    async def pubsub_numsub(self, *args: Key) -> list[Any]:
        """PUBSUB NUMSUB [channel [channel ...]]: Counts who listens to each channel."""
        return await self._run(("PUBSUB", "NUMSUB", *args), None)

    async def pubsub_shardchannels(self, pattern: Key = "*") -> list[T]:
        """PUBSUB SHARDCHANNELS [pattern]: Replies the shard channels that somebody listens to."""
        return await self._run(("PUBSUB", "SHARDCHANNELS", pattern), None)

    async def pubsub_shardnumsub(self, *args: Key) -> list[Any]:
        """PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]: Counts who listens to each shard channel."""
        return await self._run(("PUBSUB", "SHARDNUMSUB", *args), None)

    async def spublish(self, shard_channel: Key, message: Value) -> int:
        """SPUBLISH shardchannel message: Sends a message to whoever listens to the shard channel."""
        return await self._run(("SPUBLISH", shard_channel, message), None)

    async def acl_list(self) -> list[T]:
        """ACL LIST: Replies the rules of the users."""
        return await self._run(("ACL", "LIST"), None)

    async def acl_users(self) -> list[T]:
        """ACL USERS: Replies the names of the users."""
        return await self._run(("ACL", "USERS"), None)

    async def acl_whoami(self) -> T:
        """ACL WHOAMI: Replies the name of the connection's user."""
        return await self._run(("ACL", "WHOAMI"), None)

    async def bgrewriteaof(self) -> str:
        """BGREWRITEAOF: Begins to take a snapshot, which takes the place of the log before it."""
        return await self._run(("BGREWRITEAOF",), None)

    async def bgsave(self) -> str:
        """BGSAVE [SCHEDULE]: Starts a snapshot in the background."""
        return await self._run(("BGSAVE",), None)

    async def command(self) -> list[Any]:
        """COMMAND [subcommand [argument ...]]: Describes every command."""
        return await self._run(("COMMAND",), None)

    async def command_count(self) -> int:
        """COMMAND COUNT: Counts the commands."""
        return await self._run(("COMMAND", "COUNT"), None)

    async def command_docs(self, *args: str) -> dict[Any, Any]:
        """COMMAND DOCS [command-name ...]: Replies what commands are for."""
        return await self._run(("COMMAND", "DOCS", *args), None)

    async def command_getkeys(self, *args: Value) -> list[T]:
        """COMMAND GETKEYS command [argument ...]: Finds the keys among the arguments of a command."""
        return await self._run(("COMMAND", "GETKEYS", *args), None)

    async def command_getkeysandflags(self, *args: Value) -> list[Any]:
        """COMMAND GETKEYSANDFLAGS command [argument ...]: Finds the keys among the arguments of a command, and how
        it uses them."""
        return await self._run(("COMMAND", "GETKEYSANDFLAGS", *args), None)

    async def command_info(self, *args: str) -> list[Any]:
        """COMMAND INFO [command-name ...]: Describes commands by name."""
        return await self._run(("COMMAND", "INFO", *args), None)

    async def command_list(self) -> list[T]:
        """COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]: Replies the names of
        commands."""
        return await self._run(("COMMAND", "LIST"), None)

    async def config_get(self, pattern: str = "*", *args: str) -> dict[T, T]:
        """CONFIG GET parameter [parameter ...]: Replies the options whose names match glob patterns."""
        return await self._run(("CONFIG", "GET", pattern, *args), None)

    async def config_resetstat(self) -> bool:
        """CONFIG RESETSTAT: Sets the counters that INFO shows back to 0."""
        return await self._run(("CONFIG", "RESETSTAT"), _values.ok)

    async def config_rewrite(self) -> bool:
        """CONFIG REWRITE: Writes what CONFIG SET has changed into the file that the server was started with."""
        return await self._run(("CONFIG", "REWRITE"), _values.ok)

    async def config_set(self, name: str, value: Value, *args: Value) -> bool:
        """CONFIG SET parameter value [parameter value ...]: Changes options, all or none."""
        return await self._run(("CONFIG", "SET", name, value, *args), _values.ok)

    async def dbsize(self) -> int:
        """DBSIZE: Counts the keys of the database."""
        return await self._run(("DBSIZE",), None)

    async def debug(self, *args: Value) -> Any:
        """DEBUG subcommand [argument ...]: Helps to test the store."""
        return await self._run(("DEBUG", *args), None)

    async def echo(self, value: Value) -> T:
        """ECHO message: Replies the message."""
        return await self._run(("ECHO", value), None)

    async def flushall(self) -> bool:
        """FLUSHALL [ASYNC | SYNC]: Removes all keys of all databases."""
        return await self._run(("FLUSHALL",), _values.ok)

    async def flushdb(self) -> bool:
        """FLUSHDB [ASYNC | SYNC]: Removes all keys of the database."""
        return await self._run(("FLUSHDB",), _values.ok)

    async def info(self, section: str | None = None) -> dict[str, Any]:
        """INFO [section ...]: Replies facts and counters about the store."""
        return await self._run(("INFO", *([] if section is None else [section])), _values.info)

    async def lastsave(self) -> int:
        """LASTSAVE: Replies the Unix time of the last durable snapshot."""
        return await self._run(("LASTSAVE",), None)

    async def latency_doctor(self) -> str:
        """LATENCY DOCTOR: Replies a report on what took long."""
        return await self._run(("LATENCY", "DOCTOR"), None)

    async def latency_graph(self, event: str) -> str:
        """LATENCY GRAPH event: Draws how long an event took."""
        return await self._run(("LATENCY", "GRAPH", event), None)

    async def latency_histogram(self, *args: str) -> dict[Any, Any]:
        """LATENCY HISTOGRAM [command [command ...]]: Replies how many calls of commands took up to 1, 2, 4, 8, ...
        microseconds."""
        return await self._run(("LATENCY", "HISTOGRAM", *args), None)

    async def latency_history(self, event: str) -> list[Any]:
        """LATENCY HISTORY event: Replies when an event took long, and how long."""
        return await self._run(("LATENCY", "HISTORY", event), None)

    async def latency_latest(self) -> list[Any]:
        """LATENCY LATEST: Replies the last time that each event took long."""
        return await self._run(("LATENCY", "LATEST"), None)

    async def latency_reset(self, *events: str) -> int:
        """LATENCY RESET [event [event ...]]: Forgets what took long; replies of how many events."""
        return await self._run(("LATENCY", "RESET", *events), None)

    async def lolwut(self, *version_numbers: int) -> str:
        """LOLWUT [VERSION version]: Replies the version."""
        return await self._run(("LOLWUT", *flags(VERSION=len(version_numbers) > 0), *version_numbers), None)

    async def memory_doctor(self) -> str:
        """MEMORY DOCTOR: Replies a report on the memory in use."""
        return await self._run(("MEMORY", "DOCTOR"), None)

    async def memory_malloc_stats(self) -> str:
        """MEMORY subcommand [argument ...]: Tells what keys and the store take."""
        return await self._run(("MEMORY", "MALLOC-STATS"), None)

    async def memory_purge(self) -> bool:
        """MEMORY PURGE: Moves keys together, and gives the pages that they leave back to the system."""
        return await self._run(("MEMORY", "PURGE"), _values.ok)

    async def memory_stats(self) -> dict[Any, Any]:
        """MEMORY STATS: Replies numbers on the memory in use."""
        return await self._run(("MEMORY", "STATS"), None)

    async def memory_usage(self, key: Key, samples: int | None = None) -> int | None:
        """MEMORY USAGE key [SAMPLES count]: Replies the bytes that a key and its value take."""
        return await self._run(("MEMORY", "USAGE", key, *option("SAMPLES", samples)), None)

    async def ping(self) -> Any:
        """PING [message]: Replies PONG, or the message."""
        return await self._run(("PING",), None)

    async def replicaof(self, *args: Value) -> bool:
        """REPLICAOF host port: Answers NO ONE: a store is nobody's replica."""
        return await self._run(("REPLICAOF", *args), _values.ok)

    async def role(self) -> list[Any]:
        """ROLE: Replies that the store is a master without replicas."""
        return await self._run(("ROLE",), None)

    async def save(self) -> bool:
        """SAVE: Takes a snapshot; replies when it is durable."""
        return await self._run(("SAVE",), _values.ok)

    async def shutdown(
        self,
        save: bool = False,
        nosave: bool = False,
        now: bool = False,
        force: bool = False,
        abort: bool = False,
    ) -> Any:
        """SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]: Asks the program that the store is in to end."""
        return await self._run(("SHUTDOWN", *flags(SAVE=save, NOSAVE=nosave, NOW=now, FORCE=force, ABORT=abort)), None)

    async def slaveof(self, host: str = "NO", port: int | str = "ONE") -> bool:
        """SLAVEOF host port: As REPLICAOF."""
        return await self._run(("SLAVEOF", host, port), _values.ok)

    async def slowlog_get(self, num: int | None = None) -> list[Any]:
        """SLOWLOG GET [count]: Replies the last commands that ran long."""
        return await self._run(("SLOWLOG", "GET", *([] if num is None else [num])), None)

    async def slowlog_len(self) -> int:
        """SLOWLOG LEN: Counts the commands that ran long."""
        return await self._run(("SLOWLOG", "LEN"), None)

    async def slowlog_reset(self) -> bool:
        """SLOWLOG RESET: Forgets the commands that ran long."""
        return await self._run(("SLOWLOG", "RESET"), _values.ok)

    async def swapdb(self, first: int, second: int) -> bool:
        """SWAPDB index1 index2: Swaps two databases."""
        return await self._run(("SWAPDB", first, second), _values.ok)

    async def time(self) -> list[T]:
        """TIME: Replies the store's clock: Unix seconds, and microseconds within the second."""
        return await self._run(("TIME",), None)

    async def wait(self, num_replicas: int, timeout: int) -> int:
        """WAIT numreplicas timeout: Replies how many replicas have the writes: none."""
        return await self._run(("WAIT", num_replicas, timeout), None)

    async def waitaof(self, num_local: int, num_replicas: int, timeout: int) -> list[int]:
        """WAITAOF numlocal numreplicas timeout: Makes what was written before durable; replies 1 for this store,
        and no replicas."""
        return await self._run(("WAITAOF", num_local, num_replicas, timeout), None)


class BatchCommands:
    """Each command, added to a batch."""

    def _run(self, words: Iterable[Argument], convert: Convert) -> Self:
        raise NotImplementedError

    def copy(self, source: Key, destination: Key, destination_db: int | None = None, replace: bool = False) -> Self:
        """COPY source destination [DB destination-db] [REPLACE]: Copies the value of a key, with its expiry, to
        another key."""
        return self._run((
            "COPY",
            source,
            destination,
            *option("DB", destination_db),
            *flags(REPLACE=replace),
        ), _values.boolean)

    def delete(self, *names: Key) -> Self:
        """DEL key [key ...]: Removes keys of any type; replies how many there were."""
        return self._run(("DEL", *names), None)

    def dump(self, name: Key) -> Self:
        """DUMP key: Replies the value at a key as bytes that RESTORE, here and in Redis, makes it of again."""
        return self._run(("DUMP", name), None)

    def exists(self, *names: Key) -> Self:
        """EXISTS key [key ...]: Counts how many of the keys exist; a key given twice counts twice."""
        return self._run(("EXISTS", *names), None)

    def expire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Self:
        """EXPIRE key seconds [NX | XX | GT | LT]: Makes a key expire after some seconds."""
        return self._run(("EXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def expireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Self:
        """EXPIREAT key unix-time-seconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in seconds."""
        return self._run(("EXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def expiretime(self, key: Key) -> Self:
        """EXPIRETIME key: Replies the Unix time in seconds at which a key expires; -1 when never, -2 when there is
        no key."""
        return self._run(("EXPIRETIME", key), None)

    def keys(self, pattern: Key = "*") -> Self:
        """KEYS pattern: Replies all keys whose names match a glob pattern."""
        return self._run(("KEYS", pattern), None)

    def move(self, name: Key, db: int) -> Self:
        """MOVE key db: Moves a key, with its expiry, to another database that does not have it."""
        return self._run(("MOVE", name, db), _values.boolean)

    def object(self, infotype: str, key: Key) -> Self:
        """OBJECT subcommand [argument ...]: Looks into how a value is kept."""
        return self._run(("OBJECT", infotype, key), None)

    def persist(self, name: Key) -> Self:
        """PERSIST key: Removes a key's expiry."""
        return self._run(("PERSIST", name), _values.boolean)

    def pexpire(
        self,
        name: Key,
        time: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Self:
        """PEXPIRE key milliseconds [NX | XX | GT | LT]: Makes a key expire after some milliseconds."""
        return self._run(("PEXPIRE", name, time, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def pexpireat(
        self,
        name: Key,
        when: int,
        nx: bool = False,
        xx: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Self:
        """PEXPIREAT key unix-time-milliseconds [NX | XX | GT | LT]: Makes a key expire at a Unix time in
        milliseconds."""
        return self._run(("PEXPIREAT", name, when, *flags(NX=nx, XX=xx, GT=gt, LT=lt)), _values.boolean)

    def pexpiretime(self, key: Key) -> Self:
        """PEXPIRETIME key: Replies the Unix time in milliseconds at which a key expires; -1 when never, -2 when
        there is no key."""
        return self._run(("PEXPIRETIME", key), None)

    def pttl(self, name: Key) -> Self:
        """PTTL key: Replies the milliseconds until a key expires; -1 when never, -2 when there is no key."""
        return self._run(("PTTL", name), None)

    def randomkey(self) -> Self:
        """RANDOMKEY: Replies the name of a key chosen at random."""
        return self._run(("RANDOMKEY",), None)

    def rename(self, src: Key, dst: Key) -> Self:
        """RENAME key newkey: Renames a key, replacing the key of the new name."""
        return self._run(("RENAME", src, dst), _values.ok)

    def renamenx(self, src: Key, dst: Key) -> Self:
        """RENAMENX key newkey: Renames a key when there is none of the new name."""
        return self._run(("RENAMENX", src, dst), _values.boolean)

    def restore(
        self,
        name: Key,
        ttl: int,
        value: Value,
        replace: bool = False,
        absttl: bool = False,
        idletime: int | None = None,
        frequency: int | None = None,
    ) -> Self:
        """RESTORE key ttl serialized-value [REPLACE] [ABSTTL] [IDLETIME seconds] [FREQ frequency]: Makes a key of
        what DUMP, here or in Redis, has replied."""
        return self._run((
            "RESTORE",
            name,
            ttl,
            value,
            *flags(REPLACE=replace, ABSTTL=absttl),
            *options(IDLETIME=idletime, FREQ=frequency),
        ), _values.ok)

    def scan(
        self,
        cursor: int = 0,
        match: Key | None = None,
        count: int | None = None,
        _type: str | None = None,
    ) -> Self:
        """SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]: Replies some of the keys and the cursor to go on
        with, 0 at the end."""
        return self._run(("SCAN", cursor, *options(MATCH=match, COUNT=count, TYPE=_type)), _values.cursor)

    def sort(
        self,
        name: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
        store: Key | None = None,
    ) -> Self:
        """SORT key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA] [STORE
        destination]: Replies or stores the elements of a list in order, or what other keys hold of them."""
        return self._run((
            "SORT",
            name,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
            *option("STORE", store),
        ), None)

    def sort_ro(
        self,
        key: Key,
        start: int | None = None,
        num: int | None = None,
        by: Key | None = None,
        get: Keys | None = None,
        desc: bool = False,
        alpha: bool = False,
    ) -> Self:
        """SORT_RO key [BY pattern] [LIMIT offset count] [GET pattern [GET pattern ...]] [ASC | DESC] [ALPHA]:
        Replies the elements of a list in order, or what other keys hold of them."""
        return self._run((
            "SORT_RO",
            key,
            *option("BY", by),
            *limit(start, num),
            *(w for g in listed(get or []) for w in ("GET", g)),
            *flags(DESC=desc, ALPHA=alpha),
        ), None)

    def touch(self, *args: Key) -> Self:
        """TOUCH key [key ...]: Marks keys as just used; replies how many exist."""
        return self._run(("TOUCH", *args), None)

    def ttl(self, name: Key) -> Self:
        """TTL key: Replies the seconds until a key expires; -1 when never, -2 when there is no key."""
        return self._run(("TTL", name), None)

    def type(self, name: Key) -> Self:
        """TYPE key: Replies the type of the value at a key: string, list, hash, set, zset or none."""
        return self._run(("TYPE", name), None)

    def unlink(self, *names: Key) -> Self:
        """UNLINK key [key ...]: Removes keys of any type, as DEL does."""
        return self._run(("UNLINK", *names), None)

    def append(self, key: Key, value: Value) -> Self:
        """APPEND key value: Adds bytes at the end of a string, which is made when missing; replies its length."""
        return self._run(("APPEND", key, value), None)

    def decr(self, name: Key, amount: int = 1) -> Self:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return self._run(("DECRBY", name, amount), None)

    def decrby(self, name: Key, amount: int = 1) -> Self:
        """DECRBY key decrement: Takes a number from the integer at a key, 0 when missing; replies the result."""
        return self._run(("DECRBY", name, amount), None)

    def get(self, name: Key) -> Self:
        """GET key: Replies the string at a key."""
        return self._run(("GET", name), None)

    def getdel(self, name: Key) -> Self:
        """GETDEL key: Replies the string at a key and removes the key."""
        return self._run(("GETDEL", name), None)

    def getex(
        self,
        name: Key,
        ex: int | None = None,
        px: int | None = None,
        exat: int | None = None,
        pxat: int | None = None,
        persist: bool = False,
    ) -> Self:
        """GETEX key [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-milliseconds |
        PERSIST]: Replies the string at a key and sets or removes its expiry."""
        return self._run(("GETEX", name, *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat), *flags(PERSIST=persist)), None)

    def getrange(self, key: Key, start: int, end: int) -> Self:
        """GETRANGE key start end: Replies the bytes from start to end, both included; negative ones count from the
        end."""
        return self._run(("GETRANGE", key, start, end), None)

    def getset(self, name: Key, value: Value) -> Self:
        """GETSET key value: Sets a key to a string and replies the one before."""
        return self._run(("GETSET", name, value), None)

    def incr(self, name: Key, amount: int = 1) -> Self:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return self._run(("INCRBY", name, amount), None)

    def incrby(self, name: Key, amount: int = 1) -> Self:
        """INCRBY key increment: Adds a number to the integer at a key, 0 when missing; replies the result."""
        return self._run(("INCRBY", name, amount), None)

    def incrbyfloat(self, name: Key, amount: float = 1.0) -> Self:
        """INCRBYFLOAT key increment: Adds a number to the floating-point number at a key, 0 when missing; replies
        the result."""
        return self._run(("INCRBYFLOAT", name, amount), float)

    def lcs(
        self,
        key1: Key,
        key2: Key,
        len: bool | None = False,
        idx: bool | None = False,
        minmatchlen: int | None = 0,
        withmatchlen: bool | None = False,
    ) -> Self:
        """LCS key1 key2 [LEN] [IDX] [MINMATCHLEN min-match-len] [WITHMATCHLEN]: Replies the longest common
        subsequence of two strings, its length or its places."""
        return self._run((
            "LCS",
            key1,
            key2,
            *flags(LEN=bool(len), IDX=bool(idx)),
            *option("MINMATCHLEN", minmatchlen or None),
            *flags(WITHMATCHLEN=bool(withmatchlen)),
        ), None)

    def mget(self, keys: Keys, *args: Key) -> Self:
        """MGET key [key ...]: Replies the strings at several keys at once; null where there is none."""
        return self._run(("MGET", *listed(keys, args)), None)

    def mset(self, mapping: Mapping[Any, Value]) -> Self:
        """MSET key value [key value ...]: Sets several keys to strings at once."""
        return self._run(("MSET", *pairs(mapping)), _values.ok)

    def msetnx(self, mapping: Mapping[Any, Value]) -> Self:
        """MSETNX key value [key value ...]: Sets several keys to strings at once when none of them exists."""
        return self._run(("MSETNX", *pairs(mapping)), _values.boolean)

    def psetex(self, name: Key, time_ms: int, value: Value) -> Self:
        """PSETEX key milliseconds value: Sets a key to a string that expires after some milliseconds."""
        return self._run(("PSETEX", name, time_ms, value), _values.ok)

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
    ) -> Self:
        """SET key value [NX | XX] [GET] [EX seconds | PX milliseconds | EXAT unix-time-seconds | PXAT unix-time-
        milliseconds | KEEPTTL]: Sets a key to a string, whatever it held."""
        return self._run((
            "SET",
            name,
            value,
            *options(EX=ex, PX=px, EXAT=exat, PXAT=pxat),
            *flags(NX=nx, XX=xx, KEEPTTL=keepttl, GET=get),
        ), _values.ok)

    def setex(self, name: Key, time: int, value: Value) -> Self:
        """SETEX key seconds value: Sets a key to a string that expires after some seconds."""
        return self._run(("SETEX", name, time, value), _values.ok)

    def setnx(self, name: Key, value: Value) -> Self:
        """SETNX key value: Sets a key to a string when the key does not exist."""
        return self._run(("SETNX", name, value), _values.boolean)

    def setrange(self, name: Key, offset: int, value: Value) -> Self:
        """SETRANGE key offset value: Overwrites part of a string from an offset on, padding with zero bytes;
        replies its length."""
        return self._run(("SETRANGE", name, offset, value), None)

    def strlen(self, name: Key) -> Self:
        """STRLEN key: Replies the length of the string at a key."""
        return self._run(("STRLEN", name), None)

    def substr(self, name: Key, start: int, end: int = -1) -> Self:
        """SUBSTR key start end: Replies the bytes from start to end: the old name of GETRANGE."""
        return self._run(("SUBSTR", name, start, end), None)

    def bitcount(self, key: Key, start: int | None = None, end: int | None = None, mode: str | None = None) -> Self:
        """BITCOUNT key [start end [BYTE | BIT]]: Counts the bits of a string that are set, in all of it or from
        start to end."""
        return self._run((
            "BITCOUNT",
            key,
            *([] if start is None else [start, -1 if end is None else end]),
            *([] if mode is None else [mode]),
        ), None)

    def bitfield(self, key: Key, *operations: Value) -> Self:
        """BITFIELD key [GET type offset | [OVERFLOW <WRAP | SAT | FAIL>] <SET type offset value | INCRBY type
        offset increment> ...]: Reads and changes integers of a few bits anywhere in a string."""
        return self._run(("BITFIELD", key, *operations), None)

    def bitfield_ro(self, key: Key, *operations: Value) -> Self:
        """BITFIELD_RO key [GET type offset [GET type offset ...]]: Reads integers of a few bits anywhere in a
        string."""
        return self._run(("BITFIELD_RO", key, *operations), None)

    def bitop(self, operation: str, dest: Key, *keys: Key) -> Self:
        """BITOP <AND | OR | XOR | NOT> destkey key [key ...]: Combines strings bit by bit and stores the result;
        replies its length."""
        return self._run(("BITOP", operation, dest, *keys), None)

    def bitpos(
        self,
        key: Key,
        bit: int,
        start: int | None = None,
        end: int | None = None,
        mode: str | None = None,
    ) -> Self:
        """BITPOS key bit [start [end [BYTE | BIT]]]: Finds the first bit of a string that is set, or clear."""
        return self._run((
            "BITPOS",
            key,
            bit,
            *([] if start is None else [start]),
            *([] if end is None else [end]),
            *([] if mode is None else [mode]),
        ), None)

    def getbit(self, name: Key, offset: int) -> Self:
        """GETBIT key offset: Replies the bit at an offset, 0 behind the end."""
        return self._run(("GETBIT", name, offset), None)

    def setbit(self, name: Key, offset: int, value: int) -> Self:
        """SETBIT key offset value: Sets or clears the bit at an offset of a string, which grows as it needs;
        replies the bit before."""
        return self._run(("SETBIT", name, offset, value), None)

    def pfadd(self, name: Key, *values: Value) -> Self:
        """PFADD key [element [element ...]]: Adds elements to a HyperLogLog, which is made when missing; replies
        whether its estimate may have changed."""
        return self._run(("PFADD", name, *values), _values.boolean)

    def pfcount(self, *sources: Key) -> Self:
        """PFCOUNT key [key ...]: Estimates how many different elements were added to a HyperLogLog, or to several
        together."""
        return self._run(("PFCOUNT", *sources), None)

    def pfmerge(self, dest: Key, *sources: Key) -> Self:
        """PFMERGE destkey [sourcekey [sourcekey ...]]: Merges HyperLogLogs into another, which is made when
        missing."""
        return self._run(("PFMERGE", dest, *sources), _values.ok)

    def blmove(
        self,
        first_list: Key,
        second_list: Key,
        timeout: float,
        src: str = "LEFT",
        dest: str = "RIGHT",
    ) -> Self:
        """BLMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT> timeout: LMOVE that waits for an element, at most
        so many seconds (0: for ever)."""
        return self._run(("BLMOVE", first_list, second_list, src, dest, timeout), None)

    def blmpop(self, timeout: float, numkeys: int, *args: Key, direction: str, count: int | None = 1) -> Self:
        """BLMPOP timeout numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: LMPOP that waits for an element."""
        return self._run(("BLMPOP", timeout, numkeys, *args, direction, *option("COUNT", count)), None)

    def blpop(self, keys: Keys, timeout: float = 0) -> Self:
        """BLPOP key [key ...] timeout: Takes the first element of the first list that has one, or waits for one."""
        return self._run(("BLPOP", *listed(keys), timeout), None)

    def brpop(self, keys: Keys, timeout: float = 0) -> Self:
        """BRPOP key [key ...] timeout: Takes the last element of the first list that has one, or waits for one."""
        return self._run(("BRPOP", *listed(keys), timeout), None)

    def brpoplpush(self, src: Key, dst: Key, timeout: float = 0) -> Self:
        """BRPOPLPUSH source destination timeout: RPOPLPUSH that waits for an element: the old name of BLMOVE RIGHT
        LEFT."""
        return self._run(("BRPOPLPUSH", src, dst, timeout), None)

    def lindex(self, name: Key, index: int) -> Self:
        """LINDEX key index: Replies the element at an index; negative ones count from the end."""
        return self._run(("LINDEX", name, index), None)

    def linsert(self, name: Key, where: str, refvalue: Value, value: Value) -> Self:
        """LINSERT key <BEFORE | AFTER> pivot element: Inserts an element before or after the first one that equals
        the pivot; replies the length."""
        return self._run(("LINSERT", name, where, refvalue, value), None)

    def llen(self, name: Key) -> Self:
        """LLEN key: Replies the length of a list."""
        return self._run(("LLEN", name), None)

    def lmove(self, first_list: Key, second_list: Key, src: str = "LEFT", dest: str = "RIGHT") -> Self:
        """LMOVE source destination <LEFT | RIGHT> <LEFT | RIGHT>: Moves an element from one end of a list to one
        end of another; replies it."""
        return self._run(("LMOVE", first_list, second_list, src, dest), None)

    def lmpop(self, num_keys: int, *args: Key, direction: str, count: int | None = 1) -> Self:
        """LMPOP numkeys key [key ...] <LEFT | RIGHT> [COUNT count]: Takes elements from one end of the first of
        several lists that exists."""
        return self._run(("LMPOP", num_keys, *args, direction, *option("COUNT", count)), None)

    def lpop(self, name: Key, count: int | None = None) -> Self:
        """LPOP key [count]: Takes elements from the head of a list; replies them."""
        return self._run(("LPOP", name, *([] if count is None else [count])), None)

    def lpos(
        self,
        name: Key,
        value: Value,
        rank: int | None = None,
        count: int | None = None,
        maxlen: int | None = None,
    ) -> Self:
        """LPOS key element [RANK rank] [COUNT num-matches] [MAXLEN len]: Replies the index of an element that
        equals the one given, or of several."""
        return self._run(("LPOS", name, value, *options(RANK=rank, COUNT=count, MAXLEN=maxlen)), None)

    def lpush(self, name: Key, *values: Value) -> Self:
        """LPUSH key element [element ...]: Adds elements at the head of a list, which is made when missing; replies
        its length."""
        return self._run(("LPUSH", name, *values), None)

    def lpushx(self, name: Key, *values: Value) -> Self:
        """LPUSHX key element [element ...]: Adds elements at the head of a list that exists; replies its length."""
        return self._run(("LPUSHX", name, *values), None)

    def lrange(self, name: Key, start: int, end: int) -> Self:
        """LRANGE key start stop: Replies the elements from start to stop, both included; negative ones count from
        the end."""
        return self._run(("LRANGE", name, start, end), None)

    def lrem(self, name: Key, count: int, value: Value) -> Self:
        """LREM key count element: Removes elements that equal the one given: all for 0, else so many from the head,
        or from the tail when negative."""
        return self._run(("LREM", name, count, value), None)

    def lset(self, name: Key, index: int, value: Value) -> Self:
        """LSET key index element: Replaces the element at an index."""
        return self._run(("LSET", name, index, value), _values.ok)

    def ltrim(self, name: Key, start: int, end: int) -> Self:
        """LTRIM key start stop: Removes the elements outside start to stop."""
        return self._run(("LTRIM", name, start, end), _values.ok)

    def rpop(self, name: Key, count: int | None = None) -> Self:
        """RPOP key [count]: Takes elements from the tail of a list; replies them."""
        return self._run(("RPOP", name, *([] if count is None else [count])), None)

    def rpoplpush(self, src: Key, dst: Key) -> Self:
        """RPOPLPUSH source destination: Moves an element from the tail of a list to the head of another: the old
        name of LMOVE RIGHT LEFT."""
        return self._run(("RPOPLPUSH", src, dst), None)

    def rpush(self, name: Key, *values: Value) -> Self:
        """RPUSH key element [element ...]: Adds elements at the tail of a list, which is made when missing; replies
        its length."""
        return self._run(("RPUSH", name, *values), None)

    def rpushx(self, name: Key, *values: Value) -> Self:
        """RPUSHX key element [element ...]: Adds elements at the tail of a list that exists; replies its length."""
        return self._run(("RPUSHX", name, *values), None)

    def hdel(self, name: Key, *keys: Key) -> Self:
        """HDEL key field [field ...]: Removes fields of a hash; replies how many there were."""
        return self._run(("HDEL", name, *keys), None)

    def hexists(self, name: Key, key: Key) -> Self:
        """HEXISTS key field: Replies whether a hash has a field."""
        return self._run(("HEXISTS", name, key), _values.boolean)

    def hget(self, name: Key, key: Key) -> Self:
        """HGET key field: Replies the value of a field of a hash."""
        return self._run(("HGET", name, key), None)

    def hgetall(self, name: Key) -> Self:
        """HGETALL key: Replies all fields of a hash with their values."""
        return self._run(("HGETALL", name), None)

    def hincrby(self, name: Key, key: Key, amount: int = 1) -> Self:
        """HINCRBY key field increment: Adds a number to the integer in a field, 0 when missing; replies the result."""
        return self._run(("HINCRBY", name, key, amount), None)

    def hincrbyfloat(self, name: Key, key: Key, amount: float = 1.0) -> Self:
        """HINCRBYFLOAT key field increment: Adds a number to the floating-point number in a field, 0 when missing;
        replies the result."""
        return self._run(("HINCRBYFLOAT", name, key, amount), float)

    def hkeys(self, name: Key) -> Self:
        """HKEYS key: Replies all fields of a hash."""
        return self._run(("HKEYS", name), None)

    def hlen(self, name: Key) -> Self:
        """HLEN key: Replies how many fields a hash has."""
        return self._run(("HLEN", name), None)

    def hmget(self, name: Key, keys: Keys, *args: Key) -> Self:
        """HMGET key field [field ...]: Replies the values of several fields; null where there is none."""
        return self._run(("HMGET", name, *listed(keys, args)), None)

    def hmset(self, name: Key, mapping: Mapping[Any, Value]) -> Self:
        """HMSET key field value [field value ...]: Sets fields of a hash, as HSET does; replies OK."""
        return self._run(("HMSET", name, *pairs(mapping)), _values.ok)

    def hrandfield(self, key: Key, count: int | None = None, withvalues: bool = False) -> Self:
        """HRANDFIELD key [count [WITHVALUES]]: Replies fields of a hash chosen at random: distinct ones, or with
        repeats when the count is negative."""
        return self._run(("HRANDFIELD", key, *([] if count is None else [count]), *flags(WITHVALUES=withvalues)), None)

    def hscan(self, name: Key, cursor: int = 0, match: Key | None = None, count: int | None = None) -> Self:
        """HSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the fields with their values and the
        cursor to go on with, 0 at the end."""
        return self._run(("HSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_pairs)

    def hset(
        self,
        name: Key,
        key: Key | None = None,
        value: Value | None = None,
        mapping: Mapping[Any, Value] | None = None,
        items: list[Any] | None = None,
    ) -> Self:
        """HSET key field value [field value ...]: Sets fields of a hash, which is made when missing; replies how
        many are new."""
        return self._run((
            "HSET",
            name,
            *([] if key is None else [key, "" if value is None else value]),
            *pairs(mapping),
            *(items or []),
        ), None)

    def hsetnx(self, name: Key, key: Key, value: Value) -> Self:
        """HSETNX key field value: Sets a field of a hash when it does not exist."""
        return self._run(("HSETNX", name, key, value), _values.boolean)

    def hstrlen(self, name: Key, key: Key) -> Self:
        """HSTRLEN key field: Replies the length of the value of a field."""
        return self._run(("HSTRLEN", name, key), None)

    def hvals(self, name: Key) -> Self:
        """HVALS key: Replies the values of all fields of a hash."""
        return self._run(("HVALS", name), None)

    def sadd(self, name: Key, *values: Value) -> Self:
        """SADD key member [member ...]: Adds members to a set, which is made when missing; replies how many are
        new."""
        return self._run(("SADD", name, *values), None)

    def scard(self, name: Key) -> Self:
        """SCARD key: Replies how many members a set has."""
        return self._run(("SCARD", name), None)

    def sdiff(self, keys: Keys, *args: Key) -> Self:
        """SDIFF key [key ...]: Replies the members of the first set that none of the others has."""
        return self._run(("SDIFF", *listed(keys, args)), None)

    def sdiffstore(self, dest: Key, keys: Keys, *args: Key) -> Self:
        """SDIFFSTORE destination key [key ...]: Keeps what SDIFF replies at a key; replies how many members it has."""
        return self._run(("SDIFFSTORE", dest, *listed(keys, args)), None)

    def sinter(self, keys: Keys, *args: Key) -> Self:
        """SINTER key [key ...]: Replies the members that all of the sets have."""
        return self._run(("SINTER", *listed(keys, args)), None)

    def sintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> Self:
        """SINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sets have, up to a
        limit."""
        return self._run(("SINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    def sinterstore(self, dest: Key, keys: Keys, *args: Key) -> Self:
        """SINTERSTORE destination key [key ...]: Keeps what SINTER replies at a key; replies how many members it
        has."""
        return self._run(("SINTERSTORE", dest, *listed(keys, args)), None)

    def sismember(self, name: Key, value: Value) -> Self:
        """SISMEMBER key member: Replies whether a set has a member."""
        return self._run(("SISMEMBER", name, value), _values.boolean)

    def smembers(self, name: Key) -> Self:
        """SMEMBERS key: Replies all members of a set."""
        return self._run(("SMEMBERS", name), None)

    def smismember(self, name: Key, values: Keys, *args: Value) -> Self:
        """SMISMEMBER key member [member ...]: Replies which of several members a set has."""
        return self._run(("SMISMEMBER", name, *listed(values, args)), _values.booleans)

    def smove(self, src: Key, dst: Key, value: Value) -> Self:
        """SMOVE source destination member: Moves a member from one set to another."""
        return self._run(("SMOVE", src, dst, value), _values.boolean)

    def spop(self, name: Key, count: int | None = None) -> Self:
        """SPOP key [count]: Takes members chosen at random out of a set; replies them."""
        return self._run(("SPOP", name, *([] if count is None else [count])), None)

    def srandmember(self, name: Key, number: int | None = None) -> Self:
        """SRANDMEMBER key [count]: Replies members of a set chosen at random: distinct ones, or with repeats when
        the count is negative."""
        return self._run(("SRANDMEMBER", name, *([] if number is None else [number])), None)

    def srem(self, name: Key, *values: Value) -> Self:
        """SREM key member [member ...]: Removes members of a set; replies how many there were."""
        return self._run(("SREM", name, *values), None)

    def sscan(self, name: Key, cursor: int = 0, match: Key | None = None, count: int | None = None) -> Self:
        """SSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members and the cursor to go on with,
        0 at the end."""
        return self._run(("SSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor)

    def sunion(self, keys: Keys, *args: Key) -> Self:
        """SUNION key [key ...]: Replies the members that any of the sets has."""
        return self._run(("SUNION", *listed(keys, args)), None)

    def sunionstore(self, dest: Key, keys: Keys, *args: Key) -> Self:
        """SUNIONSTORE destination key [key ...]: Keeps what SUNION replies at a key; replies how many members it
        has."""
        return self._run(("SUNIONSTORE", dest, *listed(keys, args)), None)

    def zadd(
        self,
        name: Key,
        mapping: Mapping[Any, float],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
        incr: bool = False,
        gt: bool = False,
        lt: bool = False,
    ) -> Self:
        """ZADD key [NX | XX] [GT | LT] [CH] [INCR] score member [score member ...]: Gives members of a sorted set
        scores; replies how many are new, or with CH how many changed."""
        return self._run(("ZADD", name, *flags(NX=nx, XX=xx, GT=gt, LT=lt, CH=ch, INCR=incr), *scores(mapping)), None)

    def zcard(self, name: Key) -> Self:
        """ZCARD key: Replies how many members a sorted set has."""
        return self._run(("ZCARD", name), None)

    def zcount(self, name: Key, min: Value, max: Value) -> Self:
        """ZCOUNT key min max: Counts the members with a score from min to max."""
        return self._run(("ZCOUNT", name, min, max), None)

    def zdiff(self, keys: Keys, withscores: bool = False) -> Self:
        """ZDIFF numkeys key [key ...] [WITHSCORES]: Replies the members of the first sorted set that none of the
        others has."""
        return self._run(("ZDIFF", *counted(keys), *flags(WITHSCORES=withscores)), _values.tuples)

    def zdiffstore(self, dest: Key, keys: Keys) -> Self:
        """ZDIFFSTORE destination numkeys key [key ...]: Keeps what ZDIFF replies at a key; replies how many members
        it has."""
        return self._run(("ZDIFFSTORE", dest, *counted(keys)), None)

    def zincrby(self, name: Key, amount: float, value: Value) -> Self:
        """ZINCRBY key increment member: Adds a number to the score of a member, 0 when missing; replies the result."""
        return self._run(("ZINCRBY", name, amount, value), None)

    def zinter(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> Self:
        """ZINTER numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that all of the sorted sets have, with their scores combined."""
        return self._run((
            "ZINTER",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zintercard(self, numkeys: int, keys: Keys, limit: int = 0) -> Self:
        """ZINTERCARD numkeys key [key ...] [LIMIT limit]: Counts the members that all of the sorted sets have, up
        to a limit."""
        return self._run(("ZINTERCARD", numkeys, *listed(keys), "LIMIT", limit), None)

    def zinterstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> Self:
        """ZINTERSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZINTER replies at a key; replies how many members it has."""
        return self._run(("ZINTERSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    def zlexcount(self, name: Key, min: Value, max: Value) -> Self:
        """ZLEXCOUNT key min max: Counts the members from min to max, which are members themselves."""
        return self._run(("ZLEXCOUNT", name, min, max), None)

    def zmpop(
        self,
        num_keys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> Self:
        """ZMPOP numkeys key [key ...] <MIN | MAX> [COUNT count]: Takes members from one end of the first of several
        sorted sets that exists."""
        return self._run((
            "ZMPOP",
            num_keys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    def zmscore(self, key: Key, members: Keys) -> Self:
        """ZMSCORE key member [member ...]: Replies the scores of several members; null where there is none."""
        return self._run(("ZMSCORE", key, *listed(members)), None)

    def zpopmax(self, name: Key, count: int | None = None) -> Self:
        """ZPOPMAX key [count]: Takes the members with the highest scores; replies them with their scores."""
        return self._run(("ZPOPMAX", name, 1 if count is None else count), _values.tuples)

    def zpopmin(self, name: Key, count: int | None = None) -> Self:
        """ZPOPMIN key [count]: Takes the members with the lowest scores; replies them with their scores."""
        return self._run(("ZPOPMIN", name, 1 if count is None else count), _values.tuples)

    def zrandmember(self, key: Key, count: int | None = None, withscores: bool = False) -> Self:
        """ZRANDMEMBER key [count [WITHSCORES]]: Replies members of a sorted set chosen at random: distinct ones, or
        with repeats when the count is negative."""
        return self._run((
            "ZRANDMEMBER",
            key,
            *([] if count is None else [count]),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrange(
        self,
        name: Key,
        start: Value,
        end: Value,
        desc: bool = False,
        withscores: bool = False,
        *,
        byscore: bool = False,
        bylex: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Self:
        """ZRANGE key start stop [BYSCORE | BYLEX] [REV] [LIMIT offset count] [WITHSCORES]: Replies the members of a
        range of ranks, scores or members."""
        return self._run((
            "ZRANGE",
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrangebylex(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> Self:
        """ZRANGEBYLEX key min max [LIMIT offset count]: Replies the members from min to max, which are members
        themselves."""
        return self._run(("ZRANGEBYLEX", name, min, max, *limit(start, num)), None)

    def zrangebyscore(
        self,
        name: Key,
        min: Value,
        max: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> Self:
        """ZRANGEBYSCORE key min max [WITHSCORES] [LIMIT offset count]: Replies the members with a score from min to
        max."""
        return self._run((
            "ZRANGEBYSCORE",
            name,
            min,
            max,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrangestore(
        self,
        dest: Key,
        name: Key,
        start: Value,
        end: Value,
        byscore: bool = False,
        bylex: bool = False,
        desc: bool = False,
        offset: int | None = None,
        num: int | None = None,
    ) -> Self:
        """ZRANGESTORE destination source min max [BYSCORE | BYLEX] [REV] [LIMIT offset count]: Keeps what ZRANGE
        replies at a key; replies how many members it has."""
        return self._run((
            "ZRANGESTORE",
            dest,
            name,
            start,
            end,
            *flags(BYSCORE=byscore, BYLEX=bylex, REV=desc),
            *limit(offset, num),
        ), None)

    def zrank(self, name: Key, value: Value, withscore: bool = False) -> Self:
        """ZRANK key member [WITHSCORE]: Replies the rank of a member by ascending score, from 0."""
        return self._run(("ZRANK", name, value, *flags(WITHSCORE=withscore)), None)

    def zrem(self, name: Key, *values: Value) -> Self:
        """ZREM key member [member ...]: Removes members of a sorted set; replies how many there were."""
        return self._run(("ZREM", name, *values), None)

    def zremrangebylex(self, name: Key, min: Value, max: Value) -> Self:
        """ZREMRANGEBYLEX key min max: Removes the members from min to max, which are members themselves; replies
        how many there were."""
        return self._run(("ZREMRANGEBYLEX", name, min, max), None)

    def zremrangebyrank(self, name: Key, min: int, max: int) -> Self:
        """ZREMRANGEBYRANK key start stop: Removes the members of a range of ranks; replies how many there were."""
        return self._run(("ZREMRANGEBYRANK", name, min, max), None)

    def zremrangebyscore(self, name: Key, min: Value, max: Value) -> Self:
        """ZREMRANGEBYSCORE key min max: Removes the members with a score from min to max; replies how many there
        were."""
        return self._run(("ZREMRANGEBYSCORE", name, min, max), None)

    def zrevrange(self, name: Key, start: int, end: int, withscores: bool = False) -> Self:
        """ZREVRANGE key start stop [WITHSCORES]: Replies the members of a range of ranks by descending score."""
        return self._run(("ZREVRANGE", name, start, end, *flags(WITHSCORES=withscores)), _values.tuples)

    def zrevrangebylex(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
    ) -> Self:
        """ZREVRANGEBYLEX key max min [LIMIT offset count]: Replies the members from max down to min, which are
        members themselves."""
        return self._run(("ZREVRANGEBYLEX", name, max, min, *limit(start, num)), None)

    def zrevrangebyscore(
        self,
        name: Key,
        max: Value,
        min: Value,
        start: int | None = None,
        num: int | None = None,
        withscores: bool = False,
    ) -> Self:
        """ZREVRANGEBYSCORE key max min [WITHSCORES] [LIMIT offset count]: Replies the members with a score from max
        down to min."""
        return self._run((
            "ZREVRANGEBYSCORE",
            name,
            max,
            min,
            *limit(start, num),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zrevrank(self, name: Key, value: Value, withscore: bool = False) -> Self:
        """ZREVRANK key member [WITHSCORE]: Replies the rank of a member by descending score, from 0."""
        return self._run(("ZREVRANK", name, value, *flags(WITHSCORE=withscore)), None)

    def zscan(self, name: Key, cursor: int = 0, match: Key | None = None, count: int | None = None) -> Self:
        """ZSCAN key cursor [MATCH pattern] [COUNT count]: Replies some of the members with their scores and the
        cursor to go on with, 0 at the end."""
        return self._run(("ZSCAN", name, cursor, *options(MATCH=match, COUNT=count)), _values.cursor_scores)

    def zscore(self, name: Key, value: Value) -> Self:
        """ZSCORE key member: Replies the score of a member."""
        return self._run(("ZSCORE", name, value), None)

    def zunion(
        self,
        keys: Keys | Mapping[Any, float],
        aggregate: str | None = None,
        withscores: bool = False,
    ) -> Self:
        """ZUNION numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN | MAX>] [WITHSCORES]:
        Replies the members that any of the sorted sets has, with their scores combined."""
        return self._run((
            "ZUNION",
            *weighted(keys),
            *option("AGGREGATE", aggregate),
            *flags(WITHSCORES=withscores),
        ), _values.tuples)

    def zunionstore(self, dest: Key, keys: Keys | Mapping[Any, float], aggregate: str | None = None) -> Self:
        """ZUNIONSTORE destination numkeys key [key ...] [WEIGHTS weight [weight ...]] [AGGREGATE <SUM | MIN |
        MAX>]: Keeps what ZUNION replies at a key; replies how many members it has."""
        return self._run(("ZUNIONSTORE", dest, *weighted(keys), *option("AGGREGATE", aggregate)), None)

    def bzmpop(
        self,
        timeout: float,
        numkeys: int,
        keys: Keys,
        min: bool | None = False,
        max: bool | None = False,
        count: int | None = 1,
    ) -> Self:
        """BZMPOP timeout numkeys key [key ...] <MIN | MAX> [COUNT count]: ZMPOP that waits for a member."""
        return self._run((
            "BZMPOP",
            timeout,
            numkeys,
            *listed(keys),
            *flags(MIN=bool(min), MAX=bool(max)),
            *option("COUNT", count),
        ), None)

    def bzpopmax(self, keys: Keys, timeout: float = 0) -> Self:
        """BZPOPMAX key [key ...] timeout: Takes the member with the highest score of the first sorted set that has
        one, or waits for one."""
        return self._run(("BZPOPMAX", *listed(keys), timeout), None)

    def bzpopmin(self, keys: Keys, timeout: float = 0) -> Self:
        """BZPOPMIN key [key ...] timeout: Takes the member with the lowest score of the first sorted set that has
        one, or waits for one."""
        return self._run(("BZPOPMIN", *listed(keys), timeout), None)

    def geoadd(
        self,
        name: Key,
        values: Iterable[Any],
        nx: bool = False,
        xx: bool = False,
        ch: bool = False,
    ) -> Self:
        """GEOADD key [NX | XX] [CH] longitude latitude member [longitude latitude member ...]: Adds members with
        their places to a sorted set; replies how many are new, or with CH changed."""
        return self._run(("GEOADD", name, *flags(NX=nx, XX=xx, CH=ch), *values), None)

    def geodist(self, name: Key, place1: Value, place2: Value, unit: str | None = None) -> Self:
        """GEODIST key member1 member2 [M | KM | FT | MI]: Replies the distance between the places of two members."""
        return self._run(("GEODIST", name, place1, place2, *([] if unit is None else [unit])), _values.number)

    def geohash(self, name: Key, *values: Value) -> Self:
        """GEOHASH key [member [member ...]]: Replies the places of members as geohashes of eleven letters."""
        return self._run(("GEOHASH", name, *values), None)

    def geopos(self, name: Key, *values: Value) -> Self:
        """GEOPOS key [member [member ...]]: Replies the longitudes and latitudes of members."""
        return self._run(("GEOPOS", name, *values), _values.tuples)

    def georadius(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Self:
        """GEORADIUS key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around a
        place."""
        return self._run((
            "GEORADIUS",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    def georadiusbymember(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        store: Key | None = None,
        store_dist: Key | None = None,
        any: bool = False,
    ) -> Self:
        """GEORADIUSBYMEMBER key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC] [STORE key | STOREDIST key]: Replies or stores the members within a radius around one
        of them."""
        return self._run((
            "GEORADIUSBYMEMBER",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
            *options(STORE=store, STOREDIST=store_dist),
        ), None)

    def georadius_ro(
        self,
        name: Key,
        longitude: float,
        latitude: float,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> Self:
        """GEORADIUS_RO key longitude latitude radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT
        count [ANY]] [ASC | DESC]: Replies the members within a radius around a place."""
        return self._run((
            "GEORADIUS_RO",
            name,
            longitude,
            latitude,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    def georadiusbymember_ro(
        self,
        name: Key,
        member: Value,
        radius: float,
        unit: str | None = None,
        withdist: bool = False,
        withcoord: bool = False,
        withhash: bool = False,
        count: int | None = None,
        sort: str | None = None,
        any: bool = False,
    ) -> Self:
        """GEORADIUSBYMEMBER_RO key member radius <M | KM | FT | MI> [WITHCOORD] [WITHDIST] [WITHHASH] [COUNT count
        [ANY]] [ASC | DESC]: Replies the members within a radius around one of them."""
        return self._run((
            "GEORADIUSBYMEMBER_RO",
            name,
            member,
            radius,
            unit or "m",
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
            *at_most(count, any),
            *word(sort),
        ), None)

    def geosearch(
        self,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        withcoord: bool = False,
        withdist: bool = False,
        withhash: bool = False,
    ) -> Self:
        """GEOSEARCH key <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M | KM | FT | MI> |
        BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [WITHCOORD] [WITHDIST]
        [WITHHASH]: Replies the members within a circle or a box."""
        return self._run((
            "GEOSEARCH",
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(WITHCOORD=withcoord, WITHDIST=withdist, WITHHASH=withhash),
        ), None)

    def geosearchstore(
        self,
        dest: Key,
        name: Key,
        member: Value | None = None,
        longitude: float | None = None,
        latitude: float | None = None,
        unit: str = "m",
        radius: float | None = None,
        width: float | None = None,
        height: float | None = None,
        sort: str | None = None,
        count: int | None = None,
        any: bool = False,
        storedist: bool = False,
    ) -> Self:
        """GEOSEARCHSTORE destination source <FROMMEMBER member | FROMLONLAT longitude latitude> <BYRADIUS radius <M
        | KM | FT | MI> | BYBOX width height <M | KM | FT | MI>> [ASC | DESC] [COUNT count [ANY]] [STOREDIST]:
        Stores the members within a circle or a box as a sorted set, with their places or distances."""
        return self._run((
            "GEOSEARCHSTORE",
            dest,
            name,
            *place(member, longitude, latitude),
            *shape(unit, radius, width, height),
            *word(sort),
            *at_most(count, any),
            *flags(STOREDIST=storedist),
        ), None)

    def publish(self, channel: Key, message: Value) -> Self:
        """PUBLISH channel message: Sends a message to whoever listens to the channel; replies how many those are."""
        return self._run(("PUBLISH", channel, message), None)

    def pubsub_channels(self, pattern: Key = "*") -> Self:
        """PUBSUB CHANNELS [pattern]: Replies the channels that somebody listens to."""
        return self._run(("PUBSUB", "CHANNELS", pattern), None)

    def pubsub_numpat(self) -> Self:
        """PUBSUB NUMPAT: Counts the patterns that somebody listens to."""
        return self._run(("PUBSUB", "NUMPAT"), None)

    def pubsub_numsub(self, *args: Key) -> Self:
        """PUBSUB NUMSUB [channel [channel ...]]: Counts who listens to each channel."""
        return self._run(("PUBSUB", "NUMSUB", *args), None)

    def pubsub_shardchannels(self, pattern: Key = "*") -> Self:
        """PUBSUB SHARDCHANNELS [pattern]: Replies the shard channels that somebody listens to."""
        return self._run(("PUBSUB", "SHARDCHANNELS", pattern), None)

    def pubsub_shardnumsub(self, *args: Key) -> Self:
        """PUBSUB SHARDNUMSUB [shardchannel [shardchannel ...]]: Counts who listens to each shard channel."""
        return self._run(("PUBSUB", "SHARDNUMSUB", *args), None)

    def spublish(self, shard_channel: Key, message: Value) -> Self:
        """SPUBLISH shardchannel message: Sends a message to whoever listens to the shard channel."""
        return self._run(("SPUBLISH", shard_channel, message), None)

    def acl_list(self) -> Self:
        """ACL LIST: Replies the rules of the users."""
        return self._run(("ACL", "LIST"), None)

    def acl_users(self) -> Self:
        """ACL USERS: Replies the names of the users."""
        return self._run(("ACL", "USERS"), None)

    def acl_whoami(self) -> Self:
        """ACL WHOAMI: Replies the name of the connection's user."""
        return self._run(("ACL", "WHOAMI"), None)

    def bgrewriteaof(self) -> Self:
        """BGREWRITEAOF: Begins to take a snapshot, which takes the place of the log before it."""
        return self._run(("BGREWRITEAOF",), None)

    def bgsave(self) -> Self:
        """BGSAVE [SCHEDULE]: Starts a snapshot in the background."""
        return self._run(("BGSAVE",), None)

    def command(self) -> Self:
        """COMMAND [subcommand [argument ...]]: Describes every command."""
        return self._run(("COMMAND",), None)

    def command_count(self) -> Self:
        """COMMAND COUNT: Counts the commands."""
        return self._run(("COMMAND", "COUNT"), None)

    def command_docs(self, *args: str) -> Self:
        """COMMAND DOCS [command-name ...]: Replies what commands are for."""
        return self._run(("COMMAND", "DOCS", *args), None)

    def command_getkeys(self, *args: Value) -> Self:
        """COMMAND GETKEYS command [argument ...]: Finds the keys among the arguments of a command."""
        return self._run(("COMMAND", "GETKEYS", *args), None)

    def command_getkeysandflags(self, *args: Value) -> Self:
        """COMMAND GETKEYSANDFLAGS command [argument ...]: Finds the keys among the arguments of a command, and how
        it uses them."""
        return self._run(("COMMAND", "GETKEYSANDFLAGS", *args), None)

    def command_info(self, *args: str) -> Self:
        """COMMAND INFO [command-name ...]: Describes commands by name."""
        return self._run(("COMMAND", "INFO", *args), None)

    def command_list(self) -> Self:
        """COMMAND LIST [FILTERBY <MODULE module-name | ACLCAT category | PATTERN pattern>]: Replies the names of
        commands."""
        return self._run(("COMMAND", "LIST"), None)

    def config_get(self, pattern: str = "*", *args: str) -> Self:
        """CONFIG GET parameter [parameter ...]: Replies the options whose names match glob patterns."""
        return self._run(("CONFIG", "GET", pattern, *args), None)

    def config_resetstat(self) -> Self:
        """CONFIG RESETSTAT: Sets the counters that INFO shows back to 0."""
        return self._run(("CONFIG", "RESETSTAT"), _values.ok)

    def config_rewrite(self) -> Self:
        """CONFIG REWRITE: Writes what CONFIG SET has changed into the file that the server was started with."""
        return self._run(("CONFIG", "REWRITE"), _values.ok)

    def config_set(self, name: str, value: Value, *args: Value) -> Self:
        """CONFIG SET parameter value [parameter value ...]: Changes options, all or none."""
        return self._run(("CONFIG", "SET", name, value, *args), _values.ok)

    def dbsize(self) -> Self:
        """DBSIZE: Counts the keys of the database."""
        return self._run(("DBSIZE",), None)

    def debug(self, *args: Value) -> Self:
        """DEBUG subcommand [argument ...]: Helps to test the store."""
        return self._run(("DEBUG", *args), None)

    def echo(self, value: Value) -> Self:
        """ECHO message: Replies the message."""
        return self._run(("ECHO", value), None)

    def flushall(self) -> Self:
        """FLUSHALL [ASYNC | SYNC]: Removes all keys of all databases."""
        return self._run(("FLUSHALL",), _values.ok)

    def flushdb(self) -> Self:
        """FLUSHDB [ASYNC | SYNC]: Removes all keys of the database."""
        return self._run(("FLUSHDB",), _values.ok)

    def info(self, section: str | None = None) -> Self:
        """INFO [section ...]: Replies facts and counters about the store."""
        return self._run(("INFO", *([] if section is None else [section])), _values.info)

    def lastsave(self) -> Self:
        """LASTSAVE: Replies the Unix time of the last durable snapshot."""
        return self._run(("LASTSAVE",), None)

    def latency_doctor(self) -> Self:
        """LATENCY DOCTOR: Replies a report on what took long."""
        return self._run(("LATENCY", "DOCTOR"), None)

    def latency_graph(self, event: str) -> Self:
        """LATENCY GRAPH event: Draws how long an event took."""
        return self._run(("LATENCY", "GRAPH", event), None)

    def latency_histogram(self, *args: str) -> Self:
        """LATENCY HISTOGRAM [command [command ...]]: Replies how many calls of commands took up to 1, 2, 4, 8, ...
        microseconds."""
        return self._run(("LATENCY", "HISTOGRAM", *args), None)

    def latency_history(self, event: str) -> Self:
        """LATENCY HISTORY event: Replies when an event took long, and how long."""
        return self._run(("LATENCY", "HISTORY", event), None)

    def latency_latest(self) -> Self:
        """LATENCY LATEST: Replies the last time that each event took long."""
        return self._run(("LATENCY", "LATEST"), None)

    def latency_reset(self, *events: str) -> Self:
        """LATENCY RESET [event [event ...]]: Forgets what took long; replies of how many events."""
        return self._run(("LATENCY", "RESET", *events), None)

    def lolwut(self, *version_numbers: int) -> Self:
        """LOLWUT [VERSION version]: Replies the version."""
        return self._run(("LOLWUT", *flags(VERSION=len(version_numbers) > 0), *version_numbers), None)

    def memory_doctor(self) -> Self:
        """MEMORY DOCTOR: Replies a report on the memory in use."""
        return self._run(("MEMORY", "DOCTOR"), None)

    def memory_malloc_stats(self) -> Self:
        """MEMORY subcommand [argument ...]: Tells what keys and the store take."""
        return self._run(("MEMORY", "MALLOC-STATS"), None)

    def memory_purge(self) -> Self:
        """MEMORY PURGE: Moves keys together, and gives the pages that they leave back to the system."""
        return self._run(("MEMORY", "PURGE"), _values.ok)

    def memory_stats(self) -> Self:
        """MEMORY STATS: Replies numbers on the memory in use."""
        return self._run(("MEMORY", "STATS"), None)

    def memory_usage(self, key: Key, samples: int | None = None) -> Self:
        """MEMORY USAGE key [SAMPLES count]: Replies the bytes that a key and its value take."""
        return self._run(("MEMORY", "USAGE", key, *option("SAMPLES", samples)), None)

    def ping(self) -> Self:
        """PING [message]: Replies PONG, or the message."""
        return self._run(("PING",), None)

    def replicaof(self, *args: Value) -> Self:
        """REPLICAOF host port: Answers NO ONE: a store is nobody's replica."""
        return self._run(("REPLICAOF", *args), _values.ok)

    def role(self) -> Self:
        """ROLE: Replies that the store is a master without replicas."""
        return self._run(("ROLE",), None)

    def save(self) -> Self:
        """SAVE: Takes a snapshot; replies when it is durable."""
        return self._run(("SAVE",), _values.ok)

    def shutdown(
        self,
        save: bool = False,
        nosave: bool = False,
        now: bool = False,
        force: bool = False,
        abort: bool = False,
    ) -> Self:
        """SHUTDOWN [NOSAVE | SAVE] [NOW] [FORCE] [ABORT]: Asks the program that the store is in to end."""
        return self._run(("SHUTDOWN", *flags(SAVE=save, NOSAVE=nosave, NOW=now, FORCE=force, ABORT=abort)), None)

    def slaveof(self, host: str = "NO", port: int | str = "ONE") -> Self:
        """SLAVEOF host port: As REPLICAOF."""
        return self._run(("SLAVEOF", host, port), _values.ok)

    def slowlog_get(self, num: int | None = None) -> Self:
        """SLOWLOG GET [count]: Replies the last commands that ran long."""
        return self._run(("SLOWLOG", "GET", *([] if num is None else [num])), None)

    def slowlog_len(self) -> Self:
        """SLOWLOG LEN: Counts the commands that ran long."""
        return self._run(("SLOWLOG", "LEN"), None)

    def slowlog_reset(self) -> Self:
        """SLOWLOG RESET: Forgets the commands that ran long."""
        return self._run(("SLOWLOG", "RESET"), _values.ok)

    def swapdb(self, first: int, second: int) -> Self:
        """SWAPDB index1 index2: Swaps two databases."""
        return self._run(("SWAPDB", first, second), _values.ok)

    def time(self) -> Self:
        """TIME: Replies the store's clock: Unix seconds, and microseconds within the second."""
        return self._run(("TIME",), None)

    def wait(self, num_replicas: int, timeout: int) -> Self:
        """WAIT numreplicas timeout: Replies how many replicas have the writes: none."""
        return self._run(("WAIT", num_replicas, timeout), None)

    def waitaof(self, num_local: int, num_replicas: int, timeout: int) -> Self:
        """WAITAOF numlocal numreplicas timeout: Makes what was written before durable; replies 1 for this store,
        and no replicas."""
        return self._run(("WAITAOF", num_local, num_replicas, timeout), None)
