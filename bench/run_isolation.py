#!/usr/bin/env python3
"""Measures what commands for healthy shards feel while the primary of another shard hangs (SIGSTOP), and prints a table.

    bench/run_isolation.py                   both faces, three times 30 s each
    bench/run_isolation.py --seconds 300     the shard hangs for five minutes

One client sends a steady load to each of three shards. Commands have a deadline of 1 s.
"""

import argparse
import json
import os
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True  # no __pycache__ in the source folder

from servers import Servers, call

ROOT = Path(__file__).resolve().parent.parent


def arguments():
    p = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("--bin", type=Path, default=ROOT / "build/release/bin", help="folder of the programs (%(default)s)")
    p.add_argument("--seconds", type=int, default=30, help="how long the shard is well, and hangs (%(default)s)")
    p.add_argument("--rate", type=int, default=2000, help="commands a second for each shard (%(default)s)")
    p.add_argument("--face", choices=["async", "sync"], action="append", default=[], help="both, if none is given")
    return p.parse_args()


def measure(a, face, servers, pid):
    port = servers.cluster[0]
    done = subprocess.run(
        [a.bin / "isolation" / "valkeyxx_bench_isolation", "--cluster", ",".join(map(str, servers.cluster)), "--hang", str(pid),
         "--hung-port", str(port), "--face", face, "--seconds", str(a.seconds), "--rate", str(a.rate)],
        stdout=subprocess.PIPE, text=True, check=True, timeout=60 + 3 * a.seconds)
    return [json.loads(line) for line in done.stdout.splitlines()]


def main():
    a = arguments()
    print("| face | shards | phase | ok/s | ok/s ratio | p50 µs | p99 µs | p99 ratio | max ms | errors | slowest error ms |")
    print("|---|---|---|--:|--:|--:|--:|--:|--:|---|--:|")
    with Servers(sorted(os.sched_getaffinity(0))[0]) as servers:
        for port in servers.cluster:
            call(port, "CONFIG", "SET", "cluster-require-full-coverage", "no")
        pid = servers.processes[1].pid  # the first is the one outside the cluster
        for face in a.face or ["async", "sync"]:
            rows = measure(a, face, servers, pid)
            first = {row["shards"]: row for row in rows if row["phase"] == "healthy"}
            for row in sorted(rows, key=lambda r: r["shards"], reverse=True):
                length = min(a.seconds, 10) if row["phase"] == "again" else a.seconds
                was = first[row["shards"]]
                rate = row["done"] / length
                errors = ", ".join(f"{count} {what}" for what, count in row["errors"].items()) or "none"
                print(f"| {face} | {row['shards']} | {row['phase']} | {rate:,.0f} | {rate * a.seconds / was['done']:.3f} "
                      f"| {row['p50_us']} | {row['p99_us']} | {row['p99_us'] / was['p99_us']:.2f} "
                      f"| {row['max_us'] / 1000:.1f} | {errors} | {row['slowest_error_us'] / 1000:.1f} |", flush=True)


if __name__ == "__main__":
    try:
        main()
    except (RuntimeError, OSError, subprocess.SubprocessError) as error:
        sys.exit(f"bench/run_isolation.py: {error}")
    except KeyboardInterrupt:
        sys.exit(130)
