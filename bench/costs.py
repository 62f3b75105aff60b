"""Costs of an operation that a noisy machine cannot blur: instructions, allocations and system calls.

Each is the difference between two runs of fixed lengths, so that connecting, filling tables and warming up cancel out.
"""

import re
import shutil
import sys
import tempfile
from pathlib import Path

# Short and long run. Multiples of every batch size; the short one is past all growth of buffers.
SYNC_OPS = (1000, 5000)
BATCH_OPS = (20000, 60000)


class Costs:
    """Measures what the tools on this machine allow; `missing` says what it cannot and why."""

    def __init__(self, runner, folder, callgrind=True, strace=True):
        self.runner = runner
        self.counter = Path(folder) / "valkeyxx_alloc_count.so"
        self.missing = {}
        self.measures = {}
        self._offer("instructions", self._instructions, callgrind, shutil.which("valgrind"), "valgrind")
        self._offer("allocations", self._allocations, True, self.counter.exists(), str(self.counter))
        self._offer("system_calls", self._system_calls, strace, shutil.which("strace"), "strace")

    def _offer(self, name, measure, wanted, available, tool):
        if not wanted:
            self.missing[name] = "not asked for"
        elif not available:
            self.missing[name] = f"{tool} was not found"
        else:
            self.measures[name] = measure

    def of(self, case):
        """Costs per operation by name."""
        short, long = SYNC_OPS if case.scenario.shape == "sync" else BATCH_OPS
        found = {}
        for name, measure in self.measures.items():
            (few, few_ops), (many, many_ops) = measure(case, short), measure(case, long)
            found[name] = (many - few) / (many_ops - few_ops)
        return found

    def _instructions(self, case, ops):
        # The program's own start is the larger part of a short run, but the same in both.
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            result = self.runner.run(case, ops=ops,
                                     wrapper=["valgrind", "--tool=callgrind", f"--callgrind-out-file={out}"])
            return int(re.search(r"^(?:summary|totals): (\d+)", out.read_text(), re.M)[1]), result["ops"]

    def _allocations(self, case, ops):
        # A bare name found by the library path: LD_PRELOAD splits a path at its blanks, and says so on stderr only.
        result = self.runner.run(case, ops=ops, environment={"LD_PRELOAD": self.counter.name,
                                                             "LD_LIBRARY_PATH": str(self.counter.parent)})
        if result["allocations"] is None:
            sys.exit(f"bench: {self.counter} was not loaded: allocations were not counted")
        return result["allocations"], result["ops"]

    def _system_calls(self, case, ops):
        with tempfile.TemporaryDirectory() as folder:
            out = Path(folder) / "out"
            result = self.runner.run(case, ops=ops, wrapper=["strace", "-f", "-c", "-o", str(out)])
            # The last line: percent, seconds, microseconds per call, calls, perhaps errors, "total".
            total = next(line for line in out.read_text().splitlines() if line.endswith(" total"))
            return int(total.split()[3]), result["ops"]
