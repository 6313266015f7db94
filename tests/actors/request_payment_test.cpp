// Named payments (`Idempotency-Key`) on virtual time: charged once, answered alike.
#include "tests/actors/named_client.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::payment_status;
using domain::refusal;
using persistence::store_fault;
using persistence::store_operation;

namespace {

/// A buyer with an order, whose request has a name in another slot or the order's own.
struct payment_fixture : actor_fixture {
  domain::slot_number slot = GENERATE(domain::slot_number{9'000}, domain::slot_number{7});
  named_client client{*this, slot};
  domain::ticket ticket = list_ticket(new_account());
  domain::order order = place(client.who, ticket)->order;

  named_client another_key() { return {*this, slot, client.who, domain::request_id{new_id(slot)}}; }
};

} // namespace

TEST_CASE_METHOD(payment_fixture, "a named payment that is repeated charges once",
                 "[actors][request]") {
  const auto first = client.pay(order);
  REQUIRE(first);
  CHECK_FALSE(first->repeated);
  CHECK(first->order.payment.status == payment_status::succeeded);
  for (const bool restarted : {false, true}) {
    if (restarted)
      restart();
    const auto again = client.pay(order);
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->order == first->order);
    CHECK(again->payment == first->payment);
  }
  CHECK(provider->charge_calls == 1);
  CHECK(client.pay(order, "tok_other").refused() == refusal::idempotency_key_reused);
}

TEST_CASE_METHOD(payment_fixture, "a decline is repeated as it was, also after a later success",
                 "[actors][request]") {
  const auto declined = client.pay(order, "tok_declined");
  REQUIRE(declined);
  CHECK(declined->order.payment.status == payment_status::declined);
  REQUIRE(another_key().pay(order)->order.payment.status == payment_status::succeeded);
  for (const bool restarted : {false, true}) {
    if (restarted)
      restart();
    const auto again = client.pay(order, "tok_declined");
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(again->payment == declined->payment);
    CHECK(again->order.payment.id == declined->payment);
    CHECK(again->order.payment.status == payment_status::declined);
  }
  CHECK(provider->charge_calls == 2);
}

TEST_CASE_METHOD(payment_fixture, "a payment under way is answered as of now",
                 "[actors][request]") {
  provider->hold_answers = true;
  auto waiting = send(shard_of(client.name), client.payment_of(order));
  pass(11'000);
  const auto first = receive<actors::payment_answered>(waiting);
  REQUIRE(first);
  CHECK(first->order.payment.status == payment_status::pending);
  const auto still = client.pay(order);
  REQUIRE(still);
  CHECK(still->repeated);
  CHECK(still->order.payment.status == payment_status::pending);
  provider->hold_answers = false;
  while (!provider->held.empty()) {
    provider->held.front()();
    provider->held.pop_front();
  }
  run();
  pass(20'000);
  const auto settled = client.pay(order);
  REQUIRE(settled);
  CHECK(settled->repeated);
  CHECK(settled->order.payment.status == payment_status::succeeded);
  CHECK(settled->payment == first->payment);
  CHECK(provider->charge_calls == 1);
}

TEST_CASE_METHOD(payment_fixture,
                 "a named payment whose outcome is unknown is charged once however often it comes",
                 "[actors][request]") {
  // The attempt's begin, its end, the word of it.
  for (const std::uint64_t which : {1, 2, 3}) {
    const named_client paying = another_key();
    const auto listed = list_ticket(new_account());
    const auto wanted = place(client.who, listed)->order;
    const int charges_before = provider->charge_calls;
    store->add_rule({store_operation::commit, store_fault::answer_lost, {}, {}, which, 1});
    (void)send(shard_of(paying.name), paying.payment_of(wanted));
    pass(15'000);
    store->clear_rules();
    restart();
    pass(60'000);
    const auto again = paying.pay(wanted);
    REQUIRE(again);
    CHECK(again->repeated);
    CHECK(provider->charge_calls <= charges_before + 1);
    CHECK_FALSE(again->order.payment.is_unsettled());
  }
}

TEST_CASE_METHOD(payment_fixture, "two of one name at once are one charge and two like answers",
                 "[actors][request]") {
  auto first = send(shard_of(client.name), client.payment_of(order));
  auto second = send(shard_of(client.name), client.payment_of(order));
  const auto one = receive<actors::payment_answered>(first);
  const auto two = receive<actors::payment_answered>(second);
  REQUIRE(one);
  REQUIRE(two);
  CHECK(two->order == one->order);
  CHECK(provider->charge_calls == 1);
}

TEST_CASE_METHOD(payment_fixture, "what the buyer was charged is answered also when it went back",
                 "[actors][request]") {
  const auto first = client.pay(order);
  REQUIRE(first);
  actors::refund_order giving;
  giving.context = as(new_account(), true);
  giving.id = order.id;
  giving.wish.id = domain::refund_id{new_id(order.id.slot())};
  REQUIRE(ask<actors::order_written>(shard_of(order.id), giving));
  pass(1'000);
  CHECK(client.pay(order)->order == first->order);
}

TEST_CASE_METHOD(payment_fixture, "coming back to an attempt may have a name too",
                 "[actors][request]") {
  provider->two_steps = true;
  provider->charge_needs_action = true;
  REQUIRE(pay(order)->order.payment.status == payment_status::requires_action);
  auto resuming = client.payment_of(order, "");
  resuming.resume = true;
  const auto waiting = ask<actors::payment_answered>(shard_of(client.name), resuming);
  REQUIRE(waiting);
  CHECK(waiting->order.payment.status == payment_status::requires_action);
  provider->approved = true;
  const auto done = ask<actors::payment_answered>(shard_of(client.name), resuming);
  REQUIRE(done);
  CHECK(done->order.payment.status == payment_status::succeeded);
  restart();
  const auto again = ask<actors::payment_answered>(shard_of(client.name), resuming);
  REQUIRE(again);
  CHECK(again->repeated);
  CHECK(again->order == done->order);
}
