# Shared by the scripts beside it; sourced, never run. Sets `root` and goes there.
# shellcheck shell=bash

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cd "$root" || exit 1

# ccache: precompiled headers are safe to cache for us (no file of ours uses __TIME__), and a clone
# somewhere else shall find what this one has compiled.
export CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
export CCACHE_BASEDIR=$root
export CCACHE_NOHASHDIR=1

# step TEXT...: says what is being done, with the time since the script started.
step() { printf '[%3ds] %s\n' "$SECONDS" "$*"; }

# fail TEXT...: says why and ends the script.
fail() {
  printf 'error: %s\n' "$*" >&2
  exit 1
}

# Memory that may be used, in MiB: what the machine has free, or the container's limit if lower.
memory_mib() {
  local available limit
  available=$(awk '/^MemAvailable:/ { print int($2 / 1024) }' /proc/meminfo)
  if [ -r /sys/fs/cgroup/memory.max ]; then
    limit=$(cat /sys/fs/cgroup/memory.max)
    if [ "$limit" != max ] && [ $((limit / 1048576)) -lt "$available" ]; then
      available=$((limit / 1048576))
    fi
  fi
  echo "$available"
}

# Compilers at once: one per core, as long as each has the 1.5 GiB that the largest files need.
compile_jobs() {
  local by_memory cores
  cores=$(nproc)
  by_memory=$(($(memory_mib) / 1536))
  [ "$by_memory" -ge 1 ] || by_memory=1
  echo $((cores < by_memory ? cores : by_memory))
}

# node_is_new_enough: whether a Node.js that the browser application builds with is there.
node_is_new_enough() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 || return 1
  local version major minor
  version=$(node --version) && version=${version#v}
  major=${version%%.*} minor=${version#*.} minor=${minor%%.*}
  [ "$major" -gt 18 ] || { [ "$major" -eq 18 ] && [ "$minor" -ge 18 ]; }
}

# with_build_lock COMMAND...: keeps two scripts from building in the same tree at once.
with_build_lock() {
  mkdir -p build
  (
    flock 9
    "$@" 9>&-
  ) 9>build/.lock
}

# build_preset PRESET TARGET...: configures if needed and builds. An older cache may know fewer rooms.
build_preset() {
  local preset=$1 log="build/$1-configure.log"
  shift
  mkdir -p build
  if ! cmake --preset "$preset" -U HOLDFAST_ROOMS >"$log" 2>&1; then
    cat "$log" >&2
    fail "cmake could not configure the preset $preset"
  fi
  cmake --build --preset "$preset" -j "$(compile_jobs)" ${1:+--target "$@"}
}

# One checksum over the names and contents of what the browser application is made from.
frontend_inputs() {
  find frontend -type f -not -path 'frontend/node_modules/*' -not -path 'frontend/dist/*' -print0 |
    sort -z | xargs -0 sha256sum | sha256sum | cut -d' ' -f1
}

# packages FOLDER NAME: installs the packages of the folder's package-lock.json unless they are there.
packages() {
  local folder=$1 name=$2 wanted
  local stamp=$folder/node_modules/.holdfast-lock
  wanted="$(sha256sum <"$folder/package-lock.json") node $(node --version)"
  if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    step "installing $name"
    (cd "$folder" && npm ci --no-audit --no-fund --loglevel=error)
    printf '%s' "$wanted" >"$stamp"
  fi
}

frontend_packages() { packages frontend 'the packages of the browser application'; }

# Builds the browser application into frontend/dist unless nothing has changed.
frontend_build() {
  frontend_packages
  local wanted stamp=build/frontend.stamp
  wanted=$(frontend_inputs)
  if [ ! -f frontend/dist/index.html ] || [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    step 'building the browser application'
    rm -f "$stamp"
    (cd frontend && npm run --silent build)
    mkdir -p build
    printf '%s' "$wanted" >"$stamp"
  fi
}
