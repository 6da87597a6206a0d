#!/usr/bin/env python3
"""A cache: results of a slow function for some time, and no more memory than it may have.

Usage: cache.py [DIRECTORY]
"""

import functools
import json
import sys

from redislite import ManualClock, RedisLite


def cached(store, seconds):
    """Keeps what a function gives for its arguments."""

    def decorate(function):
        @functools.wraps(function)
        def call(*arguments):
            key = f"{function.__name__}:{json.dumps(arguments)}"
            found = store.get(key)
            if found is None:
                found = json.dumps(function(*arguments))
                store.set(key, found, ex=seconds)
            return json.loads(found)

        return call

    return decorate


def main():
    clock = ManualClock()
    path = sys.argv[1] if len(sys.argv) > 1 else ":memory:"
    # What is in a cache can be made again: nothing is synced.
    with RedisLite(path, decode_responses=True, clock=clock, appendfsync="no") as store:
        calls = []

        @cached(store, seconds=60)
        def square(number):
            calls.append(number)
            return number * number

        print([square(number) for number in (3, 4, 3)], "with calls of", calls)
        clock.advance(60_001)
        print(square(3), "with calls of", calls)


if __name__ == "__main__":
    main()
