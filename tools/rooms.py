"""The rooms of a build, as cmake/rooms.cmake declared them, and the symbols of their libraries."""

import subprocess
import sys


def read_rooms(build):
    """Room -> the rooms that it sees, in declared order: lower rooms first."""
    rooms = {}
    for line in (build / "rooms.txt").read_text().splitlines():
        name, _, seen = line.partition(":")
        rooms[name] = seen.split()
    return rooms


def room_symbols(build, room):
    """(defined, needed): the global symbols of the room's library, and those that it needs from outside it."""
    archive = build / f"libroom_{room}.a"
    if not archive.exists():
        sys.exit(f"{archive} is not there: build first")
    listing = subprocess.run(["nm", "-P", "-g", str(archive)], check=True, capture_output=True, text=True).stdout
    defined, needed = set(), set()
    for line in listing.splitlines():
        words = line.split()
        if len(words) >= 2 and len(words[1]) == 1:  # not a line that names a member of the archive
            (needed if words[1] in "Uwv" else defined).add(words[0])
    return defined, needed - defined


def readable(names):
    """The names as a person writes them, in the same order."""
    return subprocess.run(
        ["c++filt"], input="\n".join(names), check=True, capture_output=True, text=True
    ).stdout.splitlines()
