#include "payments/stripe/stripe_charge.hpp"

#include "payments/stripe/stripe_requests.hpp"

#include <utility>

namespace holdfast::payments {

namespace {

std::string_view to_string(charge_wish x) {
  switch (x) {
  case charge_wish::prepare:
    return "prepare";
  case charge_wish::charge:
    return "charge";
  case charge_wish::lookup:
    return "lookup";
  case charge_wish::cancel:
    return "cancel";
  }
  return "unknown";
}

std::string or_else(std::string code, std::string_view other) {
  return code.empty() ? std::string{other} : std::move(code);
}

constexpr std::string_view unnamed_decline = "card_declined";

/// Failed, so that nothing more will come of it; it only has to be canceled.
bool is_spent(const stripe_intent& intent) {
  return intent.status == intent_status::requires_payment_method && intent.has_error;
}

bool is_unmoved(const stripe_intent& intent) {
  return intent.status == intent_status::requires_payment_method ||
         intent.status == intent_status::requires_confirmation;
}

/// Of an earlier attempt we no longer know the payment's id: its number names it as well.
bool is_ours(const stripe_metadata& said, const charge_name& charge) {
  if (said.order != charge.order || said.attempt_number != charge.attempt_number)
    return false;
  return charge.payment.is_nil() || said.payment == charge.payment;
}

charge_status status_of(const stripe_intent& intent) {
  switch (intent.status) {
  case intent_status::requires_payment_method:
  case intent_status::requires_confirmation:
    return charge_status::prepared;
  case intent_status::requires_action:
    return intent.client_secret.empty() ? charge_status::unknown : charge_status::requires_action;
  case intent_status::processing:
    return charge_status::pending;
  case intent_status::succeeded:
    return intent.refunded ? charge_status::refunded : charge_status::succeeded;
  case intent_status::canceled:
    // After a decline we cancel: it stays a decline.
    return intent.has_error ? charge_status::declined : charge_status::cancelled;
  case intent_status::other:
    break;
  }
  return charge_status::unknown;
}

} // namespace

stripe_charge::stripe_charge(stripe_service& service, charge_wish wish, charge_name charge,
                             std::string token, charge_handler handler)
    : stripe_operation(service, to_string(wish), charge.key)
    , wish_(wish)
    , charge_(std::move(charge))
    , token_(std::move(token))
    , handler_(std::move(handler)) {}

void stripe_charge::run() {
  if (charge_.reference.empty()) {
    if (wish_ != charge_wish::charge)
      return create();
    // Money moves only once the reference is stored: else nobody could find it again.
    distrust("a charge was asked for before its reference was known", {});
    return give_up();
  }
  switch (wish_) {
  case charge_wish::prepare:
  case charge_wish::lookup:
    return look();
  case charge_wish::charge:
    if (token_.empty())
      return call_off(declined("token_missing"));
    return confirm();
  case charge_wish::cancel:
    return call_off({charge_status::cancelled, charge_.reference, {}, {}});
  }
}

void stripe_charge::give_up() {
  answer({charge_status::unknown, charge_.reference, {}, {}});
}

// -- Making the intent known

void stripe_charge::create() {
  ask(create_intent(charge_, generation_),
      [this](const stripe_reply& reply) { take_creation(reply); });
}

void stripe_charge::take_creation(const stripe_reply& reply) {
  switch (reply.kind) {
  case reply_kind::good:
    if (const auto intent = read_intent(reply.body)) {
      if (is_as_known(intent, reply))
        go_on_with(*intent, reply.replayed);
      return;
    }
    break;
  case reply_kind::refused:
    if (reply.error.type == "idempotency_error") {
      // Somebody has used the key for something else; what it made is never confirmed.
      distrust("the idempotency key belongs to another request", reply);
      ++generation_;
      break;
    }
    if (reply.status == 404) {
      distrust("there are no payment intents", reply);
      return give_up();
    }
    return answer(declined(reply.error.word));
  case reply_kind::failed:
    if (is_saved(reply))
      ++generation_;
    break;
  case reply_kind::busy:
  case reply_kind::lost:
  case reply_kind::forbidden:
    break;
  }
  pause([this] { create(); });
}

void stripe_charge::go_on_with(const stripe_intent& created, bool replayed) {
  charge_.reference = created.id;
  if (wish_ == charge_wish::cancel)
    return call_off({charge_status::cancelled, charge_.reference, {}, {}});
  // What was saved under the key tells how it was, not how it is.
  if (wish_ == charge_wish::lookup || replayed)
    return look();
  settle(created);
}

// -- Looking

void stripe_charge::look() {
  insist(get_intent(charge_.reference), [this](const stripe_reply& reply) { take_look(reply); });
}

void stripe_charge::take_look(const stripe_reply& reply) {
  if (reply.kind == reply_kind::refused) {
    if (reply.status == 404 && wish_ == charge_wish::lookup)
      return answer({charge_status::not_found, charge_.reference, {}, {}});
    distrust("the intent cannot be looked at", reply);
    return give_up();
  }
  const auto intent = read_intent(reply.body);
  if (!is_as_known(intent, reply))
    return;
  if (canceling_) {
    if (intent->status == intent_status::canceled)
      return answer(std::move(if_canceled_));
    if (is_unmoved(*intent))
      return give_up(); // neither canceled nor beyond it: not now
    return settle(*intent);
  }
  if (is_spent(*intent))
    return call_off(declined(intent->error_code));
  if (confirming_ && is_unmoved(*intent))
    return pause([this] { confirm(); });
  settle(*intent);
}

// -- Moving the money

void stripe_charge::confirm() {
  confirming_ = true;
  ask(confirm_intent(charge_, token_, generation_),
      [this](const stripe_reply& reply) { take_confirmation(reply); });
}

void stripe_charge::take_confirmation(const stripe_reply& reply) {
  switch (reply.kind) {
  case reply_kind::good: {
    const auto intent = read_intent(reply.body);
    if (!intent)
      return look();
    if (!is_as_known(intent, reply))
      return;
    // An answer under the same key may be an old one.
    if (reply.replayed)
      return look();
    if (intent->status == intent_status::requires_payment_method)
      return call_off(declined(intent->error_code));
    if (intent->status == intent_status::requires_confirmation)
      return give_up();
    return settle(*intent);
  }
  case reply_kind::refused:
    if (reply.error.code == "payment_intent_unexpected_state")
      return look();
    if (reply.error.type == "idempotency_error") {
      // Confirmed before with another token.
      ++generation_;
      return look();
    }
    if (reply.status == 404) {
      distrust("the intent to confirm does not exist", reply);
      return give_up();
    }
    return call_off(declined(reply.error.word));
  case reply_kind::failed:
    if (is_saved(reply))
      ++generation_;
    [[fallthrough]];
  case reply_kind::lost:
    return pause([this] { look(); });
  case reply_kind::busy:
  case reply_kind::forbidden:
    return pause([this] { confirm(); });
  }
}

// -- Calling it off

void stripe_charge::call_off(charge_answer if_canceled) {
  canceling_ = true;
  if_canceled_ = std::move(if_canceled);
  insist(cancel_intent(charge_.reference),
         [this](const stripe_reply& reply) { take_cancellation(reply); });
}

void stripe_charge::take_cancellation(const stripe_reply& reply) {
  if (reply.kind == reply_kind::refused) {
    if (reply.error.code == "payment_intent_unexpected_state")
      return look();
    distrust("the intent cannot be canceled", reply);
    return give_up();
  }
  const auto intent = read_intent(reply.body);
  if (!is_as_known(intent, reply))
    return;
  if (intent->status == intent_status::canceled)
    return answer(std::move(if_canceled_));
  if (is_unmoved(*intent))
    return give_up();
  settle(*intent);
}

// -- Answers

bool stripe_charge::is_as_known(const std::optional<stripe_intent>& intent,
                                const stripe_reply& reply) {
  const char* why = nullptr;
  if (!intent)
    why = "there is no payment intent in the answer";
  else if (!charge_.reference.empty() && intent->id != charge_.reference)
    why = "it is another intent";
  else if (!intent->metadata || !is_ours(*intent->metadata, charge_))
    why = "the intent is for another order or payment";
  else if (intent->amount_minor != charge_.amount.minor ||
           intent->currency != charge_.amount.currency.view())
    why = "the intent is about another amount";
  if (why == nullptr)
    return true;
  distrust(why, reply);
  give_up();
  return false;
}

void stripe_charge::settle(const stripe_intent& intent) {
  charge_answer result{status_of(intent), intent.id, {}, {}};
  if (result.status == charge_status::unknown)
    distrust("the intent's status has no meaning for us", {});
  if (result.status == charge_status::declined)
    result.decline_code = or_else(intent.error_code, unnamed_decline);
  if (result.status == charge_status::requires_action)
    result.action = intent.client_secret;
  answer(std::move(result));
}

void stripe_charge::answer(charge_answer result) {
  if (!finish())
    return;
  token_.clear();
  const auto handler = std::exchange(handler_, nullptr);
  handler(std::move(result));
}

charge_answer stripe_charge::declined(std::string code) const {
  return {
      charge_status::declined, charge_.reference, or_else(std::move(code), unnamed_decline), {}};
}

bool stripe_charge::is_saved(const stripe_reply& reply) {
  // The header says so; without it, one more try with the same key has to show it.
  if (!reply.replayed && ++failures_ < 2)
    return false;
  failures_ = 0;
  return true;
}

} // namespace holdfast::payments
