#include "actors/webhook_actor.hpp"

#include "actors/protocol/errors.hpp"
#include "config/log.hpp"

#include <caf/send.hpp>

#include <chrono>
#include <utility>

namespace holdfast::actors {

namespace {

/// Webhooks under way at once; the provider sends again what finds no room.
constexpr std::size_t pending_max = 1'000;
/// How long an order may take to ask the provider and commit.
constexpr auto order_wait = std::chrono::milliseconds(12'000);

} // namespace

void webhook_state::start(webhook_pointer pointer,
                          std::shared_ptr<const payments::provider_set> providers, router route) {
  self_ = pointer;
  providers_ = std::move(providers);
  route_ = std::move(route);
}

caf::typed_response_promise<webhook_taken> webhook_state::take(take_webhook& message) {
  auto promise = self_->make_response_promise<webhook_taken>();
  payments::provider* provider = providers_->find(message.provider);
  if (provider == nullptr || message.provider.empty()) {
    promise.deliver(webhook_taken{false});
    return promise;
  }
  if (pending_.size() >= pending_max) {
    promise.deliver(make_error(failure::overload));
    return promise;
  }
  const std::uint64_t number = ++count_;
  pending_.emplace(number, pending{message.provider, message.request_name, promise});
  provider->read_webhook(std::move(message.content),
                         [handle = webhook_impl{self_}, number](payments::webhook_answer answer) {
                           caf::anon_send(handle, webhook_judged{number, std::move(answer)});
                         });
  return promise;
}

void webhook_state::on_judged(webhook_judged& message) {
  const auto found = pending_.find(message.number);
  if (found == pending_.end())
    return;
  pending webhook = std::move(found->second);
  pending_.erase(found);
  const payments::webhook_answer& judged = message.answer;
  switch (judged.verdict) {
  case payments::webhook_verdict::forged:
    config::log::warning("webhook_refused", {{"provider", webhook.provider},
                                             {"request_id", webhook.request_name},
                                             {"reason", "not signed by the provider, or too old"}});
    webhook.promise.deliver(webhook_taken{false});
    return;
  case payments::webhook_verdict::unverified:
    config::log::warning("webhook_not_verified", {{"provider", webhook.provider},
                                                  {"request_id", webhook.request_name},
                                                  {"consequence", "the provider sends it again"}});
    webhook.promise.deliver(make_error(failure::unavailable));
    return;
  case payments::webhook_verdict::authentic:
    break;
  }
  config::log::info("webhook_received", {{"provider", webhook.provider},
                                         {"id", judged.id},
                                         {"type", judged.type},
                                         {"concerns_us", judged.notice.has_value()}});
  if (judged.notice)
    tell_order(webhook, judged);
  else
    webhook.promise.deliver(webhook_taken{true});
}

void webhook_state::tell_order(const pending& webhook, const payments::webhook_answer& judged) {
  const payments::charge_notice& notice = *judged.notice;
  notify_payment message{notice.charge.order,          webhook.provider, notice.charge.reference,
                         notice.charge.attempt_number, notice.succeeded, 0};
  const auto known = [promise = webhook.promise](const order_written&) mutable {
    promise.deliver(webhook_taken{true});
  };
  const auto failed = [promise = webhook.promise, order = notice.charge.order,
                       reference = notice.charge.reference,
                       succeeded = notice.succeeded](const caf::error& why) mutable {
    if (refusal_of(why) != domain::refusal::order_not_found) {
      promise.deliver(make_error(failure::unavailable));
      return;
    }
    if (succeeded)
      config::log::error("payment_without_order",
                         {{"order", domain::to_string(order)},
                          {"reference", reference},
                          {"advice", "was an older backup put in place? The money has to be given "
                                     "back in the provider's own dashboard"}});
    promise.deliver(webhook_taken{true});
  };
  self_->request(route_.shard_of(notice.charge.order), order_wait, std::move(message))
      .then(known, failed);
}

webhook_impl::behavior_type webhooks(webhook_pointer self,
                                     std::shared_ptr<const payments::provider_set> providers,
                                     router route) {
  self->state.start(self, std::move(providers), std::move(route));
  auto& state = self->state;
  return {
      [&state](take_webhook& x) { return state.take(x); },
      [&state](webhook_judged& x) { state.on_judged(x); },
  };
}

} // namespace holdfast::actors
