#!/usr/bin/env python3
"""Writes the command table of src/command from what running servers say of their own commands.

    tools/gen_commands.py                          starts a throw-away server, rewrites the generated files
    tools/gen_commands.py --address 127.0.0.1:6379 asks that server instead
    tools/gen_commands.py --newer PROGRAM          asks that newer server, too, for the commands that only it has
    tools/gen_commands.py --check                  writes nothing; fails if the files are not what the servers give

The table is that of one version, which everybody has who works on the library, and has besides the commands that came
later. Without --newer (or VALKEY_NEWER_BIN_DIR, the folder of that valkey-server) these stay as the files have them.

Exit codes: 0 well, 1 files differ or something failed, 77 `--check` against another server version than the files' own.
"""
import argparse
import os
import random
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time

ROOT = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
ID_FILE = os.path.join(ROOT, "include", "valkeyxx", "command_id.hpp")
TABLE_FILE = os.path.join(ROOT, "src", "command", "table.gen.inc")
SKIPPED = 77

# ---------------------------------------------------------------------------------------------------------------------
# What the server does not say: whether a command whose reply was lost may be sent again.
#
# The question is: after "run, reply lost, run again", are data AND reply what one run at the later moment gives?
# Whatever is not clearly so is not last_write_wins. Commands flagged `readonly` are read_only without being listed.
# A command flagged `write` that is in no list stops the generator: someone has to decide.

REPEAT = {
    # The second run overwrites the first with the same, and the reply carries no trace of the first.
    # Relative times to live count from the later run, which is a moment at which the one run could have happened.
    # EXPIRE and its kin answer 0 in place of 1 on the second run only if the key is gone by then, as was asked for.
    # SORT and GEORADIUS are reads unless they store.
    "last_write_wins": """
        SET SETEX PSETEX MSET HMSET SETRANGE
        EXPIRE PEXPIRE EXPIREAT PEXPIREAT GETEX MSETEX
        HEXPIRE HPEXPIRE HEXPIREAT HPEXPIREAT HGETEX HSETEX
        SORT GEORADIUS GEORADIUSBYMEMBER
        ACL|LOAD ACL|SAVE ACL|LOG CONFIG|SET CONFIG|RESETSTAT CONFIG|REWRITE MEMORY|PURGE
        SCRIPT|LOAD SCRIPT|FLUSH SLOWLOG|RESET COMMANDLOG|RESET""",

    # The data end up the same, but the second reply tells of the second run: a count of what was new or removed, an
    # old value, an error that it is there already (or gone). SADD, HSET, ZADD and DEL are here for their counts.
    # The ...STORE commands, BITOP, COPY, PFMERGE may have their destination among their sources.
    # LSET addresses by an index that somebody's push may have shifted in between.
    "checked": """
        SETNX HSETNX MSETNX GETSET GETDEL SETBIT DELIFEQ HGETDEL HPERSIST
        DEL UNLINK PERSIST RENAME RENAMENX MOVE COPY RESTORE RESTORE-ASKING
        HSET HDEL SADD SREM SMOVE ZADD ZREM ZREMRANGEBYSCORE ZREMRANGEBYLEX GEOADD PFADD PFMERGE LSET
        BITOP SDIFFSTORE SINTERSTORE SUNIONSTORE ZDIFFSTORE ZINTERSTORE ZUNIONSTORE ZRANGESTORE GEOSEARCHSTORE
        XACK XDEL XTRIM XSETID XGROUP|CREATE XGROUP|CREATECONSUMER XGROUP|DELCONSUMER XGROUP|DESTROY XGROUP|SETID
        ACL|DELUSER ACL|SETUSER FUNCTION|DELETE FUNCTION|LOAD FUNCTION|RESTORE LATENCY|RESET""",

    # Every run takes effect once more: counts on, adds or takes another element, delivers again.
    # LTRIM, LREM and ZREMRANGEBYRANK count positions or matches in what the first run left.
    "accumulating": """
        INCR INCRBY INCRBYFLOAT DECR DECRBY HINCRBY HINCRBYFLOAT ZINCRBY APPEND BITFIELD
        LPUSH LPUSHX RPUSH RPUSHX LINSERT LPOP RPOP LMPOP LMOVE RPOPLPUSH LTRIM LREM
        BLPOP BRPOP BLMPOP BLMOVE BRPOPLPUSH
        SPOP ZPOPMIN ZPOPMAX ZMPOP BZPOPMIN BZPOPMAX BZMPOP ZREMRANGEBYRANK
        XADD XREADGROUP XCLAIM XAUTOCLAIM SWAPDB PUBLISH SPUBLISH""",

    # What a script, a transaction or a move between servers does is not ours to know. The flushes would be repeatable
    # by the letter, but a late second one also takes what others have written since the first.
    # All that has neither a flag nor a list lands here too: what belongs to one connection (MULTI, WATCH, SELECT,
    # SUBSCRIBE, WAIT ...) and administration.
    "never": "EVAL EVALSHA FCALL EXEC MIGRATE FLUSHALL FLUSHDB FUNCTION|FLUSH CLUSTER|FLUSHSLOT PFDEBUG",

    # Only look, but carry no `readonly` flag since they touch no keys.
    "read_only": """
        ACL|CAT ACL|DRYRUN ACL|GENPASS ACL|GETUSER ACL|HELP ACL|LIST ACL|USERS ACL|WHOAMI
        CLIENT|GETNAME CLIENT|GETREDIR CLIENT|HELP CLIENT|ID CLIENT|INFO CLIENT|LIST CLIENT|TRACKINGINFO
        CLUSTER|COUNT-FAILURE-REPORTS CLUSTER|COUNTKEYSINSLOT CLUSTER|GETKEYSINSLOT CLUSTER|GETSLOTMIGRATIONS
        CLUSTER|HELP CLUSTER|INFO
        CLUSTER|KEYSLOT CLUSTER|LINKS CLUSTER|MYID CLUSTER|MYSHARDID CLUSTER|NODES CLUSTER|REPLICAS CLUSTER|SHARDS
        CLUSTER|SLAVES CLUSTER|SLOT-STATS CLUSTER|SLOTS
        COMMAND COMMAND|COUNT COMMAND|DOCS COMMAND|GETKEYS COMMAND|GETKEYSANDFLAGS COMMAND|HELP COMMAND|INFO
        COMMAND|LIST COMMANDLOG|GET COMMANDLOG|HELP COMMANDLOG|LEN CONFIG|GET CONFIG|HELP ECHO
        FUNCTION|DUMP FUNCTION|HELP FUNCTION|LIST FUNCTION|STATS INFO LASTSAVE
        LATENCY|DOCTOR LATENCY|GRAPH LATENCY|HELP LATENCY|HISTOGRAM LATENCY|HISTORY LATENCY|LATEST
        MEMORY|DOCTOR MEMORY|HELP MEMORY|MALLOC-STATS MEMORY|STATS MODULE|HELP MODULE|LIST OBJECT|HELP PING
        PUBSUB|CHANNELS PUBSUB|HELP PUBSUB|NUMPAT PUBSUB|NUMSUB PUBSUB|SHARDCHANNELS PUBSUB|SHARDNUMSUB ROLE
        SCRIPT|EXISTS SCRIPT|HELP SCRIPT|SHOW SLOWLOG|GET SLOWLOG|HELP SLOWLOG|LEN TIME XGROUP|HELP XINFO|HELP""",
}

# What a command does to the connection it is sent on. Commands flagged `blocking` have it to themselves while they wait,
# but for WAIT and WAITAOF, which are about what was written on it before. What others on the same connection do not
# notice, such as a name, binds nobody.
BINDS = """
    MULTI EXEC DISCARD WATCH UNWATCH SELECT AUTH HELLO RESET ASKING
    CLIENT|TRACKING CLIENT|CACHING CLIENT|CAPA CLIENT|IMPORT-SOURCE""".split()
BREAKS = """
    SUBSCRIBE PSUBSCRIBE SSUBSCRIBE UNSUBSCRIBE PUNSUBSCRIBE SUNSUBSCRIBE MONITOR QUIT SYNC PSYNC REPLCONF
    CLIENT|REPLY CLUSTER|SYNCSLOTS""".split()
SHARED = "WAIT WAITAOF".split()

# Options that put a command in a stricter class: words, where they may stand from (index in the request), the class.
# A value that happens to spell an option only makes the client more careful than needed.
STRICTER = {
    "SET": ("NX XX GET IFEQ", 3, "checked"),
    "EXPIRE": ("NX XX GT LT", 3, "checked"),
    "PEXPIRE": ("NX XX GT LT", 3, "checked"),
    "EXPIREAT": ("NX XX GT LT", 3, "checked"),
    "PEXPIREAT": ("NX XX GT LT", 3, "checked"),
    # A time in the past deletes the key: the first run answers the value, the second nil.
    "GETEX": ("EXAT PXAT", 2, "checked"),
    "HGETEX": ("EXAT PXAT", 2, "checked"),
    "HSETEX": ("NX XX FNX FXX", 2, "checked"),
    "HEXPIRE": ("NX XX GT LT", 3, "checked"),
    "HPEXPIRE": ("NX XX GT LT", 3, "checked"),
    "HEXPIREAT": ("NX XX GT LT", 3, "checked"),
    "HPEXPIREAT": ("NX XX GT LT", 3, "checked"),
    "MSETEX": ("NX XX", 4, "checked"),
    "ZADD": ("INCR", 2, "accumulating"),
    "SORT": ("STORE", 2, "checked"),
    "GEORADIUS": ("STORE STOREDIST", 6, "checked"),
    "GEORADIUSBYMEMBER": ("STORE STOREDIST", 5, "checked"),
}

# ---------------------------------------------------------------------------------------------------------------------
# The server's words, and ours where a C++ keyword or a clearer name is in the way. An unknown word stops the generator.

FLAGS = """write readonly denyoom admin pubsub noscript blocking loading stale skip_monitor skip_slowlog asking fast
           no_auth may_replicate sentinel only_sentinel no_mandatory_keys protected no_async_loading no_multi
           allow_busy movablekeys module""".split()
KEY_FLAGS = {"RO": "read_only", "RW": "read_write", "OW": "overwrite", "RM": "remove", "access": "access",
             "update": "update", "insert": "insert", "delete": "erase", "not_key": "not_key",
             "incomplete": "incomplete", "variable_flags": "variable_flags"}
TIPS = ["nondeterministic_output", "nondeterministic_output_order"]
REQUEST_POLICIES = ["all_nodes", "all_shards", "multi_shard", "special"]
RESPONSE_POLICIES = ["one_succeeded", "all_succeeded", "agg_logical_and", "agg_logical_or", "agg_min", "agg_max",
                     "agg_sum", "special"]
MAX_WIDTH = 112  # of an entry's line, before indentation
CPP_KEYWORDS = {"delete", "switch", "register", "union", "xor", "and", "or", "not", "export", "default", "protected"}


class Problem(Exception):
    """Something the person at the terminal has to act on."""


def known(word, words):
    if word not in words:
        raise Problem(f"the server says '{word}', which this generator does not know")
    return word


# ---------------------------------------------------------------------------------------------------------------------
# The server

class Connection:
    """A RESP3 connection: one request, one reply."""

    def __init__(self, host, port):
        self.socket = socket.create_connection((host, port), timeout=10)
        self.file = self.socket.makefile("rb")

    def ask(self, *words):
        parts = [w.encode() for w in words]
        self.socket.sendall(b"*%d\r\n" % len(parts) + b"".join(b"$%d\r\n%s\r\n" % (len(p), p) for p in parts))
        return self.read()

    def read(self):
        line = self.file.readline()
        if not line.endswith(b"\r\n"):
            raise Problem("the server closed the connection")
        kind, rest = line[:1], line[1:-2].decode()
        if kind == b"+":
            return rest
        if kind == b"-":
            raise Problem(f"the server answers: {rest}")
        if kind == b":":
            return int(rest)
        if kind == b"_":
            return None
        if kind == b"#":
            return rest == "t"
        if kind in b"$=":
            return self.file.read(int(rest) + 2)[:-2].decode()
        if kind in b"*~":
            return [self.read() for _ in range(int(rest))]
        if kind == b"%":
            return {self.read(): self.read() for _ in range(int(rest))}
        raise Problem(f"cannot read a reply that begins with {line!r}")


class ThrowAwayServer:
    """A server on a free local port, in a folder of its own, gone when the `with` block ends."""

    def __init__(self, program):
        self.folder = tempfile.mkdtemp(prefix="gen_commands.")
        self.process = None
        self.program = program or self.find_program()

    def find_program(self):
        found = shutil.which("valkey-server")
        if found:
            return found
        # Packages may ship the server only under the name of one of its other roles; argv[0] picks the role.
        other = shutil.which("valkey-check-rdb")
        if not other:
            raise Problem("no valkey-server on PATH; give --server or --address")
        link = os.path.join(self.folder, "valkey-server")
        os.symlink(other, link)
        return link

    def __enter__(self):
        try:
            for _ in range(20):  # another program may take the port between our look and the server's bind
                port = free_port()
                self.process = subprocess.Popen(
                    [self.program, "--port", str(port), "--bind", "127.0.0.1", "--dir", self.folder, "--save", "",
                     "--appendonly", "no", "--daemonize", "no"], stdout=subprocess.DEVNULL)
                if self.wait_until_up(port):
                    return "127.0.0.1", port
            raise Problem(f"{self.program} does not start")
        except BaseException:
            self.__exit__()
            raise

    def wait_until_up(self, port):
        deadline = time.monotonic() + 10
        while self.process.poll() is None and time.monotonic() < deadline:
            try:
                Connection("127.0.0.1", port).ask("PING")
                return True
            except (OSError, Problem):
                time.sleep(0.01)
        self.stop()
        return False

    def stop(self):
        if self.process and self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()

    def __exit__(self, *_):
        self.stop()
        shutil.rmtree(self.folder)


def free_port():
    """Below the range from which the kernel gives client sockets their ports, also with its cluster bus port."""
    while True:
        port = random.randrange(12000, 22768)
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
                return port
            except OSError:
                pass


def ask_server(host, port, known=(), only=None):
    """The server's version and its commands, subcommands included, as a list of `Command`, but for those known.
    Without any if `only` is another version, whose words this generator may not know."""
    connection = Connection(host, port)
    connection.ask("HELLO", "3")
    version = re.search(r"^valkey_version:(\S+)", connection.ask("INFO", "server"), re.MULTILINE)
    if not version:
        raise Problem(f"{host}:{port} does not say which Valkey version it is")
    if only not in (None, version[1]):
        return version[1], []
    docs = connection.ask("COMMAND", "DOCS")
    for doc in list(docs.values()):
        docs.update(doc.get("subcommands", {}))
    entries = [one for entry in connection.ask("COMMAND") for one in (entry, *entry[9])]
    return version[1], [Command(entry, docs[entry[0]]) for entry in entries if entry[0].upper() not in known]


# ---------------------------------------------------------------------------------------------------------------------
# One command as C++

class Command:
    def __init__(self, entry, doc):
        self.key = entry[0].upper()  # "CLUSTER|INFO"
        self.words = self.key.split("|")
        self.name = " ".join(self.words)
        self.id = re.sub(r"[^a-z0-9]", "_", self.name.lower())
        if self.id in CPP_KEYWORDS:
            self.id += "_"
        self.arity = entry[1]
        for flag in entry[2]:
            known(flag, FLAGS)
        self.flags = [f + "_" if f in CPP_KEYWORDS else f for f in FLAGS if f in entry[2]]
        self.tips, self.request_policy, self.response_policy = [], None, None
        for tip in entry[7]:
            kind, _, policy = tip.partition(":")
            if kind == "request_policy":
                self.request_policy = known(policy, REQUEST_POLICIES)
            elif kind == "response_policy":
                self.response_policy = known(policy, RESPONSE_POLICIES)
            else:
                self.tips.append(known(kind, TIPS))
        self.keys = [key_spec(s) for s in entry[8]]
        # The client takes apart what has its keys from one place to the end. A number of keys in front (MSETEX) would
        # be another one for each part.
        if self.request_policy == "multi_shard" and any(s["find_keys"]["type"] == "keynum" for s in entry[8]):
            self.request_policy = self.response_policy = None
        self.has_subcommands = bool(entry[9])
        self.since = doc["since"]

    def repeat(self):
        listed = [c for c, names in REPEAT.items() if self.key in names.split()]
        if len(listed) > 1:
            raise Problem(f"{self.key} is in two lists of REPEAT: {listed}")
        if listed:
            return listed[0]
        if "readonly" in self.flags:
            return "read_only"
        if "write" in self.flags:
            raise Problem(f"{self.key} writes: decide whether it may be repeated, and add it to a list of REPEAT")
        return "never"

    def handling(self):
        if self.key in BINDS:
            return "binds"
        if self.key in BREAKS:
            return "breaks"
        return "blocks" if "blocking" in self.flags and self.key not in SHARED else "ordinary"

    def text(self):
        """The entry, in lines of at most 120 columns."""
        head = "".join(f"${len(w)}\\r\\n{w}\\r\\n" for w in self.words)
        parts = [f'.id = command_id::{self.id}', f'.name = "{self.name}"', f'.head = "{head}"',
                 f'.since = "{self.since}"', f'.words = {len(self.words)}', f'.arity = {self.arity}']
        if self.has_subcommands:
            parts.append(".has_subcommands = true")
        parts.append(f".repeat = repeatable::{self.repeat()}")
        if self.handling() != "ordinary":
            parts.append(f".how = handling::{self.handling()}")
        if self.flags:
            parts.append(".flags = " + joined("flag", self.flags))
        if self.tips:
            parts.append(".tips = " + joined("command_tips", self.tips))
        if self.request_policy:
            parts.append(f".request = request_policy::{self.request_policy}")
        if self.response_policy:
            parts.append(f".response = response_policy::{self.response_policy}")
        if self.key in STRICTER:
            words, start, stricter = STRICTER[self.key]
            parts.append(f'.stricter = {{"{words}", {start}, repeatable::{stricter}}}')
        lines = wrapped(parts)
        if self.keys:
            lines[-1] += ","
            lines.append(" .keys = {" + ",\n             ".join(self.keys) + "}")
        return "    {" + "\n    ".join(lines).lstrip() + "},\n"


def joined(kind, names):
    return " | ".join(f"{kind}::{n}" for n in names)


def wrapped(parts):
    lines, line = [], ""
    for part in parts:
        if line and len(line) + len(", " + part) > MAX_WIDTH:
            lines.append(line + ",")
            line = ""
        line += (", " if line else " ") + part
        while len(line) > MAX_WIDTH:
            cut = line.rindex(" | ", 0, MAX_WIDTH) + 2
            lines.append(line[:cut])
            line = "          " + line[cut:]
    return lines + [line]


def key_spec(spec):
    begin, find = spec["begin_search"], spec["find_keys"]
    b, f = begin["spec"], find["spec"]
    where = {"index": lambda: f"at({b['index']})",
             "keyword": lambda: f"after(\"{b['keyword']}\", {b['startfrom']})",
             "unknown": lambda: "key_begin{}"}[begin["type"]]()
    which = {"range": lambda: f"range({f['lastkey']}, {f['keystep']}, {f['limit']})",
             "keynum": lambda: f"counted({f['keynumidx']}, {f['firstkey']}, {f['keystep']})",
             "unknown": lambda: "key_extent{}"}[find["type"]]()
    for flag in spec["flags"]:
        known(flag, KEY_FLAGS)
    flags = joined("key", [ours for theirs, ours in KEY_FLAGS.items() if theirs in spec["flags"]])
    return f"{{{where}, {which}, {flags}}}"


class Entry:
    """A command in the generated table, as a line of the table has it."""

    PATTERN = re.compile(r'^    \{\.id = command_id::(\w+), \.name = "([^"]+)".*?(?=^    \{|^\};)', re.S | re.M)

    def __init__(self, identifier, name, text):
        self.id, self.key, self.text = identifier, name.replace(" ", "|"), text
        self.since = re.search(r'\.since = "([^"]+)"', text)[1]

    @classmethod
    def of_command(cls, command):
        return cls(command.id, command.name, command.text())

    @classmethod
    def all_in(cls, table):
        return [cls(*found.groups(), found[0]) for found in cls.PATTERN.finditer(table)]


def is_newer(version, than):
    return [int(n) for n in version.split(".")] > [int(n) for n in than.split(".")]


def render_ids(version, newer, entries):
    names = "".join(f"    {e.id},\n" for e in entries)
    return f"""// The commands the library knows by name, numbered.
// Generated by tools/gen_commands.py from Valkey {version} and {newer}; do not edit.
#pragma once

#include <cstdint>

namespace valkeyxx {{

/// A command or subcommand of Valkey {version} or {newer}: CLIENT NO-EVICT is `client_no_evict`.
/// The numbers follow the alphabet, so they differ between versions of the library: never store one.
enum class command_id : std::uint16_t {{
    raw,  ///< none of those below: known by its text only
{names}}};

}}  // namespace valkeyxx
"""


def render_table(version, newer, entries):
    return f"""// What Valkey {version} says of its commands (COMMAND, COMMAND DOCS), what {newer} says of those that are newer,
// and which of them may be repeated.
// Generated by tools/gen_commands.py; do not edit. Included by table.cpp, which supplies the short names used here.

constexpr std::string_view server_version = "{version}";
constexpr std::string_view newer_server_version = "{newer}";

constexpr listed_command entries[] = {{
    {{}},  // command_id::raw
""" + "".join(e.text for e in entries) + "};\n"


# ---------------------------------------------------------------------------------------------------------------------

def main():
    parser = argparse.ArgumentParser(description="Generate the command table from a running server.")
    parser.add_argument("--address", metavar="HOST:PORT", help="ask this server instead of starting one")
    parser.add_argument("--server", metavar="PROGRAM", help="the valkey-server to start (default: from PATH)")
    parser.add_argument("--newer", metavar="PROGRAM", help="the valkey-server of a newer version")
    parser.add_argument("--check", action="store_true", help="write nothing, fail if the files would change")
    options = parser.parse_args()

    only = version_in("server_version") if options.check else None
    if options.address:
        host, _, port = options.address.rpartition(":")
        version, commands = ask_server(host, int(port), only=only)
    else:
        with ThrowAwayServer(options.server) as (host, port):
            version, commands = ask_server(host, port, only=only)
    if only not in (None, version):
        print(f"skipped: the table is of Valkey {only}, the server is {version}")
        return SKIPPED
    newer, later = ask_newer(options, version, {c.key for c in commands})

    entries = sorted([Entry.of_command(c) for c in commands] + later, key=lambda e: e.id)
    names = {e.key for e in entries}
    for name in [n for text in REPEAT.values() for n in text.split()] + list(STRICTER) + BINDS + BREAKS + SHARED:
        if name not in names:
            raise Problem(f"{name} is listed in this generator, but the servers have no such command")

    files = {ID_FILE: render_ids(version, newer, entries), TABLE_FILE: render_table(version, newer, entries)}
    return check(files, version, newer) if options.check else write(files, version, newer, len(entries))


def ask_newer(options, version, known):
    """The newer version and the entries of the commands that only it has."""
    program = options.newer
    if not program and "VALKEY_NEWER_BIN_DIR" in os.environ:
        program = os.path.join(os.environ["VALKEY_NEWER_BIN_DIR"], "valkey-server")
    there = version_in("newer_server_version")
    if program:
        only = there if options.check else None
        with ThrowAwayServer(program) as (host, port):
            newer, later = ask_server(host, port, known, only)
        if only in (None, newer):
            return newer, [Entry.of_command(c) for c in later]
        print(f"the newer commands are of Valkey {there}: not compared with {newer}")
    if not there:
        raise Problem("the table has no newer commands yet: give --newer")
    entries = Entry.all_in(read_or_empty(TABLE_FILE))
    return there, [e for e in entries if is_newer(e.since, version) and e.key not in known]


def version_in(constant):
    """A version that the table names; None if there is no table yet."""
    found = re.search(rf'^constexpr std::string_view {constant} = "([^"]+)"', read_or_empty(TABLE_FILE), re.M)
    return found[1] if found else None


def write(files, version, newer, count):
    for path, text in files.items():
        with open(path, "w", encoding="ascii", newline="\n") as out:
            out.write(text)
    paths = ", ".join(os.path.relpath(p, ROOT) for p in files)
    print(f"{count} commands of Valkey {version} and {newer} written to {paths}")
    return 0


def check(files, version, newer):
    committed = {path: read_or_empty(path) for path in files}
    stale = [os.path.relpath(path, ROOT) for path, text in files.items() if committed[path] != text]
    for path in stale:
        print(f"{path} differs from what Valkey {version} and {newer} give; run tools/gen_commands.py", file=sys.stderr)
    if not stale:
        print(f"the generated files are those of Valkey {version} and {newer}")
    return 1 if stale else 0


def read_or_empty(path):
    try:
        with open(path, encoding="ascii") as file:
            return file.read()
    except FileNotFoundError:
        return ""


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Problem, OSError) as problem:
        sys.exit(f"gen_commands: {problem}")
