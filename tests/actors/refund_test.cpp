// Money that goes back, and what providers tell us unasked.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::order_status;
using domain::payment_status;
using domain::refund_state;
using domain::ticket_status;
using payments::charge_status;
using payments::refund_status;
using persistence::store_fault;
using persistence::store_operation;

namespace {

struct paid_fixture : actor_fixture {
  paid_fixture() {
    ticket = list_ticket(new_account());
    order = pay(place(new_account(), ticket)->order)->order;
  }
  domain::order now_is() {
    return ask<actors::order_written>(shard_of(order.id),
                                      actors::read_order{as(order.buyer, true), order.id})
        ->order;
  }

  domain::ticket ticket;
  domain::order order;
};

/// An order that was cancelled after its payment was declined, and whose money arrives.
struct late_fixture : actor_fixture {
  late_fixture() {
    ticket = list_ticket(new_account());
    order = place(new_account(), ticket)->order;
    (void)pay(order, "tok_bad");
    order = cancel(order)->order;
    provider->ledger[domain::payment_key(order.id, 1)] = charge_status::succeeded;
  }

  domain::ticket ticket;
  domain::order order;
};

} // namespace

TEST_CASE_METHOD(paid_fixture, "a refund is committed, asked for, and its end committed",
                 "[actors][refund]") {
  const bool releases = GENERATE(false, true);
  const auto begun = refund(order, 0, releases);
  REQUIRE(begun);
  CHECK(begun->order.refunds.front().state == refund_state::due);
  run();
  CHECK(now_is().payment.status == payment_status::refunded);
  CHECK(provider->refunded_minor == 2050);
  CHECK(status_of(ticket) == (releases ? ticket_status::available : ticket_status::sold));
  CHECK(now_is().status == (releases ? order_status::cancelled : order_status::complete));
}

TEST_CASE_METHOD(paid_fixture, "a refund whose answer is lost is asked for again and made once",
                 "[actors][refund]") {
  provider->lose_answers = true;
  (void)refund(order, 1000);
  pass(5'000);
  CHECK(unsettled().size() == 1);
  CHECK(provider->refund_calls > 1);
  CHECK(provider->refund_calls < 10);
  provider->lose_answers = false;
  pass(20'000);
  CHECK(now_is().refunds.front().state == refund_state::succeeded);
  CHECK(provider->refunded_minor == 1000);
  CHECK(unsettled().empty());
  const auto calls = provider->refund_calls;
  pass(60'000);
  CHECK(provider->refund_calls == calls);
}

TEST_CASE_METHOD(paid_fixture, "a node that dies at any step of a refund makes it once",
                 "[actors][refund]") {
  const unsigned dies_at = GENERATE(0U, 1U, 2U);
  CAPTURE(dies_at);
  if (dies_at < 2U)
    store->add_rule({store_operation::commit, store_fault::request_lost, {}, {}, dies_at + 1, 1});
  provider->hold_answers = dies_at == 2U;
  (void)send(shard_of(order.id),
             actors::refund_order{as(new_account(), true),
                                  order.id,
                                  {domain::refund_id{new_id(order.id.slot())}, 0, true}});
  run();
  restart();
  store->clear_rules();
  provider->hold_answers = false;
  provider->held.clear();
  pass(30'000);
  if (provider->refunded_minor == 0) {
    CHECK(dies_at == 0U);
    CHECK(now_is().refunds.empty());
    CHECK(status_of(ticket) == ticket_status::sold);
  } else {
    CHECK(provider->refunded_minor == 2050);
    CHECK(now_is().status == order_status::cancelled);
    CHECK(status_of(ticket) == ticket_status::available);
  }
}

TEST_CASE_METHOD(paid_fixture, "a refund that takes its time is followed to its end",
                 "[actors][refund]") {
  provider->refund_result = refund_status::pending;
  (void)refund(order);
  run();
  CHECK(now_is().refunds.front().state == refund_state::pending);
  CHECK(now_is().payment.status == payment_status::succeeded);
  provider->refund_result = refund_status::succeeded;
  SECTION("by asking") {
    pass(30'000);
  }
  SECTION("as soon as the provider says something") {
    (void)notify(order, 1);
    run();
  }
  CHECK(now_is().payment.status == payment_status::refunded);
}

TEST_CASE_METHOD(paid_fixture, "a refund that the provider refuses is said and can be tried again",
                 "[actors][refund]") {
  provider->refund_result = refund_status::failed;
  (void)refund(order, 0, true);
  run();
  CHECK(now_is().refunds.front().state == refund_state::failed);
  CHECK(now_is().refunds.front().failure_code == "charge_disputed");
  CHECK(status_of(ticket) == ticket_status::sold);
  provider->refund_result = refund_status::succeeded;
  (void)refund(order, 0, true);
  run();
  CHECK(status_of(ticket) == ticket_status::available);
  CHECK(provider->refunded_minor == 2050);
}

TEST_CASE_METHOD(late_fixture, "money that came too late goes back at once, and nothing reopens",
                 "[actors][refund]") {
  const auto told = notify(order, 1);
  REQUIRE(told);
  run();
  const auto ended = read(order)->order;
  CHECK(ended.status == order_status::cancelled);
  CHECK(ended.payment.status == payment_status::refunded);
  REQUIRE(ended.refunds.size() == 1);
  CHECK(ended.refunds.front().reason == domain::refund_reason::late_money);
  CHECK(provider->refunded_minor == 2050);
  CHECK(status_of(ticket) == ticket_status::available);
  (void)notify(order, 1);
  run();
  CHECK(provider->refunded_minor == 2050);
}

TEST_CASE_METHOD(late_fixture, "a notice is no proof: the provider is asked", "[actors][refund]") {
  provider->ledger[domain::payment_key(order.id, 1)] = charge_status::declined;
  CHECK(notify(order, 1));
  CHECK(provider->lookup_calls > 0);
  CHECK(read(order)->order.refunds.empty());
}

TEST_CASE_METHOD(late_fixture, "a notice that can't be looked into is not answered for",
                 "[actors][refund]") {
  provider->lose_answers = true;
  CHECK(notify(order, 1).failed() == actors::failure::unavailable);
  provider->lose_answers = false;
  CHECK(notify(order, 1));
  run();
  CHECK(provider->refunded_minor == 2050);
}

TEST_CASE("money for an earlier attempt goes back while the present one goes on",
          "[actors][refund]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  (void)f.pay(order, "tok_bad");
  const auto paid = f.pay(order)->order;
  REQUIRE(paid.payment.number == 2);
  f.provider->ledger[domain::payment_key(order.id, 1)] = charge_status::succeeded;
  CHECK(f.notify(order, 1));
  f.run();
  const auto truth = f.read(order)->order;
  CHECK(truth.status == order_status::complete);
  CHECK(truth.payment.status == payment_status::succeeded);
  CHECK(truth.refunds.front().state == refund_state::succeeded);
  CHECK(f.status_of(ticket) == ticket_status::sold);
  CHECK(f.provider->ledger.at(domain::payment_key(order.id, 1)) == charge_status::refunded);
  CHECK(f.provider->ledger.at(domain::payment_key(order.id, 2)) == charge_status::succeeded);
}

TEST_CASE("a notice of an earlier attempt is not answered by what the present one comes to",
          "[actors][refund]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  (void)f.pay(order, "tok_bad");
  f.provider->ledger[domain::payment_key(order.id, 1)] = charge_status::succeeded;
  f.provider->hold_answers = true;
  auto paying = f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  auto told = f.send(f.shard_of(order.id), f.notice_of(order, 1));
  f.run();
  REQUIRE(f.provider->held.size() == 2);
  f.provider->answer_next(); // the present attempt succeeds
  CHECK(f.receive<actors::payment_answered>(paying)->order.status == order_status::complete);
  CHECK_FALSE(f.has_answer());
  f.provider->hold_answers = false;
  f.provider->answer_next();
  CHECK(f.receive<actors::order_written>(told));
  f.run();
  CHECK(f.read(order)->order.refunds.front().state == refund_state::succeeded);
  CHECK(f.read(order)->order.status == order_status::complete);
}

TEST_CASE("a webhook is answered when what it tells of is committed", "[actors][webhook]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->lose_answers = true;
  (void)f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.provider->lose_answers = false;
  payments::charge_notice notice;
  notice.charge.order = order.id;
  notice.charge.attempt_number = 1;
  notice.succeeded = true;
  f.provider->webhook = {payments::webhook_verdict::authentic, notice, "evt_1", "succeeded"};
  const actors::take_webhook message{f.provider->own_name, "request", {}};
  const auto& desk = f.node->front_gateway().webhooks;
  f.store->add_rule({store_operation::commit, store_fault::request_held, {}, {}, 1, 1});
  auto pending = f.send(desk, message);
  f.run();
  CHECK_FALSE(f.has_answer());
  f.store->release();
  CHECK(f.receive<actors::webhook_taken>(pending)->authentic);
  CHECK(f.read(order)->order.status == order_status::complete);
}

TEST_CASE("a webhook that nobody signed, of nothing of ours, of a strange order or provider",
          "[actors][webhook]") {
  actor_fixture f;
  const auto& desk = f.node->front_gateway().webhooks;
  const actors::take_webhook message{f.provider->own_name, "request", {}};
  SECTION("unsigned") {
    CHECK_FALSE(f.ask<actors::webhook_taken>(desk, message)->authentic);
  }
  SECTION("can't be verified now") {
    f.provider->webhook.verdict = payments::webhook_verdict::unverified;
    CHECK(f.ask<actors::webhook_taken>(desk, message).failed() == actors::failure::unavailable);
  }
  SECTION("of nothing of ours") {
    f.provider->webhook.verdict = payments::webhook_verdict::authentic;
    CHECK(f.ask<actors::webhook_taken>(desk, message)->authentic);
  }
  SECTION("of an order that isn't there") {
    f.provider->webhook.verdict = payments::webhook_verdict::authentic;
    payments::charge_notice notice;
    notice.charge.order = domain::order_id{f.new_id()};
    notice.charge.attempt_number = 1;
    notice.succeeded = true;
    f.provider->webhook.notice = notice;
    CHECK(f.ask<actors::webhook_taken>(desk, message)->authentic);
  }
  SECTION("from nobody we know") {
    CHECK_FALSE(f.ask<actors::webhook_taken>(desk, actors::take_webhook{"nobody", "request", {}})
                    ->authentic);
  }
}

TEST_CASE("the provider's own list finds money that nobody told us of", "[actors][reconciler]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  (void)f.pay(order, "tok_bad");
  const auto gone = f.cancel(order)->order;
  f.provider->ledger[domain::payment_key(order.id, 1)] = charge_status::succeeded;
  payments::charge_notice found;
  found.charge.order = order.id;
  found.charge.attempt_number = 1;
  found.charge.reference = "reference";
  found.succeeded = true;
  f.provider->listed = {true, {found}, {}};
  f.limits.reconcile_ms = 60'000;
  f.restart();
  f.pass(1'000);
  CHECK(f.provider->refunded_minor == 2050);
  CHECK(f.read(gone)->order.payment.status == payment_status::refunded);
  f.pass(120'000);
  CHECK(f.provider->list_calls >= 2);
  CHECK(f.provider->refunded_minor == 2050);
}
