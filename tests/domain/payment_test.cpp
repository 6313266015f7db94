// One order's payments: attempts, retries, late and repeated words of the provider, refunds.
#include "domain/order_payment.hpp"

#include "tests/domain/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

TEST_CASE("a declined payment can be tried again under another key", "[domain][payment]") {
  const order declined = order_in("declined");
  CHECK(declined.payment.decline_code == "insufficient_funds");
  const auto again = begin_payment(declined, buyer, attempt(second_payment), opening + 3);
  REQUIRE(again.changed);
  CHECK(again.next.payment.number == 2);
  CHECK(again.next.payment.id == second_payment);
  CHECK(again.next.payment.decline_code.empty());
  CHECK(again.next.payment.provider_reference.empty());
  CHECK(payment_key(declined.id, 1) != payment_key(declined.id, again.next.payment.number));
}

TEST_CASE("all tries of one attempt have one key, of one order only", "[domain][payment]") {
  CHECK(payment_key(first_order, 1) == payment_key(first_order, 1));
  CHECK(payment_key(first_order, 1) != payment_key(other_order, 1));
  CHECK(payment_key(first_order, 11) != payment_key(first_order, 1));
}

TEST_CASE("an attempt charges the total that was fixed with the order", "[domain][payment]") {
  CHECK(order_in("awaiting").payment.amount_minor == order_in("created").total.minor);
}

TEST_CASE("an attempt early on keeps the tickets until the deadline", "[domain][payment]") {
  const auto d = begin_payment(order_in("created"), buyer, attempt(), deadline - grace_ms - 1);
  REQUIRE(d.changed);
  CHECK(d.reserved_until == deadline);
}

TEST_CASE("an attempt shortly before the deadline keeps the tickets for its grace",
          "[domain][payment]") {
  const auto d = begin_payment(order_in("created"), buyer, attempt(), deadline - 1);
  REQUIRE(d.changed);
  CHECK(d.next.payment.give_up_at == deadline - 1 + grace_ms);
  CHECK(d.reserved_until == deadline - 1 + grace_ms);
}

TEST_CASE("a decline before the deadline gives the tickets their old end again",
          "[domain][payment]") {
  const order paying = begin_payment(order_in("created"), buyer, attempt(), deadline - 10).next;
  const auto d = settle_payment(paying, outcome(payment_outcome::declined), deadline - 1);
  REQUIRE(d.changed);
  CHECK(d.next.status == order_status::created);
  CHECK(d.effect == ticket_effect::extend);
  CHECK(d.reserved_until == deadline);
}

TEST_CASE("a decline at the deadline ends the order as expired", "[domain][payment]") {
  const order paying = begin_payment(order_in("created"), buyer, attempt(), deadline - 10).next;
  const auto d = settle_payment(paying, outcome(payment_outcome::declined), deadline);
  REQUIRE(d.changed);
  CHECK(d.next.reason == cancel_reason::expired);
  CHECK(d.effect == ticket_effect::release);
}

TEST_CASE("a payment that started in time completes its order after the deadline",
          "[domain][payment]") {
  const order paying = begin_payment(order_in("created"), buyer, attempt(), deadline - 1).next;
  CHECK_FALSE(expire_order(paying, deadline + grace_ms).changed);
  const auto d = settle_payment(paying, outcome(payment_outcome::succeeded), deadline + 50'000);
  REQUIRE(d.changed);
  CHECK(d.next.status == order_status::complete);
  CHECK(d.effect == ticket_effect::sell);
}

TEST_CASE("a word that the provider repeats changes nothing", "[domain][payment]") {
  for (const payment_outcome word :
       {payment_outcome::succeeded, payment_outcome::declined, payment_outcome::cancelled}) {
    const auto once = settle_payment(order_in("awaiting"), outcome(word), opening + 2);
    REQUIRE(once.changed);
    const auto twice = settle_payment(once.next, outcome(word), opening + 3);
    CHECK(twice.accepted());
    CHECK_FALSE(twice.changed);
  }
}

TEST_CASE("money that arrives after the cancellation is owed, then given back once",
          "[domain][payment]") {
  const order gone = cancel_order(order_in("declined"), as_buyer, opening + 3).next;
  const auto late = settle_payment(gone, outcome(payment_outcome::succeeded), opening + 4);
  REQUIRE(late.changed);
  CHECK(late.effect == ticket_effect::none);
  CHECK(late.next.status == order_status::cancelled);
  CHECK(late.next.payment.status == payment_status::refund_due);
  CHECK(due_at(late.next) != 0);

  const auto back = refunded(late.next, late_refund_of(first_payment), opening + 5);
  REQUIRE(back.changed);
  CHECK(back.next.payment.status == payment_status::refunded);
  CHECK(names_of(back.events) == "payment:refunded");
  CHECK_FALSE(refunded(back.next, late_refund_of(first_payment), opening + 6).changed);
  CHECK_FALSE(settle_payment(back.next, outcome(payment_outcome::succeeded), opening + 7).changed);
}

TEST_CASE("an order that is owed money can be paid again only when it has been given back",
          "[domain][payment]") {
  const order owing = order_in("created-owing");
  CHECK(begin_payment(owing, buyer, attempt(second_payment), opening + 4).refused ==
        refusal::payment_in_progress);
  const order square = refunded(owing, late_refund_of(first_payment), opening + 5).next;
  CHECK(begin_payment(square, buyer, attempt(second_payment), opening + 6).changed);
}

TEST_CASE("a word about an earlier attempt doesn't touch the present one", "[domain][payment]") {
  const order second =
      begin_payment(order_in("declined"), buyer, attempt(second_payment), opening + 3).next;
  for (const payment_outcome word :
       {payment_outcome::succeeded, payment_outcome::declined, payment_outcome::cancelled})
    CHECK(settle_payment(second, outcome(word, first_payment), opening + 4).refused ==
          refusal::unknown_payment);
}

TEST_CASE("an unsettled payment is looked after soon, and at its end at the latest",
          "[domain][payment]") {
  const order paying = order_in("awaiting");
  CHECK(due_at(paying) > paying.payment.started_at);
  CHECK(due_at(paying) <= paying.payment.give_up_at);

  payment_start hasty = attempt();
  hasty.grace_ms = 1;
  const order brief = begin_payment(order_in("created"), buyer, hasty, opening + 1).next;
  CHECK(due_at(brief) == opening + 2);
}

TEST_CASE("a complete order remembers the provider's name of the charge", "[domain][payment]") {
  CHECK(order_in("complete").payment.provider_reference == "charge_1");
}

TEST_CASE("an attempt at which the buyer may have to act lasts until the deadline and the grace",
          "[domain][payment]") {
  payment_start start = attempt();
  start.buyer_may_act = true;
  const auto d = begin_payment(order_in("created"), buyer, start, opening + 1);
  REQUIRE(d.changed);
  CHECK(d.next.payment.give_up_at == deadline + grace_ms);
  CHECK(d.reserved_until == deadline + grace_ms);
}

TEST_CASE("what the provider knows is noted, and its stage never goes back", "[domain][payment]") {
  payment_progress progress;
  progress.id = first_payment;
  progress.stage = payment_stage::charging;
  progress.provider_reference = "pi_1";
  const auto charging = note_progress(order_in("awaiting"), progress, opening + 2);
  REQUIRE(charging.changed);
  CHECK(charging.next.payment.stage == payment_stage::charging);
  CHECK(charging.next.payment.provider_reference == "pi_1");
  CHECK(charging.effect == ticket_effect::none);
  CHECK_FALSE(note_progress(charging.next, progress, opening + 3).changed);

  progress.stage = payment_stage::prepared;
  progress.status = payment_status::requires_action;
  progress.provider_reference = {};
  progress.action = "secret";
  const auto acting = note_progress(charging.next, progress, opening + 3);
  REQUIRE(acting.changed);
  CHECK(acting.next.payment.stage == payment_stage::charging);
  CHECK(acting.next.payment.status == payment_status::requires_action);
  CHECK(acting.next.payment.provider_reference == "pi_1");
  CHECK(acting.next.status == order_status::awaiting_payment);
}

TEST_CASE("progress of a settled attempt is no news, of a strange one refused",
          "[domain][payment]") {
  payment_progress progress;
  progress.id = first_payment;
  progress.stage = payment_stage::charging;
  for (const auto* state : {"complete", "declined", "abandoned"})
    CHECK_FALSE(note_progress(order_in(state), progress, opening + 9).changed);
  progress.id = second_payment;
  CHECK(note_progress(order_in("awaiting"), progress, opening + 9).refused ==
        refusal::unknown_payment);
}

TEST_CASE("a settled attempt keeps nothing of what its buyer had to do", "[domain][payment]") {
  payment_progress progress;
  progress.id = first_payment;
  progress.status = payment_status::requires_action;
  progress.action = "secret";
  const order acting = note_progress(order_in("awaiting"), progress, opening + 2).next;
  const auto paid = settle_payment(acting, outcome(payment_outcome::succeeded), opening + 3);
  REQUIRE(paid.changed);
  CHECK(paid.next.payment.action.empty());
  CHECK(paid.next.payment.status == payment_status::succeeded);
}
