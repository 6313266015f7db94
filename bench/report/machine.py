"""What is known about the machine and the versions, for the record beside the figures."""

import os
import platform
import subprocess
from pathlib import Path

from report.processes import data_root, filesystem_of

LOAD_MAX = 0.5
WITHHELD_MAX = 0.03


def first_line(*command: str) -> str:
    """The first line that a command says, or that it isn't there."""
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=10, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return "not there"
    lines = (done.stdout or done.stderr).strip().splitlines()
    return lines[0] if lines else ""


def _read(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except OSError:
        return ""


def _field(path: str, name: str) -> str:
    for line in _read(path).splitlines():
        key, _, value = line.partition(":")
        if key.strip() == name:
            return value.strip()
    return "unknown"


def describe(root: Path) -> dict[str, object]:
    """Cores, memory, kernel, disk, versions, the commit that is measured, and the load now."""
    git = ("git", "-C", str(root))
    return {
        "processor": _field("/proc/cpuinfo", "model name"),
        "cores": len(os.sched_getaffinity(0)),
        "memory_gib": round(int(_field("/proc/meminfo", "MemTotal").split()[0]) / 2**20, 1),
        "kernel": platform.release(),
        "system": _read("/etc/debian_version") and f"Debian {_read('/etc/debian_version')}",
        "governor": _read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor") or "unknown",
        "data_filesystem": filesystem_of(data_root()),
        "load_average": os.getloadavg()[0],
        "compiler": first_line("g++", "--version"),
        "node": first_line("node", "--version"),
        "postgresql": first_line("psql", "--version"),
        "python": platform.python_version(),
        "commit": first_line(*git, "rev-parse", "HEAD"),
        "changed_files": bool(first_line(*git, "status", "--porcelain")),
    }


def load_warning(load: float) -> str:
    """A warning if others use the machine, else empty."""
    if load <= LOAD_MAX:
        return ""
    return (f"warning: the load average is {load:.2f}, so somebody else uses this machine; "
            "figures taken now are not worth keeping")


def processor_ticks() -> tuple[int, int]:
    """Since the machine's start: what its processors worked, and what its host kept back meanwhile."""
    user, nice, system, _, _, interrupts, soft, stolen = (
        int(ticks) for ticks in _read("/proc/stat").splitlines()[0].split()[1:9])
    return user + nice + system + interrupts + soft, stolen


def withheld_since(began: tuple[int, int]) -> float:
    """The share of the processor time asked for since then that a virtual machine's host kept back.

    It does so for milliseconds at a time, in which nothing here runs, the load generator neither.
    """
    worked, stolen = (now - then for now, then in zip(processor_ticks(), began))
    return stolen / max(1, worked + stolen)


def withheld_warning(share: float) -> str:
    """A warning if the host keeps too much back, else empty."""
    if share <= WITHHELD_MAX:
        return ""
    return (f"warning: this machine's host kept back {share:.0%} of the processor time; "
            "rates are too low and tails too long for it")


def resident_kib(pid: int) -> int:
    """The resident memory of one process in KiB."""
    value = _field(f"/proc/{pid}/status", "VmRSS")
    return int(value.split()[0]) if value != "unknown" else 0
