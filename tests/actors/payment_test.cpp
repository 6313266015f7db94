// Payments: whatever is lost, late or repeated, money and tickets agree in the end.
#include "persistence/record_codec.hpp"
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::order_status;
using domain::payment_status;
using domain::refusal;
using domain::ticket_status;
using persistence::store_fault;
using persistence::store_operation;

TEST_CASE("a paid order is complete and its ticket sold", "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  const auto paid = f.pay(order);
  REQUIRE(paid);
  CHECK(paid->order.status == order_status::complete);
  CHECK(paid->order.payment.status == payment_status::succeeded);
  CHECK(f.status_of(ticket) == ticket_status::sold);
  CHECK(f.provider->charged_minor == 2050);
  CHECK(f.pay(order).refused() == refusal::order_complete);
}

TEST_CASE("when the provider is asked the order already awaits payment, durably",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  std::optional<domain::ticket> at_charge;
  f.provider->hold_answers = true;
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  REQUIRE(f.provider->charge_calls == 1);
  const auto waiting = f.read(order)->order;
  CHECK(waiting.status == order_status::awaiting_payment);
  CHECK(f.seen(ticket).reserved_until >= waiting.payment.give_up_at);
  f.provider->answer_next();
  CHECK(f.receive<actors::payment_answered>(paying)->order.status == order_status::complete);
}

TEST_CASE("a declined order stays payable until its deadline", "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  const auto declined = f.pay(order, "tok_bad");
  REQUIRE(declined);
  CHECK(declined->order.status == order_status::created);
  CHECK(declined->order.payment.status == payment_status::declined);
  CHECK(declined->order.payment.decline_code == "card_declined");
  CHECK(f.seen(ticket).reserved_until == order.expires_at);
  CHECK(f.pay(order)->order.status == order_status::complete);
  CHECK(f.provider->charged_minor == 2050);
}

TEST_CASE("no payment starts from the deadline on, timer or no timer", "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.clock.advance(actor_fixture::window_ms);
  CHECK(f.pay(order).refused() == refusal::order_expired);
  CHECK(f.provider->charge_calls == 0);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a payment whose first commit lands after the deadline does not start",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.store->add_rule({store_operation::commit, store_fault::request_held, {}, {}, 1, 1});
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.clock.advance(actor_fixture::window_ms);
  f.store->release();
  CHECK(f.receive<actors::payment_answered>(paying).refused() == refusal::order_expired);
  CHECK(f.provider->charge_calls == 0);
}

TEST_CASE("the deadline passes while a payment is in flight: the payment decides",
          "[actors][payment]") {
  actor_fixture f;
  const bool succeeds = GENERATE(true, false);
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.pass(actor_fixture::window_ms - 1'000);
  f.provider->hold_answers = true;
  auto paying =
      f.send(f.shard_of(order.id), f.payment_of(order, succeeds ? "tok_visa" : "tok_bad"));
  f.run();
  f.pass(2'000);
  CHECK(f.status_of(ticket) == ticket_status::reserved);
  CHECK(f.cancel(order).refused() == refusal::payment_in_progress);
  f.provider->answer_next();
  const auto ended = f.receive<actors::payment_answered>(paying);
  REQUIRE(ended);
  if (succeeds) {
    CHECK(ended->order.status == order_status::complete);
    CHECK(f.status_of(ticket) == ticket_status::sold);
  } else {
    CHECK(ended->order.status == order_status::cancelled);
    CHECK(ended->order.reason == domain::cancel_reason::expired);
    CHECK(f.status_of(ticket) == ticket_status::available);
  }
}

TEST_CASE("a client that has waited long enough is told that the payment is pending",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->hold_answers = true;
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.pass(9'999);
  CHECK_FALSE(f.has_answer());
  f.pass(1);
  CHECK(f.receive<actors::payment_answered>(paying)->order.status ==
        order_status::awaiting_payment);
  f.provider->hold_answers = false;
  f.provider->answer_next();
  f.run();
  CHECK(f.read(order)->order.status == order_status::complete);
}

TEST_CASE("a charge whose answer was lost is found by asking, and charged once",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->lose_answers = true;
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.provider->lose_answers = false;
  f.pass(10'000);
  CHECK(f.receive<actors::payment_answered>(paying)->order.status == order_status::complete);
  CHECK(f.status_of(ticket) == ticket_status::sold);
  CHECK(f.provider->charged_minor == 2050);
}

TEST_CASE("a charge that never reached the provider is called off and the order payable again",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->lose_charges = true;
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.pass(20'000);
  CHECK(f.receive<actors::payment_answered>(paying)->order.payment.status ==
        payment_status::cancelled);
  CHECK(f.read(order)->order.status == order_status::created);
  CHECK(f.provider->ledger.at(domain::payment_key(order.id, 1)) ==
        payments::charge_status::cancelled);
  f.provider->lose_charges = false;
  CHECK(f.pay(order)->order.status == order_status::complete);
}

TEST_CASE("tickets are freed only when the provider has said that the money can't move any more",
          "[actors][payment]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.pass(actor_fixture::window_ms - 1'000);
  f.provider->lose_charges = true;
  f.provider->lose_answers = true;
  (void)f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.pass(actor_fixture::grace_ms + 60'000);
  CHECK(f.status_of(ticket) == ticket_status::reserved);
  CHECK(f.provider->cancel_calls > 0);
  f.provider->lose_answers = false;
  f.pass(20'000);
  CHECK(f.status_of(ticket) == ticket_status::available);
  const auto ended = f.read(order)->order;
  CHECK(ended.status == order_status::cancelled);
  CHECK(ended.reason == domain::cancel_reason::payment);
  CHECK(f.provider->charged_minor == 0);
}

TEST_CASE("a node that dies at any step of a payment ends in paid and sold, or uncharged and free",
          "[actors][payment]") {
  // The commits of one payment: awaiting payment, then complete.
  const int dies_at = GENERATE(0, 1, 2, 3);
  CAPTURE(dies_at);
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->hold_answers = dies_at == 2;
  f.provider->lose_charges = dies_at == 1;
  if (dies_at == 0)
    f.store->add_rule({store_operation::commit, store_fault::request_lost, {}, {}, 1, 1});
  if (dies_at == 3)
    f.store->add_rule({store_operation::commit, store_fault::request_lost, {}, {}, 2, 1});
  (void)f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.provider->hold_answers = false;
  f.restart();
  f.store->clear_rules();
  f.provider->held.clear();
  f.pass(actor_fixture::window_ms + actor_fixture::grace_ms + 60'000);
  const auto truth = f.ask<actors::order_written>(
      f.shard_of(order.id), actors::read_order{actor_fixture::as(order.buyer, true), order.id});
  REQUIRE(truth);
  CHECK(f.provider->charge_calls <= 1);
  if (f.provider->charged_minor > 0) {
    CHECK(truth->order.status == order_status::complete);
    CHECK(f.status_of(ticket) == ticket_status::sold);
  } else {
    CHECK(truth->order.status == order_status::cancelled);
    CHECK(f.status_of(ticket) == ticket_status::available);
  }
}

TEST_CASE("a charge whose order could not commit the outcome is settled when the store is back",
          "[actors][payment]") {
  actor_fixture f;
  const auto fault =
      GENERATE(store_fault::unavailable, store_fault::answer_lost, store_fault::request_lost);
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.store->add_rule({store_operation::commit, fault, {}, {}, 2, 2});
  (void)f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.pass(60'000);
  CHECK(f.read(order)->order.status == order_status::complete);
  CHECK(f.status_of(ticket) == ticket_status::sold);
  CHECK(f.provider->charged_minor == 2050);
}
