// What becomes of commands while shards move, answers get lost and nodes pause or die.
#include "tests/actors/cluster/cluster_fixture.hpp"

#include "domain/account.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;
using actors::failure;

namespace {

constexpr std::int64_t lease_ms = 3'000;
constexpr persistence::shard_number here = 5;

/// Two nodes, and an entity's shard that one of them has: the other is asked.
struct two_nodes : cluster_fixture {
  two_nodes() {
    start_together(*this, {"a", "b"});
    owner = home_of(new_id_in(here));
    asked = 1 - owner;
  }

  /// The next answer of this kind gets lost on its way, and its connection breaks.
  template <class Answer>
  void lose_next() {
    auto is_lost = std::make_shared<bool>(false);
    net.lose([is_lost](place, place, const caf::message& content) {
      return content.match_elements<Answer>() && !std::exchange(*is_lost, true);
    });
    lost = is_lost;
  }

  /// The log's entries that touch this entity.
  std::size_t commits_of(const domain::uuid& id) {
    std::size_t count = 0;
    store->read_log({0}, 100'000, [&](const persistence::log_outcome& log) {
      for (const auto& entry : log.entries)
        count += std::count_if(entry.changes.begin(), entry.changes.end(),
                               [&](const auto& x) { return x.key.id == id; });
    });
    return count;
  }

  domain::order order(place through) {
    const auto ticket = list_ticket(through, here);
    return ask<actors::order_written>(through, ticket.id, order_for(new_account(), ticket))->order;
  }

  /// How many requests the gate for this entity hasn't heard the end of.
  std::size_t requests_open(place node, const domain::uuid& id) {
    struct opened : caf::scheduled_actor {
      static std::size_t count(caf::scheduled_actor& gate) {
        return (gate.*&opened::multiplexed_responses_).size();
      }
    };
    const auto gate = at(node).node->front_gateway().route.shard_of(id);
    auto* actor = caf::actor_cast<caf::abstract_actor*>(gate);
    return opened::count(dynamic_cast<caf::scheduled_actor&>(*actor));
  }

  place owner = 0;
  place asked = 1;
  std::shared_ptr<bool> lost;
};

} // namespace

TEST_CASE("commands for a shard that nobody has are answered within their deadline",
          "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.asked, here);
  f.kill(f.owner);
  f.pass(50);
  auto hasty = f.order_for(f.new_account(), ticket);
  hasty.context.deadline = f.now() + 1'000;
  const auto asked_at = f.now();
  const auto refused = f.ask<actors::order_written>(f.asked, ticket.id, hasty);
  CHECK(refused.failed() == failure::unavailable);
  CHECK(f.now() < asked_at + 1'000);
  CHECK(f.commits_of(hasty.id) == 0);
  auto patient = f.order_for(f.new_account(), ticket);
  patient.context.deadline = f.now() + 8'000;
  CHECK(f.ask<actors::order_written>(f.asked, ticket.id, patient));
}

TEST_CASE("a command whose owner died with it is answered as unknown, or carried out once",
          "[cluster][gate]") {
  for (const std::int64_t useful_ms : {1'000, 9'000}) {
    two_nodes f;
    const auto ticket = f.list_ticket(f.asked, here);
    f.at(f.owner).store->take_time(20, 20);
    auto order = f.order_for(f.new_account(), ticket);
    order.context.deadline = f.now() + useful_ms;
    const auto answer = f.send<actors::order_written>(f.asked, ticket.id, order);
    // The commit is there, the answer isn't.
    f.pass_until(1'000, [&] { return f.commits_of(order.id) == 1; });
    f.kill(f.owner);
    const auto came = f.receive<actors::order_written>(answer);
    if (useful_ms < lease_ms)
      CHECK(came.failed() == failure::outcome_unknown);
    else
      CHECK(came.value.has_value());
    CHECK(f.commits_of(order.id) == 1);
  }
}

TEST_CASE("what a dead owner never answered is forgotten when its time is over",
          "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.asked, here);
  f.kill(f.owner);
  std::vector<cluster_fixture::pending<actors::order_written>> answers;
  for (int i = 0; i < 20; ++i) {
    auto order = f.order_for(f.new_account(), ticket);
    order.context.deadline = f.now() + 9'000;
    answers.push_back(f.send<actors::order_written>(f.asked, ticket.id, order));
  }
  f.pass(1);
  CHECK(f.requests_open(f.asked, ticket.id) == 20);
  for (const auto& each : answers)
    f.receive(each);
  f.pass(10'000);
  CHECK(f.requests_open(f.asked, ticket.id) == 0);
}

TEST_CASE(
    "place_order, create_ticket and remove_ticket whose answers were lost are repeated and have "
    "one effect",
    "[cluster][gate]") {
  two_nodes f;
  f.lose_next<actors::ticket_written>();
  const auto ticket = f.list_ticket(f.asked, here);
  CHECK(*f.lost);
  CHECK(f.commits_of(ticket.id) == 1);

  f.lose_next<actors::order_written>();
  const auto order = f.order_for(f.new_account(), ticket);
  const auto placed = f.ask<actors::order_written>(f.asked, ticket.id, order);
  REQUIRE(placed);
  CHECK(*f.lost);
  CHECK(placed->order.status == domain::order_status::created);
  CHECK(f.commits_of(order.id) == 1);

  const auto other = f.listing(f.new_account(), here);
  f.ask<actors::ticket_written>(f.asked, other.id, other);
  f.lose_next<actors::ticket_written>();
  const auto removed = f.ask<actors::ticket_written>(
      f.asked, other.id, actors::remove_ticket{f.as(other.context.who.id), other.id});
  REQUIRE(removed);
  CHECK(*f.lost);
  CHECK(removed->ticket.deleted);
  CHECK(f.commits_of(other.id) == 2);
}

TEST_CASE("a revision that is repeated after the ticket was ordered or removed is answered as done",
          "[cluster][gate]") {
  two_nodes f;
  const auto listed = f.listing(f.new_account(), here);
  const auto ticket = f.ask<actors::ticket_written>(f.asked, listed.id, listed)->ticket;
  auto revision = [&](domain::account_id who, std::int64_t price) {
    actors::revise_ticket result{f.as(who), ticket.id, ticket.content};
    result.content.price.minor = price;
    return result;
  };
  auto command = revision(ticket.seller, 700);
  const auto revised = f.ask<actors::ticket_written>(f.asked, ticket.id, command);
  REQUIRE(revised);
  const bool is_removed = GENERATE(false, true);
  if (is_removed)
    REQUIRE(f.ask<actors::ticket_written>(f.asked, ticket.id,
                                          actors::remove_ticket{f.as(ticket.seller), ticket.id}));
  else
    REQUIRE(f.ask<actors::order_written>(f.asked, ticket.id,
                                         f.order_for(f.new_account(), revised->ticket)));
  const auto refusal =
      is_removed ? domain::refusal::ticket_not_found : domain::refusal::ticket_reserved;
  command = revision(ticket.seller, 700);
  command.context.is_repeated = true;
  const auto told = f.ask<actors::ticket_written>(f.asked, ticket.id, command);
  REQUIRE(told);
  CHECK(told->ticket.content.price.minor == 700);
  auto other = revision(ticket.seller, 800);
  other.context.is_repeated = true;
  CHECK(f.ask<actors::ticket_written>(f.asked, ticket.id, other).refused() == refusal);
  auto foreign = revision(f.new_account(), 700);
  foreign.context.is_repeated = true;
  const auto denied = f.ask<actors::ticket_written>(f.asked, ticket.id, foreign).refused();
  CHECK(denied == (is_removed ? refusal : domain::refusal::forbidden));
  CHECK(f.ask<actors::ticket_written>(f.asked, ticket.id, revision(ticket.seller, 700)).refused() ==
        refusal);
  CHECK(f.commits_of(ticket.id) == 3);
}

TEST_CASE("an order that is placed and paid before its command is repeated is answered as it is",
          "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.asked, here);
  const auto command = f.order_for(f.new_account(), ticket);
  const auto placed = f.ask<actors::order_written>(f.asked, ticket.id, command);
  REQUIRE(f.ask<actors::payment_answered>(f.asked, placed->order.id, f.payment_of(placed->order)));
  auto again = command;
  again.context.is_repeated = true;
  const auto told = f.ask<actors::order_written>(f.asked, ticket.id, again);
  REQUIRE(told);
  CHECK(told->order.status == domain::order_status::complete);
  auto other = f.order_for(f.new_account(), ticket);
  other.context.is_repeated = true;
  CHECK(f.ask<actors::order_written>(f.asked, ticket.id, other).refused() ==
        domain::refusal::ticket_sold);
}

TEST_CASE("cancel, pay and refund whose answers were lost are repeated and have one effect",
          "[cluster][gate]") {
  two_nodes f;
  const auto order = f.order(f.asked);
  f.lose_next<actors::payment_answered>();
  const auto paid = f.ask<actors::payment_answered>(f.asked, order.id, f.payment_of(order));
  REQUIRE(paid);
  CHECK(*f.lost);
  CHECK(paid->order.status == domain::order_status::complete);
  CHECK(f.provider->charged_minor == order.total.minor);
  CHECK(f.provider->charge_calls == 1);

  f.lose_next<actors::order_written>();
  const auto refunded = f.ask<actors::order_written>(
      f.asked, order.id,
      actors::refund_order{f.as(f.new_account(), 5'000, true),
                           order.id,
                           {domain::refund_id{f.new_id_in(here)}, 0, false}});
  REQUIRE(refunded);
  CHECK(*f.lost);
  CHECK(refunded->order.refunds.size() == 1);
  CHECK(f.provider->refunded_minor == order.total.minor);
  CHECK(f.provider->refund_calls == 1);

  const auto second = f.order(f.asked);
  f.lose_next<actors::order_written>();
  const auto cancelled = f.ask<actors::order_written>(
      f.asked, second.id, actors::cancel_order{f.as(second.buyer), second.id});
  REQUIRE(cancelled);
  CHECK(*f.lost);
  CHECK(cancelled->order.status == domain::order_status::cancelled);
  CHECK(f.commits_of(second.id) == 2);
}

TEST_CASE("a sign-up whose answer was lost is repeated and makes one account", "[cluster][gate]") {
  two_nodes f;
  actors::sign_up command;
  command.context = f.as({});
  command.claim = domain::email_claim_id{f.new_id_in(here)};
  command.account = domain::account_id{f.new_id_in(here)};
  command.email = "a@example.org";
  command.password_hash = "$argon2id$of-a";
  f.lose_next<actors::account_written>();
  const auto made = f.ask<actors::account_written>(f.asked, command.claim, command);
  REQUIRE(made);
  CHECK(*f.lost);
  CHECK(made->account.id == command.account);
  CHECK(f.commits_of(command.claim) == 1);
  command.account = domain::account_id{f.new_id_in(here)};
  CHECK(f.ask<actors::account_written>(f.asked, command.claim, command).refused() ==
        domain::refusal::email_in_use);
}

TEST_CASE("an answer lost in the store is found out by repeating the command", "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.asked, here);
  auto order = f.order_for(f.new_account(), ticket);
  f.at(f.owner).store->trouble({0, 0, 1'000});
  const auto answer = f.send<actors::order_written>(f.asked, ticket.id, order);
  f.pass_until(1'000, [&] { return f.commits_of(order.id) == 1; });
  f.at(f.owner).store->trouble({});
  const auto placed = f.receive<actors::order_written>(answer);
  REQUIRE(placed);
  CHECK(placed->order.id == order.id);
  CHECK(f.commits_of(order.id) == 1);
}

TEST_CASE("a node that was paused past its lease doesn't answer reads from what it remembers",
          "[cluster][gate]") {
  two_nodes f;
  const auto order = f.order(f.owner);
  f.pause(f.owner);
  REQUIRE(f.pass_until(2 * lease_ms, [&] { return f.shards_of(f.asked) == 8; }));
  REQUIRE(f.ask<actors::order_written>(f.asked, order.id,
                                       actors::cancel_order{f.as(order.buyer), order.id}));
  // Its clients have asked while it stood still.
  const auto own = f.send<actors::order_written>(f.owner, order.id,
                                                 actors::read_order{f.as(order.buyer), order.id});
  f.resume(f.owner);
  const auto seen = f.receive<actors::order_written>(own);
  REQUIRE(seen);
  CHECK(seen->order.status == domain::order_status::cancelled);
}

TEST_CASE("a node cut off from the store stops answering before another can have its shards",
          "[cluster][gate]") {
  two_nodes f;
  const auto order = f.order(f.owner);
  // It knows of no other owner that it could ask instead.
  f.pass(1'000);
  f.at(f.owner).store->cut();
  std::size_t read = 0;
  while (f.shards_of(f.asked) < 8) {
    auto question = actors::read_order{f.as(order.buyer, 400), order.id};
    const auto answer = f.ask<actors::order_written>(f.owner, order.id, question);
    if (answer) {
      CHECK(f.owner_of(here) == f.at(f.owner).name);
      ++read;
    }
    f.pass(20);
  }
  CHECK(read > 10);
}

TEST_CASE("a commit that comes after another node took the shard is carried out there",
          "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.owner, here);
  auto order = f.order_for(f.new_account(), ticket);
  order.context.deadline = f.now() + 12'000;
  f.at(f.owner).store->take_time(lease_ms + 2'000, lease_ms + 2'000);
  const auto answer = f.send<actors::order_written>(f.owner, ticket.id, order);
  f.pass(10);
  f.at(f.owner).store->take_time(0, 0);
  const auto placed = f.receive<actors::order_written>(answer);
  REQUIRE(placed);
  CHECK(f.owner_of(here) == f.at(f.asked).name);
  CHECK(f.commits_of(order.id) == 1);
}

TEST_CASE("a command that is found when its shard has another epoch is left alone",
          "[cluster][gate]") {
  two_nodes f;
  const auto ticket = f.list_ticket(f.asked, here);
  auto order = f.order_for(f.new_account(), ticket);
  const auto epoch = f.view_of(f.owner).shards[here].token.epoch;
  order.context.epoch = epoch + 1;
  CHECK(f.ask_peer<actors::order_written>(f.owner, order).failed() == failure::not_owner);
  order.context.epoch = epoch;
  CHECK(f.ask_peer<actors::order_written>(f.owner, order));
}

TEST_CASE("a node that has seen leases which the store has lost since follows those that there are",
          "[cluster][gate]") {
  two_nodes f;
  f.at(f.asked).store->lists_leases_as = [](persistence::leases_outcome& seen) {
    seen.entries[here].token.epoch += 2;
  };
  f.pass(lease_ms);
  f.at(f.asked).store->lists_leases_as = nullptr;
  f.pass(2 * lease_ms);
  CHECK(f.list_ticket(f.asked, here).version == 0);
}

TEST_CASE("a shard that leaves still answers what the actor of a name on another node waits for",
          "[cluster][gate]") {
  two_nodes f;
  const auto paid = f.order(f.asked);
  const auto ticket = f.list_ticket(f.asked, here);
  persistence::shard_number elsewhere = 0;
  while (f.owner_of(elsewhere) != f.at(f.asked).name)
    ++elsewhere;
  // What the provider takes long to answer keeps the shard from leaving at once.
  f.provider->hold_answers = true;
  f.send<actors::payment_answered>(f.owner, paid.id, f.payment_of(paid));
  f.pass(10);
  const auto left = f.leave(f.owner);
  f.pass(10);
  auto order = f.order_for(f.new_account(), ticket);
  order.context.request = {domain::request_id{f.new_id_in(elsewhere)}, f.new_id_in(0), false};
  const auto answer =
      f.send<actors::order_written>(f.asked, order.context.request.id, std::move(order));
  REQUIRE(f.pass_until(50, [&] { return answer->has_value(); }));
  CHECK((*answer)->value);
  CHECK(f.owner_of(here) == f.at(f.owner).name);
  CHECK_FALSE(left->has_value());
  for (const auto& each : std::exchange(f.provider->held, {}))
    each();
}

TEST_CASE("a payment that was declined isn't begun again by a late copy of its command",
          "[cluster][gate]") {
  two_nodes f;
  const auto order = f.order(f.asked);
  auto payment = f.payment_of(order);
  payment.token = "tok_declined";
  for (int copy = 0; copy < 2; ++copy) {
    const auto told = f.ask<actors::payment_answered>(f.asked, order.id, payment);
    REQUIRE(told);
    CHECK(told->order.payment.status == domain::payment_status::declined);
  }
  CHECK(f.provider->charge_calls == 1);
}

TEST_CASE("an order's deadline is kept when its node dies", "[cluster][gate]") {
  cluster_setup setup;
  setup.window_ms = 20'000;
  cluster_fixture f{setup};
  start_together(f, {"a", "b", "c"});
  std::vector<domain::order> orders;
  for (std::uint32_t shard = 0; shard < setup.shard_count; ++shard) {
    const auto ticket = f.list_ticket(0, static_cast<persistence::shard_number>(shard));
    orders.push_back(
        f.ask<actors::order_written>(0, ticket.id, f.order_for(f.new_account(), ticket))->order);
  }
  f.pass(orders.front().expires_at - f.now() - 100);
  f.kill(0);
  f.pass(orders.back().expires_at - f.now() + lease_ms + 2'000);
  for (const auto& each : orders) {
    CHECK(f.stored(each.id)->reason == domain::cancel_reason::expired);
    CHECK(f.stored(each.lines.front().ticket)->status == domain::ticket_status::available);
  }
}

TEST_CASE("a shard that its node loses by time and takes again has another epoch",
          "[cluster][gate]") {
  cluster_fixture f;
  start_together(f, {"a"});
  f.pass(1'000);
  const auto before = f.view_of(0).shards[here].token.epoch;
  f.at(0).store->trouble({1'000, 0, 0});
  // The node's own margin is over, the store's lease isn't.
  REQUIRE(f.pass_until(lease_ms, [&] { return f.view_of(0).shards[here].remaining_ms < 480; }));
  f.at(0).store->trouble({});
  CHECK(f.owner_of(here) == "a");
  CHECK(f.list_ticket(0, here).version == 0);
  CHECK(f.view_of(0).shards[here].token.epoch > before);
}
