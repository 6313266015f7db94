// Payments through providers that want two steps: what is committed before what is asked, and what
// a buyer who has to act finds.
#include "persistence/record_codec.hpp"
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::order_status;
using domain::payment_status;
using domain::refusal;
using domain::ticket_status;
using payments::charge_status;
using persistence::store_fault;
using persistence::store_operation;

namespace {

struct two_step_fixture : actor_fixture {
  two_step_fixture() {
    provider->two_steps = true;
    ticket = list_ticket(new_account());
    order = place(new_account(), ticket)->order;
  }

  domain::ticket ticket;
  domain::order order;
};

/// The buyer confirms at his bank after the charge was asked for.
struct confirming_fixture : two_step_fixture {
  confirming_fixture() { provider->charge_needs_action = true; }
};

/// The buyer approves on the provider's page before the charge is asked for.
struct approving_fixture : two_step_fixture {
  approving_fixture() {
    provider->needs_action = true;
    provider->own_page = true;
  }
};

} // namespace

TEST_CASE_METHOD(two_step_fixture, "what the provider calls a charge is durable before it charges",
                 "[actors][payment]") {
  std::optional<domain::payment_attempt> at_charge;
  provider->on_charge = [&] {
    store->load(persistence::shard_of_slot(order.id.slot(), 4),
                {persistence::entity_kind::order, order.id},
                [&](const persistence::load_outcome& found) {
                  at_charge = persistence::decode_order(found.record)->payment;
                });
  };
  const auto paid = pay(order);
  REQUIRE(paid);
  CHECK(paid->order.status == order_status::complete);
  REQUIRE(at_charge);
  CHECK(at_charge->stage == domain::payment_stage::charging);
  CHECK(at_charge->provider_reference == "reference");
  CHECK(provider->prepare_calls == 1);
  CHECK(provider->charge_calls == 1);
}

TEST_CASE_METHOD(two_step_fixture, "a preparation that fails is tried again with the same key",
                 "[actors][payment]") {
  provider->lose_prepares = true;
  auto paying = send(shard_of(order.id), payment_of(order));
  run();
  provider->lose_prepares = false;
  pass(2'000);
  CHECK(receive<actors::payment_answered>(paying)->order.status == order_status::complete);
  CHECK(provider->ledger.size() == 1);
  CHECK(provider->charged_minor == 2050);
}

TEST_CASE_METHOD(two_step_fixture,
                 "a node that dies between two steps of a payment charges once or not at all",
                 "[actors][payment]") {
  // The commits of such a payment: begun, charging, settled.
  const unsigned dies_at = GENERATE(0U, 1U, 2U, 3U, 4U);
  CAPTURE(dies_at);
  if (dies_at < 3U)
    store->add_rule({store_operation::commit, store_fault::request_lost, {}, {}, dies_at + 1, 1});
  provider->hold_answers = dies_at == 3U;
  provider->lose_charges = dies_at == 4U;
  (void)send(shard_of(order.id), payment_of(order));
  run();
  restart();
  store->clear_rules();
  provider->hold_answers = false;
  provider->held.clear();
  pass(window_ms + grace_ms + 60'000);
  const auto truth = ask<actors::order_written>(
      shard_of(order.id), actors::read_order{as(order.buyer, true), order.id});
  CHECK(provider->charge_calls <= 1);
  CHECK(unsettled().empty());
  if (provider->charged_minor > 0) {
    CHECK(provider->charged_minor == 2050);
    CHECK(truth->order.status == order_status::complete);
    CHECK(status_of(ticket) == ticket_status::sold);
  } else {
    CHECK(truth->order.status == order_status::cancelled);
    CHECK(status_of(ticket) == ticket_status::available);
  }
}

TEST_CASE_METHOD(confirming_fixture, "a buyer who has to act is told how, and then has his tickets",
                 "[actors][payment]") {
  const auto asked = pay(order);
  REQUIRE(asked);
  CHECK(asked->order.payment.status == payment_status::requires_action);
  CHECK(asked->order.payment.action == "action");
  CHECK(seen(ticket).reserved_until == order.expires_at + grace_ms);
  REQUIRE(unsettled().size() == 1);
  CHECK(unsettled().front().payment.action.empty());
  provider->approved = true;
  const auto paid = resume(order);
  CHECK(paid->order.status == order_status::complete);
  CHECK(status_of(ticket) == ticket_status::sold);
  CHECK(unsettled().empty());
}

TEST_CASE_METHOD(confirming_fixture, "a buyer who has acted and gone gets his tickets all the same",
                 "[actors][payment]") {
  (void)pay(order);
  provider->approved = true;
  const bool restarts = GENERATE(false, true);
  if (restarts)
    restart();
  pass(20'000);
  CHECK(read(order)->order.status == order_status::complete);
  CHECK(provider->charged_minor == 2050);
}

TEST_CASE_METHOD(approving_fixture, "an approved payment is charged once, whoever asks first",
                 "[actors][payment]") {
  (void)pay(order, {});
  CHECK(provider->charge_calls == 0);
  provider->approved = true;
  SECTION("the buyer comes back") {
    CHECK(resume(order)->order.status == order_status::complete);
  }
  SECTION("the provider says so") {
    CHECK(notify(order, 1)->order.status == order_status::complete);
  }
  SECTION("nobody says anything") {
    pass(20'000);
  }
  SECTION("after a restart") {
    restart();
    pass(20'000);
  }
  CHECK(read(order)->order.status == order_status::complete);
  CHECK(provider->charge_calls == 1);
  CHECK(provider->charged_minor == 2050);
}

TEST_CASE_METHOD(approving_fixture,
                 "a buyer who never acts is not charged, and his tickets are free",
                 "[actors][payment]") {
  (void)pay(order, {});
  pass(window_ms + grace_ms - 1'000);
  CHECK(status_of(ticket) == ticket_status::reserved);
  pass(20'000);
  CHECK(status_of(ticket) == ticket_status::available);
  CHECK(provider->ledger.at(domain::payment_key(order.id, 1)) == charge_status::cancelled);
  CHECK(provider->charged_minor == 0);
}

TEST_CASE_METHOD(confirming_fixture,
                 "cancelling while the buyer has to act calls the charge off first",
                 "[actors][payment]") {
  (void)pay(order);
  SECTION("the provider agrees") {
    CHECK(cancel(order)->order.status == order_status::cancelled);
    CHECK(provider->ledger.at(domain::payment_key(order.id, 1)) == charge_status::cancelled);
    CHECK(status_of(ticket) == ticket_status::available);
  }
  SECTION("the money has moved") {
    provider->approved = true;
    CHECK(cancel(order).refused() == refusal::order_complete);
    CHECK(status_of(ticket) == ticket_status::sold);
  }
  SECTION("the provider doesn't say") {
    provider->lose_answers = true;
    CHECK(cancel(order).refused() == refusal::payment_in_progress);
    CHECK(status_of(ticket) == ticket_status::reserved);
  }
}

TEST_CASE_METHOD(confirming_fixture, "paying in another way calls the first one off",
                 "[actors][payment]") {
  (void)pay(order);
  provider->charge_needs_action = false;
  const auto paid = pay(order);
  REQUIRE(paid);
  CHECK(paid->order.status == order_status::complete);
  CHECK(paid->order.payment.number == 2);
  CHECK(provider->ledger.at(domain::payment_key(order.id, 1)) == charge_status::cancelled);
  CHECK(provider->charged_minor == 2050);
}

TEST_CASE_METHOD(confirming_fixture,
                 "a stranger's payment doesn't touch one that waits for its buyer",
                 "[actors][payment]") {
  (void)pay(order);
  auto foreign = payment_of(order);
  foreign.context = as(new_account());
  CHECK(ask<actors::payment_answered>(shard_of(order.id), foreign).refused() == refusal::forbidden);
  foreign.resume = true;
  CHECK(ask<actors::payment_answered>(shard_of(order.id), foreign).refused() == refusal::forbidden);
  CHECK(provider->cancel_calls == 0);
}

TEST_CASE_METHOD(two_step_fixture, "coming back to a payment that is over tells what became of it",
                 "[actors][payment]") {
  CHECK(resume(order).refused() == refusal::unknown_payment);
  (void)pay(order, "tok_bad");
  CHECK(resume(order)->order.payment.status == payment_status::declined);
  (void)pay(order);
  CHECK(resume(order)->order.payment.status == payment_status::succeeded);
  CHECK(provider->charged_minor == 2050);
}
