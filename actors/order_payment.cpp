// How an order is paid. The order's lock is committed to outlast the attempt before the provider is
// asked; the provider is asked, never guessed about; the tickets are freed only after its word that
// the money has not moved and can't move any more.

#include "actors/order_actor.hpp"

#include "config/fail_points.hpp"

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// Pauses between follow-ups of an unsettled payment: doubling, bounded.
constexpr std::int64_t follow_up_pause_ms_min = 500;
constexpr std::int64_t follow_up_pause_ms_max = 15'000;

domain::payment_outcome outcome_of(payments::charge_status status) {
  switch (status) {
  case payments::charge_status::succeeded:
    return domain::payment_outcome::succeeded;
  case payments::charge_status::declined:
    return domain::payment_outcome::declined;
  case payments::charge_status::cancelled:
  case payments::charge_status::refunded:
  case payments::charge_status::pending:
  case payments::charge_status::not_found:
  case payments::charge_status::unknown:
    break;
  }
  return domain::payment_outcome::cancelled;
}

} // namespace

void order_state::perform(pay_order& command,
                          caf::typed_response_promise<payment_answered> promise) {
  if (caf::error why; refuse_missing(why)) {
    promise.deliver(std::move(why));
    return;
  }
  if (expire_first(command, promise))
    return;
  const domain::payment_start start{command.payment, std::string{environment->provider->name()},
                                    environment->limits.payment_grace_ms};
  auto decision =
      domain::begin_payment(*record_, command.context.who.id, start, environment->now());
  if (!decision.accepted()) {
    promise.deliver(make_error(decision.refused));
    return;
  }
  const domain::instant deadline = record_->expires_at;
  begin(std::move(decision), 0, deadline,
        [this, promise, payment = command.payment, token = std::move(command.token),
         wait_ms = command.answer_within_ms](const transition_result& result) mutable {
          if (!result.committed()) {
            promise.deliver(result.error());
            return;
          }
          payment_wait_ = payment_wait{payment, promise};
          self->delayed_send(self, std::chrono::milliseconds(wait_ms), payment_wait_over{payment});
          start_charge(std::move(token));
        });
}

payments::charge_handler order_state::answer_to_self(domain::payment_id payment,
                                                     provider_call call) {
  return [handle = order_impl{self}, payment, call](payments::charge_answer answer) {
    caf::anon_send(handle, provider_answered{payment, call, std::move(answer)});
  };
}

void order_state::start_charge(std::string token) {
  config::fail_point("after_payment_begun");
  follow_ups_ = 0;
  ++provider_calls_;
  payments::charge_request request{domain::payment_key(record_->id, record_->payment.number),
                                   record_->id, record_->total, std::move(token)};
  environment->provider->charge(std::move(request),
                                answer_to_self(record_->payment.id, provider_call::charge));
}

void order_state::ask_provider(provider_call call) {
  ++provider_calls_;
  auto handler = answer_to_self(record_->payment.id, call);
  auto payment_key = domain::payment_key(record_->id, record_->payment.number);
  switch (call) {
  case provider_call::lookup:
    environment->provider->lookup(std::move(payment_key), std::move(handler));
    break;
  case provider_call::cancel:
    environment->provider->cancel(std::move(payment_key), std::move(handler));
    break;
  case provider_call::refund:
    environment->provider->refund(std::move(payment_key), std::move(handler));
    break;
  case provider_call::charge:
    break; // needs the token: start_charge
  }
}

void order_state::on_provider_answered(provider_answered& message) {
  --provider_calls_;
  config::fail_point("after_provider_answered");
  if (!busy()) {
    performed_answer(message);
    return;
  }
  waiting_command later;
  later.perform = [this, message = std::move(message)] { performed_answer(message); };
  later.fail = [](const caf::error&) {};
  queue().push_back(std::move(later));
}

void order_state::performed_answer(const provider_answered& message) {
  if (!record_ || record_->payment.id != message.payment) {
    config::log::error("payment_answer_unexpected",
                       {{"order", domain::to_string(key.id)},
                        {"payment", domain::to_string(message.payment)},
                        {"status", payments::to_string(message.answer.status)},
                        {"advice", "compare the provider's list of charges with the order"}});
    return;
  }
  const bool refunding = message.call == provider_call::refund;
  if (refunding && message.answer.status != payments::charge_status::refunded) {
    config::log::warning("refund_not_done", {{"order", domain::to_string(key.id)},
                                             {"status", payments::to_string(message.answer.status)},
                                             {"consequence", "it is asked for again"}});
    follow_up_later();
    return;
  }
  // The provider holds the key for a charge on other terms, which may have succeeded.
  if (message.answer.decline_code == "idempotency_error") {
    config::log::error("payment_key_reused", {{"order", domain::to_string(key.id)},
                                              {"consequence", "its charge is looked up"}});
    follow_up_later();
    return;
  }
  switch (message.answer.status) {
  case payments::charge_status::succeeded:
  case payments::charge_status::declined:
  case payments::charge_status::cancelled:
    settle(outcome_of(message.answer.status), message.answer);
    return;
  case payments::charge_status::refunded:
    if (refunding)
      refund_performed();
    else
      settle(outcome_of(message.answer.status), message.answer);
    return;
  case payments::charge_status::not_found:
    // The attempt never reached the provider (we died in between), and its token is gone. Calling
    // it off makes sure that it never will.
    ask_provider(provider_call::cancel);
    return;
  case payments::charge_status::pending:
  case payments::charge_status::unknown:
    break;
  }
  follow_up_later();
}

void order_state::settle(domain::payment_outcome outcome, const payments::charge_answer& answer) {
  const domain::payment_result result{record_->payment.id, outcome, answer.reference,
                                      answer.decline_code};
  auto decision = domain::settle_payment(*record_, result, environment->now());
  if (!decision.accepted() || !decision.changed) {
    answer_payment({});
    wake_at(domain::due_at(*record_));
    return;
  }
  config::fail_point("before_payment_settled");
  begin(std::move(decision), 0, 0, [this](const transition_result& ended) {
    if (!ended.committed()) {
      // The provider's word isn't lost: it will say the same again.
      follow_up_later();
      return;
    }
    config::fail_point("after_payment_settled");
    answer_payment(ended.at);
    if (record_->payment.status == domain::payment_status::refund_due)
      config::log::warning("refund_due", {{"order", domain::to_string(key.id)},
                                          {"amount_minor", record_->payment.amount_minor}});
  });
}

void order_state::refund_performed() {
  auto decision = domain::record_refund(*record_, record_->payment.id, environment->now());
  if (!decision.accepted() || !decision.changed) {
    wake_at(domain::due_at(*record_));
    return;
  }
  begin(std::move(decision), 0, 0, [this](const transition_result& ended) {
    if (!ended.committed())
      follow_up_later();
  });
}

void order_state::follow_up_later() {
  const std::int64_t pause = std::min(
      follow_up_pause_ms_max, follow_up_pause_ms_min << std::min<std::uint32_t>(follow_ups_, 10));
  ++follow_ups_;
  domain::instant due = environment->now() + pause;
  // Calling it off must not wait for the end of a long pause.
  const domain::instant give_up_at = record_ ? record_->payment.give_up_at : 0;
  if (give_up_at > environment->now())
    due = std::min(due, give_up_at);
  wake_at(due);
}

void order_state::answer_payment(const write_position& at) {
  if (!payment_wait_ || !record_)
    return;
  auto wait = std::move(*payment_wait_);
  payment_wait_.reset();
  wait.promise.deliver(payment_answered{*record_, wait.payment, at});
}

void order_state::on_payment_wait_over(const payment_wait_over& message) {
  if (payment_wait_ && payment_wait_->payment == message.payment)
    answer_payment({});
}

} // namespace holdfast::actors
