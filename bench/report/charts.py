"""The two charts of docs/performance.md as SVG, written by ourselves. Pure.

They bring their own background and colours for light and dark pages, use the reader's own fonts, and
say every verdict in words too, not in colour alone.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

from report.goals import MET, NOT_MET, STRETCH, Row
from report.table import figure_text, number_text, target_text

STYLE = """
  .page { fill: #ffffff } .text { fill: #1f2328 } .dim { fill: #59636e } .rule { stroke: #d1d9e0 }
  .goal { stroke: #1f2328 } .met { fill: #2f7d6d } .stretch { fill: #17594c }
  .short { fill: #c4562f } .mark { fill: #ffffff; stroke: #1f2328 } .line { fill: none; stroke: #2f7d6d }
  text { font: 13px system-ui, sans-serif } .small { font-size: 11px } .big { font-size: 16px;
  font-weight: 600 }
  @media (prefers-color-scheme: dark) {
    .page { fill: #0d1117 } .text { fill: #e6edf3 } .dim { fill: #9198a1 } .rule { stroke: #3d444d }
    .goal { stroke: #e6edf3 } .met { fill: #4fb39e } .stretch { fill: #86dcc9 }
    .short { fill: #e88560 } .mark { fill: #0d1117; stroke: #e6edf3 } .line { stroke: #4fb39e }
  }
"""

WIDTH = 940
LABEL_WIDTH, NOTE_WIDTH = 310, 230
ROW_HEIGHT, BAR_HEIGHT, TOP = 26, 14, 84
ATTAINED_MIN, ATTAINED_MAX = 0.05, 20.0
BAR_CLASSES = {MET: "met", STRETCH: "stretch", NOT_MET: "short"}


def text_at(x: float, y: float, words: str, classes: str = "text", anchor: str = "start") -> str:
    return (f'<text x="{x:.1f}" y="{y:.1f}" class="{classes}" text-anchor="{anchor}">'
            f"{escape(words)}</text>")


def line_at(x1: float, y1: float, x2: float, y2: float, classes: str) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" class="{classes}"/>'


def document(height: float, title: str, description: str, parts: list[str]) -> str:
    """A whole SVG file on a page of its own, which screen readers can name."""
    return "\n".join([
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height:.0f}" '
        f'width="{WIDTH}" height="{height:.0f}" role="img" aria-label={quoteattr(title)}>',
        f"<title>{escape(title)}</title>", f"<desc>{escape(description)}</desc>",
        f"<style>{STYLE}</style>",
        f'<rect class="page" width="{WIDTH}" height="{height:.0f}" rx="8"/>', *parts, "</svg>", ""])


# -- Goals: a bar each, on a log scale where 1 is the goal -------------------------------------------

def goals_chart(rows: list[Row], machine: str) -> str:
    """How far each goal is reached. Goals without a factor (of none at all) are not drawn."""
    drawn = [row for row in rows if row.attained is not None and row.status in BAR_CLASSES]
    shown = [row.attained for row in drawn if row.attained] or [1.0]
    low = max(ATTAINED_MIN, min(0.5, min(shown)))
    high = min(ATTAINED_MAX, max(2.0, max(shown)))
    left, right = LABEL_WIDTH, WIDTH - NOTE_WIDTH
    x_of = log_scale(low, high, left, right)
    bottom = TOP + ROW_HEIGHT * len(drawn)
    parts = [text_at(20, 30, "Holdfast against its speed goals", "text big"),
             text_at(20, 50, f"1 is the goal, further right is better. {machine}", "dim small")]
    for tick in ticks(low, high):
        parts += [line_at(x_of(tick), TOP - 8, x_of(tick), bottom, "rule"),
                  text_at(x_of(tick), TOP - 14, number_text(tick), "dim small", "middle")]
    for index, row in enumerate(drawn):
        parts += goal_bar(row, TOP + ROW_HEIGHT * index, x_of, low, high)
    parts += [line_at(x_of(1), TOP - 8, x_of(1), bottom, "goal"),
              text_at(20, bottom + 24, "The narrow mark is the stretch goal; where there is "
                      "none, there is no stretch.", "dim small")]
    told = "; ".join(f"{row.goal.what} {row.goal.peer}: {row.status}" for row in drawn)
    return document(bottom + 40, "Holdfast against its speed goals", told, parts)


def goal_bar(row: Row, y: float, x_of: Callable[[float], float], low: float,
             high: float) -> list[str]:
    """One goal's name, its bar from the goal's line, the mark of its stretch, and the verdict."""
    assert row.attained is not None
    at = x_of(min(max(row.attained, low), high))
    begin, end = sorted((x_of(1), at))
    against = f" / {row.goal.peer}" if row.goal.peer else ""
    value = figure_text(row.value, row.goal.unit)
    bound = target_text(row.goal, row.goal.goal).replace(">= ", "≥ ").replace("<= ", "≤ ")
    parts = [
        text_at(LABEL_WIDTH - 12, y + 13, row.goal.what, "text small", "end"),
        f'<rect x="{begin:.1f}" y="{y + 2:.1f}" width="{max(end - begin, 1.5):.1f}" '
        f'height="{BAR_HEIGHT}" class="{BAR_CLASSES[row.status]}"><title>'
        f"{escape(row.goal.what + against)}: {escape(value)}, {escape(row.status)}</title></rect>",
        text_at(WIDTH - NOTE_WIDTH + 12, y + 13,
                f"{value} of {bound}, {row.status}", "text small")]
    if row.stretch_attained:
        mark = x_of(min(max(row.attained / row.stretch_attained, low), high))
        parts.append(f'<rect x="{mark - 1.5:.1f}" y="{y:.1f}" width="3" height="{BAR_HEIGHT + 4}" '
                     'class="mark"/>')
    return parts


def log_scale(low: float, high: float, left: float, right: float) -> Callable[[float], float]:
    """Maps values of low..high to left..right by their logarithm."""
    span = math.log(high / low) or 1.0
    return lambda value: left + (right - left) * math.log(value / low) / span


def ticks(low: float, high: float) -> list[float]:
    """The 1, 2 and 5 of every decade that is shown."""
    found = []
    for decade in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1):
        found += [digit * 10.0 ** decade for digit in (1, 2, 5)]
    return [tick for tick in found if low * 0.999 <= tick <= high * 1.001]


# -- Growth: small charts beside each other, sizes on a log scale ------------------------------------

@dataclass(frozen=True)
class Series:
    """One small chart: figures over a size, as in holds a second over tickets known."""
    what: str
    over: str
    unit: str
    points: list[tuple[float, float]]


PANEL_WIDTH, PANEL_HEIGHT, PANELS_A_ROW = 285, 180, 3


def growth_chart(all_series: list[Series], machine: str) -> str:
    """A small chart for each series that has points; each begins at 0."""
    drawn = [series for series in all_series if series.points]
    parts = [text_at(20, 30, "How Holdfast's figures grow", "text big"),
             text_at(20, 50, f"Sizes on a logarithmic scale, figures from 0. {machine}",
                     "dim small")]
    for index, series in enumerate(drawn):
        column, line = index % PANELS_A_ROW, index // PANELS_A_ROW
        parts += panel(series, 20 + column * (PANEL_WIDTH + 20), 74 + line * (PANEL_HEIGHT + 30))
    lines = math.ceil(len(drawn) / PANELS_A_ROW)
    told = "; ".join(f"{series.what} over {series.over}: " + ", ".join(
        f"{number_text(x)}: {figure_text(y, series.unit)}" for x, y in series.points)
        for series in drawn)
    return document(74 + lines * (PANEL_HEIGHT + 30) + 6, "How Holdfast's figures grow", told,
                    parts)


def panel(series: Series, left: float, top: float) -> list[str]:
    """One small chart with its points named."""
    sizes = [x for x, _ in series.points]
    highest = max(y for _, y in series.points) or 1.0
    low, high = min(sizes), max(sizes)
    x_of = log_scale(low, high if high > low else low * 10, left + 24, left + PANEL_WIDTH - 30)
    base, head = top + PANEL_HEIGHT - 34, top + 44

    def y_of(value: float) -> float:
        return base - (base - head) * value / highest

    places = [(x_of(x), y_of(y)) for x, y in series.points]
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in places)
    parts = [text_at(left, top + 14, f"{series.what} ({series.unit})", "text"),
             line_at(left, base, left + PANEL_WIDTH - 10, base, "rule"),
             f'<polyline points="{path}" class="line" stroke-width="2"/>',
             text_at(left + PANEL_WIDTH - 10, base + 32, series.over, "dim small", "end")]
    for (x, y), (size, value) in zip(places, series.points):
        parts += [f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" class="met"/>',
                  text_at(x, y - 9, number_text(value), "text small", "middle"),
                  text_at(x, base + 15, size_text(size), "dim small", "middle")]
    return parts


def size_text(size: float) -> str:
    """1k, 100k, 1M."""
    for unit, factor in (("M", 1e6), ("k", 1e3)):
        if size >= factor:
            return f"{size / factor:g}{unit}"
    return f"{size:g}"
