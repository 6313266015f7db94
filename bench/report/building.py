"""Installs the packages and builds what is measured, with the caches of scripts/lib.sh."""

import os
import subprocess
from pathlib import Path

from report.errors import CannotMeasure
from report.holdfast_server import clean_environment

SETUP_S, BUILD_S = 900, 1800
SAID_MAX = 20

# Sourced lib.sh sets ccache's variables and goes to the root; the lock keeps two builds apart.
_BUILD = """
set -euo pipefail
. scripts/lib.sh
configure_and_build() {
  cmake -G Ninja -S . -B build/bench -DCMAKE_BUILD_TYPE=Release \
    -DCMAKE_CXX_COMPILER_LAUNCHER=ccache -DHOLDFAST_BENCH=ON >build/bench-configure.log 2>&1 ||
    { cat build/bench-configure.log >&2; fail 'cmake could not configure build/bench'; }
  cmake --build build/bench -j "$(compile_jobs)" --target holdfast holdfast-load holdfast_peers
}
with_build_lock configure_and_build
"""


def _run(root: Path, what: str, command: list[str], within_s: float) -> None:
    try:
        done = subprocess.run(command, cwd=root, env=clean_environment(), capture_output=True,
                              stdin=subprocess.DEVNULL, text=True, errors="replace",
                              timeout=within_s, check=False)
    except (OSError, subprocess.TimeoutExpired) as error:
        raise CannotMeasure(f"the {what} was not done: {error}") from error
    if done.returncode != 0:
        said = (done.stdout + done.stderr).strip().splitlines()[-SAID_MAX:]
        raise CannotMeasure(f"the {what} failed:\n  " + "\n  ".join(said))


def set_up(root: Path) -> None:
    """Installs the Debian packages that are missing."""
    _run(root, "setup", [os.path.join("scripts", "setup"), "bench"], SETUP_S)


def build(root: Path) -> None:
    """Builds the server, the load generator and the peers into build/bench."""
    _run(root, "build", ["bash", "-c", _BUILD], BUILD_S)
