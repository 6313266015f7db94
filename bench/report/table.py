"""Rows as aligned plain text for the terminal, and as Markdown for docs/performance.md. Pure."""

import math

from report.goals import FIGURE, NOT_MEASURED, Goal, Row

HEADINGS = ("what", "against", "goal", "stretch", "Holdfast", "peer", "value", "noise", "result")
RIGHT_ALIGNED = range(2, 8)


def number_text(value: float) -> str:
    """Three significant digits, thousands separated; no exponent, no needless zeros."""
    size = abs(value)
    if size >= 100:
        return f"{value:,.0f}"
    if size == 0:
        return "0"
    decimals = min(2 - math.floor(math.log10(size)), 9)
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") or "0"


def figure_text(value: float | None, unit: str) -> str:
    """A figure with its unit; empty for None. A ratio has an x directly behind it."""
    if value is None:
        return ""
    if unit == "x":
        return number_text(value) + "x"
    return number_text(value) + (unit if unit.startswith("/") else " " + unit if unit else "")


def target_text(goal: Goal, target: float | None) -> str:
    """The target as a bound: at least or at most so much."""
    if target is None:
        return ""
    sign = ">=" if goal.better == "more" else "<="
    return f"{sign} {figure_text(target, goal.unit)}"


def noise_text(noise: float | None) -> str:
    """The noise in per cent."""
    return "" if noise is None else f"{noise * 100:.0f} %"


def cells_of(row: Row) -> tuple[str, ...]:
    """The row's cells, in the order of HEADINGS."""
    goal = row.goal
    result = row.status if row.status != FIGURE else ""
    if row.status == NOT_MEASURED:
        result = f"{NOT_MEASURED}: {row.note}"
    elif row.note:
        result = f"{result} ({row.note})" if result else row.note
    return (goal.what, goal.peer, target_text(goal, goal.goal), target_text(goal, goal.stretch),
            figure_text(row.ours, row.unit), figure_text(row.theirs, row.unit),
            figure_text(row.value, goal.unit) if goal.ratio != "none" else "",
            noise_text(row.noise), result)


def plain_table(rows: list[Row]) -> str:
    """All rows under their headings, in columns of equal width; lines have no trailing blanks."""
    lines = [HEADINGS, *(cells_of(row) for row in rows)]
    widths = [max(len(line[i]) for line in lines) for i in range(len(HEADINGS))]

    def line_text(cells: tuple[str, ...]) -> str:
        padded = (cell.rjust(widths[i]) if i in RIGHT_ALIGNED else cell.ljust(widths[i])
                  for i, cell in enumerate(cells))
        return "  ".join(padded).rstrip()

    ruler = "  ".join("-" * width for width in widths)
    return "\n".join([line_text(lines[0]), ruler, *(line_text(line) for line in lines[1:])])


def markdown_table(rows: list[Row]) -> str:
    """The same as a Markdown table."""
    def line_text(cells: tuple[str, ...]) -> str:
        return "| " + " | ".join(cell.replace("|", "\\|").replace(">= ", "≥ ").replace("<= ", "≤ ")
                                 for cell in cells) + " |"

    ruler = "|" + "|".join("---:" if i in RIGHT_ALIGNED else "---"
                           for i in range(len(HEADINGS))) + "|"
    return "\n".join([line_text(HEADINGS), ruler, *(line_text(cells_of(row)) for row in rows)])


def summary_text(rows: list[Row]) -> str:
    """One line: how many goals have which result."""
    with_goal = [row for row in rows if row.goal.goal is not None]
    counts: dict[str, int] = {}
    for row in with_goal:
        counts[row.status] = counts.get(row.status, 0) + 1
    told = ", ".join(f"{count} {status}" for status, count in sorted(counts.items()))
    return f"{len(with_goal)} goals: {told}" if with_goal else "no goals"
