// Which node serves which shard, while nodes come, leave, die and are cut off.
#include "tests/actors/cluster/cluster_fixture.hpp"

#include <catch2/catch.hpp>

#include <map>
#include <string>
#include <utility>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// What a node takes at most to see that another is dead: the lease, and what is said of dead and
/// of isolated nodes in the placement.
constexpr std::int64_t lease_ms = 3'000;

bool all_served(cluster_fixture& f) {
  for (std::uint32_t shard = 0; shard < f.setup.shard_count; ++shard)
    if (f.owner_of(static_cast<persistence::shard_number>(shard)).empty())
      return false;
  return true;
}

} // namespace

TEST_CASE("three nodes share all shards evenly", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b", "c"});
  CHECK(f.shards_of(0) == 3);
  CHECK(f.shards_of(1) == 3);
  CHECK(f.shards_of(2) == 2);
  for (cluster_fixture::place each = 0; each < 3; ++each) {
    const auto view = f.view_of(each);
    CHECK(view.nodes.size() == 3);
    CHECK_FALSE(view.is_isolated);
    CHECK(f.at(each).is_serving);
  }
}

TEST_CASE("a command at any node reaches its shard", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b", "c"});
  for (cluster_fixture::place each = 0; each < 3; ++each)
    for (std::uint32_t shard = 0; shard < f.setup.shard_count; ++shard) {
      const auto ticket = f.list_ticket(each, static_cast<persistence::shard_number>(shard));
      const auto order = f.order_for(f.new_account(), ticket);
      const auto placed = f.ask<actors::order_written>((each + 1) % 3, ticket.id, order);
      REQUIRE(placed);
      CHECK(f.read((each + 2) % 3, placed->order));
    }
}

TEST_CASE("a joining node is given its share while commands go on", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b"});
  const auto late = f.start("c");
  std::uint32_t shard = 0;
  REQUIRE(f.pass_until(10'000, [&] {
    const auto asked = f.now();
    const auto to = static_cast<persistence::shard_number>(shard % 8);
    CHECK(f.list_ticket(shard++ % 2, to).version == 0);
    CHECK(f.now() - asked < 500);
    return f.shards_of(late) == 2;
  }));
}

TEST_CASE("a dead node's shards are served by others after its lease", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b", "c"});
  std::vector<domain::ticket> tickets;
  for (std::uint32_t shard = 0; shard < f.setup.shard_count; ++shard)
    tickets.push_back(f.list_ticket(0, static_cast<persistence::shard_number>(shard)));
  f.kill(1);
  REQUIRE(f.pass_until(lease_ms + 1'000, [&] { return all_served(f) && f.shards_of(1) == 0; }));
  for (const auto& ticket : tickets)
    CHECK(f.ask<actors::order_written>(0, ticket.id, f.order_for(f.new_account(), ticket)));
  f.pass(2'000);
  CHECK(f.shards_of(0) == 4);
  CHECK(f.shards_of(2) == 4);
}

TEST_CASE("a leaving node hands over without failing a command from any node",
          "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b", "c"});
  std::vector<domain::ticket> tickets;
  for (std::uint32_t shard = 0; shard < f.setup.shard_count; ++shard)
    tickets.push_back(f.list_ticket(0, static_cast<persistence::shard_number>(shard)));
  const auto left = f.leave(1);
  std::vector<cluster_fixture::pending<actors::order_written>> answers;
  for (int round = 0; round < 20; ++round) {
    for (cluster_fixture::place each = 0; each < 3; ++each)
      for (const auto& ticket : tickets)
        answers.push_back(
            f.send<actors::order_written>(each, ticket.id, f.order_for(f.new_account(), ticket)));
    f.pass(5);
  }
  REQUIRE(f.pass_until(1'000, [&] { return left->has_value(); }));
  CHECK((*left)->handed_over == 3);
  CHECK((*left)->released == 0);
  std::size_t placed = 0;
  for (const auto& each : answers) {
    const auto answer = f.receive<actors::order_written>(each, 2'000);
    CHECK((answer || answer.refused() == domain::refusal::ticket_reserved));
    placed += answer ? 1 : 0;
  }
  CHECK(placed == tickets.size());
  // It still is a front, until it stops.
  CHECK(f.list_ticket(1, 0).version == 0);
  f.stop(1);
  f.pass(1'000);
  CHECK(f.view_of(0).nodes.size() == 2);
}

TEST_CASE("a node that leaves never takes its own epochs for another's", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a"});
  const auto late = f.start("b");
  REQUIRE(f.pass_until(10'000, [&] { return f.shards_of(late) == 4; }));
  std::map<std::pair<persistence::shard_number, std::uint64_t>, std::string> owners;
  const auto compare = [&] {
    for (const auto& shard : f.view_of(late).shards) {
      if (shard.node.empty() || shard.token.epoch == 0)
        continue;
      const auto known = owners.try_emplace({shard.shard, shard.token.epoch}, shard.node).first;
      CHECK(known->second == shard.node);
    }
  };
  // So soon that no list of leases has told it yet that it has them.
  compare();
  f.net.take_time(20, 20, 1);
  const auto left = f.leave(late);
  CHECK(f.pass_until(1'000, [&] {
    compare();
    return left->has_value();
  }));
}

TEST_CASE("the last node that leaves releases its shards for the next", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a"});
  const auto left = f.leave(0);
  REQUIRE(f.pass_until(1'000, [&] { return left->has_value(); }));
  CHECK((*left)->released == 8);
  f.stop(0);
  f.start("b");
  CHECK(f.pass_until(2'000, [&] { return f.shards_of(1) == 8; }));
}

TEST_CASE("a node cut from all others gives its shards away and stops serving",
          "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b", "c"});
  f.net.cut(0, 1);
  f.net.cut(0, 2);
  // Silence has to be noticed, and told in the store, before anybody is judged.
  REQUIRE(f.pass_until(4'000 + 3 * lease_ms,
                       [&] { return f.shards_of(0) == 0 && !f.at(0).is_serving; }));
  REQUIRE(f.pass_until(lease_ms, [&] { return all_served(f); }));
  CHECK(f.view_of(0).is_isolated);
  CHECK(f.at(1).is_serving);
  CHECK(f.list_ticket(1, 0).version == 0);
  f.net.heal_all();
  REQUIRE(f.pass_until(10'000, [&] { return f.at(0).is_serving && f.shards_of(0) >= 2; }));
}

TEST_CASE("of two nodes of one name the second takes no shards while the first lives",
          "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b"});
  const auto other = f.start("b");
  f.pass(2 * lease_ms);
  CHECK_FALSE(f.at(other).is_serving);
  CHECK(f.shards_of(1) == 4);
  CHECK(f.list_ticket(0, 7).version == 0);
  f.kill(1);
  REQUIRE(f.pass_until(3 * lease_ms, [&] {
    return f.at(other).is_serving && f.shards_of(0) == 4 && all_served(f);
  }));
}

TEST_CASE("a node whose store is cut off stops serving and comes back", "[cluster][placement]") {
  cluster_fixture f;
  start_together(f, {"a", "b"});
  f.at(0).store->cut();
  REQUIRE(f.pass_until(2 * lease_ms, [&] { return !f.at(0).is_serving; }));
  REQUIRE(f.pass_until(2 * lease_ms, [&] { return f.shards_of(1) == 8; }));
  f.at(0).store->heal();
  REQUIRE(f.pass_until(2 * lease_ms, [&] { return f.at(0).is_serving && f.shards_of(0) == 4; }));
  CHECK(f.list_ticket(0, 0).version == 0);
}

TEST_CASE("a peer that is found late and stays silent is looked for again",
          "[cluster][placement]") {
  cluster_fixture f;
  // Each message takes so long that a greeting isn't answered in time.
  f.net.take_time(900, 900, 1);
  f.start("a");
  f.start("b");
  f.pass(20'000);
  f.net.take_time(0, 0, 1);
  REQUIRE(f.pass_until(10'000, [&] { return f.at(0).is_serving && f.at(1).is_serving; }));
  CHECK(f.pass_until(10'000, [&] { return f.shards_of(0) == 4 && f.shards_of(1) == 4; }));
}
