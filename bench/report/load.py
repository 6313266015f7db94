"""Runs holdfast-load, which prints one JSON object, in the foreground or beside something else."""

import json
import os
import signal
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment
from report.processes import die_with_parent

Result = dict[str, Any]
GRACE_S = 60


def arguments_of(options: dict[str, Any]) -> list[str]:
    """Options as flags: True is the bare flag, a list repeats it, None and False leave it out."""
    words: list[str] = []
    for name, value in options.items():
        flag = "--" + name.replace("_", "-")
        for each in value if isinstance(value, (list, tuple)) else [value]:
            if each is True:
                words.append(flag)
            elif each is not None and each is not False:
                words += [flag, str(each)]
    return words


class BackgroundLoad:
    """A load that runs while something else is done to the server."""

    def __init__(self, scenario: str, command: Sequence[str], within_s: float) -> None:
        self._scenario = scenario
        self._within_s = within_s
        self._process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
            text=True, errors="replace", env=clean_environment(), start_new_session=True,
            preexec_fn=die_with_parent)

    def result(self, may_fail: bool = False) -> Result:
        """Waits for the load's end. With `may_fail`, its JSON is taken whatever the exit code."""
        try:
            output, problems = self._process.communicate(timeout=self._within_s)
        except subprocess.TimeoutExpired as error:
            raise CannotMeasure(f"the load {self._scenario} was not done after "
                                f"{self._within_s:.0f} s") from error
        finally:
            self.stop()
        return result_in(self._scenario, output, problems, self._process.returncode, may_fail)

    def stop(self) -> None:
        """Ends it if it still runs."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.communicate(timeout=10)


def result_in(scenario: str, output: str, problems: str, code: int, may_fail: bool) -> Result:
    """The JSON object that a load printed, or why there is none."""
    said = " | ".join(problems.strip().splitlines()[-3:])
    if code != 0 and not may_fail:
        raise CannotMeasure(f"the load {scenario} failed ({code}): {said}")
    lines = output.strip().splitlines()
    try:
        found = json.loads(lines[-1]) if lines else None
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise CannotMeasure(f"the load {scenario} printed no result: {said}")
    return found


class Load:
    """The load generator."""

    def __init__(self, binary: Path) -> None:
        self._binary = binary

    def begin(self, scenario: str, url: str | list[str], **options: Any) -> BackgroundLoad:
        """Starts a load and returns at once; on several servers, if the scenario knows how to."""
        within = (float(options.get("seconds") or 0) + float(options.get("warmup") or 1)
                  + float(options.pop("within_s", GRACE_S)))
        command = [str(self._binary), scenario, *arguments_of({"url": url} | options)]
        return BackgroundLoad(scenario, command, within)

    def run(self, scenario: str, url: str | list[str], **options: Any) -> Result:
        """Runs a load to its end. Answers that are errors make the figures worthless."""
        load = self.begin(scenario, url, **options)
        try:
            return load.result()
        finally:
            load.stop()


def check_answers(result: Result, expected: Sequence[str]) -> None:
    """CannotMeasure if more than one answer in a thousand is not one of the expected statuses."""
    statuses = {str(status): int(count) for status, count in result.get("statuses", {}).items()}
    total = sum(statuses.values())
    wrong = sum(count for status, count in statuses.items() if status not in expected)
    wrong += int(result.get("errors", 0) or 0)
    if total == 0:
        raise CannotMeasure(f"the load {result.get('scenario')} got no answer at all")
    if wrong > total / 1000:
        raise CannotMeasure(f"{wrong} of {total} answers to the load {result.get('scenario')} were "
                            f"not {' or '.join(expected)}: {statuses}")


