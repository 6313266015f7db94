// What a coroutine awaits of a socket: one asynchronous operation each, resumed straight from the
// completion handler. They are named objects in the awaiting coroutine, never temporaries with
// braces (GCC 12 destroys those twice).
#pragma once

#include "net/http/asio.hpp"

#include <coroutine>
#include <cstddef>

namespace holdfast::net {

/// Runs `start(handler)` and waits for the handler, called with an error code and, of reads and
/// writes, a number of bytes.
template <class Start>
class io_step {
 public:
  explicit io_step(Start start)
      : start_(start) {}
  io_step(const io_step&) = delete;
  io_step& operator=(const io_step&) = delete;

  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    start_(completion{this});
  }
  std::size_t await_resume() const noexcept { return bytes_; }

  const error_code& error() const noexcept { return error_; }

 private:
  /// Small and copyable, as Asio likes its handlers.
  struct completion {
    io_step* step;
    void operator()(error_code error, std::size_t bytes = 0) const {
      step->error_ = error;
      step->bytes_ = bytes;
      step->waiting_.resume();
    }
  };

  Start start_;
  std::coroutine_handle<> waiting_;
  error_code error_;
  std::size_t bytes_ = 0;
};

} // namespace holdfast::net
