#include "payments/stripe/stripe_provider.hpp"

#include "config/log.hpp"
#include "payments/stripe/stripe_charge.hpp"
#include "payments/stripe/stripe_operation.hpp"
#include "payments/stripe/stripe_refund_operation.hpp"
#include "payments/stripe/stripe_webhook.hpp"

#include <chrono>
#include <utility>

namespace holdfast::payments {

namespace {

domain::instant system_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

} // namespace

stripe_provider::stripe_provider(stripe_options options, std::unique_ptr<http_sender> sender,
                                 std::function<domain::instant()> wall_clock)
    : service_(std::make_unique<stripe_service>(
          std::move(options), std::move(sender),
          wall_clock ? std::move(wall_clock) : std::function<domain::instant()>{system_now})) {}

stripe_provider::~stripe_provider() = default;

std::int64_t stripe_provider::answer_limit_ms() const noexcept {
  return 8'000;
}

std::string stripe_provider::page_key() const {
  return service_->options().publishable_key;
}

void stripe_provider::prepare(charge_name charge, charge_handler handler) {
  service_->start(std::make_shared<stripe_charge>(
      *service_, charge_wish::prepare, std::move(charge), std::string{}, std::move(handler)));
}

void stripe_provider::charge(charge_name charge, std::string token, charge_handler handler) {
  service_->start(std::make_shared<stripe_charge>(*service_, charge_wish::charge, std::move(charge),
                                                  std::move(token), std::move(handler)));
}

void stripe_provider::lookup(charge_name charge, charge_handler handler) {
  service_->start(std::make_shared<stripe_charge>(*service_, charge_wish::lookup, std::move(charge),
                                                  std::string{}, std::move(handler)));
}

void stripe_provider::cancel(charge_name charge, charge_handler handler) {
  service_->start(std::make_shared<stripe_charge>(*service_, charge_wish::cancel, std::move(charge),
                                                  std::string{}, std::move(handler)));
}

void stripe_provider::refund(refund_request request, refund_handler handler) {
  service_->start(
      std::make_shared<stripe_refund_operation>(*service_, std::move(request), std::move(handler)));
}

void stripe_provider::read_webhook(webhook_request request, webhook_handler handler) {
  webhook_answer answer =
      read_stripe_webhook(request, service_->options().webhook_secrets, service_->now());
  if (answer.verdict == webhook_verdict::authentic && answer.id.empty())
    log::warning("payment_webhook_not_understood", {{"provider", "stripe"}});
  handler(std::move(answer));
}

void stripe_provider::list_charges(domain::instant since, std::string after, list_handler handler) {
  service_->start(std::make_shared<stripe_list_operation>(*service_, since, std::move(after),
                                                          std::move(handler)));
}

} // namespace holdfast::payments
