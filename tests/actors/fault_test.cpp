// What an actor does when an outcome is unknown, a load fails, or the one it waits for dies.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::refusal;
using domain::ticket_status;
using persistence::store_fault;
using persistence::store_operation;

namespace {

constexpr persistence::fault_rule next_commit(store_fault fault) {
  return {store_operation::commit, fault, {}, {}, 1, 1};
}

} // namespace

TEST_CASE("an order whose commit's answer was lost is there, and its ticket is reserved",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto wish = f.order_for(f.new_account(), ticket);
  f.store->add_rule(next_commit(store_fault::answer_lost));
  CHECK(f.ask<actors::order_written>(f.shard_of(ticket.id), wish).failed() ==
        actors::failure::outcome_unknown);
  const auto other = f.place(f.new_account(), ticket);
  CHECK(other.refused() == refusal::ticket_reserved);
  const auto truth =
      f.ask<actors::order_written>(f.shard_of(wish.id), actors::read_order{wish.context, wish.id});
  REQUIRE(truth);
  CHECK(truth->order.status == domain::order_status::created);
  f.pass(actor_fixture::window_ms);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("an order whose commit was lost on its way isn't there, and its ticket is free",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto wish = f.order_for(f.new_account(), ticket);
  f.store->add_rule(next_commit(store_fault::request_lost));
  CHECK(f.ask<actors::order_written>(f.shard_of(ticket.id), wish).failed() ==
        actors::failure::outcome_unknown);
  CHECK(f.ask<actors::order_written>(f.shard_of(wish.id), actors::read_order{wish.context, wish.id})
            .refused() == refusal::order_not_found);
  CHECK(f.place(f.new_account(), ticket));
}

TEST_CASE("a ticket whose own commit's outcome is unknown tells the truth afterwards",
          "[actors][fault]") {
  actor_fixture f;
  const auto seller = f.new_account();
  const auto ticket = f.list_ticket(seller);
  const actors::remove_ticket removal{actor_fixture::as(seller), ticket.id};
  f.store->add_rule(next_commit(store_fault::answer_lost));
  CHECK(f.ask<actors::ticket_written>(f.shard_of(ticket.id), removal).failed() ==
        actors::failure::outcome_unknown);
  CHECK(f.ask<actors::ticket_written>(f.shard_of(ticket.id), removal).refused() ==
        refusal::ticket_not_found);
}

TEST_CASE("while a record can't be loaded its entity is unavailable, afterwards it is served",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.restart();
  f.store->add_rule({store_operation::load, store_fault::unavailable});
  CHECK(f.place(f.new_account(), ticket).failed() == actors::failure::unavailable);
  f.store->clear_rules();
  CHECK(f.place(f.new_account(), ticket));
}

TEST_CASE("an order actor that is killed before its commit leaves its tickets as they were",
          "[actors][fault]") {
  actor_fixture f;
  const auto first = f.list_ticket(f.new_account());
  const auto second = f.list_ticket(f.new_account());
  const auto buyer = f.new_account();
  const actors::place_order wish{actor_fixture::as(buyer),
                                 domain::order_id{f.new_id()},
                                 {first.id, second.id},
                                 {domain::any_version, domain::any_version}};
  const auto placed = f.ask<actors::order_written>(f.shard_of(first.id), wish);
  REQUIRE(placed);
  f.pass(2 * f.limits.entity_idle_ms);
  // Nobody but the order is in memory now. The first ticket drafts its release, the second can't be
  // loaded, and meanwhile the order dies.
  const auto alive = f.read(placed->order);
  REQUIRE(alive);
  persistence::fault_rule held{store_operation::load, store_fault::request_held,
                               persistence::entity_kind::ticket};
  held.first = 2;
  f.store->add_rule(held);
  (void)f.send(f.shard_of(first.id),
               actors::cancel_order{actor_fixture::as(buyer), placed->order.id});
  f.run();
  REQUIRE(f.store->held_count() == 1);
  (*f.self)->send_exit(caf::actor_cast<caf::actor>(alive.from), caf::exit_reason::kill);
  f.run();
  f.store->clear_rules();
  f.store->release();
  f.run();
  CHECK(f.status_of(first) == ticket_status::reserved);
  CHECK(f.cancel(placed->order));
  CHECK(f.status_of(first) == ticket_status::available);
  CHECK(f.status_of(second) == ticket_status::available);
}

TEST_CASE("a ticket makes no draft for an order that has no actor", "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const actors::draft_ticket wish{ticket.id, domain::order_id{f.new_id()}, f.new_account(),
                                  actors::draft_wish::reserve, f.now() + 1000};
  // With one node a shard's port is the shard itself.
  const auto shard = caf::actor_cast<actors::shard_actor>(f.shard_of(ticket.id));
  CHECK(f.ask<actors::ticket_draft>(shard, wish).failed() == actors::failure::unavailable);
  CHECK(f.place(f.new_account(), ticket));
}

TEST_CASE("an order actor that is killed during its commit leaves what was committed",
          "[actors][fault]") {
  const auto fault = GENERATE(store_fault::request_held, store_fault::answer_held);
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto placed = f.place(f.new_account(), ticket);
  f.store->add_rule({store_operation::commit, fault});
  (void)f.send(f.shard_of(placed->order.id),
               actors::cancel_order{actor_fixture::as(placed->order.buyer), placed->order.id});
  f.run();
  REQUIRE(f.store->held_count() > 0);
  (*f.self)->send_exit(caf::actor_cast<caf::actor>(placed.from), caf::exit_reason::kill);
  auto next = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  f.store->clear_rules();
  f.store->release();
  f.run();
  f.pass(2'000);
  const auto order = f.receive<actors::order_written>(
      f.send(f.shard_of(placed->order.id),
             actors::read_order{actor_fixture::as(placed->order.buyer), placed->order.id}));
  CHECK(order->order.status == domain::order_status::cancelled);
  // Whoever waited at the ticket was told of its actor's death; the ticket itself is as the commit
  // says.
  const auto waited = f.receive<actors::order_written>(next);
  if (waited) {
    CHECK(f.status_of(ticket) == ticket_status::reserved);
  } else {
    CHECK(waited.failed() != actors::failure::none);
    CHECK(f.status_of(ticket) == ticket_status::available);
  }
}

TEST_CASE(
    "an order actor that is killed after its commit, before its verdict, frees nothing wrongly",
    "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto wish = f.order_for(f.new_account(), ticket);
  // The order's own first commit: its actor isn't known yet, so it dies of the lost answer, which
  // leaves the commit done and the verdict unsaid.
  f.store->add_rule(next_commit(store_fault::answer_lost));
  f.ask<actors::order_written>(f.shard_of(ticket.id), wish);
  for (int i = 0; i < 3; ++i)
    CHECK(f.place(f.new_account(), ticket).refused() == refusal::ticket_reserved);
  CHECK(f.seen(ticket).order == wish.id);
}

TEST_CASE("a fenced commit changes nothing and says that another node has the shard",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  // Somebody else owns the shards now.
  for (persistence::shard_number shard = 0; shard < 4; ++shard)
    f.store->beneath().acquire_lease({shard, "other", {1, 2}, 60'000}, [](auto) {});
  f.clock.advance(120'000);
  for (persistence::shard_number shard = 0; shard < 4; ++shard)
    f.store->beneath().acquire_lease({shard, "other", {1, 2}, 60'000}, [](auto) {});
  CHECK(f.place(f.new_account(), ticket).failed() == actors::failure::not_owner);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("an idle entity is let go and comes back as it was", "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto before = f.system.registry().running();
  f.pass(120'000);
  CHECK(f.system.registry().running() < before);
  const auto order = f.place(f.new_account(), ticket);
  REQUIRE(order);
  CHECK(order->order.lines.front().ticket_version == 0);
}

TEST_CASE("however many entities are used, only so many stay in memory", "[actors][fault]") {
  actor_fixture f{40}; // 10 in each of 4 shards
  const auto before = f.system.registry().running();
  std::vector<domain::ticket> tickets;
  for (int i = 0; i < 500; ++i)
    tickets.push_back(f.list_ticket(f.new_account(), static_cast<domain::slot_number>(i * 32)));
  CHECK(f.system.registry().running() <= before + 48);
  for (const auto& ticket : tickets)
    CHECK(f.place(f.new_account(), ticket));
}

TEST_CASE("an entity with work outstanding stays, and what is sent to it is served in order",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({store_operation::commit, store_fault::answer_held});
  auto first = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  f.pass(20'000);
  f.store->clear_rules();
  f.store->release();
  CHECK(f.receive<actors::order_written>(first));
}

TEST_CASE("an order is refused before an actor is made for it", "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.place(f.new_account(), ticket);
  const auto before = f.system.registry().running();
  for (int i = 0; i < 20; ++i)
    CHECK(f.place(f.new_account(), ticket).refused() == refusal::ticket_reserved);
  CHECK(f.system.registry().running() == before);
}

TEST_CASE("an order that is made while its actor looks whether there is one lapses in time",
          "[actors][fault]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  auto command = f.order_for(f.new_account(), ticket);
  command.context.is_repeated = true;
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::load;
  rule.kind = persistence::entity_kind::order;
  rule.count = 1;
  f.store->add_rule(rule);
  REQUIRE_FALSE(f.ask<actors::order_written>(f.shard_of(ticket.id), command));
  // The ticket's actor is there again, so that the repetition gets to the order at once.
  REQUIRE(f.cancel(f.place(f.new_account(), ticket)->order));
  // Whether it was made after all is looked at a second later; just then it is repeated.
  f.store->clear_rules();
  rule.fault = persistence::store_fault::request_held;
  f.store->add_rule(rule);
  f.pass(1'000);
  REQUIRE(f.store->held_count() == 1);
  auto repeated = f.send(f.shard_of(ticket.id), command);
  f.run();
  f.store->clear_rules();
  f.store->release();
  const auto placed = f.receive<actors::order_written>(repeated);
  REQUIRE(placed);
  f.pass(actor_fixture::window_ms);
  // As the catalog sees it: whoever asks the order itself would wake it.
  CHECK(f.status_of(ticket) == ticket_status::available);
}
