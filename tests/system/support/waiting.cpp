#include "tests/system/support/waiting.hpp"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <poll.h>
#include <stdexcept>

namespace holdfast::system_tests {

int remaining_ms(steady_instant deadline) {
  const auto left =
      std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now()).count();
  return static_cast<int>(std::clamp<std::int64_t>(left, 0, 1'000'000));
}

bool eventually(const std::function<bool()>& holds, std::chrono::milliseconds limit) {
  constexpr int pause_ms = 5;
  const steady_instant deadline = steady_clock::now() + limit;
  while (!holds()) {
    if (steady_clock::now() >= deadline)
      return false;
    ::poll(nullptr, 0, std::min(pause_ms, remaining_ms(deadline)));
  }
  return true;
}

std::int64_t wall_clock_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

std::int64_t parse_time_ms(const std::string& text) {
  std::tm parts{};
  int milliseconds = 0;
  char zone = 0;
  if (text.size() != 24 ||
      std::sscanf(text.c_str(), "%4d-%2d-%2dT%2d:%2d:%2d.%3d%c", &parts.tm_year, &parts.tm_mon,
                  &parts.tm_mday, &parts.tm_hour, &parts.tm_min, &parts.tm_sec, &milliseconds,
                  &zone) != 8 ||
      zone != 'Z')
    throw std::runtime_error("not a time of the contract: " + text);
  parts.tm_year -= 1900;
  parts.tm_mon -= 1;
  return static_cast<std::int64_t>(::timegm(&parts)) * 1000 + milliseconds;
}

std::uint64_t from_environment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

} // namespace holdfast::system_tests
