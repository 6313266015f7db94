// What the tests of Stripe share: objects as Stripe shows them (stripe_objects/, a part of its
// public examples), and a sender that plays a script in Stripe's place.
#pragma once

#include "domain/order_payment.hpp"
#include "payments/stripe/stripe_provider.hpp"
#include "tests/payments/provider_fixture.hpp"

#include <boost/json.hpp>

#include <deque>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::payments {

namespace json = boost::json;

inline constexpr const char* test_secret_key = "sk_test_secretsecret";
inline constexpr const char* test_intent = "pi_1PgafyB7WZ01zgkWSjxsAJo3";

/// One of Stripe's example objects: "payment_intent", "charge", "refund", "event".
inline json::object stripe_example(std::string_view kind) {
  std::ifstream file{STRIPE_FIXTURES};
  const std::string text{std::istreambuf_iterator<char>{file}, {}};
  return json::parse(text).at("resources").at(kind).as_object();
}

inline charge_name stripe_charge_name(std::string reference = test_intent) {
  charge_name result;
  result.order = order_number(7);
  result.payment = domain::payment_id{domain::make_uuid(1'700'000'000'000, 17, 8)};
  result.attempt_number = 2;
  result.key = domain::payment_key(result.order, 2);
  result.reference = std::move(reference);
  result.amount = {1999, {}};
  return result;
}

inline json::object test_metadata() {
  const charge_name name = stripe_charge_name();
  return {{"order_id", domain::to_string(name.order)},
          {"payment_id", domain::to_string(name.payment)},
          {"attempt", "2"}};
}

/// The intent of stripe_charge_name; `changes` replace members.
inline json::object intent_object(std::string_view status, const json::object& changes = {}) {
  json::object result = stripe_example("payment_intent");
  result["status"] = status;
  result["amount"] = 1999;
  result["metadata"] = test_metadata();
  result["last_payment_error"] = nullptr;
  for (const auto& each : changes)
    result[each.key()] = each.value();
  return result;
}

inline std::string intent(std::string_view status, const json::object& changes = {}) {
  return json::serialize(intent_object(status, changes));
}

inline std::string error_body(std::string_view type, std::string_view code,
                              const json::object& more = {}) {
  json::object error{{"type", type}, {"code", code}, {"message", "Words for people."}};
  for (const auto& each : more)
    error[each.key()] = each.value();
  return json::serialize(json::object{{"error", error}});
}

inline http_result answered(unsigned status, std::string body, http_fields fields = {}) {
  return {http_outcome::answered, status, std::move(fields), std::move(body), {}};
}
inline http_result lost() {
  return {http_outcome::no_answer, 0, {}, {}, "lost"};
}
inline http_result not_sent() {
  return {http_outcome::not_sent, 0, {}, {}, "not sent"};
}

/// What is expected to be asked, in this order, and what is answered.
struct script {
  struct step {
    std::string request; ///< "POST /v1/payment_intents", how it begins
    http_result answer;
  };
  std::deque<step> steps;
  /// As they came.
  std::vector<http_call> calls;
  std::vector<std::int64_t> limits_ms;
  std::vector<std::int64_t> pauses_ms;
  std::vector<std::string> surprises;
  /// Calls are kept until the sender ends; pauses never end.
  bool holds = false;
  bool holds_pauses = false;

  void expect(std::string request, http_result answer) {
    steps.push_back({std::move(request), std::move(answer)});
  }
  /// Everything that was expected was asked, and nothing else.
  bool is_through() const { return steps.empty() && surprises.empty(); }

  std::string key_of(std::size_t call) const {
    for (const auto& [name, value] : calls.at(call).fields)
      if (name == "Idempotency-Key")
        return value;
    return {};
  }
};

/// Answers at once, on the caller's thread.
class scripted_sender final : public http_sender {
 public:
  explicit scripted_sender(std::shared_ptr<script> what)
      : script_(std::move(what)) {}
  ~scripted_sender() override {
    for (const auto& each : held_)
      each(lost());
  }

  void send(http_call call, std::int64_t limit_ms, http_handler handler) override {
    script_->calls.push_back(call);
    script_->limits_ms.push_back(limit_ms);
    if (script_->holds) {
      held_.push_back(std::move(handler));
      return;
    }
    const std::string request = call.method + ' ' + call.target;
    if (script_->steps.empty() || !request.starts_with(script_->steps.front().request)) {
      script_->surprises.push_back(request);
      return handler(lost());
    }
    http_result answer = std::move(script_->steps.front().answer);
    script_->steps.pop_front();
    handler(std::move(answer));
  }

  void after(std::int64_t wait_ms, std::function<void()> action) override {
    script_->pauses_ms.push_back(wait_ms);
    if (!script_->holds_pauses)
      action();
  }

 private:
  std::shared_ptr<script> script_;
  std::vector<http_handler> held_;
};

/// A provider whose Stripe plays a script.
struct stripe_site {
  std::shared_ptr<script> stripe = std::make_shared<script>();
  domain::instant now = 1'760'000'000'000;
  std::unique_ptr<stripe_provider> provider = std::make_unique<stripe_provider>(
      stripe_options{test_secret_key, "pk_test_1", {"whsec_one"}},
      std::make_unique<scripted_sender>(stripe), [this] { return now; });

  charge_answer prepare(charge_name name) {
    awaited<charge_answer> answer;
    provider->prepare(std::move(name), answer.handler());
    return answer.get();
  }
  charge_answer charge(charge_name name, std::string token) {
    awaited<charge_answer> answer;
    provider->charge(std::move(name), std::move(token), answer.handler());
    return answer.get();
  }
  charge_answer lookup(charge_name name) {
    awaited<charge_answer> answer;
    provider->lookup(std::move(name), answer.handler());
    return answer.get();
  }
  charge_answer cancel(charge_name name) {
    awaited<charge_answer> answer;
    provider->cancel(std::move(name), answer.handler());
    return answer.get();
  }
  refund_answer refund(refund_request request) {
    awaited<refund_answer> answer;
    provider->refund(std::move(request), answer.handler());
    return answer.get();
  }
};

} // namespace holdfast::payments
