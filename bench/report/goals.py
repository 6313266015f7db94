"""The speed goals of one node, and how a measurement is judged against one of them. Pure.

A goal speaks of one value: a ratio of Holdfast to a peer measured in the same run, or a plain
quantity (milliseconds, KiB). Ratios are taken round by round, since the two take turns on one
machine; their median is the value, their spread (max - min) / median is the noise.
"""

from dataclasses import dataclass, field
from statistics import median
from typing import Literal

Better = Literal["more", "less"]
Ratio = Literal["ours/theirs", "theirs/ours", "none"]

MET, STRETCH, NOT_MET, NOT_MEASURED, FIGURE = (
    "met", "stretch met", "NOT MET", "not measured", "no goal")


@dataclass(frozen=True)
class Goal:
    """One line of the table. `goal` and `stretch` are values in `unit`."""
    id: str
    part: str
    what: str
    peer: str
    ratio: Ratio
    better: Better
    goal: float | None
    stretch: float | None = None
    unit: str = "x"


@dataclass
class Measurement:
    """What was seen for one goal: a figure a round, in `unit`; `theirs` is empty without a peer."""
    goal_id: str
    ours: list[float] = field(default_factory=list)
    theirs: list[float] = field(default_factory=list)
    unit: str = ""
    note: str = ""
    why_not: str = ""


@dataclass(frozen=True)
class Row:
    """A goal with its verdict. `attained` is 1 where the goal is just met, more is better."""
    goal: Goal
    status: str
    value: float | None = None
    noise: float | None = None
    ours: float | None = None
    theirs: float | None = None
    unit: str = ""
    attained: float | None = None
    stretch_attained: float | None = None
    note: str = ""


def noise_of(values: list[float]) -> float | None:
    """(max - min) / median; None if one value alone, or a median of 0, tells nothing."""
    if len(values) < 2 or median(values) == 0:
        return None
    return (max(values) - min(values)) / median(values)


def ratios_of(goal: Goal, ours: list[float], theirs: list[float]) -> list[float]:
    """The goal's value in each round that both sides took part in."""
    if goal.ratio == "none":
        return list(ours)
    pairs = list(zip(ours, theirs))
    if goal.ratio == "theirs/ours":
        pairs = [(b, a) for a, b in pairs]
    return [a / b for a, b in pairs if b > 0]


def attained(better: Better, value: float, target: float | None) -> float | None:
    """How much of the target was reached, as a factor; None where a factor says nothing (of 0)."""
    if target is None or target <= 0 or value <= 0:
        return None
    return value / target if better == "more" else target / value


def reaches(better: Better, value: float, target: float) -> bool:
    """Whether the value is as good as the target or better."""
    return value >= target if better == "more" else value <= target


def evaluate(goal: Goal, seen: Measurement | None) -> Row:
    """The goal's row. Nothing seen, or a reason why not, is never turned into a figure."""
    if seen is None:
        return Row(goal, NOT_MEASURED, note="its part was not run")
    if seen.why_not:
        # One side's figure, where it is there, is shown, but never judged.
        return Row(goal, NOT_MEASURED, ours=median(seen.ours) if seen.ours else None,
                   theirs=median(seen.theirs) if seen.theirs else None, unit=seen.unit,
                   note=seen.why_not)
    values = ratios_of(goal, seen.ours, seen.theirs)
    if not values:
        return Row(goal, NOT_MEASURED, note=seen.note or "no figures came out of it")
    value = median(values)
    return Row(
        goal, status_of(goal, value), value, noise_of(values), median(seen.ours),
        median(seen.theirs) if seen.theirs else None, seen.unit,
        attained(goal.better, value, goal.goal), attained(goal.better, value, goal.stretch),
        seen.note)


def status_of(goal: Goal, value: float) -> str:
    """The verdict on a value."""
    if goal.goal is None:
        return FIGURE
    if goal.stretch is not None and reaches(goal.better, value, goal.stretch):
        return STRETCH
    return MET if reaches(goal.better, value, goal.goal) else NOT_MET


def exit_code(rows: list[Row]) -> int:
    """3 if a goal is not met, else 1 if one could not be measured, else 0."""
    statuses = {row.status for row in rows if row.goal.goal is not None}
    if NOT_MET in statuses:
        return 3
    return 1 if NOT_MEASURED in statuses else 0
