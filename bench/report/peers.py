"""The peers that Holdfast is measured against, each started when it is first needed and kept."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment
from report.private_server import PrivateServer
from report.processes import Child, Processes, run_to_end

READY_S = 30


def port_in(line: str) -> str | None:
    """The port in a peer's line "listening PORT"."""
    words = line.split()
    return words[1] if len(words) >= 2 and words[0] == "listening" and words[1].isdigit() else None


class Peer:
    """A running peer."""

    def __init__(self, child: Child, more_pids: Sequence[int] = ()) -> None:
        self.child = child
        self.port = child.wait_for_line(port_in, READY_S)
        self.url = f"http://127.0.0.1:{self.port}"
        self.pids = [child.pid, *more_pids]

    def stop(self) -> None:
        self.child.stop()


class Peers:
    """Starts peers; one that could not be started once is not tried again."""

    def __init__(self, processes: Processes, build: Path, root: Path) -> None:
        self._processes = processes
        self._build = build
        self._root = root
        self._express_dir = root / "bench" / "peers" / "express"
        self._postgres: PrivateServer | None = None
        self._redis: PrivateServer | None = None
        self._express: Peer | None = None
        self._failures: dict[str, str] = {}

    def binary(self, name: str) -> Path:
        """The path of one of our own peers."""
        path = self._build / "bench" / "peers" / name
        if not path.exists():
            raise CannotMeasure(f"the peer {name} was not built")
        return path

    def start(self, name: str, *arguments: str) -> Peer:
        """A peer of ours that listens, to be stopped by the caller."""
        command = [self.binary(name), *arguments]
        return Peer(self._processes.start(name, command, clean_environment()))

    def figures(self, name: str, *arguments: str, within_s: float = 60) -> dict[str, Any]:
        """Runs a peer that measures itself; the JSON object that it prints last."""
        output = run_to_end(name, [self.binary(name), *arguments], within_s, clean_environment())
        try:
            found = json.loads(output.strip().splitlines()[-1])
        except (ValueError, IndexError) as error:
            raise CannotMeasure(f"{name} printed no result") from error
        return found

    def _private_server(self, script: str, name: str) -> PrivateServer:
        return PrivateServer(self._processes, self._root / "bench" / "peers" / script, name)

    def postgres(self) -> PrivateServer:
        """The cluster, with nothing in it but what its users made."""
        self._raise_earlier("PostgreSQL")
        if self._postgres is None:
            try:
                self._postgres = self._private_server("postgres", "PostgreSQL")
            except CannotMeasure as error:
                self._failures["PostgreSQL"] = str(error)
                raise
        return self._postgres

    def express(self) -> Peer:
        """The seed: Express, PostgreSQL and Bull on Redis; its CPU is that of all three."""
        self._raise_earlier("express")
        if self._express is not None and not self._express.child.is_running():
            self._failures["express"] = f"the seed ended: {self._express.child.last_lines()}"
            self._raise_earlier("express")
        if self._express is None:
            try:
                self._redis = self._redis or self._private_server("redis", "Redis")
                self._express = self._start_express(
                    "the seed", {"REDIS_URL": self._redis.url}, [self._redis.pid])
            except CannotMeasure as error:
                self._failures["express"] = str(error)
                raise
        return self._express

    def lean_express(self) -> Peer:
        """The seed without Bull and Redis: it sweeps. To be stopped by the caller."""
        return self._start_express("the leaner seed", {}, [])

    def _start_express(self, name: str, settings: dict[str, str], more_pids: list[int]) -> Peer:
        postgres = self.postgres()
        self._install_express()
        environment = clean_environment() | {
            "DATABASE_URL": postgres.url, "PORT": "0", "NODE_ENV": "production"} | settings
        child = self._processes.start(
            name, ["node", "--max-semi-space-size=64", self._express_dir / "server.js"],
            environment, self._express_dir)
        return Peer(child, [postgres.pid, *more_pids])

    def _install_express(self) -> None:
        """Installs its packages where they are missing, or were before others were added."""
        package = json.loads((self._express_dir / "package.json").read_text(encoding="utf-8"))
        if not all((self._express_dir / "node_modules" / name).is_dir()
                   for name in package["dependencies"]):
            run_to_end("npm ci", ["npm", "ci", "--no-audit", "--no-fund", "--loglevel=error"], 180,
                       clean_environment(), self._express_dir)

    def _raise_earlier(self, name: str) -> None:
        if name in self._failures:
            raise CannotMeasure(self._failures[name])

    def close(self) -> None:
        """Stops what is kept."""
        if self._express is not None:
            self._express.stop()
        if self._redis is not None:
            self._redis.stop()
        if self._postgres is not None:
            self._postgres.stop()
        self._express = self._redis = self._postgres = None
