// Named requests (`Idempotency-Key`) on virtual time: repeated, raced, crashed, forgotten.
#include "tests/actors/named_client.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::refusal;
using persistence::store_fault;
using persistence::store_operation;

namespace {

persistence::load_status stored(actor_fixture& f, const domain::uuid& name,
                                domain::slot_number slot) {
  const auto part = domain::in_slot(name, slot);
  auto status = persistence::load_status::unavailable;
  f.store->load(persistence::shard_of_slot(slot, f.store->shard_count()),
                {persistence::entity_kind::request, part},
                [&](const persistence::load_outcome& outcome) { status = outcome.status; });
  return status;
}

} // namespace

TEST_CASE("a named order that is repeated gets the same order, also after a restart",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  const auto first = client.order(ticket);
  REQUIRE(first);
  CHECK_FALSE(first->repeated);
  const auto second = client.order(ticket);
  REQUIRE(second);
  CHECK(second->repeated);
  CHECK(second->order == first->order);
  f.restart();
  const auto third = client.order(ticket);
  REQUIRE(third);
  CHECK(third->repeated);
  CHECK(third->order == first->order);
}

TEST_CASE("a repetition is answered as the first was, whatever became of the order since",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  const auto first = client.order(ticket)->order;
  REQUIRE(f.cancel(first));
  CHECK(client.order(ticket)->order == first);
  CHECK(f.status_of(ticket) == domain::ticket_status::available);
}

TEST_CASE("a name that comes again with another content is refused, wherever that leads",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account(), 7);
  const auto elsewhere = f.list_ticket(f.new_account(), 12'000);
  REQUIRE(client.order(ticket, 1));
  CHECK(client.order(ticket, 2).refused() == refusal::idempotency_key_reused);
  CHECK(client.order(elsewhere, 3).refused() == refusal::idempotency_key_reused);
  f.restart();
  CHECK(client.order(elsewhere, 3).refused() == refusal::idempotency_key_reused);
  CHECK(f.status_of(elsewhere) == domain::ticket_status::available);
}

TEST_CASE("a repetition that comes while the first is under way waits for it",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({store_operation::commit, store_fault::answer_held});
  auto first = f.send(f.shard_of(client.name), client.order_of(ticket));
  auto second = f.send(f.shard_of(client.name), client.order_of(ticket));
  auto other = f.send(f.shard_of(client.name), client.order_of(ticket, 2));
  f.run();
  CHECK_FALSE(f.has_answer());
  f.store->clear_rules();
  f.store->release();
  f.run();
  f.store->release();
  const auto done = f.receive<actors::order_written>(first);
  const auto repeated = f.receive<actors::order_written>(second);
  REQUIRE(done);
  REQUIRE(repeated);
  CHECK_FALSE(done->repeated);
  CHECK(repeated->repeated);
  CHECK(repeated->order == done->order);
  CHECK(f.receive<actors::order_written>(other).refused() == refusal::idempotency_key_reused);
}

TEST_CASE("a refusal is judged anew", "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  const auto rival = f.place(f.new_account(), ticket)->order;
  CHECK(client.order(ticket).refused() == refusal::ticket_reserved);
  CHECK(client.order(ticket).refused() == refusal::ticket_reserved);
  REQUIRE(f.cancel(rival));
  const auto placed = client.order(ticket);
  REQUIRE(placed);
  CHECK_FALSE(placed->repeated);
}

TEST_CASE("one key means another wish for another user", "[actors][request]") {
  actor_fixture f;
  const named_client one{f};
  const named_client two{f};
  const auto ticket = f.list_ticket(f.new_account());
  REQUIRE(one.order(ticket));
  CHECK(two.order(ticket).refused() == refusal::ticket_reserved);
}

TEST_CASE("a named ticket is listed once, also when the id that is drawn is another each time",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto first = client.list();
  REQUIRE(first);
  const auto second = client.list();
  REQUIRE(second);
  CHECK(second->repeated);
  CHECK(second->ticket == first->ticket);
  CHECK(client.list(2).refused() == refusal::idempotency_key_reused);
  f.restart();
  CHECK(client.list()->ticket == first->ticket);
  const auto page =
      f.ask<actors::ticket_page>(f.node->front_gateway().catalog, actors::list_tickets{});
  CHECK(page->tickets.copies().size() == 1);
}

TEST_CASE("a name and its effect in one slot are one record", "[actors][request]") {
  actor_fixture f;
  const named_client client{f, 7};
  const auto ticket = f.list_ticket(f.new_account(), 7);
  const auto first = client.order(ticket);
  REQUIRE(first);
  CHECK(client.order(ticket)->order == first->order);
  CHECK(client.order(ticket, 2).refused() == refusal::idempotency_key_reused);
  f.restart();
  CHECK(client.order(ticket)->order == first->order);
  CHECK(client.order(ticket, 2).refused() == refusal::idempotency_key_reused);
}

TEST_CASE("an effect whose answer was lost is found by the repetition and not done again",
          "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({store_operation::commit, store_fault::answer_lost, {}, {}, 1, 1});
  CHECK(client.order(ticket).failed() == actors::failure::outcome_unknown);
  const auto found = client.order(ticket);
  REQUIRE(found);
  CHECK(found->repeated);
  CHECK(f.seen(ticket).order == found->order.id);
}

TEST_CASE("a first try that comes late does nothing once the repetition has had its effect",
          "[actors][request]") {
  actor_fixture f;
  const auto buyer = f.new_account();
  const auto ticket = f.list_ticket(f.new_account());
  const actors::request_name name{domain::request_id{f.new_id()}, f.new_id(), true};
  auto late = f.order_for(buyer, ticket);
  auto repeated = f.order_for(buyer, ticket);
  late.context.request = repeated.context.request = name;
  const auto placed = f.ask<actors::order_written>(f.shard_of(ticket.id), repeated);
  REQUIRE(placed);
  REQUIRE(f.cancel(placed->order));
  CHECK(f.ask<actors::order_written>(f.shard_of(ticket.id), late).failed() ==
        actors::failure::unavailable);
  CHECK(f.status_of(ticket) == domain::ticket_status::available);
}

TEST_CASE("an effect that was lost on its way is done by the repetition", "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({store_operation::commit, store_fault::request_lost, {}, {}, 1, 1});
  CHECK(client.order(ticket).failed() == actors::failure::outcome_unknown);
  const auto placed = client.order(ticket);
  REQUIRE(placed);
  CHECK_FALSE(placed->repeated);
}

TEST_CASE("a node that dies between the effect and the word of it answers the repetition alike",
          "[actors][request]") {
  for (const auto fault : {store_fault::request_lost, store_fault::answer_lost,
                           store_fault::unavailable, store_fault::request_held}) {
    actor_fixture f;
    const named_client client{f};
    const auto ticket = f.list_ticket(f.new_account());
    // The second commit is that of the name.
    f.store->add_rule({store_operation::commit, fault, {}, {}, 2, 1});
    (void)f.send(f.shard_of(client.name), client.order_of(ticket));
    f.run();
    f.stop_node();
    f.store->clear_rules();
    f.store->release();
    f.start_node();
    const auto repeated = client.order(ticket);
    REQUIRE(repeated);
    CHECK(repeated->repeated);
    CHECK(f.seen(ticket).order == repeated->order.id);
    CHECK(client.order(ticket, 2).refused() == refusal::idempotency_key_reused);
  }
}

TEST_CASE("while the records can't be read nothing is done", "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  for (const std::uint64_t load : {1, 2}) {
    f.store->add_rule({store_operation::load,
                       store_fault::unavailable,
                       persistence::entity_kind::request,
                       {},
                       load,
                       1});
    CHECK(client.order(ticket).failed() == actors::failure::unavailable);
    f.store->clear_rules();
  }
  CHECK(f.status_of(ticket) == domain::ticket_status::available);
  CHECK(client.order(ticket));
}

TEST_CASE("a name is forgotten after a day, and its records are gone", "[actors][request]") {
  const bool restarted = GENERATE(false, true);
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account(), 7);
  const auto order = client.order(ticket)->order;
  REQUIRE(f.cancel(order));
  f.clock.advance(config::limits::request_kept_ms - 1'000);
  if (restarted)
    f.restart();
  CHECK(client.order(ticket)->order == order);
  CHECK(stored(f, client.name, 9'000) == persistence::load_status::found);
  CHECK(stored(f, client.name, 7) == persistence::load_status::found);
  f.pass(10'000);
  CHECK(stored(f, client.name, 9'000) == persistence::load_status::absent);
  CHECK(stored(f, client.name, 7) == persistence::load_status::absent);
  const auto anew = client.order(ticket, 2);
  REQUIRE(anew);
  CHECK_FALSE(anew->repeated);
  CHECK(anew->order.id != order.id);
}

TEST_CASE("names don't stay in memory", "[actors][request]") {
  actor_fixture f;
  const named_client client{f};
  const auto ticket = f.list_ticket(f.new_account());
  REQUIRE(client.order(ticket));
  const auto live = f.system.registry().running();
  for (int i = 0; i < 20; ++i) {
    const named_client loser{f};
    CHECK(loser.order(ticket).refused() == refusal::ticket_reserved);
  }
  CHECK(f.system.registry().running() == live);
}
