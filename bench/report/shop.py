"""A server that speaks the contract, as the load generator sees it: Holdfast, or the seed."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from report.load import BackgroundLoad, Load, Result, check_answers
from report.processes import Processes

USERS = 20
PREPARE_S = 300


class Shop:
    """`url` and `pids` are asked anew each time, since a server may have been started again."""

    def __init__(self, name: str, load: Load, processes: Processes, url: Callable[[], str | list[str]],
                 pids: Callable[[], list[int]]) -> None:
        self.name = name
        self._load = load
        self._url = url
        self._pids = pids
        self._directory = processes.directory("state")
        self._states = 0

    def prepare(self, tickets: int, users: int = USERS, **options: Any) -> Path:
        """Signs up users and lists tickets; the file that tells the load of them."""
        self._states += 1
        state = self._directory / f"state-{self._states}.json"
        self._load.run("prepare", self._url(), tickets=tickets, users=users, out=state,
                       within_s=PREPARE_S, **options)
        return state

    def run(self, scenario: str, expected: tuple[str, ...] = ("200",), **options: Any) -> Result:
        """Runs a load on it, with its CPU time; every answer must be one of those expected."""
        result = self._load.run(scenario, self._url(), cpu_of=self._pids(), **options)
        if expected:
            check_answers(result, expected)
        return result

    def begin(self, scenario: str, **options: Any) -> BackgroundLoad:
        """Starts a load on it and returns at once."""
        return self._load.begin(scenario, self._url(), cpu_of=self._pids(), **options)
