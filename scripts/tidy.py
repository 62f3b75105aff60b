#!/usr/bin/env python3
"""Runs clang-tidy, in parallel, on each file of src/ whose object is newer than the last time it passed.

    scripts/tidy.py BUILD       BUILD: a folder configured and built with Clang, for its compile_commands.json

A build renews an object exactly when the file or anything it includes changed, so the objects' times say what to look
at again; files that were never built are looked at each time.
"""
import concurrent.futures
import json
import os
import pathlib
import shlex
import subprocess
import sys
import time

ROOT = pathlib.Path(__file__).resolve().parent.parent
TOOL = "clang-tidy-16"


def mtime(path):
    return path.stat().st_mtime if path.exists() else None


def is_current(stamp, built):
    """The file passed, and neither it nor the rules changed since."""
    passed, changed = mtime(stamp), mtime(built)
    return passed and changed and passed > max(changed, mtime(ROOT / ".clang-tidy"))


def object_of(build, entry):
    words = shlex.split(entry["command"])
    return build / words[words.index("-o") + 1]


def check(build, entry):
    """What clang-tidy says against the file, empty if nothing."""
    source = pathlib.Path(entry["file"])
    stamp = build / "tidy" / source.relative_to(ROOT).with_suffix(".passed")
    if is_current(stamp, object_of(build, entry)):
        return ""
    started = time.time()
    run = subprocess.run([TOOL, "--quiet", "-p", str(build), str(source)], capture_output=True, text=True)
    if run.returncode != 0:
        return run.stdout or run.stderr
    stamp.parent.mkdir(parents=True, exist_ok=True)
    stamp.touch()
    # A change made while we looked was not looked at.
    os.utime(stamp, (started, started))
    return ""


def main(build):
    entries = json.loads((build / "compile_commands.json").read_text())
    # Once each: the simulation compiles some a second time.
    ours = {e["file"]: e for e in reversed(entries) if pathlib.Path(e["file"]).is_relative_to(ROOT / "src")}.values()
    with concurrent.futures.ThreadPoolExecutor(int(os.environ.get("JOBS") or os.cpu_count())) as pool:
        found = [text for text in pool.map(lambda e: check(build, e), ours) if text]
    print(*found, sep="\n", end="")
    print(f"clang-tidy: {len(ours) - len(found)} of {len(ours)} files are clean")
    return bool(found) or not ours


if __name__ == "__main__":
    sys.exit(main(pathlib.Path(sys.argv[1]).resolve()))
