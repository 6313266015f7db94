"""Child processes and temporary directories that never outlive bench/run.

Every child leads a process group of its own, is ended by its own id, and dies with us even if we are
killed. Nothing here waits without a deadline.
"""

import ctypes
import os
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path

from report.errors import CannotMeasure

PR_SET_PDEATHSIG = 1
LINES_KEPT = 40
_libc = ctypes.CDLL(None, use_errno=True)


def raise_file_limit() -> int:
    """Lets us and our children open as many files as may be; returns how many that is."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = 1_000_000 if hard == resource.RLIM_INFINITY else hard
    resource.setrlimit(resource.RLIMIT_NOFILE, (wanted, hard))
    return wanted


def die_with_parent() -> None:
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


class Child:
    """A server that runs in the background; its lines are read by a thread, the last ones kept."""

    def __init__(self, name: str, command: Sequence[str | Path], environment: dict[str, str],
                 directory: Path | None = None) -> None:
        self.name = name
        self._lines: deque[str] = deque(maxlen=LINES_KEPT)
        self._found: str | None = None
        self._changed = threading.Condition()
        self._wanted: Callable[[str], str | None] | None = None
        self.started_at = time.monotonic()
        try:
            self.process = subprocess.Popen(
                [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT, text=True, errors="replace", env=environment,
                cwd=directory, start_new_session=True, preexec_fn=die_with_parent)
        except OSError as error:
            raise CannotMeasure(f"{name} does not start: {error}") from error
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def is_running(self) -> bool:
        return self.process.poll() is None

    def last_lines(self, count: int = 5) -> str:
        """What it said last, for messages."""
        with self._changed:
            return " | ".join(list(self._lines)[-count:]) or "it said nothing"

    def wait_for_line(self, wanted: Callable[[str], str | None], within_s: float) -> str:
        """The first non-empty value that `wanted` makes of a line, of those already said too."""
        deadline = time.monotonic() + within_s
        with self._changed:
            self._wanted = wanted
            for line in self._lines:
                self._found = self._found or wanted(line)
            while self._found is None:
                left = deadline - time.monotonic()
                if left <= 0 or not self._reader.is_alive():
                    break
                self._changed.wait(min(left, 0.2))
            found, self._found, self._wanted = self._found, None, None
        if found is None:
            state = "is not ready" if self.is_running() else "ended"
            raise CannotMeasure(f"{self.name} {state} after {within_s:.0f} s at most: "
                                f"{self.last_lines()}")
        return found

    def kill(self) -> None:
        """Ends the whole group at once, as a power cut would, and waits until it is gone."""
        self._signal_group(signal.SIGKILL)
        self.process.wait(10)

    def stop(self, within_s: float = 10, how: int = signal.SIGTERM) -> None:
        """Asks the process to end, and ends its group if it doesn't."""
        if self.is_running():
            self.process.send_signal(how)
            try:
                self.process.wait(within_s)
            except subprocess.TimeoutExpired:
                pass
        self._signal_group(signal.SIGKILL)
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            pass
        self._reader.join(2)

    def _signal_group(self, how: int) -> None:
        try:
            os.killpg(self.process.pid, how)
        except (ProcessLookupError, PermissionError):
            pass  # all of it has ended

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            with self._changed:
                self._lines.append(line.rstrip())
                if self._wanted is not None and self._found is None:
                    self._found = self._wanted(line)
                self._changed.notify_all()


class Processes:
    """All children and directories of one bench/run; close() ends and removes what is left."""

    def __init__(self) -> None:
        self._children: list[Child] = []
        self._directories: list[Path] = []
        self._closers: list[Callable[[], None]] = []

    def at_close(self, closer: Callable[[], None]) -> None:
        """Has something ended that isn't a child of ours."""
        self._closers.append(closer)

    def start(self, name: str, command: Sequence[str | Path], environment: dict[str, str],
              directory: Path | None = None) -> Child:
        child = Child(name, command, environment, directory)
        self._children = [each for each in self._children if each.is_running()]
        self._children.append(child)
        return child

    def directory(self, purpose: str) -> Path:
        """A fresh directory on a real disk, which other users may pass through."""
        path = Path(tempfile.mkdtemp(prefix=f"holdfast-bench-{purpose}-", dir=data_root()))
        path.chmod(0o711)
        self._directories.append(path)
        return path

    def remove(self, path: Path) -> None:
        """Removes a directory of ours before the end, since measurements can be large."""
        shutil.rmtree(path, ignore_errors=True)
        if path in self._directories:
            self._directories.remove(path)

    def close(self) -> None:
        for child in reversed(self._children):
            child.stop()
        self._children.clear()
        for closer in reversed(self._closers):
            try:
                closer()
            except CannotMeasure as error:
                print(f"warning: {error}", file=sys.stderr)
        self._closers.clear()
        for path in list(self._directories):
            self.remove(path)


def filesystem_of(path: Path) -> str:
    """The type of the file system that a path is on, as in ext4."""
    best, kind = "", "unknown"
    for line in Path("/proc/mounts").read_text(encoding="utf-8").splitlines():
        _, mount, type_ = line.split()[:3]
        inside = str(path) == mount or str(path).startswith(mount.rstrip("/") + "/")
        if inside and len(mount) >= len(best):
            best, kind = mount, type_
    return kind


def data_root() -> Path:
    """Where data directories go: where files are kept on a disk, or durability costs nothing."""
    usual = Path(tempfile.gettempdir())
    return Path("/var/tmp") if filesystem_of(usual) in ("tmpfs", "ramfs") else usual


def run_to_end(name: str, command: Sequence[str | Path], within_s: float,
               environment: dict[str, str] | None = None, directory: Path | None = None) -> str:
    """Runs a command and returns its standard output; CannotMeasure with its words if it fails."""
    try:
        process = subprocess.Popen(
            [str(part) for part in command], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace", env=environment, cwd=directory,
            start_new_session=True, preexec_fn=die_with_parent)
    except OSError as error:
        raise CannotMeasure(f"{name} does not start: {error}") from error
    try:
        output, problems = process.communicate(timeout=within_s)
    except subprocess.TimeoutExpired as error:
        raise CannotMeasure(f"{name} was not done after {within_s:.0f} s") from error
    finally:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.communicate(timeout=10)
    if process.returncode != 0:
        said = (output + problems).strip().splitlines()[-8:]
        raise CannotMeasure(f"{name} failed ({process.returncode}): {' | '.join(said)}")
    return output
