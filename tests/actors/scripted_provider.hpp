// A payment provider for actor tests: an honest judge in memory that answers when the test lets it.
// The maps of money are the truth, whatever the script makes it say. Thread: the test's.
#pragma once

#include "payments/provider.hpp"

#include <deque>
#include <functional>
#include <map>
#include <string>
#include <utility>

namespace holdfast::tests {

class scripted_provider final : public payments::provider {
 public:
  using charge_status = payments::charge_status;
  using refund_status = payments::refund_status;

  // -- the script
  /// As stored with each payment.
  std::string own_name = "scripted";
  /// Answers wait for answer_next() while this is set.
  bool hold_answers = false;
  /// Done as asked, but nobody hears of it.
  bool lose_answers = false;
  /// prepare() or charge() never reaches the ledger; its answer is unknown.
  bool lose_prepares = false;
  bool lose_charges = false;
  /// `prepare` comes before `charge`.
  bool two_steps = false;
  /// The buyer chooses how to pay on the provider's page: `charge` wants no token.
  bool own_page = false;
  /// The buyer has to act before `charge`: prepare() answers requires_action until `approved`.
  bool needs_action = false;
  /// The buyer has to act after `charge`: it answers requires_action, and the money moves as soon
  /// as somebody asks once it is `approved`.
  bool charge_needs_action = false;
  bool approved = false;
  /// What a refund comes to; a pending one when it is asked for again. Unknown: it never arrives.
  refund_status refund_result = refund_status::succeeded;
  payments::webhook_answer webhook{payments::webhook_verdict::forged, std::nullopt, {}, {}};
  payments::charge_list listed;
  /// Looks at the world at the moment when the provider is asked.
  std::function<void()> on_prepare;
  std::function<void()> on_charge;

  // -- what came of it
  /// By key; the truth about the money.
  std::map<std::string, charge_status> ledger;
  std::map<std::string, refund_status> refunds;
  std::int64_t charged_minor = 0;
  std::int64_t refunded_minor = 0;
  int prepare_calls = 0;
  int charge_calls = 0;
  int lookup_calls = 0;
  int cancel_calls = 0;
  int refund_calls = 0;
  int webhook_calls = 0;
  int list_calls = 0;
  std::string last_token;
  std::deque<std::function<void()>> held;

  std::string_view name() const noexcept override { return own_name; }
  std::int64_t answer_limit_ms() const noexcept override { return 5'000; }
  bool prepares() const noexcept override { return two_steps; }
  bool needs_token() const noexcept override { return !own_page; }

  void prepare(payments::charge_name charge, payments::charge_handler handler) override {
    ++prepare_calls;
    if (on_prepare)
      on_prepare();
    if (!two_steps || lose_prepares)
      return say(std::move(handler), charge_status::unknown);
    const auto status = needs_action ? charge_status::requires_action : charge_status::prepared;
    if (ledger.try_emplace(charge.key, status).second)
      accounts_[charge.key].amount_minor = charge.amount.minor;
    say(std::move(handler), present(charge.key));
  }

  void charge(payments::charge_name charge, std::string token,
              payments::charge_handler handler) override {
    ++charge_calls;
    last_token = token;
    if (on_charge)
      on_charge();
    if (lose_charges || (two_steps && !ledger.contains(charge.key)))
      return say(std::move(handler), charge_status::unknown);
    if (ledger.try_emplace(charge.key, charge_status::prepared).second)
      accounts_[charge.key].amount_minor = charge.amount.minor;
    // Chosen on the provider's page, a means of payment needs no token.
    const bool is_good = token == "tok_visa" || (two_steps && token.empty());
    if (present(charge.key) == charge_status::prepared) {
      accounts_[charge.key].charge_sent = true;
      if (!is_good)
        ledger[charge.key] = charge_status::declined;
      else if (charge_needs_action)
        ledger[charge.key] = charge_status::requires_action;
      else
        take(charge.key);
    }
    say(std::move(handler), present(charge.key));
  }

  void lookup(payments::charge_name charge, payments::charge_handler handler) override {
    ++lookup_calls;
    say(std::move(handler), present(charge.key));
  }

  void cancel(payments::charge_name charge, payments::charge_handler handler) override {
    ++cancel_calls;
    const auto status = present(charge.key);
    if (status == charge_status::not_found || status == charge_status::prepared ||
        status == charge_status::requires_action)
      ledger[charge.key] = charge_status::cancelled;
    say(std::move(handler), present(charge.key));
  }

  void refund(payments::refund_request request, payments::refund_handler handler) override {
    ++refund_calls;
    auto status = refund_status::unknown;
    std::string code;
    if (const auto found = refunds.find(request.key);
        found != refunds.end() && found->second != refund_status::pending) {
      status = found->second;
      code = status == refund_status::failed ? "charge_disputed" : "";
    } else if (!can_refund(request)) {
      status = refund_status::failed;
      code = "charge_not_succeeded";
    } else if (refund_result != refund_status::unknown) {
      status = refunds[request.key] = refund_result;
      code = status == refund_status::failed ? "charge_disputed" : "";
      if (status == refund_status::succeeded)
        give_back(request);
    }
    payments::refund_answer answer{status, "refund-reference", std::move(code)};
    if (lose_answers)
      answer = {};
    deliver([handler = std::move(handler), answer] { handler(answer); });
  }

  void read_webhook(payments::webhook_request, payments::webhook_handler handler) override {
    ++webhook_calls;
    deliver([handler = std::move(handler), answer = webhook] { handler(answer); });
  }

  void list_charges(domain::instant, std::string, payments::list_handler handler) override {
    ++list_calls;
    deliver([handler = std::move(handler), answer = listed] { handler(answer); });
  }

  void answer_next() {
    auto next = std::move(held.front());
    held.pop_front();
    next();
  }

 private:
  struct account {
    std::int64_t amount_minor = 0;
    std::int64_t refunded_minor = 0;
    bool charge_sent = false;
  };

  /// What the ledger says under the key, after what the buyer has done meanwhile.
  charge_status present(const std::string& key) {
    const auto found = ledger.find(key);
    if (found == ledger.end())
      return charge_status::not_found;
    if (found->second == charge_status::requires_action && approved) {
      if (accounts_[key].charge_sent)
        take(key);
      else
        found->second = charge_status::prepared;
    }
    return found->second;
  }

  void take(const std::string& key) {
    ledger[key] = charge_status::succeeded;
    charged_minor += accounts_[key].amount_minor;
  }

  /// A charge that the test itself wrote into the ledger has the amount that its refund names.
  bool can_refund(const payments::refund_request& request) {
    if (present(request.charge.key) != charge_status::succeeded)
      return false;
    auto& money = accounts_[request.charge.key];
    if (money.amount_minor == 0)
      money.amount_minor = request.charge.amount.minor;
    return request.amount_minor > 0 &&
           request.amount_minor <= money.amount_minor - money.refunded_minor;
  }

  void give_back(const payments::refund_request& request) {
    auto& money = accounts_[request.charge.key];
    money.refunded_minor += request.amount_minor;
    refunded_minor += request.amount_minor;
    if (money.refunded_minor == money.amount_minor)
      ledger[request.charge.key] = charge_status::refunded;
  }

  void say(payments::charge_handler handler, charge_status status) {
    payments::charge_answer answer;
    answer.status = lose_answers ? charge_status::unknown : status;
    answer.reference = "reference";
    if (answer.status == charge_status::declined)
      answer.decline_code = "card_declined";
    if (answer.status == charge_status::requires_action)
      answer.action = "action";
    deliver([handler = std::move(handler), answer] { handler(answer); });
  }

  void deliver(std::function<void()> answer) {
    if (hold_answers)
      held.push_back(std::move(answer));
    else
      answer();
  }

  std::map<std::string, account> accounts_;
};

} // namespace holdfast::tests
