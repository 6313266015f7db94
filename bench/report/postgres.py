"""A private PostgreSQL cluster, made and started by bench/peers/postgres in a temporary directory."""

from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment
from report.processes import Processes, run_to_end

START_S, STOP_S = 120, 90


class Postgres:
    """The running cluster; `url` is for libpq and for Node's pg alike."""

    def __init__(self, processes: Processes, root: Path) -> None:
        self._processes = processes
        self._script = root / "bench" / "peers" / "postgres"
        self._directory = processes.directory("pg")
        processes.at_close(self.stop)  # it is nobody's child, so it wouldn't end with us
        self._running = True
        said = self._run("start", START_S)
        if not said.strip().isdigit():
            raise CannotMeasure(f"PostgreSQL's pid was expected, not: {said.strip()}")
        self.pid = int(said)
        self.url = self._run("url", 10).strip()

    def stop(self) -> None:
        """Stops it and removes its files; once is enough."""
        if self._running:
            self._running = False
            self._run("stop", STOP_S)
            self._processes.remove(self._directory)

    def _run(self, command: str, within_s: float) -> str:
        return run_to_end("PostgreSQL", [self._script, command, self._directory], within_s,
                          clean_environment())
