// The two clocks of the load generator. Any thread; owns nothing.
#pragma once

#include <cstdint>
#include <ctime>

namespace holdfast::bench {

constexpr std::int64_t ns_per_second = 1'000'000'000;
constexpr std::int64_t ns_per_ms = 1'000'000;

inline std::int64_t read_clock_ns(clockid_t which) noexcept {
  timespec time{};
  ::clock_gettime(which, &time);
  return static_cast<std::int64_t>(time.tv_sec) * ns_per_second + time.tv_nsec;
}

/// CLOCK_MONOTONIC, nanoseconds: what durations and delays are measured with.
inline std::int64_t now_ns() noexcept {
  return read_clock_ns(CLOCK_MONOTONIC);
}

/// Milliseconds since 1970, UTC: what the server's own times are compared with.
inline std::int64_t wall_ms() noexcept {
  return read_clock_ns(CLOCK_REALTIME) / ns_per_ms;
}

/// CPU time of this process, nanoseconds.
inline std::int64_t own_cpu_ns() noexcept {
  return read_clock_ns(CLOCK_PROCESS_CPUTIME_ID);
}

inline std::int64_t seconds_to_ns(double seconds) noexcept {
  return static_cast<std::int64_t>(seconds * static_cast<double>(ns_per_second));
}

inline double ns_to_seconds(std::int64_t ns) noexcept {
  return static_cast<double>(ns) / static_cast<double>(ns_per_second);
}

} // namespace holdfast::bench
