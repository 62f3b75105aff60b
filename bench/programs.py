"""The benchmark programs: what they can run, and how to run one of them."""

import json
import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

RUN_LIMIT = 120  # seconds above the asked-for length; a run under callgrind takes ten on a slow machine


@dataclass(frozen=True)
class Scenario:
    name: str
    shape: str  # sync, pipeline or async
    width: int  # commands in a batch or in flight
    cluster: bool


@dataclass(frozen=True)
class Case:
    """One client in one scenario."""
    scenario: Scenario
    client: str
    program: Path


@dataclass
class Catalogue:
    cases: list
    versions: dict
    missing: list  # peers whose libraries were not on the machine when the programs were built


def find_programs(folder):
    """All programs of the harness: a library that cannot share one with the others has its own."""
    programs = sorted(p for p in Path(folder).glob("valkeyxx_bench*") if os.access(p, os.X_OK))
    if not programs:
        raise RuntimeError(f"no valkeyxx_bench in {folder}: build the target valkeyxx_bench first")
    return programs


def read_catalogue(programs):
    scenarios, drivers, versions, missing = {}, {}, {}, set()
    for program in programs:
        text = subprocess.run([program, "--list"], capture_output=True, text=True, check=True).stdout
        for kind, *words in (line.split() for line in text.splitlines()):
            if kind == "scenario":
                scenarios[words[0]] = Scenario(words[0], words[1], int(words[2]), words[3] == "cluster")
            elif kind == "driver":
                drivers.setdefault((words[1], words[0]), program)
            elif kind == "version":
                versions[words[0]] = words[1]
            elif kind == "missing":
                missing.update(words)
    clients = list(dict.fromkeys(client for _, client in drivers))
    clients.sort(key=lambda c: (c != "raw", c != "valkeyxx", c))
    cases = [Case(s, c, drivers[s.name, c]) for s in scenarios.values() for c in clients if (s.name, c) in drivers]
    return Catalogue(cases, versions, sorted(missing))


class Runner:
    """Runs cases against the servers; the client goes to the servers' CPU for sync, to another one for the rest."""

    def __init__(self, servers, server_cpu, other_cpu):
        self.servers, self.server_cpu, self.other_cpu = servers, server_cpu, other_cpu

    def placement(self, scenario):
        """s: same CPU as the servers. x: another one. f: free, since the machine has only one."""
        if self.other_cpu is None:
            return "f"
        return "s" if scenario.shape == "sync" else "x"

    def preload(self, program):
        subprocess.run([program, "--preload", *self._ports()], check=True, timeout=RUN_LIMIT)

    def run(self, case, *, seconds=None, ops=None, wrapper=(), environment=None):
        """Result of one run of that length; `wrapper` is a command line to run the program under."""
        length = ["--ops", str(ops)] if ops else ["--seconds", str(seconds)]
        cpu = {"s": self.server_cpu, "x": self.other_cpu}.get(self.placement(case.scenario))
        done = subprocess.run(
            [*wrapper, case.program, "--client", case.client, "--scenario", case.scenario.name, *self._ports(),
             *length],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=RUN_LIMIT + (seconds or 0),
            env={**os.environ, **(environment or {})},
            preexec_fn=(lambda: os.sched_setaffinity(0, {cpu})) if cpu is not None else None)
        if done.returncode != 0:
            raise RuntimeError(f"{case.client} {case.scenario.name}: exit {done.returncode}: {done.stderr.strip()}")
        return json.loads(done.stdout)

    def _ports(self):
        return ["--standalone", str(self.servers.standalone), "--cluster", ",".join(map(str, self.servers.cluster))]
