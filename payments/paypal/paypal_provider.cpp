#include "payments/paypal/paypal_provider.hpp"

#include "config/log.hpp"
#include "payments/paypal/paypal_calls.hpp"
#include "payments/paypal/paypal_charges.hpp"
#include "payments/paypal/paypal_json.hpp"
#include "payments/paypal/paypal_refunds.hpp"
#include "payments/paypal/paypal_requests.hpp"
#include "payments/paypal/paypal_task.hpp"
#include "payments/paypal/paypal_webhook.hpp"

#include <atomic>
#include <chrono>
#include <utility>

namespace holdfast::payments {

namespace {

template <class Clock>
std::int64_t now_ms() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(Clock::now().time_since_epoch())
      .count();
}

paypal_options with_clocks(paypal_options options) {
  if (!options.steady_ms)
    options.steady_ms = now_ms<std::chrono::steady_clock>;
  if (!options.wall_ms)
    options.wall_ms = now_ms<std::chrono::system_clock>;
  return options;
}

webhook_answer verdict_of(webhook_verdict verdict) {
  webhook_answer answer;
  answer.verdict = verdict;
  return answer;
}

} // namespace

/// What the calls share. The sender ends first: its last handlers still meet all the rest.
class paypal_provider::core {
 public:
  core(paypal_options given, std::unique_ptr<http_sender> owned)
      : options(with_clocks(std::move(given)))
      , sender(*owned)
      , calls(options, sender)
      , charges(options, sender, calls)
      , refunds(options, sender, calls)
      , owned_(std::move(owned)) {}

  void read_webhook(webhook_request request, webhook_handler handler);

  const paypal_options options;
  http_sender& sender;
  paypal_calls calls;
  paypal_charges charges;
  paypal_refunds refunds;

 private:
  void verify(const paypal::webhook_signature& signature, webhook_answer known, std::string body,
              webhook_handler handler);

  std::atomic<int> webhooks_asked_{0};
  std::unique_ptr<http_sender> owned_;
};

paypal_provider::paypal_provider(paypal_options options, std::unique_ptr<http_sender> sender)
    : core_(std::make_unique<core>(std::move(options), std::move(sender))) {}

paypal_provider::~paypal_provider() = default;

std::int64_t paypal_provider::answer_limit_ms() const noexcept {
  return core_->options.answer_limit_ms;
}

void paypal_provider::prepare(charge_name charge, charge_handler handler) {
  core_->charges.prepare(std::move(charge), std::move(handler));
}

void paypal_provider::charge(charge_name charge, std::string, charge_handler handler) {
  core_->charges.charge(std::move(charge), std::move(handler));
}

void paypal_provider::lookup(charge_name charge, charge_handler handler) {
  core_->charges.lookup(std::move(charge), std::move(handler));
}

void paypal_provider::cancel(charge_name charge, charge_handler handler) {
  core_->charges.cancel(std::move(charge), std::move(handler));
}

void paypal_provider::refund(refund_request request, refund_handler handler) {
  core_->refunds.refund(std::move(request), std::move(handler));
}

void paypal_provider::read_webhook(webhook_request request, webhook_handler handler) {
  core_->read_webhook(std::move(request), std::move(handler));
}

void paypal_provider::core::read_webhook(webhook_request request, webhook_handler handler) {
  std::optional<paypal::webhook_signature> signature;
  std::optional<paypal::webhook_event> event;
  if (!options.webhook_id.empty() && request.body.size() <= paypal::webhook_bytes_max)
    signature = paypal::read_signature(request, options.api_base, options.wall_ms());
  if (signature)
    event = paypal::read_event(request.body);
  if (!event) {
    if (options.webhook_id.empty())
      log::warning("paypal_webhook_refused", {{"action", "set payments.paypal_webhook_id"}});
    handler(verdict_of(webhook_verdict::forged));
    return;
  }
  webhook_answer known;
  known.notice = std::move(event->notice);
  known.id = std::move(event->id);
  known.type = std::move(event->type);
  verify(*signature, std::move(known), std::move(request.body), std::move(handler));
}

void paypal_provider::core::verify(const paypal::webhook_signature& signature, webhook_answer known,
                                   std::string body, webhook_handler handler) {
  if (webhooks_asked_.fetch_add(1, std::memory_order_acq_rel) >= webhooks_asked_max) {
    webhooks_asked_.fetch_sub(1, std::memory_order_acq_rel);
    log::warning("paypal_webhook_unverified", {{"reason", "too many at once"}});
    handler(verdict_of(webhook_verdict::unverified));
    return;
  }
  auto counted = [this, handler = std::move(handler)](webhook_answer answer) {
    webhooks_asked_.fetch_sub(1, std::memory_order_acq_rel);
    handler(std::move(answer));
  };
  auto task = make_paypal_task<webhook_answer>(options, sender, std::move(counted),
                                               verdict_of(webhook_verdict::unverified));
  calls.send(
      paypal::verify_request(signature, options.webhook_id, body), task->deadline_ms,
      [task, known = std::move(known)](const paypal_answer& answer) mutable {
        auto genuine =
            answer.is_success() ? paypal::read_verdict(answer.body) : std::optional<bool>();
        if (!genuine) {
          log::warning("paypal_webhook_unverified", {{"status", answer.status}});
          task->give_up();
        } else if (*genuine) {
          known.verdict = webhook_verdict::authentic;
          task->give(std::move(known));
        } else {
          task->give(verdict_of(webhook_verdict::forged));
        }
      },
      1); // PayPal sends the webhook again
}

} // namespace holdfast::payments
