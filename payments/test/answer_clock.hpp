// Keeps the time of the test provider on a thread of its own: answers each handler at its limit if
// nobody else has, and calls actions at their time.
//
// Owner: the test provider's worker. Thread: calls from any; handlers and actions that fall due run
// on the clock's thread.
#pragma once

#include "payments/provider.hpp"

#include <atomic>
#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <thread>
#include <utility>
#include <variant>

namespace holdfast::payments {

/// A handler that is called once, whoever comes first: the ledger's outcome or the clock.
class single_answer {
 public:
  using any_handler = std::variant<charge_handler, refund_handler, list_handler>;

  explicit single_answer(any_handler handler)
      : handler_(std::move(handler)) {}

  /// Calls the handler unless it was called before. The answer is of the handler's kind.
  template <class Answer>
  void give(Answer answer) {
    if (!given_.exchange(true, std::memory_order_acq_rel))
      std::get<std::function<void(Answer)>>(std::exchange(handler_, {}))(std::move(answer));
  }
  /// Says that nobody knows.
  void give_unknown() { give_status(charge_status::unknown); }
  /// Says what is known at the limit: nothing, or that the charge is under way.
  void give_late() { give_status(late_.load(std::memory_order_acquire)); }
  bool is_given() const noexcept { return given_.load(std::memory_order_acquire); }

  /// From now on the ledger is known to have the charge: at the limit the answer is `pending`.
  void is_under_way() noexcept { late_.store(charge_status::pending, std::memory_order_release); }

 private:
  void give_status(charge_status status);

  any_handler handler_;
  std::atomic<bool> given_{false};
  std::atomic<charge_status> late_{charge_status::unknown};
};

using answer_ptr = std::shared_ptr<single_answer>;

class answer_clock {
 public:
  using steady = std::chrono::steady_clock;

  explicit answer_clock(std::chrono::milliseconds answer_limit);
  /// Answers all that is still watched; actions that aren't due are dropped.
  ~answer_clock();

  /// Watches over the answer from now until the limit.
  void watch(answer_ptr answer);
  /// Calls the action at its time, or at once if that is past.
  void at(steady::time_point time, std::function<void()> action);

 private:
  struct watched {
    steady::time_point limit;
    answer_ptr answer;
  };

  void run();
  steady::time_point next_due() const;

  const std::chrono::milliseconds answer_limit_;
  std::mutex mutex_;
  std::condition_variable changed_;
  bool stopping_ = false;
  /// In the order of their limits, since all wait equally long. Given answers leave when they reach
  /// the front, so a busy provider wakes the clock once per limit and not once per charge.
  std::deque<watched> watched_;
  std::multimap<steady::time_point, std::function<void()>> actions_;
  std::thread thread_;
};

} // namespace holdfast::payments
