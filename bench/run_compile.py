#!/usr/bin/env python3
"""Measures what a small program costs to compile: the same one with different libraries, side by side.

    bench/run_compile.py              5 rounds with g++ and with clang++-16, as far as they are there
    bench/run_compile.py --rounds 9 --compiler g++

Times are CPU seconds of the compiler with -O2, the median of all rounds. A library whose headers are not on the machine
is left out, with a line that says so.
"""

import argparse
import os
import shutil
import subprocess
import sys
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent
PROGRAMS = {  # what to include to see whether the library is there, by the program's name
    "valkeyxx": "valkeyxx/valkeyxx.hpp",
    "valkeyxx_strings": "valkeyxx/cluster.hpp",
    "redis_plus_plus": "sw/redis++/redis++.h",
    "boost_redis": "boost/redis/connection.hpp",
    "hiredis_asio": "hiredis/hiredis.h",
}


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--rounds", type=int, default=5, help="compilations of each program (%(default)s)")
    p.add_argument("--compiler", action="append", default=[], help="may be repeated; default: g++ and clang++-16")
    return p.parse_args()


def command(compiler, *more):
    return [compiler, "-std=c++20", "-I", str(ROOT / "include"), *more]


def has_header(compiler, header):
    return subprocess.run(command(compiler, "-fsyntax-only", "-x", "c++", "-include", header, os.devnull),
                          stderr=subprocess.DEVNULL).returncode == 0


def cpu_seconds(compiler, program):
    before = os.times()
    subprocess.run(command(compiler, "-O2", "-c", str(ROOT / "bench/compile" / f"{program}.cpp"), "-o", os.devnull),
                   check=True)
    after = os.times()
    return after.children_user + after.children_system - before.children_user - before.children_system


def main():
    a = arguments()
    compilers = [c for c in a.compiler or ["g++", "clang++-16"] if shutil.which(c)]
    if not compilers:
        sys.exit("bench/run_compile.py: no compiler found")
    print("| compiler | program | CPU s | ratio to valkeyxx |\n|---|---|--:|--:|")
    for compiler in compilers:
        programs = [p for p, header in PROGRAMS.items() if has_header(compiler, header)]
        times = {p: [] for p in programs}
        for _ in range(a.rounds):  # round robin, so that all see the same machine
            for program in programs:
                times[program].append(cpu_seconds(compiler, program))
        for program in programs:
            ratio = median(t / own for t, own in zip(times[program], times["valkeyxx"]))
            print(f"| {compiler} | {program} | {median(times[program]):.2f} | {ratio:.2f} |", flush=True)
        for program in PROGRAMS.keys() - set(programs):
            print(f"{compiler}: no headers for {program}", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except subprocess.CalledProcessError as error:
        sys.exit(f"bench/run_compile.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
