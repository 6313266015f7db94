// A payment provider for actor tests: an honest judge in memory that answers when the test lets it.
#pragma once

#include "payments/provider.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>

namespace holdfast::tests {

class scripted_provider final : public payments::provider {
 public:
  using charge_status = payments::charge_status;

  /// Answers wait for answer_next() while this is set.
  bool hold_answers = false;
  /// Money is moved as asked, but nobody hears of it.
  bool lose_answers = false;
  /// charge() never reaches the ledger; its answer is unknown.
  bool lose_charges = false;

  std::string_view name() const noexcept override { return "scripted"; }
  std::int64_t answer_limit_ms() const noexcept override { return 5'000; }

  void charge(payments::charge_request request, payments::charge_handler handler) override {
    ++charge_calls;
    if (on_charge)
      on_charge();
    if (lose_charges) {
      say(handler, charge_status::unknown);
      return;
    }
    auto [entry, added] = ledger.try_emplace(request.key, charge_status::declined);
    if (added && request.token == "tok_visa") {
      entry->second = charge_status::succeeded;
      charged_minor += request.amount.minor;
    }
    say(handler, entry->second);
  }

  void lookup(std::string key, payments::charge_handler handler) override {
    ++lookup_calls;
    const auto found = ledger.find(key);
    say(handler, found == ledger.end() ? charge_status::not_found : found->second);
  }

  void cancel(std::string key, payments::charge_handler handler) override {
    ++cancel_calls;
    say(handler, ledger.try_emplace(key, charge_status::cancelled).first->second);
  }

  void refund(std::string key, payments::charge_handler handler) override {
    ++refund_calls;
    auto& status = ledger[key];
    if (status == charge_status::succeeded)
      status = charge_status::refunded;
    say(handler, status);
  }

  void answer_next() {
    auto next = std::move(held.front());
    held.pop_front();
    next();
  }

  /// By key; the truth about the money.
  std::map<std::string, charge_status> ledger;
  std::int64_t charged_minor = 0;
  int charge_calls = 0;
  int lookup_calls = 0;
  int cancel_calls = 0;
  int refund_calls = 0;
  std::deque<std::function<void()>> held;
  /// Looks at the world at the moment when the provider is asked.
  std::function<void()> on_charge;

 private:
  void say(payments::charge_handler handler, charge_status status) {
    payments::charge_answer answer{lose_answers ? charge_status::unknown : status, "reference",
                                   status == charge_status::declined ? "card_declined" : ""};
    auto deliver = [handler = std::move(handler), answer] { handler(answer); };
    if (hold_answers)
      held.push_back(std::move(deliver));
    else
      deliver();
  }
};

} // namespace holdfast::tests
