// Slow loads, dead activations, crowds of due orders: nothing stays locked, nothing grows.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::order_status;
using domain::ticket_status;
using persistence::store_fault;
using persistence::store_operation;

TEST_CASE("a ticket that answered too late keeps no draft that nobody waits for",
          "[actors][recovery]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.restart();
  f.store->add_rule(
      {store_operation::load, store_fault::request_held, persistence::entity_kind::ticket});
  auto first =
      f.send(f.shard_of(order.id), actors::cancel_order{actor_fixture::as(order.buyer), order.id});
  f.run();
  f.pass(5'500);
  CHECK(f.receive<actors::order_written>(first).failed() == actors::failure::unavailable);
  f.store->clear_rules();
  f.store->release();
  f.run();
  // The store is well again.
  for (int i = 0; i < 5; ++i) {
    auto again = f.send(f.shard_of(order.id),
                        actors::cancel_order{actor_fixture::as(order.buyer), order.id});
    f.pass(6'000);
    const auto answer = f.receive<actors::order_written>(again);
    CAPTURE(i);
    CHECK(answer);
  }
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a paid order settles though its ticket loaded slowly, however often it is read",
          "[actors][recovery]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.provider->hold_answers = true;
  (void)f.send(f.shard_of(order.id), f.payment_of(order));
  f.run();
  f.provider->hold_answers = false;
  f.restart();
  f.store->add_rule(
      {store_operation::load, store_fault::request_held, persistence::entity_kind::ticket});
  f.pass(11'500);
  f.store->clear_rules();
  f.store->release();
  f.run();
  for (int i = 0; i < 120; ++i) {
    f.pass(5'000);
    (void)f.send(f.shard_of(order.id),
                 actors::read_order{actor_fixture::as(order.buyer), order.id});
    f.run();
  }
  CHECK(f.provider->charged_minor == 2050);
  CHECK(f.status_of(ticket) == ticket_status::sold);
}

TEST_CASE("waking many due orders keeps to the bound of live entities", "[actors][recovery]") {
  actor_fixture f{40};
  const auto before = f.system.registry().running();
  std::vector<domain::ticket> tickets;
  for (int i = 0; i < 400; ++i) {
    tickets.push_back(f.list_ticket(f.new_account()));
    REQUIRE(f.place(f.new_account(), tickets.back()));
  }
  f.restart();
  f.clock.advance(actor_fixture::window_ms);
  f.store->add_rule({store_operation::load, store_fault::request_held});
  f.pass(2'000);
  CHECK(f.system.registry().running() <= before + 60);
  f.store->clear_rules();
  f.store->release();
  f.run();
  f.pass(120'000);
  for (const auto& ticket : tickets)
    CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a shard lets nobody go before its bound while nobody is due", "[actors][recovery]") {
  // Four shards of 20 each; more than half of one is live.
  actor_fixture f(80);
  std::vector<domain::ticket> tickets;
  for (int i = 0; i < 15; ++i)
    tickets.push_back(f.list_ticket(f.new_account()));
  // Something is due one day, so that the shard looks at the clock now and then.
  REQUIRE(f.place(f.new_account(), tickets.front()));
  f.pass(10'000);
  f.store->add_rule({store_operation::load, store_fault::unavailable});
  for (std::size_t i = 1; i < tickets.size(); ++i)
    CHECK(f.ask<actors::ticket_written>(f.shard_of(tickets[i].id),
                                        actors::revise_ticket{actor_fixture::as(tickets[i].seller),
                                                              tickets[i].id,
                                                              {"Second row", {2050, {}}, {}}}));
}

TEST_CASE("the revocation of a session is forgotten when its token has run out",
          "[actors][recovery]") {
  actor_fixture f;
  const domain::account_id account{f.new_id()};
  const auto claim = domain::email_claim("a@example.org");
  const domain::account_id id{domain::make_uuid(f.now(), claim.slot(), 77)};
  REQUIRE(f.ask<actors::account_written>(
      f.shard_of(claim), actors::sign_up{actor_fixture::as({}), claim, id, "a@example.org", "!"}));
  const domain::session_id session{domain::make_uuid(f.now(), claim.slot(), 78)};
  actors::end_session end{};
  end.account = id;
  end.session = session;
  end.expires_at = f.now() + 10'000;
  REQUIRE(f.ask<actors::session_ended>(f.shard_of(id), end));
  f.pass(30'000);
  const auto count = static_cast<std::uint32_t>(4);
  std::size_t due = 0;
  f.store->beneath().list_due(persistence::shard_of_slot(claim.slot(), count),
                              [&](persistence::due_outcome x) { due = x.entries.size(); });
  CHECK(due == 0);
}

TEST_CASE("a reader without a position starts at the oldest feed event that is kept",
          "[actors][recovery]") {
  actor_fixture f;
  f.list_ticket(f.new_account());
  f.pass(1'000);
  const auto kept_from = f.now();
  f.list_ticket(f.new_account());
  f.store->trim_log(kept_from, [](bool) {});
  const auto page =
      f.ask<actors::feed_page>(f.node->front_gateway().feed, actors::read_feed{{}, 0, 10});
  REQUIRE(page);
  CHECK_FALSE(page->gone);
  CHECK(page->items.size() == 1);
}

TEST_CASE("a ticket whose actor died with a draft is freed when the order is cancelled",
          "[actors][recovery]") {
  actor_fixture f;
  const auto seller = f.new_account();
  const auto first = f.list_ticket(seller);
  const auto second = f.list_ticket(seller);
  f.restart();
  const auto touch = [&](domain::account_id who) {
    return f.send(f.shard_of(first.id),
                  actors::revise_ticket{actor_fixture::as(who), first.id, first.content});
  };
  const auto actor = f.receive<actors::ticket_written>(touch(seller)).from;
  f.store->add_rule(
      {store_operation::load, store_fault::request_held, persistence::entity_kind::ticket});
  actors::place_order wish = f.order_for(f.new_account(), first);
  wish.tickets.push_back(second.id);
  wish.seen_versions.push_back(domain::any_version);
  auto placing = f.send(f.shard_of(first.id), wish);
  f.run();
  REQUIRE(f.store->held_count() == 1);
  // What an actor does that is dropped as stuck, or that throws.
  (*f.self)->send_exit(caf::actor_cast<caf::actor>(actor), caf::exit_reason::kill);
  f.run();
  f.store->clear_rules();
  auto stranger = touch(f.new_account());
  f.run();
  f.store->release();
  f.run();
  const auto placed = f.receive<actors::order_written>(placing);
  (void)f.receive<actors::ticket_written>(stranger);
  REQUIRE(placed);
  REQUIRE(f.status_of(first) == ticket_status::reserved);
  CHECK(f.cancel(placed->order));
  CHECK(f.status_of(second) == ticket_status::available);
  CHECK(f.status_of(first) == ticket_status::available);
  f.pass(200'000);
  CHECK(f.place(f.new_account(), first));
}
