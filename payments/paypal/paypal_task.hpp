// One wish of a caller that PayPal is asked about, step by step: its handler, which is called once
// whatever happens, and its deadline.
//
// Owner: the closures of the step under way. When the last of them is dropped (the sender has
// ended) the handler hears the fallback. Thread: any.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_options.hpp"

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <utility>

namespace holdfast::payments {

template <class Answer>
class paypal_task {
 public:
  /// The deadline lies this much before the limit of the answer, for what comes after the last
  /// call.
  static std::int64_t margin_ms(std::int64_t limit_ms) {
    return std::min<std::int64_t>(250, limit_ms / 4);
  }

  paypal_task(std::function<void(Answer)> handler, Answer fallback, std::int64_t deadline)
      : deadline_ms(deadline)
      , handler_(std::move(handler))
      , fallback_(std::move(fallback)) {}
  paypal_task(const paypal_task&) = delete;
  paypal_task& operator=(const paypal_task&) = delete;
  ~paypal_task() { give_up(); }

  void give(Answer answer) {
    if (!given_.exchange(true, std::memory_order_acq_rel))
      std::exchange(handler_, nullptr)(std::move(answer));
  }
  void give_up() { give(fallback_); }

  /// Of the steady clock.
  const std::int64_t deadline_ms;

 private:
  std::function<void(Answer)> handler_;
  const Answer fallback_;
  std::atomic<bool> given_{false};
};

/// Starts the task's clock.
template <class Answer>
std::shared_ptr<paypal_task<Answer>>
make_paypal_task(const paypal_options& options, http_sender& sender,
                 std::function<void(Answer)> handler, Answer fallback) {
  using task = paypal_task<Answer>;
  const std::int64_t limit_ms = options.answer_limit_ms - task::margin_ms(options.answer_limit_ms);
  auto result = std::make_shared<task>(std::move(handler), std::move(fallback),
                                       options.steady_ms() + limit_ms);
  sender.after(limit_ms, [late = std::weak_ptr<task>(result)] {
    if (auto still = late.lock())
      still->give_up();
  });
  return result;
}

} // namespace holdfast::payments
