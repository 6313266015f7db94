#include "net/http/io_loop.hpp"

#include "config/log.hpp"

#include <array>
#include <chrono>
#include <cstdio>
#include <ctime>

namespace holdfast::net {

io_loop::io_loop()
    : work_(asio::make_work_guard(context_))
    , timer_(context_) {
  write_date();
}

std::int64_t io_loop::now_ms() noexcept {
  // A few milliseconds coarse, which is finer than a tick, and a quarter of the exact clock's cost.
  std::timespec now{};
  clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
  return std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
}

void io_loop::run() {
  arm();
  for (;;) {
    try {
      context_.run();
      return;
    } catch (const std::exception& failure) {
      // Coroutines catch at their root, so this is a bug; the other connections go on.
      log::error("io_handler_failed", {{"reason", failure.what()}});
    }
  }
}

void io_loop::arm() {
  timer_.expires_after(std::chrono::milliseconds(tick_ms));
  timer_.async_wait([this](error_code error) {
    if (error)
      return;
    tick();
    arm();
  });
}

void io_loop::tick() {
  write_date();
  const std::int64_t now = now_ms();
  for (const auto& action : actions_)
    action(now);
}

void io_loop::write_date() {
  const std::time_t second = std::time(nullptr);
  if (second == date_second_)
    return;
  date_second_ = second;
  static constexpr std::array<const char*, 7> days{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
  static constexpr std::array<const char*, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                      "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  std::tm parts{};
  gmtime_r(&second, &parts);
  std::array<char, 64> text{};
  const int length = std::snprintf(text.data(), text.size(), "%s, %02d %s %04d %02d:%02d:%02d GMT",
                                   days[static_cast<std::size_t>(parts.tm_wday)], parts.tm_mday,
                                   months[static_cast<std::size_t>(parts.tm_mon)],
                                   parts.tm_year + 1900, parts.tm_hour, parts.tm_min, parts.tm_sec);
  date_.assign(text.data(), static_cast<std::size_t>(length));
}

} // namespace holdfast::net
