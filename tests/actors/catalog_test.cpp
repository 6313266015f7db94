// The catalog and the feed: what they show is what was committed.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

actors::ticket_page list(actor_fixture& f, const actors::list_tickets& query) {
  return *f.ask<actors::ticket_page>(f.node->front_gateway().catalog, query).value;
}

/// What the feed has told the fixture, its subscriber, since it last looked.
std::vector<actors::feed_update_ptr> updates_told(actor_fixture& f) {
  std::vector<actors::feed_update_ptr> updates;
  while (f.has_answer())
    (*f.self)->receive([&](const actors::feed_advanced& x) { updates.push_back(x.update); });
  return updates;
}

domain::account_id sign_up(actor_fixture& f, const std::string& email) {
  const domain::email_claim_id claim = domain::email_claim(email);
  const domain::account_id account{f.new_id(claim.slot())};
  REQUIRE(f.ask<actors::account_written>(
      f.shard_of(claim), actors::sign_up{{}, claim, account, email, "$argon2id$..."}));
  return account;
}

} // namespace

TEST_CASE("lists show the newest ticket first, page by page, by state and by seller",
          "[actors][catalog]") {
  actor_fixture f;
  const auto seller = f.new_account();
  std::vector<domain::ticket> tickets;
  for (int i = 0; i < 5; ++i) {
    f.pass(10);
    tickets.push_back(f.list_ticket(i == 0 ? f.new_account() : seller));
  }
  f.place(f.new_account(), tickets[2]);
  auto page = list(f, {actors::ticket_filter::available, {}, {}, 2});
  CHECK(page.tickets.copies() == std::vector{tickets[4], tickets[3]});
  CHECK(page.more);
  page = list(f, {actors::ticket_filter::available, {}, page.tickets.last_id(), 2});
  CHECK(page.tickets.copies() == std::vector{tickets[1], tickets[0]});
  CHECK_FALSE(page.more);
  CHECK(list(f, {actors::ticket_filter::reserved, {}, {}, 50}).tickets.size() == 1);
  CHECK(list(f, {actors::ticket_filter::all, seller, {}, 50}).tickets.size() == 4);
  CHECK(list(f, {actors::ticket_filter::sold, seller, {}, 50}).tickets.empty());
}

TEST_CASE("after a restart the catalog shows what it showed before", "[actors][catalog]") {
  actor_fixture f;
  const auto buyer = f.new_account();
  const auto ticket = f.list_ticket(f.new_account());
  f.list_ticket(f.new_account());
  f.place(buyer, ticket);
  const auto before = list(f, {actors::ticket_filter::all, {}, {}, 50});
  f.restart();
  CHECK(list(f, {actors::ticket_filter::all, {}, {}, 50}).tickets == before.tickets);
  const auto orders = f.ask<actors::order_page>(f.node->front_gateway().catalog,
                                                actors::list_orders{buyer, {}, 50});
  CHECK(orders->orders.size() == 1);
}

TEST_CASE("watchers aren't told of states that are older than what a list has shown",
          "[actors][catalog]") {
  actor_fixture f;
  // Not in the first shard, whose scan is held.
  const auto ticket = f.list_ticket(f.new_account(), domain::slot_count - 1);
  f.stop_node();
  // The scan finds what is committed after the point in the log from which it is followed.
  persistence::fault_rule rule;
  rule.operation = persistence::store_operation::scan;
  rule.fault = persistence::store_fault::request_held;
  f.store->add_rule(rule);
  f.start_node();
  const auto order = f.place(f.new_account(), ticket)->order;
  const auto end = f.cancel(order)->order.version;
  auto start = f.send(f.node->front_gateway().catalog, actors::subscribe_feed{});
  f.store->clear_rules();
  f.store->release();
  f.run();
  const auto shown = f.seen(ticket).version;
  CHECK(f.receive<actors::feed_start>(start));
  std::size_t told = 0;
  for (const auto& update : updates_told(f))
    for (const auto& item : update->items) {
      ++told;
      if (const auto* of = std::get_if<std::shared_ptr<const domain::ticket>>(&item.record))
        CHECK((*of)->version == shown);
      if (const auto* of = std::get_if<std::shared_ptr<const domain::order>>(&item.record))
        CHECK((*of)->version == end);
    }
  CHECK(told > 0);
}

TEST_CASE("subscribers are told where to begin anew when the log before was trimmed unread",
          "[actors][catalog]") {
  actor_fixture f;
  const auto account = sign_up(f, "somebody@example.com");
  const auto ticket = f.list_ticket(account);
  REQUIRE(f.ask<actors::feed_start>(f.node->front_gateway().catalog, actors::subscribe_feed{}));
  f.store->break_tails();
  f.place(f.new_account(), ticket);
  const domain::session_id session{f.new_id(account.slot())};
  REQUIRE(f.ask<actors::session_ended>(
      f.shard_of(account),
      actors::end_session{actor_fixture::as(account), account, session, f.now() + 60'000}));
  f.pass(1'000);
  const auto told = updates_told(f);
  REQUIRE_FALSE(told.empty());
  REQUIRE(told.front()->anew);
  REQUIRE(told.front()->anew->revocations.size() == 1);
  CHECK(told.front()->anew->revocations.front().id == session);
  CHECK(told.back()->applied == f.store->log_end());
  CHECK(list(f, {actors::ticket_filter::reserved, {}, {}, 50}).tickets.size() == 1);
  f.list_ticket(account);
  const auto after = updates_told(f);
  REQUIRE(after.size() == 1);
  CHECK_FALSE(after.front()->anew);
  CHECK(after.front()->items.size() == 1);
}

TEST_CASE("a deleted ticket is gone from the lists, its order still shows it",
          "[actors][catalog]") {
  actor_fixture f;
  const auto seller = f.new_account();
  const auto ticket = f.list_ticket(seller);
  const auto order = f.place(f.new_account(), ticket)->order;
  f.cancel(order);
  f.ask<actors::ticket_written>(f.shard_of(ticket.id),
                                actors::remove_ticket{actor_fixture::as(seller), ticket.id});
  CHECK(f.ask<domain::ticket>(f.node->front_gateway().catalog, actors::find_ticket{ticket.id})
            .refused() == domain::refusal::ticket_not_found);
  CHECK(f.read(order)->order.lines.front().title == "Front row");
}

TEST_CASE("the feed tells of every change once, in order, from any position", "[actors][catalog]") {
  actor_fixture f;
  const auto ticket = f.list_ticket(f.new_account());
  const auto order = f.place(f.new_account(), ticket)->order;
  f.pay(order);
  const auto feed = f.node->front_gateway().feed;
  const auto all = f.ask<actors::feed_page>(feed, actors::read_feed{});
  std::vector<std::string> names;
  for (const auto& item : all->items)
    names.emplace_back(to_string(item.type));
  CHECK(names == std::vector<std::string>{"ticket:created", "ticket:updated", "order:created",
                                          "order:awaitingpayment", "ticket:updated",
                                          "order:completed", "payment:created"});
  for (const std::uint32_t limit : {1U, 2U, 3U, 5U}) {
    std::vector<std::string> again;
    actors::read_feed query;
    query.limit = limit;
    while (true) {
      const auto page = f.ask<actors::feed_page>(feed, query);
      if (page->items.empty())
        break;
      CHECK(page->items.size() <= limit);
      for (const auto& item : page->items)
        again.emplace_back(to_string(item.type));
      // The next item of the same commit, if there is one, else of the next commit.
      query.after = {page->items.back().at.sequence - 1};
      query.skip = page->items.back().index + 1;
    }
    CHECK(again == names);
  }
}

TEST_CASE("a session that was ended stays ended after a restart, until its token runs out",
          "[actors][catalog]") {
  actor_fixture f;
  const auto account = sign_up(f, "somebody@example.com");
  const domain::session_id session{f.new_id(account.slot())};
  const actors::end_session wish{actor_fixture::as(account), account, session, f.now() + 60'000};
  CHECK(f.ask<actors::session_ended>(f.shard_of(account), wish));
  CHECK(f.ask<actors::session_ended>(f.shard_of(account), wish));
  f.restart();
  const auto catalog = f.node->front_gateway().catalog;
  CHECK(f.ask<actors::feed_start>(catalog, actors::subscribe_feed{})->revocations.size() == 1);
  f.pass(61'000);
  f.restart();
  CHECK(f.ask<actors::feed_start>(f.node->front_gateway().catalog, actors::subscribe_feed{})
            ->revocations.empty());
}

TEST_CASE("an address is given to one account only, also in a race", "[actors][account]") {
  actor_fixture f;
  const domain::email_claim_id claim = domain::email_claim("somebody@example.com");
  const auto wish = [&] {
    return actors::sign_up{{},
                           claim,
                           domain::account_id{f.new_id(claim.slot())},
                           "somebody@example.com",
                           "$argon2id$..."};
  };
  auto first = f.send(f.shard_of(claim), wish());
  auto second = f.send(f.shard_of(claim), wish());
  f.run();
  const auto won = f.receive<actors::account_written>(first);
  REQUIRE(won);
  CHECK(f.receive<actors::account_written>(second).refused() == domain::refusal::email_in_use);
  const auto found =
      f.ask<actors::account_written>(f.shard_of(claim), actors::find_account{{}, claim});
  CHECK(found->account.id == won->account.id);
  f.restart();
  CHECK(f.ask<actors::account_written>(f.shard_of(claim), wish()).refused() ==
        domain::refusal::email_in_use);
}
