// One I/O thread's event loop, with the little that everything on it shares: the clock, the Date
// field, and a tick from which all time limits are driven. One timer for the whole thread instead
// of one for each connection and request: setting a limit is an assignment, and what ends in time
// costs nothing.
//
// Owner: the front. Thread: run() makes the caller the loop's thread; all else belongs to that
// thread, but for context(), to which anybody may post.
#pragma once

#include "net/http/asio.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/steady_timer.hpp>

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

class io_loop {
 public:
  /// How late a time limit may be noticed.
  static constexpr std::int64_t tick_ms = 20;

  io_loop();
  io_loop(const io_loop&) = delete;
  io_loop& operator=(const io_loop&) = delete;

  asio::io_context& context() noexcept { return context_; }

  /// Until stop().
  void run();
  /// Any thread.
  void stop() { context_.stop(); }

  /// Milliseconds of a clock that never jumps back; as coarse as the kernel's own ticks.
  static std::int64_t now_ms() noexcept;

  /// The Date field's value, at most a tick old.
  std::string_view date() const noexcept { return date_; }

  /// Calls `action` at every tick with now_ms(), as long as the loop runs.
  void at_tick(std::function<void(std::int64_t)> action) { actions_.push_back(std::move(action)); }

 private:
  void arm();
  void tick();
  void write_date();

  asio::io_context context_{1};
  asio::executor_work_guard<asio::io_context::executor_type> work_;
  asio::steady_timer timer_;
  std::vector<std::function<void(std::int64_t)>> actions_;
  std::int64_t date_second_ = 0;
  std::string date_;
};

} // namespace holdfast::net
