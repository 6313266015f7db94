// How threads ask the kernel to be run. Hints: where a kernel doesn't know one, the threads run as
// all others do.
#pragma once

namespace holdfast::config {

/// Names the calling thread for profiles and debuggers; at most 15 characters.
void name_thread(const char* name) noexcept;

/// For a thread that runs briefly and that everybody waits for: short turns, but soon; and timers
/// that are as exact as they can be.
void prefer_latency() noexcept;

/// For a thread that nobody waits for: it displaces no other when it wakes.
void prefer_throughput() noexcept;

} // namespace holdfast::config
