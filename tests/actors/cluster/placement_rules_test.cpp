// Which node should have which shard: tables, and plans carried out until nothing is left to do.
#include "actors/cluster/placement_rules.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <map>
#include <random>
#include <string>
#include <vector>

using namespace holdfast::actors;
using holdfast::persistence::shard_number;

namespace {

using names = std::vector<std::string>;
using gifts = std::vector<std::pair<shard_number, std::string>>;

/// One letter for each shard's owner, '.' for a free one.
placement_table table_of(names takers, const std::string& owners) {
  placement_table table;
  table.takers = std::move(takers);
  for (const char each : owners)
    table.owners.push_back(each == '.' ? std::string{} : std::string(1, each));
  table.neglected.assign(owners.size(), false);
  return table;
}

std::string owners_of(const placement_table& table) {
  std::string text;
  for (const std::string& each : table.owners)
    text += each.empty() ? "." : each;
  return text;
}

/// How many shards the fullest taker has more than the emptiest.
std::size_t unevenness_of(const placement_table& table) {
  std::vector<std::ptrdiff_t> counts;
  for (const std::string& each : table.takers)
    counts.push_back(std::count(table.owners.begin(), table.owners.end(), each));
  const auto [least, most] = std::minmax_element(counts.begin(), counts.end());
  return static_cast<std::size_t>(*most - *least);
}

/// All takers act on the same table, as they do when nothing changes meanwhile. The number of
/// moves.
std::size_t act(placement_table& table) {
  const placement_table seen = table;
  std::size_t moves = 0;
  for (const std::string& each : seen.takers) {
    const placement_plan plan = plan_placement(seen, each);
    for (const shard_number number : plan.take)
      if (table.owners[number].empty())
        table.owners[number] = each;
    for (const auto& [number, to] : plan.give) {
      CHECK(table.owners[number] == each);
      table.owners[number] = to;
      ++moves;
    }
  }
  return moves;
}

} // namespace

TEST_CASE("shares of shards differ by one at most and add up to all shards", "[cluster][rules]") {
  for (std::size_t nodes = 1; nodes <= 7; ++nodes)
    for (const std::size_t shards : {1U, 4U, 7U, 64U, 65U, 256U}) {
      names takers;
      for (std::size_t i = 0; i < nodes; ++i)
        takers.push_back(std::string(1, static_cast<char>('a' + i)));
      const placement_table table = table_of(takers, std::string(shards, '.'));
      std::size_t sum = 0;
      for (const std::string& each : takers) {
        const std::size_t share = share_of(table, each);
        CHECK(share >= shards / nodes);
        CHECK(share <= shards / nodes + 1);
        sum += share;
      }
      CHECK(sum == shards);
      CHECK(share_of(table, "stranger") == 0);
    }
}

TEST_CASE("nodes that start together take disjoint shares of free shards", "[cluster][rules]") {
  const placement_table table = table_of({"a", "b", "c"}, "........");
  std::vector<shard_number> all;
  for (const std::string& each : table.takers) {
    const auto plan = plan_placement(table, each);
    CHECK(plan.take.size() == share_of(table, each));
    CHECK(plan.give.empty());
    all.insert(all.end(), plan.take.begin(), plan.take.end());
  }
  std::sort(all.begin(), all.end());
  CHECK(std::adjacent_find(all.begin(), all.end()) == all.end());
  CHECK(all.size() == 8);
}

TEST_CASE("what each node plans on a table", "[cluster][rules]") {
  struct row {
    const char* what;
    names takers;
    std::string owners;
    std::string self;
    std::vector<shard_number> take;
    gifts give;
  };
  const std::vector<row> rows{
      {"alone it takes all", {"a"}, "....", "a", {0, 1, 2, 3}, {}},
      {"who has its share takes nothing", {"a", "b"}, "aa..", "a", {}, {}},
      {"who lacks some takes those that are free", {"a", "b"}, "aa..", "b", {2, 3}, {}},
      {"nothing moves while any is free", {"a", "b"}, "aaa.", "a", {}, {}},
      {"the surplus goes, from the highest", {"a", "b"}, "aaaa", "a", {}, {{3, "b"}, {2, "b"}}},
      {"who has too few waits to be given some", {"a", "b"}, "aaaa", "b", {}, {}},
      {"even is left alone", {"a", "b"}, "abab", "a", {}, {}},
      {"several receivers",
       {"a", "b", "c"},
       "aaaaaa",
       "a",
       {},
       {{5, "b"}, {4, "b"}, {3, "c"}, {2, "c"}}},
      {"givers don't send to the same receiver", {"a", "b", "c"}, "aaabbb", "b", {}, {{5, "c"}}},
      {"the other giver fills what is left", {"a", "b", "c"}, "aaabbb", "a", {}, {{2, "c"}}},
      {"a leaving node's shards aren't free", {"a", "b"}, "aalb", "b", {}, {}},
      {"who doesn't take shards plans nothing", {"a", "b"}, "aa..", "l", {}, {}},
      {"a dead node's shards are shared", {"a", "b"}, "a..b..", "a", {1, 2}, {}},
  };
  for (const row& each : rows) {
    INFO(each.what);
    const auto plan = plan_placement(table_of(each.takers, each.owners), each.self);
    CHECK(plan.take == each.take);
    CHECK(plan.give == each.give);
  }
}

TEST_CASE("nothing is moved for evenness while another node leaves or a shard is free",
          "[cluster][rules]") {
  CHECK(plan_placement(table_of({"a", "b"}, "aaaaaabb"), "a").give.size() == 2);
  CHECK(plan_placement(table_of({"a", "b"}, "aaaaabbc"), "a").give.empty());
  CHECK(plan_placement(table_of({"a", "b"}, "aaaaabb."), "a").give.empty());
}

TEST_CASE("a neglected shard is taken by everybody, also beyond his share", "[cluster][rules]") {
  placement_table table = table_of({"a", "b"}, "aab.");
  CHECK(plan_placement(table, "a").take.empty());
  table.neglected[3] = true;
  CHECK(plan_placement(table, "a").take == std::vector<shard_number>{3});
  CHECK(plan_placement(table, "b").take == std::vector<shard_number>{3});
}

TEST_CASE("a node that leaves gives to those with the fewest", "[cluster][rules]") {
  CHECK(plan_leaving(table_of({"b", "c"}, "aaabbc"), "a") == gifts{{0, "c"}, {1, "b"}, {2, "c"}});
  CHECK(plan_leaving(table_of({"a", "b"}, "aab"), "a") == gifts{{0, "b"}, {1, "b"}});
  CHECK(plan_leaving(table_of({"a"}, "aa"), "a").empty());
  CHECK(plan_leaving(table_of({}, "aa"), "a").empty());
}

TEST_CASE("a joining node is given its share and nothing else moves", "[cluster][rules]") {
  placement_table table = table_of({"a", "b", "c"}, "aaaaaabbbbbb");
  CHECK(act(table) == 4);
  CHECK(unevenness_of(table) == 0);
  CHECK(act(table) == 0);
}

TEST_CASE("from any table the plans lead to evenness, and then nothing moves any more",
          "[cluster][rules]") {
  std::minstd_rand random{4711};
  for (int round = 0; round < 300; ++round) {
    const std::size_t nodes = 1 + random() % 5;
    names takers;
    for (std::size_t i = 0; i < nodes; ++i)
      takers.push_back(std::string(1, static_cast<char>('a' + i)));
    std::string owners;
    for (std::size_t i = 1 + random() % 20; i > 0; --i) {
      const std::size_t owner = random() % (nodes + 1);
      owners += owner == nodes ? '.' : static_cast<char>('a' + owner);
    }
    placement_table table = table_of(takers, owners);
    INFO("from " << owners << " among " << nodes);
    for (int tick = 0; tick < 3; ++tick)
      act(table);
    INFO("to " << owners_of(table));
    CHECK(std::count(table.owners.begin(), table.owners.end(), std::string{}) == 0);
    CHECK(unevenness_of(table) <= 1);
    CHECK(act(table) == 0);
  }
}
