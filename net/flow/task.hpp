// The coroutines of the front: `task` is a piece of work that another coroutine awaits, `detached`
// the root of one connection. Nothing here knows Asio or CAF: what a coroutine waits for resumes it
// by its handle.
//
// Thread: a coroutine lives on the thread of the I/O loop that started it and is only ever resumed
// there, so what it touches needs no lock.
// Ends: a coroutine is never destroyed from outside while it waits; whoever wants it gone closes
// the socket or lets its time limit pass, and it runs to its end.
#pragma once

#include "net/flow/frame_memory.hpp"

#include <coroutine>
#include <exception>
#include <optional>
#include <utility>

namespace holdfast::net {

namespace detail {

class task_promise_base {
 public:
  static void* operator new(std::size_t bytes) { return frame_memory::take(bytes); }
  static void operator delete(void* frame, std::size_t bytes) noexcept {
    frame_memory::give_back(frame, bytes);
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct final_awaiter {
    bool await_ready() const noexcept { return false; }
    template <class Promise>
    std::coroutine_handle<> await_suspend(std::coroutine_handle<Promise> done) const noexcept {
      const std::coroutine_handle<> next = done.promise().continuation_;
      return next ? next : std::noop_coroutine();
    }
    void await_resume() const noexcept {}
  };
  final_awaiter final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept { failure_ = std::current_exception(); }
  void continue_with(std::coroutine_handle<> next) noexcept { continuation_ = next; }

 protected:
  void rethrow() const {
    if (failure_)
      std::rethrow_exception(failure_);
  }

 private:
  std::coroutine_handle<> continuation_;
  std::exception_ptr failure_;
};

template <class T>
class task_promise : public task_promise_base {
 public:
  template <class U>
  void return_value(U&& value) {
    value_.emplace(std::forward<U>(value));
  }
  T take() {
    rethrow();
    return std::move(*value_);
  }

 private:
  std::optional<T> value_;
};

template <>
class task_promise<void> : public task_promise_base {
 public:
  void return_void() const noexcept {}
  void take() const { rethrow(); }
};

} // namespace detail

/// Work that starts when it is awaited, once, and gives a T or throws. A task that ends without
/// having waited costs its awaiter no suspension, so long runs of such tasks don't deepen the
/// stack.
template <class T = void>
class [[nodiscard]] task {
 public:
  struct promise_type : detail::task_promise<T> {
    task get_return_object() noexcept {
      return task{std::coroutine_handle<promise_type>::from_promise(*this)};
    }
  };

  task(task&& other) noexcept
      : handle_(std::exchange(other.handle_, nullptr)) {}
  task& operator=(task&&) = delete;
  ~task() {
    if (handle_)
      handle_.destroy();
  }

  bool await_ready() const {
    handle_.resume();
    return handle_.done();
  }
  void await_suspend(std::coroutine_handle<> next) const noexcept {
    handle_.promise().continue_with(next);
  }
  T await_resume() const { return handle_.promise().take(); }

 private:
  explicit task(std::coroutine_handle<promise_type> handle) noexcept
      : handle_(handle) {}

  std::coroutine_handle<promise_type> handle_;
};

/// A coroutine that nobody awaits: it starts at once and frees itself at its end. Its body catches
/// everything; an exception that escapes it is a bug and ends the process.
struct detached {
  struct promise_type {
    detached get_return_object() const noexcept { return {}; }
    std::suspend_never initial_suspend() const noexcept { return {}; }
    std::suspend_never final_suspend() const noexcept { return {}; }
    void return_void() const noexcept {}
    void unhandled_exception() const noexcept { std::terminate(); }
  };
};

} // namespace holdfast::net
