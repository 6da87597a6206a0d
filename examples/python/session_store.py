#!/usr/bin/env python3
"""Web sessions that expire: each a hash with a time to live that every visit renews.

Usage: session_store.py [DIRECTORY]
"""

import secrets
import sys

from redislite import ManualClock, RedisLite


class Sessions:
    def __init__(self, store, seconds=1800):
        self.store, self.seconds = store, seconds

    def begin(self, user):
        """A new session's id."""
        name = secrets.token_urlsafe(18)
        with self.store.batch() as batch:  # a session without an expiry would stay for ever
            batch.hset(f"session:{name}", mapping={"user": user, "visits": 0})
            batch.expire(f"session:{name}", self.seconds)
        return name

    def visit(self, name):
        """What the session holds, renewed; None when it has expired."""
        key = f"session:{name}"
        if not self.store.expire(key, self.seconds):
            return None
        self.store.hincrby(key, "visits")
        return self.store.hgetall(key)

    def end(self, name):
        self.store.delete(f"session:{name}")


def main():
    clock = ManualClock()  # so that the example need not wait half an hour
    path = sys.argv[1] if len(sys.argv) > 1 else ":memory:"
    with RedisLite(path, decode_responses=True, clock=clock) as store:
        sessions = Sessions(store)
        ada, bob = sessions.begin("ada"), sessions.begin("bob")
        clock.advance(1700_000)
        print("ada:", sessions.visit(ada))
        clock.advance(200_000)
        print("ada:", sessions.visit(ada))
        print("bob:", sessions.visit(bob))
        sessions.end(ada)
        print("ada:", sessions.visit(ada))


if __name__ == "__main__":
    main()
