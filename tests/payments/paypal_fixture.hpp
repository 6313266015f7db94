// What the tests of the provider for PayPal share: a sender that keeps every call until the test
// answers it, a clock that the test moves, and PayPal's answers as texts. One thread, so nothing
// waits.
#pragma once

#include "domain/order_payment.hpp"
#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_provider.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <memory>
#include <optional>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::payments {

inline std::ostream& operator<<(std::ostream& out, charge_status x) {
  return out << to_string(x);
}
inline std::ostream& operator<<(std::ostream& out, refund_status x) {
  return out << to_string(x);
}
inline std::ostream& operator<<(std::ostream& out, webhook_verdict x) {
  return out << "verdict " << static_cast<int>(x);
}

/// 2026-03-01T12:00:00Z
inline constexpr std::int64_t noon_ms = 1'772'366'400'000;

/// Keeps calls and actions until the test wants them to happen. When it ends it answers what is
/// under way and drops the actions, as the real one does.
class scripted_sender final : public http_sender {
 public:
  explicit scripted_sender(std::int64_t& clock)
      : clock_(clock) {}
  ~scripted_sender() override {
    while (!calls_.empty())
      take().second({});
  }

  void send(http_call call, std::int64_t limit_ms, http_handler handler) override {
    CHECK(limit_ms > 0);
    calls_.emplace_back(std::move(call), std::move(handler));
  }
  void after(std::int64_t wait_ms, std::function<void()> action) override {
    actions_.push_back({clock_ + wait_ms, std::move(action)});
  }

  /// The oldest call that waits for its answer; it must be this one. Gives what was sent.
  http_call answer(const std::string& expected, http_result result) {
    REQUIRE_FALSE(calls_.empty());
    auto [call, handler] = take();
    REQUIRE(call.method + " " + call.target == expected);
    handler(std::move(result));
    return call;
  }
  http_call answer(const std::string& expected, unsigned status, std::string body) {
    http_result result;
    result.outcome = http_outcome::answered;
    result.status = status;
    result.body = std::move(body);
    return answer(expected, std::move(result));
  }
  http_call lose_answer(const std::string& expected) { return answer(expected, http_result{}); }

  std::size_t waiting() const { return calls_.size(); }

  /// Moves the clock, calling each action at its time.
  void pass(std::int64_t ms) {
    const std::int64_t end = clock_ + ms;
    for (;;) {
      auto next = std::min_element(actions_.begin(), actions_.end(),
                                   [](const auto& a, const auto& b) { return a.due < b.due; });
      if (next == actions_.end() || next->due > end)
        break;
      timed_action taken = std::move(*next);
      actions_.erase(next);
      clock_ = std::max(clock_, taken.due);
      taken.action();
    }
    clock_ = end;
  }

 private:
  struct timed_action {
    std::int64_t due = 0;
    std::function<void()> action;
  };

  std::pair<http_call, http_handler> take() {
    auto first = std::move(calls_.front());
    calls_.erase(calls_.begin());
    return first;
  }

  std::int64_t& clock_;
  std::vector<std::pair<http_call, http_handler>> calls_;
  std::vector<timed_action> actions_;
};

inline std::string field_of(const http_call& call, std::string_view name) {
  for (const auto& [each, value] : call.fields)
    if (each == name)
      return value;
  return {};
}

/// An answer that somebody gives, once.
template <class Answer>
struct awaited {
  std::shared_ptr<std::optional<Answer>> given = std::make_shared<std::optional<Answer>>();

  std::function<void(Answer)> handler() {
    return [to = given](Answer answer) {
      CHECK_FALSE(to->has_value());
      *to = std::move(answer);
    };
  }
  bool is_given() const { return given->has_value(); }
  const Answer& get() const {
    REQUIRE(is_given());
    return **given;
  }
};

struct paypal_fixture {
  static constexpr const char* token_call = "POST /v1/oauth2/token";
  static constexpr const char* create_call = "POST /v2/checkout/orders";
  static constexpr const char* order_call = "GET /v2/checkout/orders/5O190127TN364715T";
  static constexpr const char* capture_call = "POST /v2/checkout/orders/5O190127TN364715T/capture";
  static constexpr const char* refund_call = "POST /v2/payments/captures/3C679366HH908993F/refund";
  static constexpr const char* page = "https://www.paypal.com/checkoutnow?token=5O190127TN364715T";

  explicit paypal_fixture(std::string api_base = "https://api-m.paypal.com") {
    paypal_options options;
    options.client_id = "client";
    options.secret = "secret";
    options.webhook_id = "WH123";
    options.api_base = std::move(api_base);
    options.return_origin = "https://tickets.example";
    options.steady_ms = [this] { return clock_ms; };
    options.wall_ms = [this] { return noon_ms + clock_ms; };
    auto made = std::make_unique<scripted_sender>(clock_ms);
    sender = made.get();
    paypal = std::make_unique<paypal_provider>(std::move(options), std::move(made));
  }

  static charge_name charge(std::string reference = "5O190127TN364715T", bool sent = false) {
    charge_name result;
    result.order = domain::order_id{domain::make_uuid(noon_ms - 60'000, 17, 5)};
    result.payment = domain::payment_id{domain::make_uuid(noon_ms - 50'000, 17, 6)};
    result.attempt_number = 2;
    result.key = domain::payment_key(result.order, 2);
    result.reference = std::move(reference);
    result.amount = {1999, {}};
    result.charge_sent = sent;
    return result;
  }

  static std::string money_text(const std::string& value) {
    return R"({"currency_code":"USD","value":")" + value + R"("})";
  }
  /// PayPal's order as it gives it; `payments` is the inside of purchase_units[0].payments.
  static std::string order_text(const std::string& status, const std::string& payments = {},
                                const std::string& value = "19.99",
                                const std::string& key = charge().key) {
    return R"({"id":"5O190127TN364715T","intent":"CAPTURE","status":")" + status +
           R"(","purchase_units":[{"reference_id":"default","custom_id":")" + key +
           R"(","amount":)" + money_text(value) +
           (payments.empty() ? "" : R"(,"payments":{)" + payments + "}") +
           R"(}],"links":[{"rel":"self","href":"https://api-m.paypal.com/x","method":"GET"},)" +
           R"({"rel":"payer-action","href":")" + page + R"(","method":"GET"}]})";
  }
  static std::string captured_text(const std::string& status, const std::string& refunds = {}) {
    return order_text("COMPLETED", R"("captures":[{"id":"3C679366HH908993F","status":")" + status +
                                       R"(","amount":)" + money_text("19.99") + "}]" +
                                       (refunds.empty() ? "" : R"(,"refunds":[)" + refunds + "]"));
  }
  static std::string refusal_text(const std::string& issue) {
    return R"({"name":"UNPROCESSABLE_ENTITY","details":[{"issue":")" + issue +
           R"("}],"debug_id":"f00"})";
  }

  /// What every first call waits for.
  void give_token(const std::string& token = "A21AA") {
    sender->answer(token_call, 200,
                   R"({"access_token":")" + token +
                       R"(","token_type":"Bearer","expires_in":32400})");
  }

  awaited<charge_answer> prepare(charge_name what) {
    awaited<charge_answer> answer;
    paypal->prepare(std::move(what), answer.handler());
    return answer;
  }
  awaited<charge_answer> capture(charge_name what) {
    awaited<charge_answer> answer;
    paypal->charge(std::move(what), "", answer.handler());
    return answer;
  }
  awaited<charge_answer> lookup(charge_name what) {
    awaited<charge_answer> answer;
    paypal->lookup(std::move(what), answer.handler());
    return answer;
  }
  awaited<charge_answer> cancel(charge_name what) {
    awaited<charge_answer> answer;
    paypal->cancel(std::move(what), answer.handler());
    return answer;
  }

  std::int64_t clock_ms = 0;
  scripted_sender* sender = nullptr;
  std::unique_ptr<paypal_provider> paypal;
};

} // namespace holdfast::payments
