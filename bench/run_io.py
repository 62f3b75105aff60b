#!/usr/bin/env python3
"""Compares ways of doing I/O below the client, on the same raw traffic, and prints one table.

    bench/run_io.py                        4 rounds of 0.5 s, then instructions, allocations and system calls
    bench/run_io.py --only 'casync*'       patterns for a scenario; may be repeated
    bench/run_io.py --rounds 9 --no-costs  times only

epoll: a bare edge-triggered loop. asio: async_read_some and async_write_some. stream: the library's own way, Asio for
waiting and direct recv and send. blocking: its way for a thread that waits for one command, asleep in recv.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from fnmatch import fnmatchcase
from pathlib import Path
from statistics import median

sys.dont_write_bytecode = True  # no __pycache__ in the source folder

from costs import BATCH_OPS, SYNC_OPS, Costs
from programs import Runner, read_catalogue
from report import spread
from servers import Servers

ROOT = Path(__file__).resolve().parent.parent
CALLS = {"recvfrom": "recv", "sendto": "send", "sendmsg": "send", "recvmsg": "recv", "epoll_wait": "epoll_wait",
         "epoll_ctl": "epoll_ctl"}
HEAD = ["scenario", "driver", "CPU/epoll", "±%", "CPU µs/op", "Ir/op", "allocs/op", "recv", "send", "epoll_wait",
        "epoll_ctl", "other"]


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder of the programs (%(default)s)")
    p.add_argument("--rounds", type=int, default=4, help="timed runs of each case (%(default)s)")
    p.add_argument("--seconds", type=float, default=0.5, help="length of a timed run (%(default)s)")
    p.add_argument("--only", action="append", default=[], metavar="PATTERN", help="scenario, with * and ?")
    p.add_argument("--no-costs", action="store_true", help="only times, nothing under valgrind or strace")
    return p.parse_args()


def calls_of(runner, case, ops):
    """System calls by name of a run of that length."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        runner.run(case, ops=ops, wrapper=["strace", "-f", "-c", "-o", str(out)])
        counts = dict.fromkeys([*CALLS.values(), "other"], 0)
        # Lines are: percent, seconds, microseconds per call, calls, perhaps errors, name. The rest are rulers.
        for words in (line.split() for line in out.read_text().splitlines()):
            if len(words) > 4 and words[3].isdigit() and words[-1] != "total":
                counts[CALLS.get(words[-1], "other")] += int(words[3])
        return counts


def calls_per_op(runner, case):
    short, long = SYNC_OPS if case.scenario.shape == "sync" else BATCH_OPS
    few, many = calls_of(runner, case, short), calls_of(runner, case, long)
    return {name: (many[name] - few[name]) / (long - short) for name in many}


def row(case, runs, costs, runner):
    mine, epoll = runs[case], runs[next(c for c in runs if c.scenario == case.scenario and c.client == "epoll")]
    ratios = [m["cpu_us"] / e["cpu_us"] for m, e in zip(mine, epoll)]
    cells = [case.scenario.name, case.client, f"{median(ratios):.2f}", f"{spread(ratios):.0f}",
             f"{median(m['cpu_us'] for m in mine):.3f}"]
    if costs:
        found, calls = costs.of(case), calls_per_op(runner, case)
        cells += [f"{found['instructions']:,.0f}", f"{found['allocations']:.3f}",
                  *(f"{calls[name]:.4f}" for name in HEAD[7:])]
    return cells


def main():
    a = arguments()
    program = a.bin / "io" / "valkeyxx_bench_io"
    if not program.exists():
        sys.exit(f"no {program}: build the target valkeyxx_bench_io first")
    cases = [c for c in read_catalogue([program]).cases
             if not a.only or any(fnmatchcase(c.scenario.name, p) for p in a.only)]
    if not cases:
        sys.exit("nothing to run: no scenario matches " + ", ".join(a.only))
    cpus = sorted(os.sched_getaffinity(0))
    cpus = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)

    with Servers(cpus[0]) as servers:
        runner = Runner(servers, *cpus)
        runner.preload(program)
        runs = {case: [] for case in cases}
        for _ in range(a.rounds):  # round robin, so that a ratio's two runs are next to each other
            for case in cases:
                runs[case].append(runner.run(case, seconds=a.seconds))
        costs = None if a.no_costs else Costs(runner, a.bin, strace=False)
        if costs and costs.missing.keys() != {"system_calls"}:
            sys.exit(f"cannot count costs (see --no-costs): {costs.missing}")
        head = HEAD if costs else HEAD[:5]
        print("| " + " | ".join(head) + " |")
        print("|---|---" + "|---:" * (len(head) - 2) + "|")
        for case in cases:
            print("| " + " | ".join(row(case, runs, costs, runner)) + " |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench/run_io.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
