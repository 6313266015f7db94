"""Servers that the peers need, each private and in a temporary directory: PostgreSQL, Redis.

bench/peers/postgres and bench/peers/redis make, start and stop them; both speak the same commands.
"""

import socket
from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment
from report.processes import Processes, run_to_end

START_S, STOP_S = 120, 90


def free_port() -> int:
    """A port of the loopback address that nobody listens on at present."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class PrivateServer:
    """A running server; `url` is for its clients, `name` for people."""

    def __init__(self, processes: Processes, script: Path, name: str, *options: str) -> None:
        self._processes = processes
        self._script = script
        self._name = name
        self._directory = processes.directory(script.name)
        processes.at_close(self.stop)  # it is nobody's child, so it wouldn't end with us
        self._running = True
        said = self._run("start", START_S, *options)
        if not said.strip().isdigit():
            raise CannotMeasure(f"{name}'s pid was expected, not: {said.strip()}")
        self.pid = int(said)
        self.url = self._run("url", 10).strip()

    def stop(self) -> None:
        """Stops it and removes its files; once is enough."""
        if self._running:
            self._running = False
            self._run("stop", STOP_S)
            self._processes.remove(self._directory)

    def _run(self, command: str, within_s: float, *options: str) -> str:
        return run_to_end(self._name, [self._script, command, self._directory, *options],
                          within_s, clean_environment())
