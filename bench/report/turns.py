"""Contenders that take turns, round by round, so that what disturbs the machine disturbs all."""

from collections.abc import Callable
from typing import Any

from report.errors import CannotMeasure

Turn = Callable[[], dict[str, Any]]


class Turns:
    """What each contender's turns gave, or why it gave nothing."""

    def __init__(self) -> None:
        self.results: dict[str, list[dict[str, Any]]] = {}
        self.failures: dict[str, str] = {}

    def values(self, name: str, key: str, scale: float = 1) -> list[float]:
        """One field of each turn; `key` may reach into objects, as in latency_us.p99."""
        if name in self.failures:
            raise CannotMeasure(f"{name}: {self.failures[name]}")
        values = []
        for result in self.results.get(name, []):
            found: Any = result
            for step in key.split("."):
                found = found.get(step) if isinstance(found, dict) else None
            if not isinstance(found, (int, float)):
                raise CannotMeasure(f"{name}'s result has no {key}")
            values.append(found * scale)
        if not values:
            raise CannotMeasure(f"{name} took no turn")
        return values


def take_turns(rounds: int, makers: dict[str, Callable[[], Turn]],
               say: Callable[[str], None]) -> Turns:
    """Makes each contender ready, then lets them take turns, each round begun by another.

    One that fails leaves the field with its reason; the others go on.
    """
    turns = Turns()
    ready: dict[str, Turn] = {}
    for name, make in makers.items():
        try:
            ready[name] = make()
        except CannotMeasure as error:
            _leave(turns, name, error, say)
    for round_ in range(rounds):
        names = list(ready)
        shift = round_ % len(names) if names else 0
        for name in names[shift:] + names[:shift]:
            try:
                turns.results.setdefault(name, []).append(ready[name]())
            except CannotMeasure as error:
                _leave(turns, name, error, say)
                del ready[name]
    return turns


def _leave(turns: Turns, name: str, error: CannotMeasure, say: Callable[[str], None]) -> None:
    turns.failures[name] = str(error)
    say(f"  {name} cannot be measured: {error}")
