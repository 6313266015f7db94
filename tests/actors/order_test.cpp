// Orders and their tickets, on virtual time: races, deadlines, repetition.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using domain::order_status;
using domain::refusal;
using domain::ticket_status;

TEST_CASE("of two buyers who order one ticket at once, one gets it and the other is refused",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  auto first = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  auto second = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  const auto won = f.receive<actors::order_written>(first);
  const auto lost = f.receive<actors::order_written>(second);
  REQUIRE(won);
  CHECK(won->order.status == order_status::created);
  CHECK(lost.refused() == refusal::ticket_reserved);
  CHECK(f.seen(ticket).order == won->order.id);
}

TEST_CASE("a race is decided by the commit: while it is in flight nobody is told anything",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({persistence::store_operation::commit, persistence::store_fault::answer_held});
  auto first = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  auto second = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  CHECK_FALSE(f.has_answer());
  f.store->clear_rules();
  f.store->release();
  CHECK(f.receive<actors::order_written>(first));
  CHECK(f.receive<actors::order_written>(second).refused() == refusal::ticket_reserved);
}

TEST_CASE("if the first order's commit fails for certain, the ticket goes to the next in the queue",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule(
      {persistence::store_operation::commit, persistence::store_fault::unavailable, {}, {}, 1, 1});
  auto first = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  auto second = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  CHECK(f.receive<actors::order_written>(first).failed() == actors::failure::unavailable);
  CHECK(f.receive<actors::order_written>(second));
}

TEST_CASE("1,024 orders wait for one ticket, one more is told of the overload", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.store->add_rule({persistence::store_operation::commit, persistence::store_fault::answer_held});
  auto winner = f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  for (int i = 0; i < 1024; ++i)
    (void)f.send(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  f.run();
  CHECK_FALSE(f.has_answer());
  const auto one_more =
      f.ask<actors::order_written>(f.shard_of(ticket.id), f.order_for(f.new_account(), ticket));
  CHECK(one_more.failed() == actors::failure::overload);
  f.store->clear_rules();
  f.store->release();
  CHECK(f.receive<actors::order_written>(winner));
}

TEST_CASE("an order lapses at its deadline, and not a millisecond before", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  CHECK(order.expires_at == f.now() + actor_fixture::window_ms);
  f.pass(actor_fixture::window_ms - 1);
  CHECK(f.status_of(ticket) == ticket_status::reserved);
  f.pass(1);
  CHECK(f.status_of(ticket) == ticket_status::available);
  const auto ended = f.read(order)->order;
  CHECK(ended.status == order_status::cancelled);
  CHECK(ended.reason == domain::cancel_reason::expired);
}

TEST_CASE("a deadline holds though the order's actor was let go long before", "[actors][order]") {
  actor_fixture f;
  f.limits.entity_idle_ms = 1'000;
  f.restart();
  const auto ticket = f.list_ticket(f.new_account());
  f.place(f.new_account(), ticket);
  f.pass(actor_fixture::window_ms);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a deadline that passed while the node was down is kept at its start",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.place(f.new_account(), ticket);
  f.clock.advance(actor_fixture::window_ms + 60'000);
  f.restart();
  f.pass(1);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a restart keeps deadlines that are still to come", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.place(f.new_account(), ticket);
  f.pass(100'000);
  f.restart();
  f.pass(actor_fixture::window_ms - 100'001);
  CHECK(f.status_of(ticket) == ticket_status::reserved);
  f.pass(1);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a deadline that a jump of the clock has passed over is kept within a second",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  f.place(f.new_account(), ticket);
  f.clock.advance(actor_fixture::window_ms);
  f.pass(1'000);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("reading an order past its deadline expires it first, timer or no timer",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.clock.advance(actor_fixture::window_ms);
  CHECK(f.read(order)->order.reason == domain::cancel_reason::expired);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("an overdue order that can't be expired is not served as if it were alive",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.clock.advance(actor_fixture::window_ms);
  f.store->add_rule({persistence::store_operation::commit, persistence::store_fault::unavailable});
  CHECK(f.read(order).failed() == actors::failure::unavailable);
  f.store->clear_rules();
  f.pass(30'000);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("cancelling frees the ticket; cancelling again changes nothing", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  const auto cancelled = f.cancel(order);
  CHECK(cancelled->order.reason == domain::cancel_reason::user);
  CHECK(f.status_of(ticket) == ticket_status::available);
  const auto version = f.seen(ticket).version;
  const auto again = f.cancel(order);
  CHECK(again->at.sequence == 0);
  CHECK(again->order.version == cancelled->order.version);
  CHECK(f.seen(ticket).version == version);
}

TEST_CASE("cancelling an old order doesn't free the ticket for the next one's holder",
          "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto old = f.place(f.new_account(), ticket)->order;
  f.cancel(old);
  const auto next = f.place(f.new_account(), ticket)->order;
  f.cancel(old);
  f.pass(1'000);
  CHECK(f.status_of(ticket) == ticket_status::reserved);
  CHECK(f.seen(ticket).order == next.id);
}

TEST_CASE("a request for an order that is repeated gets the same order", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto wish = f.order_for(f.new_account(), ticket);
  const auto first = f.ask<actors::order_written>(f.shard_of(ticket.id), wish);
  const auto again = f.ask<actors::order_written>(f.shard_of(ticket.id), wish);
  REQUIRE(again);
  CHECK(again->order == first->order);
}

TEST_CASE("an order takes several tickets or none", "[actors][order]") {
  actor_fixture f;
  const auto seller = f.new_account();
  const auto one = f.list_ticket(seller);
  const auto two = f.list_ticket(seller);
  const auto three = f.list_ticket(seller);
  const auto buyer = f.new_account();
  const auto other = f.place(f.new_account(), two)->order;
  actors::place_order wish{actor_fixture::as(buyer),
                           domain::order_id{f.new_id()},
                           {one.id, two.id, three.id},
                           {domain::any_version, domain::any_version, domain::any_version}};
  CHECK(f.ask<actors::order_written>(f.shard_of(one.id), wish).refused() ==
        refusal::ticket_reserved);
  CHECK(f.status_of(one) == ticket_status::available);
  CHECK(f.status_of(three) == ticket_status::available);
  f.cancel(other);
  wish.id = domain::order_id{f.new_id()};
  const auto placed = f.ask<actors::order_written>(f.shard_of(one.id), wish);
  REQUIRE(placed);
  CHECK(placed->order.total.minor == 3 * 2050);
  CHECK(f.status_of(three) == ticket_status::reserved);
  f.pass(actor_fixture::window_ms);
  CHECK(f.status_of(one) == ticket_status::available);
  CHECK(f.status_of(three) == ticket_status::available);
}

TEST_CASE("a command that arrives after its deadline is not performed", "[actors][order]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  auto wish = f.order_for(f.new_account(), ticket);
  wish.context.deadline = f.now() - 1;
  CHECK(f.ask<actors::order_written>(f.shard_of(ticket.id), wish).failed() ==
        actors::failure::too_late);
  CHECK(f.status_of(ticket) == ticket_status::available);
}

TEST_CASE("a buyer who saw another version is told so", "[actors][order]") {
  actor_fixture f;
  const auto seller = f.new_account();
  const auto ticket = f.list_ticket(seller);
  auto content = ticket.content;
  content.price.minor = 9999;
  f.ask<actors::ticket_written>(
      f.shard_of(ticket.id), actors::revise_ticket{actor_fixture::as(seller), ticket.id, content});
  auto wish = f.order_for(f.new_account(), ticket);
  wish.seen_versions = {0};
  CHECK(f.ask<actors::order_written>(f.shard_of(ticket.id), wish).refused() ==
        refusal::ticket_changed);
}
