"""Results as files: one JSON a run in build/bench-results, and what is published in docs/."""

import json
import re
from dataclasses import asdict
from pathlib import Path
from typing import Any

from report.charts import Series, goals_chart, growth_chart
from report.errors import CannotMeasure
from report.goals import NOT_MEASURED, Measurement, Row, evaluate
from report.goal_table import GOALS
from report.table import markdown_table, summary_text

BEGIN, END = "<!-- bench/run writes from here -->", "<!-- bench/run writes to here -->"


def result_of(machine: dict[str, object], seen: dict[str, Measurement],
              figures: dict[str, object], about: dict[str, object]) -> dict[str, Any]:
    """All that is kept of a run: the verdicts, and every round's own figures."""
    rows = [evaluate(goal, seen[goal.id]) for goal in GOALS if goal.id in seen]
    return {**about, "machine": machine,
            "goals": [{**asdict(row.goal), "status": row.status, "value": row.value,
                       "noise": row.noise, "note": row.note} for row in rows],
            "measurements": {id_: asdict(each) for id_, each in seen.items()},
            "figures": figures}


def rows_in(result: dict[str, Any]) -> list[Row]:
    """The rows of a kept run, judged anew by the goals as they are now."""
    seen = {id_: Measurement(**each) for id_, each in result["measurements"].items()}
    return [evaluate(goal, seen[goal.id]) for goal in GOALS if goal.id in seen]


def save(result: dict[str, Any], directory: Path) -> Path:
    """Writes it under its time, and as latest.json."""
    directory.mkdir(parents=True, exist_ok=True)
    path = directory / (str(result["time"]).replace(":", "") + ".json")
    text = json.dumps(result, indent=1) + "\n"
    for target in (path, directory / "latest.json"):
        target.write_text(text, encoding="utf-8")
    return path


def machine_text(machine: dict[str, Any], time: str) -> str:
    """The machine in a line."""
    return (f"{machine['cores']} cores of {machine['processor']}, {machine['memory_gib']} GiB, "
            f"{machine['data_filesystem']}, kernel {machine['kernel']}, {time[:10]}"
            + withheld_text(machine.get("withheld", 0)))


def withheld_text(share: float) -> str:
    """What the machine's host kept back, if that is worth a word."""
    return f", {share:.0%} of the processor time kept back by its host" if share >= 0.01 else ""


def series_in(result: dict[str, Any]) -> list[Series]:
    """The growth charts of a kept run."""
    return [Series(each["what"], each["over"], each["unit"],
                   [(x, y) for x, y in each["points"]])
            for each in result["figures"].get("growth", [])]


def series_table(all_series: list[Series]) -> str:
    """The growth figures as Markdown, one line a figure."""
    from report.charts import size_text
    from report.table import figure_text
    lines = ["| what | over | figures |", "|---|---|---|"]
    for series in all_series:
        told = ", ".join(f"{size_text(x)}: {figure_text(y, series.unit)}"
                         for x, y in series.points)
        lines.append(f"| {series.what} | {series.over} | {told} |")
    return "\n".join(lines)


def published_text(kept: dict[str, Any]) -> str:
    """What stands between the marks in docs/performance.md."""
    lines = []
    if "goals" in kept:
        run = kept["goals"]
        rows = rows_in(run)
        lines += ["![Holdfast against its speed goals](images/performance.svg)", "",
                  f"Measured on {machine_text(run['machine'], run['time'])}, commit "
                  f"`{str(run['machine']['commit'])[:12]}`: {summary_text(rows)}. The value is "
                  "Holdfast in ratio to its peer; noise is (max - min) / median of the rounds.", "",
                  markdown_table(rows), ""]
    if "growth" in kept:
        run = kept["growth"]
        lines += ["![How Holdfast's figures grow](images/performance-growth.svg)", "",
                  f"Measured on {machine_text(run['machine'], run['time'])}.", "",
                  series_table(series_in(run)), ""]
    return "\n".join(lines)


def replace_between_marks(text: str, generated: str) -> str:
    """The document with its generated part replaced; CannotMeasure if it has no place for it."""
    pattern = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if not pattern.search(text):
        raise CannotMeasure(f"docs/performance.md lacks the lines {BEGIN} and {END}")
    return pattern.sub(lambda _: f"{BEGIN}\n\n{generated}\n{END}", text, count=1)


def publish(result: dict[str, Any], docs: Path) -> list[Path]:
    """Puts a run into docs/: the goals if all were run, the growth if it was; the files written."""
    kept_path = docs / "performance-figures.json"
    kept = json.loads(kept_path.read_text(encoding="utf-8")) if kept_path.exists() else {}
    if not result["whole"] and not result["figures"].get("growth"):
        raise CannotMeasure("only a whole run or growth is published, not single parts or --quick")
    written = []
    (docs / "images").mkdir(parents=True, exist_ok=True)
    if result["whole"]:
        kept["goals"] = {**result, "figures": {}}
        chart = goals_chart([row for row in rows_in(result) if row.status != NOT_MEASURED],
                            machine_text(result["machine"], result["time"]))
        written.append(_write(docs / "images" / "performance.svg", chart))
    if result["figures"].get("growth"):
        kept["growth"] = {**result, "goals": [], "measurements": {},
                          "figures": {"growth": result["figures"]["growth"]}}
        chart = growth_chart(series_in(result), machine_text(result["machine"], result["time"]))
        written.append(_write(docs / "images" / "performance-growth.svg", chart))
    written.append(_write(kept_path, json.dumps(kept, indent=1) + "\n"))
    page = docs / "performance.md"
    text = page.read_text(encoding="utf-8") if page.exists() else (
        f"# Performance\n\n`bench/run --publish` measures and writes this.\n\n{BEGIN}\n{END}\n")
    written.append(_write(page, replace_between_marks(text, published_text(kept))))
    return written


def _write(path: Path, text: str) -> Path:
    path.write_text(text, encoding="utf-8")
    return path
