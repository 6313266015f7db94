// The machine's clocks, as this program sees them: they begin at a fixed instant and go on by a
// microsecond whenever they are looked at. So whatever depends on how long something took (which
// bucket of a histogram, the Date field) does the same in every run, also under a tool that makes
// it a hundred times slower.

#include <atomic>
#include <cstdint>
#include <ctime>

namespace {

constexpr std::int64_t start_second = 1'767'225'600; // 2026-01-01T00:00:00Z
constexpr std::int64_t step_ns = 1'000;
constexpr std::int64_t second_ns = 1'000'000'000;

std::int64_t next_ns() noexcept {
  static std::atomic<std::int64_t> now_ns{0};
  return now_ns.fetch_add(step_ns, std::memory_order_relaxed) + step_ns;
}

} // namespace

extern "C" {

int clock_gettime(clockid_t, struct timespec* into) noexcept {
  const std::int64_t now_ns = next_ns();
  into->tv_sec = start_second + now_ns / second_ns;
  into->tv_nsec = now_ns % second_ns;
  return 0;
}

std::time_t time(std::time_t* into) noexcept {
  const std::time_t now = start_second + next_ns() / second_ns;
  if (into != nullptr)
    *into = now;
  return now;
}
}
