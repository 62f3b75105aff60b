"""Throw-away servers for a benchmark run: one that stands alone, and a cluster of three primaries without replicas.

The one that stands alone is a cluster of one primary, so that cluster clients can use it too. All clients have the same
server, and its check of the slot costs each of them the same.
"""

import ctypes
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

PORTS = range(10000, 22768)  # below it, even the default bus port (port + 10000) is out of reach of client sockets
SLOTS = [(0, 5460), (5461, 10922), (10923, 16383)]  # as owner_of() in slots.hpp
START_LIMIT = 30  # seconds
PR_SET_PDEATHSIG = 1

libc = ctypes.CDLL(None, use_errno=True)


def free_ports(count):
    """That many ports nobody listens on; all are held until the last is found, so no two are equal."""
    held = []
    try:
        candidates = random.sample(PORTS, len(PORTS))
        while len(held) < count:
            if not candidates:
                raise RuntimeError("no free ports")
            s = socket.socket()
            try:
                s.bind(("127.0.0.1", candidates.pop()))
                held.append(s)
            except OSError:
                s.close()
        return [s.getsockname()[1] for s in held]
    finally:
        for s in held:
            s.close()


def call(port, *words):
    """Sends one command and returns the first line of its reply and, for a bulk string, its text."""
    with socket.create_connection(("127.0.0.1", port), timeout=5) as s, s.makefile("rwb") as stream:
        stream.write(" ".join(map(str, words)).encode() + b"\r\n")
        stream.flush()
        line = stream.readline().decode().rstrip()
        if line.startswith("-"):
            raise RuntimeError(f"port {port}: {' '.join(map(str, words))}: {line}")
        return stream.read(int(line[1:])).decode() if line.startswith("$") else line


def until(condition, what):
    deadline = time.monotonic() + START_LIMIT
    while not condition():
        if time.monotonic() > deadline:
            raise RuntimeError(f"not within {START_LIMIT} s: {what}")
        time.sleep(0.02)


def find_server(folder):
    """Path of a valkey-server. The package valkey-tools has it too, under a name that only argv[0] tells apart."""
    found = shutil.which("valkey-server")
    if found:
        return found
    checker = shutil.which("valkey-check-rdb")
    if checker:
        link = os.path.join(folder, "valkey-server")
        os.symlink(checker, link)
        return link
    raise RuntimeError("no valkey-server (nor valkey-check-rdb of the package valkey-tools) on this machine")


class Servers:
    """Use with `with`: the servers end and their folder goes away however the block is left.

    Each server also asks the kernel to be killed with this process, for the ways of leaving that no code survives.
    """

    def __init__(self, cpu):
        self.cpu = cpu  # all servers run on this one; None leaves them to the kernel
        self.processes = []

    def __enter__(self):
        self.folder = tempfile.mkdtemp(prefix="valkeyxx-bench-")
        try:
            self.binary = find_server(self.folder)
            self.version = subprocess.run([self.binary, "--version"], capture_output=True, text=True,
                                          check=True).stdout.strip()
            ports = free_ports(8)
            nodes = list(zip(ports[:4], ports[4:]))  # (port, port of its cluster bus)
            self.standalone, self.cluster = ports[0], ports[1:4]
            for port, bus in nodes:
                self._start(port, bus)
            for port, _ in nodes:
                until(lambda: self._answers(port), f"the server on port {port} answers")
            call(self.standalone, "CLUSTER", "ADDSLOTSRANGE", SLOTS[0][0], SLOTS[-1][1])
            self._join(nodes[1:])
            until(lambda: self._is_whole(self.standalone, 1), f"node {self.standalone} serves all slots")
            for port in self.cluster:
                until(lambda: self._is_whole(port, 3), f"node {port} sees the whole cluster")
        except BaseException:
            self.__exit__()
            raise
        return self

    def __exit__(self, *_):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _start(self, port, bus):
        folder = os.path.join(self.folder, str(port))
        os.mkdir(folder)

        def in_child():
            libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
            if self.cpu is not None:
                os.sched_setaffinity(0, {self.cpu})

        self.processes.append(subprocess.Popen(
            [self.binary, "--port", str(port), "--bind", "127.0.0.1", "--dir", folder, "--save", "",
             "--appendonly", "no", "--daemonize", "no", "--logfile", os.path.join(folder, "log"),
             "--cluster-enabled", "yes", "--cluster-port", str(bus)],
            preexec_fn=in_child, start_new_session=True,  # Ctrl-C is for the runner, which then ends the servers
            stdin=subprocess.DEVNULL))

    def _answers(self, port):
        for process in self.processes:
            if process.poll() is not None:
                raise RuntimeError(f"a server ended at once with {process.returncode}: {process.args}")
        try:
            return call(port, "PING") == "+PONG"
        except OSError:
            return False

    @staticmethod
    def _join(nodes):
        for (first, last), (port, _) in zip(SLOTS, nodes):
            call(port, "CLUSTER", "ADDSLOTSRANGE", first, last)
        for epoch, (port, _) in enumerate(nodes, 1):
            call(port, "CLUSTER", "SET-CONFIG-EPOCH", epoch)
            for other, bus in nodes:
                if other != port:
                    call(port, "CLUSTER", "MEET", "127.0.0.1", other, bus)

    @staticmethod
    def _is_whole(port, nodes):
        state = call(port, "CLUSTER", "INFO")
        return all(x in state for x in ("cluster_state:ok", "cluster_slots_ok:16384", f"cluster_known_nodes:{nodes}\r"))
