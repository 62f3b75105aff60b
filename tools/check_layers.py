#!/usr/bin/env python3
"""Fails when a file includes what its place in the house does not allow.

    tools/check_layers.py ROOT       exit 0: the house stands; 1: prints each wrong line

The rooms of src/ and what each may see are read from src/CMakeLists.txt, which builds them the same way.
"""
import pathlib
import re
import sys

# Only these rooms may touch the outside world: sockets, clocks, threads, TLS.
OUTSIDE_ROOMS = {"io", "client", "telemetry"}
OUTSIDE_HEADER = re.compile(
    r"(sys|arpa|netinet|net|linux|openssl)/|(netdb|poll|unistd|fcntl|signal|pthread|time|spawn)\.h$|boost/asio"
    r"|(thread|mutex|shared_mutex|condition_variable|semaphore|latch|barrier|future|stop_token|csignal|ctime)$"
)
READS_CLOCK = re.compile(r"::now\s*\(")

# The one public header that may bring Asio to the user, with the parts in its own folder.
ASIO_FACE = re.compile(r"asio(\.hpp$|/)")

ROOM = re.compile(r"^\s*valkeyxx_room\(\s*(\w+)([^)]*)\)", re.M)
INCLUDE = re.compile(r'\s*#\s*include\s*([<"])([^>"]+)[>"]')
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)


def read_rooms(cmake_text):
    """Room -> all rooms it may see, itself included."""
    below = {}
    for name, options in ROOM.findall(cmake_text):
        sees = re.search(r"\bSEES\b(.*?)(?=\bLINKS\b|$)", options, re.S)
        below[name] = sees[1].split() if sees else []

    def seen_from(room):
        return {room}.union(*(seen_from(r) for r in below[room]))

    return {room: seen_from(room) for room in below}


def code_of(text):
    """The text without comments, line by line; strings stay only in includes."""

    def blank(match):
        kept = match[0].startswith('"') and text[text.rfind("\n", 0, match.start()) + 1 : match.start()].lstrip()
        return match[0] if kept and kept.startswith("#") else "\n" * match[0].count("\n")

    return COMMENT_OR_STRING.sub(blank, text).splitlines()


def wrong_in_room(rooms, room, line):
    """Why this line of a file in `room` is wrong, or None."""
    if room not in OUTSIDE_ROOMS and READS_CLOCK.search(line):
        return f"{room} may not read a clock: time is an argument"
    if not (include := INCLUDE.match(line)):
        return None
    header = include[2]
    first = header.split("/")[0]
    if ".." in header.split("/"):
        return "includes go through a room's door, never by '..'"
    if first in rooms and first not in rooms[room]:
        return f"{room} may not see {first}"
    if room not in OUTSIDE_ROOMS and OUTSIDE_HEADER.match(header):
        return f"{room} may not touch the outside world: {header}"
    return None


def wrong_in_public(rooms, name, line):
    """Why this line of the public header `name` is wrong, or None."""
    if not (include := INCLUDE.match(line)):
        return None
    header = include[2]
    parts = header.split("/")
    if ".." in parts or parts[0] == "src" or parts[0] in rooms:
        return f"a public header may not include an internal one: {header}"
    if header.startswith("boost/asio") and not ASIO_FACE.match(name):
        return f"only asio.hpp may bring Asio to the user: {header}"
    return None


def wrong_lines(root):
    src, public = root / "src", root / "include" / "valkeyxx"
    rooms = read_rooms((src / "CMakeLists.txt").read_text())
    for room, seen in rooms.items():
        if room not in OUTSIDE_ROOMS and (outside := seen & OUTSIDE_ROOMS):
            yield f"src/CMakeLists.txt: {room} may not see {', '.join(sorted(outside))}"

    def lines(folder):
        for path in sorted(folder.rglob("*.[ch]pp")):
            for number, line in enumerate(code_of(path.read_text()), 1):
                yield path, f"{path.relative_to(root)}:{number}", line

    for path, where, line in lines(src):
        room = path.relative_to(src).parts[0]
        why = wrong_in_room(rooms, room, line) if room in rooms else f"{room} is no room of src/CMakeLists.txt"
        if why:
            yield f"{where}: {why}"
    for path, where, line in lines(public):
        if why := wrong_in_public(rooms, path.relative_to(public).as_posix(), line):
            yield f"{where}: {why}"


if __name__ == "__main__":
    wrong = list(wrong_lines(pathlib.Path(sys.argv[1])))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(bool(wrong))
