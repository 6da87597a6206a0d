#!/usr/bin/env python3
"""A rate limiter with a sliding window: so many calls in any so many seconds, for each user.

Usage: rate_limiter.py [DIRECTORY]
"""

import sys

from redislite import ManualClock, RedisLite


class Limiter:
    """The times of the calls of each user are a sorted set; what is older than the window goes at each call."""

    def __init__(self, store, now_ms, calls, window_ms):
        self.store, self.now_ms, self.calls, self.window_ms = store, now_ms, calls, window_ms
        self.number = 0

    def allows(self, user):
        now, key = self.now_ms(), f"calls:{user}"
        with self.store.batch() as batch:
            batch.zremrangebyscore(key, 0, now - self.window_ms)
            batch.zcard(key)
        if batch.replies[1] >= self.calls:
            return False
        self.number += 1
        with self.store.batch() as batch:
            batch.zadd(key, {f"{now}-{self.number}": now})
            batch.pexpire(key, self.window_ms)
        return True


def main():
    clock = ManualClock()
    path = sys.argv[1] if len(sys.argv) > 1 else ":memory:"
    # Calls are forgotten soon: a second of them may be lost in a power cut.
    with RedisLite(path, clock=clock, appendfsync="everysec") as store:
        limiter = Limiter(store, lambda: clock.cell[0], calls=3, window_ms=1000)
        print("ada:", [limiter.allows("ada") for _ in range(5)])
        print("bob:", limiter.allows("bob"))
        clock.advance(1001)
        print("ada, a second later:", limiter.allows("ada"))


if __name__ == "__main__":
    main()
