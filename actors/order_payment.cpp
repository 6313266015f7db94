// How an order is paid: what the provider is asked, and when. The order's lock is committed to
// outlast the attempt before the provider is asked; the provider is asked, never guessed about.

#include "actors/order_actor.hpp"

#include "config/fail_points.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// Pauses between follow-ups of what is unsettled: doubling, bounded. Where only a person or a bank
/// can bring things forward, who does so tells us; asking is for the case that he doesn't.
constexpr std::int64_t follow_up_pause_ms_min = 500;
constexpr std::int64_t follow_up_pause_ms_max = 15'000;
constexpr std::int64_t patient_pause_ms_max = 60'000;
constexpr std::uint32_t follow_ups_before_patience = 12;

/// What the way back to a waiting client may take.
constexpr std::int64_t answer_margin_ms = 500;

/// Clients and commands that wait for one attempt at once.
constexpr std::size_t waits_max = 64;

} // namespace

payments::provider* order_state::provider_named(const std::string& wanted) const {
  payments::provider* found = environment->providers->find(wanted);
  if (found == nullptr)
    config::log::error("payment_provider_missing",
                       {{"order", domain::to_string(key.id)},
                        {"provider", wanted},
                        {"advice", "configure the provider again: it has to be asked what became "
                                   "of this order's payment"}});
  return found;
}

payments::charge_name order_state::name_of_attempt() const {
  const domain::payment_attempt& attempt = record_->payment;
  payments::charge_name result;
  result.key = domain::payment_key(record_->id, attempt.number);
  result.reference = attempt.provider_reference;
  result.order = record_->id;
  result.payment = attempt.id;
  result.attempt_number = attempt.number;
  result.amount = record_->total;
  result.charge_sent = attempt.stage == domain::payment_stage::charging;
  return result;
}

order_state::payment_in_memory& order_state::paying() {
  if (!paying_)
    paying_ = std::make_unique<payment_in_memory>();
  return *paying_;
}

// -- commands

void order_state::perform(pay_order& command,
                          caf::typed_response_promise<payment_answered> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (expire_first(command, promise))
    return;
  if (record_->payment.id == command.payment) {
    // It has begun the attempt already, whose token is only where it began. Marked as repeated or
    // not: its first copy may come last.
    command.resume = true;
    command.token.clear();
  }
  if (command.resume) {
    resume(command, std::move(promise));
    return;
  }
  const bool own = record_->buyer == command.context.who.id;
  if (own && record_->payment.status == domain::payment_status::requires_action) {
    if (environment->now() >= record_->expires_at) {
      // Nothing else could begin, so that the attempt under way is left alone.
      promise.deliver(make_error(domain::refusal::order_expired));
      return;
    }
    // He wants to pay in another way.
    call_off_for(waiting(std::move(command), promise));
    return;
  }
  begin_attempt(command, std::move(promise));
}

void order_state::resume(pay_order& command,
                         caf::typed_response_promise<payment_answered> promise) {
  domain::refusal refused = domain::refusal::none;
  if (record_->buyer != command.context.who.id)
    refused = domain::refusal::forbidden;
  else if (record_->payment.number == 0)
    refused = record_->status == domain::order_status::cancelled ? domain::refusal::order_cancelled
                                                                 : domain::refusal::unknown_payment;
  if (refused != domain::refusal::none) {
    promise.deliver(make_error(refused));
    return;
  }
  const bool called_off = record_->status == domain::order_status::cancelled &&
                          record_->payment.status == domain::payment_status::cancelled;
  if (called_off) {
    const bool by_somebody = record_->reason == domain::cancel_reason::user ||
                             record_->reason == domain::cancel_reason::admin;
    promise.deliver(make_error(by_somebody ? domain::refusal::order_cancelled
                                           : domain::refusal::order_expired));
    return;
  }
  if (!record_->payment.is_unsettled()) {
    promise.deliver(payment_answered{*record_, record_->payment.id, here()});
    return;
  }
  const bool waits_for_buyer = record_->payment.status == domain::payment_status::requires_action;
  wait_for_payment(command, record_->payment.id, std::move(promise));
  if (provider_calls_ > 0)
    return;
  payments::provider* provider = provider_named(record_->payment.provider);
  if (provider != nullptr && waits_for_buyer && !command.token.empty() && !provider->prepares()) {
    paying().token = std::move(command.token);
    ask_provider(provider_call::charge);
  } else {
    ask_provider(provider_call::lookup);
  }
}

void order_state::begin_attempt(pay_order& command,
                                caf::typed_response_promise<payment_answered> promise) {
  payments::provider* provider = environment->providers->find(command.provider);
  if (provider == nullptr) {
    promise.deliver(make_error(failure::unavailable));
    return;
  }
  domain::payment_start start;
  start.id = command.payment;
  start.provider = provider->name();
  start.grace_ms = environment->limits.payment_grace_ms;
  start.buyer_may_act = provider->prepares();
  start.request = command.context.request.id;
  start.request_content = command.context.request.content;
  auto decision =
      domain::begin_payment(*record_, command.context.who.id, start, environment->now());
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  const domain::instant deadline = record_->expires_at;
  begin(std::move(decision), 0, deadline,
        [this, promise, provider,
         command = std::move(command)](const transition_result& result) mutable {
          if (!result.committed()) {
            promise.deliver(result.error());
            return;
          }
          config::fail_point("after_payment_begun");
          follow_ups_ = 0;
          paying().token = std::move(command.token);
          wait_for_payment(command, record_->payment.id, std::move(promise));
          ask_provider(provider->prepares() ? provider_call::prepare : provider_call::charge);
        });
}

void order_state::wait_for_payment(const pay_order& command, domain::payment_id payment,
                                   caf::typed_response_promise<payment_answered> promise) {
  if (paying().waits.size() >= waits_max) {
    promise.deliver(make_error(failure::overload));
    return;
  }
  const std::uint64_t number = ++waits_count_;
  paying().waits.push_back({number, payment, std::move(promise)});
  // Calling an earlier attempt off may have taken a part of the time that the front waits.
  std::int64_t wait_ms = command.answer_within_ms;
  if (command.context.deadline != 0)
    wait_ms = std::clamp<std::int64_t>(
        command.context.deadline - environment->now() - answer_margin_ms, 0, wait_ms);
  self->delayed_send(self, std::chrono::milliseconds(wait_ms), payment_wait_over{number});
}

void order_state::call_off_for(waiting_command command) {
  payment_in_memory& now = paying();
  if (now.parked.size() >= waits_max) {
    command.fail(make_error(failure::overload));
    return;
  }
  now.parked.push_back(std::move(command));
  now.calling_off = true;
  // One that is being asked about is called off when the answer is there.
  if (provider_calls_ == 0)
    ask_provider(provider_call::cancel);
}

// -- the provider

payments::charge_handler order_state::answer_to_self(provider_call call,
                                                     std::uint32_t attempt_number) {
  return [handle = order_impl{self}, call, attempt_number](payments::charge_answer answer) {
    caf::anon_send(handle, provider_answered{attempt_number, call, std::move(answer), {}, 0});
  };
}

void order_state::ask_provider(provider_call call) {
  payments::provider* provider = provider_named(record_->payment.provider);
  if (provider == nullptr) {
    follow_up_later();
    fail_notices(make_error(failure::unavailable));
    fail_parked(make_error(domain::refusal::payment_in_progress));
    return;
  }
  ++provider_calls_;
  payments::charge_name charge = name_of_attempt();
  auto handler = answer_to_self(call, charge.attempt_number);
  switch (call) {
  case provider_call::prepare:
    provider->prepare(std::move(charge), std::move(handler));
    break;
  case provider_call::charge:
    provider->charge(std::move(charge), paying().token, std::move(handler));
    break;
  case provider_call::cancel:
    provider->cancel(std::move(charge), std::move(handler));
    break;
  case provider_call::lookup:
  case provider_call::late_lookup: // asked by ask_about_late_money
    provider->lookup(std::move(charge), std::move(handler));
    break;
  }
}

/// Nobody has settled the attempt under way, and it is time to look at it.
void order_state::follow_up() {
  const domain::payment_attempt& attempt = record_->payment;
  payments::provider* provider = environment->providers->find(attempt.provider);
  const bool unprepared =
      provider != nullptr && provider->prepares() && attempt.stage == domain::payment_stage::begun;
  if (provider_calls_ > 0)
    follow_up_later();
  else if (environment->now() >= attempt.give_up_at || (paying_ && paying_->calling_off))
    ask_provider(provider_call::cancel);
  else if (unprepared && paying_ && (!paying_->token.empty() || !provider->needs_token()))
    // The same key again: it makes no second charge.
    ask_provider(provider_call::prepare);
  else
    ask_provider(provider_call::lookup);
}

void order_state::follow_up_later() {
  const bool patient = follow_ups_ >= follow_ups_before_patience && record_ &&
                       record_->payment.status != domain::payment_status::pending;
  const std::int64_t pause =
      std::min(patient ? patient_pause_ms_max : follow_up_pause_ms_max,
               follow_up_pause_ms_min << std::min<std::uint32_t>(follow_ups_, 10));
  ++follow_ups_;
  const domain::instant now = environment->now();
  domain::instant due = now + pause;
  // Calling it off, and a deadline, must not wait for the end of a long pause.
  if (record_ && record_->status == domain::order_status::awaiting_payment &&
      record_->payment.give_up_at > now)
    due = std::min(due, record_->payment.give_up_at);
  if (record_ && record_->status == domain::order_status::created && record_->expires_at > now)
    due = std::min(due, record_->expires_at);
  wake_at(due);
}

} // namespace holdfast::actors
