// Something asked of Redis: one command, and what is to be done with its answer. Made on any
// thread, afterwards the store's thread has it.
#pragma once

#include "persistence/redis/wire.hpp"

#include <atomic>
#include <chrono>
#include <memory>
#include <string>
#include <utility>

namespace holdfast::persistence::redis {

using time_point = std::chrono::steady_clock::time_point;

/// What became of a call that gets no answer.
enum class loss : std::uint8_t {
  /// Redis never got it.
  not_sent,
  /// It may have been done.
  unknown,
};

class call {
 public:
  call() = default;
  call(const call&) = delete;
  call& operator=(const call&) = delete;
  virtual ~call() {
    if (count != nullptr)
      --*count;
  }

  /// Exactly one of these is called, once. The answer may be an error, or of any shape.
  virtual void on_answer(const answer& x) = 0;
  virtual void on_loss(loss x) = 0;

  /// The command as bytes; with `takes_session` but for its last argument, the session of the
  /// connection that it is sent over.
  std::string bytes;
  bool takes_session = false;
  /// Asking twice does no harm, so it is asked again when the connection is lost.
  bool is_repeatable = false;
  /// Part of making a connection: not asked again, it begins anew.
  bool is_greeting = false;
  /// Until when it may wait to be sent.
  time_point deadline;
  time_point sent_at;
  /// Where it begins among the bytes of its connection.
  std::uint64_t begins_at = 0;
  /// Counted for as long as it lives.
  std::atomic<std::size_t>* count = nullptr;
};

using call_ptr = std::unique_ptr<call>;

template <class OnAnswer, class OnLoss>
class call_of final : public call {
 public:
  call_of(OnAnswer on_answer, OnLoss on_loss)
      : on_answer_(std::move(on_answer))
      , on_loss_(std::move(on_loss)) {}
  void on_answer(const answer& x) override { on_answer_(x); }
  void on_loss(loss x) override { on_loss_(x); }

 private:
  OnAnswer on_answer_;
  OnLoss on_loss_;
};

template <class OnAnswer, class OnLoss>
call_ptr make_call(std::string bytes, OnAnswer on_answer, OnLoss on_loss) {
  auto result =
      std::make_unique<call_of<OnAnswer, OnLoss>>(std::move(on_answer), std::move(on_loss));
  result->bytes = std::move(bytes);
  return result;
}

/// A call that reads only.
template <class OnAnswer, class OnLoss>
call_ptr make_reading_call(std::string bytes, OnAnswer on_answer, OnLoss on_loss) {
  call_ptr result = make_call(std::move(bytes), std::move(on_answer), std::move(on_loss));
  result->is_repeatable = true;
  return result;
}

} // namespace holdfast::persistence::redis
