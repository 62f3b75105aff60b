#!/usr/bin/env python3
"""Fails when a command of the server has neither a function nor a reason why not.

    tools/check_commands.py ROOT       exit 0: all is so; 1: prints what is wrong, a line each

 - Every command of include/valkeyxx/command_id.hpp is used as `command_id::name` by the headers in
   include/valkeyxx/commands/ or the sources src/commands/*.cpp, or else is in tools/commands_not_offered.txt.
   Commands that only hold subcommands (CLIENT, XINFO), and the HELP of each, need neither.
 - Nothing is in both, and that list names only commands there are.
 - Every function of those headers is called by a test in tests/integration/commands_*_test.cpp.
"""
import pathlib
import re
import sys

ENUM = re.compile(r"enum class command_id[^{]*\{(.*?)\};", re.S)
ENUMERATOR = re.compile(r"^\s*(\w+),", re.M)
HOLDS_SUBCOMMANDS = re.compile(r"\{\.id = command_id::(\w+),(?:(?!\{\.id = ).)*?\.has_subcommands = true", re.S)
USE = re.compile(r"\bcommand_id::(\w+)")
FUNCTION = re.compile(r"\[\[nodiscard\]\]\s+(?:inline\s+)?command<[^;{(]*>\s*(\w+)\(")
COMMENT_OR_STRING = re.compile(r'//[^\n]*|/\*.*?\*/|"(?:\\.|[^"\\\n])*"', re.S)
NOT_OFFERED = re.compile(r"([A-Z][A-Z-]*(?: [A-Z][A-Z-]*)?): because \S")
LIST = "tools/commands_not_offered.txt"


def read_all(root, *patterns):
    """The code of all files that match, without comments and strings."""
    files = sorted(file for pattern in patterns for file in root.glob(pattern))
    return COMMENT_OR_STRING.sub(" ", "\n".join(file.read_text() for file in files))


def id_of(name):
    """CLIENT NO-EVICT -> client_no_evict"""
    return re.sub(r"[^a-z0-9]", "_", name.lower())


def read_ids(root):
    """The commands to be looked for, in order."""
    ids = ENUMERATOR.findall(ENUM.search((root / "include/valkeyxx/command_id.hpp").read_text())[1])
    holders = set(HOLDS_SUBCOMMANDS.findall((root / "src/command/table.gen.inc").read_text()))
    return [i for i in ids if i != "raw"], holders | {f"{holder}_help" for holder in holders}


def read_list(root):
    """(line number, line) of all lines that are not comments."""
    lines = enumerate((root / LIST).read_text().splitlines(), 1)
    return [(number, line) for number, line in lines if line and not line.startswith("#")]


def wrong_in_list(root, ids, used):
    """What is wrong with the list itself, and the ids that it names."""
    named, wrong = {}, []
    for number, line in read_list(root):
        where = f"{LIST}:{number}:"
        entry = NOT_OFFERED.match(line)
        if not entry:
            wrong.append(f"{where} not of the form 'NAME: because ...': {line}")
            continue
        name = entry[1]
        identifier = id_of(name)
        if identifier not in ids:
            wrong.append(f"{where} there is no command {name}")
        elif identifier in used:
            wrong.append(f"{where} {name} has a function")
        elif identifier in named:
            wrong.append(f"{where} {name} stands in line {named[identifier]}, too")
        named.setdefault(identifier, number)
    return named, wrong


def untested_functions(root):
    functions = FUNCTION.findall(read_all(root, "include/valkeyxx/commands/*.hpp"))
    tests = read_all(root, "tests/integration/commands_*_test.cpp")
    for name in dict.fromkeys(functions):
        # Not a member of something, and with or without the type of its reply.
        if not re.search(rf"(?<![\w.>]){name}(?:<[^;()]*>)?\(", tests):
            yield name


def wrong_lines(root):
    ids, covered = read_ids(root)
    used = set(USE.findall(read_all(root, "include/valkeyxx/commands/*.hpp", "src/commands/*.cpp")))
    named, wrong = wrong_in_list(root, ids, used)
    yield from wrong
    for identifier in ids:
        if identifier not in used and identifier not in named and identifier not in covered:
            yield f"no function, and no reason in {LIST}: command_id::{identifier}"
    for name in untested_functions(root):
        yield f"no test in tests/integration/commands_*_test.cpp calls {name}()"


if __name__ == "__main__":
    wrong = list(wrong_lines(pathlib.Path(sys.argv[1]).resolve()))
    print(*wrong, sep="\n", end="\n" if wrong else "")
    sys.exit(bool(wrong))
