"""Celery on a store: kombu's transport and Celery's result backend for Redis, on connections to a shared store.

`broker_transport` is "redislite.celery:Transport"; `broker_url` and `result_backend` are redislite:///path?name=value,
as redislite.redispy has them. What kombu and Celery do by Lua scripts is done here in transactions."""

from __future__ import annotations

import functools
import time
from typing import Any

import kombu.transport.redis
from celery.backends.redis import RedisBackend
from kombu.utils.encoding import bytes_to_str

from .redispy import Connection, ConnectionPool, Redis, url_arguments

# What only a connection over TCP has.
_TCP = ("host", "port", "socket_connect_timeout", "socket_keepalive", "socket_keepalive_options")


def _pool_arguments(url: str, arguments: dict[str, Any]) -> dict[str, Any]:
    """Those of a ConnectionPool, whatever was meant for a server's left out."""
    path, found, options = url_arguments(url)
    kept = {name: value for name, value in arguments.items() if name not in _TCP}
    return {**kept, **found, "path": path, "options": options, "shared": True}


class _PrefixedRedis(kombu.transport.redis.PrefixedStrictRedis):
    """kombu's client for the option global_keyprefix, which knows the keys of some commands only."""

    def lock(self, name: Any, *arguments: Any, **more: Any) -> Any:
        return Redis(connection_pool=self.connection_pool).lock(self.global_keyprefix + name, *arguments, **more)


class Channel(kombu.transport.redis.Channel):
    connection_class = Connection  # type: ignore[assignment]

    def _get_client(self) -> Any:
        super()._get_client()  # which looks whether redis-py is new enough
        if self.global_keyprefix:
            return functools.partial(_PrefixedRedis, global_keyprefix=self.global_keyprefix)
        return Redis

    def _get_pool(self, asynchronous: bool = False) -> ConnectionPool:
        arguments = _pool_arguments(self.connection.client.hostname, self._connparams(asynchronous))
        self.keyprefix_fanout = self.keyprefix_fanout.format(db=arguments["db"])
        return ConnectionPool(**arguments)

    def _refresh_binding(self, keys: list[Any], args: list[Any], client: Any) -> None:
        """kombu's REFRESH_BINDING: what routes to a queue that expires is kept for so many milliseconds more."""
        member, exchange, lifetime_ms = args
        # `client` may be a pipeline, which then has nothing left to do.
        with client.pipeline() as pipe:
            pipe.sadd(keys[0], member)
            pipe.zadd(self.keyprefix_binding_deadlines, {exchange: _now_ms() + lifetime_ms}, gt=True)
            pipe.execute()

    def sweep_bindings(self, limit: int = 100) -> int:
        """kombu's SWEEP_BINDINGS: deletes what was not refreshed in time, but for what routes to a queue that stays."""

        def sweep(pipe: Any) -> int:
            deadlines = self.keyprefix_binding_deadlines
            overdue = pipe.zrange(deadlines, "-inf", _now_ms(), byscore=True, offset=0, num=limit)
            names = [bytes_to_str(name) for name in overdue]
            permanent = {name: self.keyprefix_binding_permanent % (name,) for name in names}
            if names:
                pipe.watch(*permanent.values())
            unused = [self.keyprefix_queue % (name,) for name in names if not pipe.smembers(permanent[name])]
            pipe.multi()
            if unused:
                pipe.delete(*unused)
            if names:
                pipe.zrem(deadlines, *names)
            return len(names)

        with self.conn_or_acquire() as client:
            swept: int = client.transaction(sweep, self.keyprefix_binding_deadlines, value_from_callable=True)
            return swept


class Transport(kombu.transport.redis.Transport):
    Channel = Channel
    # The channel reads the URL: kombu would lower the case of what is a path here.
    can_parse_url = True


class Backend(RedisBackend):
    def _params_from_url(self, url: str, defaults: dict[str, Any]) -> dict[str, Any]:
        return _pool_arguments(url, defaults)

    def _get_client(self) -> Any:
        return Redis

    def _get_pool(self, **arguments: Any) -> ConnectionPool:
        return ConnectionPool(**arguments)

    def _chord_part_return_script(self, keys: list[Any], args: list[Any], client: Any) -> tuple[int, Any, Any, int]:
        """Celery's CHORD_PART_RETURN_LUA: keeps the result of a task of a chord, once, and says how many there are, of
        how many, and whether it is the caller that is to start what comes behind them."""
        results, difference, size, done, group, claim = keys
        task, value, is_ordered, score, seconds, group_seconds, claim_seconds, token = args
        member = f"{task}:{score}"

        def keep(pipe: Any) -> tuple[int, Any, Any, int]:
            claimed_by = bytes_to_str(pipe.get(claim))
            if claimed_by == "done":
                return -1, 0, 0, 0
            is_new = not pipe.sismember(done, member)
            count = pipe.zcard(results) if is_ordered else pipe.llen(results)
            if is_new and (not is_ordered or pipe.zscore(results, value) is None):
                count += 1
            more, total = pipe.get(difference), pipe.get(size)
            is_claimed = bool(total) and count == int(total) + int(more or 0) and claimed_by is None
            pipe.multi()
            if is_new:
                if is_ordered:
                    pipe.zadd(results, {value: score})
                else:
                    pipe.rpush(results, value)
                pipe.sadd(done, member)
            if seconds > 0:
                for key in (results, difference, size, done):
                    pipe.expire(key, seconds)
                if group_seconds > 0:
                    pipe.expire(group, group_seconds)
            if is_claimed:
                pipe.set(claim, token, ex=claim_seconds)
            return count, more, total, int(is_claimed)

        watched = (results, difference, size, done, claim)
        found: tuple[int, Any, Any, int] = client.transaction(keep, *watched, value_from_callable=True)
        return found

    def _chord_claim_extend_script(self, keys: list[Any], args: list[Any], client: Any) -> bool:
        """Celery's CHORD_CLAIM_EXTEND_LUA: whether the claim is the caller's, or nobody's while the chord is there."""
        claim, size = keys
        token, seconds = args

        def extend(pipe: Any) -> None:
            claimed_by, is_there = bytes_to_str(pipe.get(claim)), pipe.exists(size)
            pipe.multi()
            if claimed_by == token or (claimed_by is None and is_there):
                pipe.set(claim, token, ex=seconds)

        return bool(client.transaction(extend, claim, size))

    def _chord_cleanup_script(self, keys: list[Any], args: list[Any], client: Any) -> bool:
        """Celery's CHORD_CLEANUP_LUA: deletes what was kept of a chord, if the claim is the caller's."""
        claim, *kept = keys
        token, seconds = args

        def clean_up(pipe: Any) -> None:
            is_ours = bytes_to_str(pipe.get(claim)) == token
            pipe.multi()
            if is_ours:
                pipe.delete(*kept)
                if seconds > 0:
                    pipe.set(claim, "done", ex=seconds)

        return bool(client.transaction(clean_up, claim))


def _now_ms() -> int:
    return int(time.time() * 1000)
