// CPU time and memory of the servers under load, read from outside. Any thread; owns nothing.
#pragma once

#include <cstdint>
#include <sys/types.h>
#include <vector>

namespace holdfast::bench {

/// A process and all its living descendants; empty if it is gone.
std::vector<pid_t> process_tree(pid_t root);

/// CPU time in nanoseconds of these processes' whole trees: all threads, also those that have
/// ended, and children, also those that have ended and were waited for (these in clock ticks,
/// usually 10 ms). Throws cannot_measure if one of `roots` is gone.
std::int64_t cpu_ns(const std::vector<pid_t>& roots);

/// Bytes of RAM of these processes' trees. `resident` counts what is shared by several once for
/// each.
struct memory_use {
  std::uint64_t resident_bytes = 0;
  /// What the processes have allocated, as opposed to mapped from files.
  std::uint64_t anonymous_bytes = 0;
};
memory_use memory_of(const std::vector<pid_t>& roots);

} // namespace holdfast::bench
