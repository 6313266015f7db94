// Loaded into a server before its libraries (LD_PRELOAD): moves its wall clock ahead by
// TEST_CLOCK_SHIFT_SECONDS, so that a test needn't wait for hours. Clocks that measure spans stay
// as they are.
#include <cstdlib>
#include <ctime>
#include <sys/syscall.h>
#include <unistd.h>

extern "C" int clock_gettime(clockid_t clock, timespec* result) noexcept {
  static const long shift_seconds = [] {
    const char* text = std::getenv("TEST_CLOCK_SHIFT_SECONDS");
    return text == nullptr ? 0L : std::strtol(text, nullptr, 10);
  }();
  const long outcome = ::syscall(SYS_clock_gettime, clock, result);
  if (outcome == 0 && clock == CLOCK_REALTIME)
    result->tv_sec += shift_seconds;
  return static_cast<int>(outcome);
}
