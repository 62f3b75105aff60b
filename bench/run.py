#!/usr/bin/env python3
"""Runs all clients in all scenarios against servers of its own and prints one table.

    bench/run.py                                     everything, 5 rounds of 1 s: several minutes
    bench/run.py --only 'pipe*' --only 'raw:*' ...   patterns for a scenario, or for client:scenario
    bench/run.py --rounds 3 --seconds 0.5 --no-callgrind --no-strace
"""

import argparse
import json
import os
import platform
import signal
import subprocess
import sys
from fnmatch import fnmatchcase
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source folder

from costs import Costs
from programs import Runner, find_programs, read_catalogue
from report import notes, summarize, table
from servers import Servers

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder of the programs (%(default)s)")
    p.add_argument("--rounds", type=int, default=5, help="timed runs of each case (%(default)s)")
    p.add_argument("--seconds", type=float, default=1.0, help="length of a timed run (%(default)s)")
    p.add_argument("--only", action="append", default=[], metavar="PATTERN",
                   help="scenario or client:scenario, with * and ?; may be repeated. raw always runs along")
    p.add_argument("--no-callgrind", action="store_true", help="do not count instructions")
    p.add_argument("--no-strace", action="store_true", help="do not count system calls")
    p.add_argument("--json", type=Path, default=ROOT / "build/bench.json", help="where to write all runs (%(default)s)")
    a = p.parse_args()
    if a.rounds < 1 or a.seconds <= 0:
        p.error("at least one round, and longer than no time")
    return a


def choose(cases, patterns):
    """The cases asked for, and raw in each of their scenarios: without it there is no ratio."""
    if not patterns:
        return cases
    wanted = [c for c in cases if any(fnmatchcase(c.scenario.name, p) or fnmatchcase(f"{c.client}:{c.scenario.name}", p)
                                      for p in patterns)]
    scenarios = {c.scenario for c in wanted}
    return [c for c in cases if c in wanted or (c.client == "raw" and c.scenario in scenarios)]


def progress(text):
    print(text, file=sys.stderr, flush=True)


def timed_runs(runner, cases, rounds, seconds):
    """Round robin, so that the clients of a scenario run next to each other in each round."""
    runs = {case: [] for case in cases}
    for number in range(1, rounds + 1):
        progress(f"round {number} of {rounds}")
        for case in cases:
            runs[case].append(runner.run(case, seconds=seconds))
    return runs


def measure(servers, catalogue, cases, cpus, a):
    runner = Runner(servers, *cpus)
    runner.preload(cases[0].program)
    runs = timed_runs(runner, cases, a.rounds, a.seconds)

    costs = Costs(runner, a.bin, callgrind=not a.no_callgrind, strace=not a.no_strace)
    summaries = []
    for case in cases:
        progress(f"costs of {case.client} {case.scenario.name}")
        raw = next((runs[c] for c in cases if c.client == "raw" and c.scenario == case.scenario), [])
        summaries.append(summarize(case, runner.placement(case.scenario), runs[case], raw, costs.of(case)))

    print(table(summaries))
    print()
    print(notes(catalogue, costs, {s["placement"] for s in summaries}))
    return {"machine": {"system": platform.platform(), "cpus": os.cpu_count(), "server": servers.version},
            "versions": catalogue.versions, "peers_not_found": catalogue.missing, "not_measured": costs.missing,
            "rounds": a.rounds, "seconds": a.seconds, "results": summaries}


def main():
    a = arguments()
    # Turned into an exception, so that the servers end with the runner.
    for number in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, lambda n, _: sys.exit(128 + n))

    catalogue = read_catalogue(find_programs(a.bin))
    cases = choose(catalogue.cases, a.only)
    if not cases:
        sys.exit("nothing to run: no client and scenario match " + ", ".join(a.only))
    cpus = sorted(os.sched_getaffinity(0))
    cpus = (cpus[0], cpus[1]) if len(cpus) > 1 else (None, None)

    with Servers(cpus[0]) as servers:
        results = measure(servers, catalogue, cases, cpus, a)
    a.json.parent.mkdir(parents=True, exist_ok=True)
    a.json.write_text(json.dumps(results, indent=1) + "\n")
    progress(f"all runs: {a.json}")


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench/run.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
