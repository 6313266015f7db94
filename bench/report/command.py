"""The command line of bench/run.

Exit codes: 0 all goals that were asked for are met, 1 something could not be measured, 2 wrong use,
3 a goal is not met, 130 interrupted.
"""

import argparse
import json
import os
import signal
import sys
import time
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

from report import building, results
from report.bench import Bench
from report.errors import CannotMeasure
from report.goal_table import goals_of
from report.goals import exit_code
from report.machine import (describe, load_warning, processor_ticks, withheld_since,
                            withheld_warning)
from report.parts import PARTS, PARTS_BY_NAME, Part
from report.processes import raise_file_limit
from report.table import figure_text, plain_table, summary_text, target_text

BUILD_BUDGET_S = 90


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(
        prog="bench/run", description="Measures Holdfast against its speed goals, beside peers on "
        "this machine. Without PART: all but growth, in under 15 minutes on two cores.")
    parser.add_argument("parts", nargs="*", metavar="PART", help="all, or of those that --list names")
    parser.add_argument("--list", action="store_true", help="name the parts with their goals")
    parser.add_argument("--quick", action="store_true",
                        help="does everything work? Two minutes; the figures are worth nothing")
    parser.add_argument("--publish", action="store_true",
                        help="also write docs/performance.md, its charts and figures")
    parser.add_argument("--publish-from", metavar="FILE", type=Path,
                        help="publish a result of build/bench-results and measure nothing")
    parser.add_argument("--no-build", action="store_true", help="measure build/bench as it is")
    given = parser.parse_args()
    unknown = [name for name in given.parts if name != "all" and name not in PARTS_BY_NAME]
    if unknown:
        parser.error(f"no such part: {', '.join(unknown)} (all, {', '.join(PARTS_BY_NAME)})")
    if given.quick and given.publish:
        parser.error("figures of --quick are not published")
    return given


def chosen_parts(names: list[str]) -> list[Part]:
    """The parts that are meant, in their own order."""
    wanted = set(names) - {"all"}
    if not names or "all" in names:
        wanted |= {part.name for part in PARTS if part.in_all}
    return [part for part in PARTS if part.name in wanted]


def list_parts() -> None:
    """Each part, how long it takes, and its goals."""
    for part in PARTS:
        print(f"{part.name:10} {part.budget_s:4d} s  {part.what}"
              + ("" if part.in_all else " (only when asked for)"))
        for goal in goals_of(part.name):
            if goal.goal is not None:
                against = f" against {goal.peer}" if goal.peer else ""
                stretch = f", stretch {figure_text(goal.stretch, goal.unit)}" if goal.stretch else ""
                print(f"{'':18}{goal.what}{against}: {target_text(goal, goal.goal)}{stretch}")


def run_part(bench: Bench, part: Part) -> None:
    """Runs a part within its own errors, and says how long it took beside its budget."""
    budget = part.quick_s if bench.quick else part.budget_s
    bench.say(f"{part.name}: {part.what} (about {budget} s)")
    began = time.monotonic()
    try:
        part.run(bench)
        why = "nothing was recorded"
    except CannotMeasure as error:
        why = str(error)
        bench.say(f"  not measured: {error}")
    bench.give_up(part.name, why)
    took = time.monotonic() - began
    over = f", more than its {budget} s" if took > budget * 1.25 else ""
    bench.say(f"{part.name}: took {took:.0f} s{over}")
    bench.figures.setdefault("seconds", {})[part.name] = round(took, 1)  # type: ignore[attr-defined]


def prepare(bench: Bench, build: bool) -> None:
    """Packages, programs, and what the server serves as pages."""
    if build:
        bench.say(f"setting up and building build/bench (about {BUILD_BUDGET_S} s when cached)")
        building.set_up(bench.root)
        building.build(bench.root)
    missing = [name for name in ("holdfast", "holdfast-load")
               if not (bench.build / name).exists()]
    if missing:
        raise CannotMeasure(f"build/bench has no {' and no '.join(missing)}")


def measure(bench: Bench, given: argparse.Namespace) -> dict[str, Any]:
    """Runs what was asked for; the result, with all that is known when it ends early."""
    parts = chosen_parts(given.parts)
    # Before the build, which is itself a load.
    machine = describe(bench.root)
    load = machine["load_average"]
    assert isinstance(load, float)
    if load_warning(load):
        bench.say(load_warning(load))
    time_text = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    prepare(bench, not given.no_build)
    ticks = processor_ticks()
    for part in parts:
        run_part(bench, part)
    machine["withheld"] = withheld_since(ticks)
    whole = {part.name for part in PARTS if part.in_all} <= {part.name for part in parts}
    about = {"time": time_text, "parts": [part.name for part in parts], "quick": bench.quick,
             "whole": whole and not bench.quick, "rounds": bench.rounds,
             "seconds": round(time.monotonic() - bench.began, 1)}
    return results.result_of(machine, bench.seen, bench.figures, about)


def report(bench: Bench, result: dict[str, Any], publish: bool) -> int:
    """The table and the files; the exit code."""
    rows = results.rows_in(result)
    print()
    if rows:
        print(plain_table(rows))
    for series in results.series_in(result):
        told = "  ".join(f"{x:,.0f}: {figure_text(y, series.unit)}" for x, y in series.points)
        print(f"{series.what} over {series.over}:  {told or 'not measured'}")
    print(f"\n{summary_text(rows)}; {result['rounds']} rounds, {result['seconds']:.0f} s"
          + ("; --quick: the figures are worth nothing" if result["quick"] else ""))
    for warning in (load_warning(result["machine"]["load_average"]),
                    withheld_warning(result["machine"]["withheld"])):
        if warning:
            print(warning)
    path = results.save(result, bench.root / "build" / "bench-results")
    print(f"kept in {path.relative_to(bench.root)}")
    if publish:
        for written in results.publish(result, bench.root / "docs"):
            print(f"published {written.relative_to(bench.root)}")
    if any(not series.points for series in results.series_in(result)):
        return max(exit_code(rows), 1)
    return exit_code(rows)


def interrupted(*_: object) -> None:
    raise KeyboardInterrupt


def main(root: Path) -> int:
    """Measures, or whatever else was asked for."""
    given = arguments()
    if given.list:
        list_parts()
        return 0
    if given.publish_from:
        kept = json.loads(given.publish_from.read_text(encoding="utf-8"))
        return published(root, kept)
    os.chdir(root)
    raise_file_limit()
    for each in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(each, interrupted)
    bench = Bench(root, given.quick, time.monotonic())
    try:
        result = measure(bench, given)
        return report(bench, result, given.publish)
    except CannotMeasure as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return 130
    finally:
        # What we have started ends whatever else is asked of us meanwhile.
        for each in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(each, signal.SIG_IGN)
        bench.close()


def published(root: Path, kept: dict[str, Any]) -> int:
    """Publishes a kept result."""
    try:
        for written in results.publish(kept, root / "docs"):
            print(f"published {written.relative_to(root)}")
    except CannotMeasure as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    return 0
