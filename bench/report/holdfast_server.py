"""The server that is measured: started on a random loopback port, killed, started again."""

import http.client
import json
import os
import time
from pathlib import Path

from report.errors import CannotMeasure
from report.machine import resident_kib
from report.processes import Child, Processes

START_S = 120
PAUSE_S = 0.002
SETTLE_PAUSE_S = 0.5


def clean_environment() -> dict[str, str]:
    """Ours without settings of somebody's own server or database."""
    return {name: value for name, value in os.environ.items()
            if not name.startswith(("HOLDFAST_", "PEER_", "PG", "DATABASE_URL", "REDIS_URL"))}


def url_in(line: str) -> str | None:
    """The address in the server's line "listening"."""
    if "event=listening" not in line:
        return None
    for word in line.split():
        if word.startswith("url="):
            return word[4:].strip('"')
    return None


class HoldfastServer:
    """One server on a data directory; `settings` are environment variables without HOLDFAST_."""

    def __init__(self, processes: Processes, binary: Path, static_dir: Path,
                 settings: dict[str, str] | None = None, data_dir: Path | None = None) -> None:
        self._processes = processes
        self._binary = binary
        self._owns_data = data_dir is None
        self.data_dir = data_dir or processes.directory("data")
        self._environment = clean_environment() | {
            "HOLDFAST_HTTP_ADDRESS": "127.0.0.1", "HOLDFAST_HTTP_PORT": "0",
            "HOLDFAST_DATA_DIR": str(self.data_dir), "HOLDFAST_STATIC_DIR": str(static_dir),
            "HOLDFAST_RATE_LIMITS": "off", "HOLDFAST_LOG_LEVEL": "info"}
        self._environment |= {f"HOLDFAST_{name}": value
                              for name, value in (settings or {}).items()}
        self._child: Child | None = None
        self.url = ""

    def __enter__(self) -> "HoldfastServer":
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        if self._child is None:
            raise CannotMeasure("the server is not running")
        return self._child.pid

    def start(self) -> float:
        """Starts it and waits for /readyz; the seconds from exec to the first 200."""
        self._child = self._processes.start("holdfast", [self._binary], self._environment)
        self.url = self._child.wait_for_line(url_in, START_S)
        deadline = self._child.started_at + START_S
        while not self._is_ready():
            if time.monotonic() > deadline or not self._child.is_running():
                raise CannotMeasure(f"holdfast is not ready: {self._child.last_lines()}")
            time.sleep(PAUSE_S)
        return time.monotonic() - self._child.started_at

    def kill(self) -> None:
        """kill -9; the data stays."""
        if self._child is not None:
            self._child.kill()
        self._child = None

    def stop(self) -> None:
        """An orderly end; its data goes too, unless the directory was given."""
        if self._child is not None:
            self._child.stop(30)
        self._child = None
        if self._owns_data:
            self._processes.remove(self.data_dir)

    def restart(self) -> float:
        """Ends it in order and starts it on the same data; seconds until it is ready."""
        if self._child is not None:
            self._child.stop(60)
        return self.start()

    def resident_kib(self) -> int:
        return resident_kib(self.pid)

    def settled_kib(self, within_s: float = 20) -> int:
        """The resident memory once it has stopped changing, or when the time is over."""
        deadline = time.monotonic() + within_s
        seen = [self.resident_kib()]
        while time.monotonic() < deadline:
            time.sleep(SETTLE_PAUSE_S)
            seen.append(self.resident_kib())
            last = seen[-4:]
            if len(last) == 4 and max(last) - min(last) <= max(last) / 500:
                break
        return seen[-1]

    def get(self, path: str) -> tuple[int, bytes]:
        """One GET on a connection of its own."""
        host = self.url.removeprefix("http://")
        connection = http.client.HTTPConnection(host, timeout=5)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            return answer.status, answer.read()
        finally:
            connection.close()

    def get_json(self, path: str) -> object:
        """The JSON of a GET that must be answered 200."""
        status, body = self.get(path)
        if status != 200:
            raise CannotMeasure(f"GET {path} was answered {status}")
        return json.loads(body)

    def _is_ready(self) -> bool:
        try:
            return self.get("/readyz")[0] == 200
        except OSError:
            return False
