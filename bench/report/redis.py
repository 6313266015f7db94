"""A private Redis, started by bench/peers/redis in a temporary directory."""

from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment
from report.processes import Processes, run_to_end

START_S, STOP_S = 60, 90


class Redis:
    """The running server; `url` is for Node's ioredis."""

    def __init__(self, processes: Processes, root: Path) -> None:
        self._processes = processes
        self._script = root / "bench" / "peers" / "redis"
        self._directory = processes.directory("redis")
        processes.at_close(self.stop)  # it is nobody's child, so it wouldn't end with us
        self._running = True
        said = self._run("start", START_S)
        if not said.strip().isdigit():
            raise CannotMeasure(f"Redis's pid was expected, not: {said.strip()}")
        self.pid = int(said)
        self.url = self._run("url", 10).strip()

    def stop(self) -> None:
        """Stops it and removes its files; once is enough."""
        if self._running:
            self._running = False
            self._run("stop", STOP_S)
            self._processes.remove(self._directory)

    def _run(self, command: str, within_s: float) -> str:
        return run_to_end("Redis", [self._script, command, self._directory], within_s,
                          clean_environment())
