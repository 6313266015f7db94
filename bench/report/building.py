"""Installs the packages and builds what is measured, with the caches of scripts/lib.sh."""

from pathlib import Path

from report.holdfast_server import clean_environment
from report.processes import run_to_end

SETUP_S, BUILD_S = 900, 1800

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


def set_up(root: Path) -> None:
    """Installs the Debian packages that are missing."""
    run_to_end("the setup", [root / "scripts" / "setup", "bench"], SETUP_S, clean_environment(),
               root)


def build(root: Path) -> None:
    """Builds the server, the load generator and the peers into build/bench."""
    run_to_end("the build", ["bash", "-c", _BUILD], BUILD_S, clean_environment(), root)
