#include "persistence/sqlite/version_cache.hpp"
#include "tests/persistence/store_helpers.hpp"

#include <catch2/catch.hpp>
#include <map>
#include <random>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;
using sqlite::version_cache;

TEST_CASE("a version cache may forget but never says anything outdated", "[persistence][sqlite]") {
  version_cache cache(256);
  std::map<entity_key, std::uint64_t> truth;
  std::vector<entity_key> keys;
  for (int i = 0; i < 500; ++i)
    keys.push_back(make_key(i % 2 == 0 ? entity_kind::ticket : entity_kind::order,
                            static_cast<holdfast::domain::slot_number>(i)));
  std::mt19937 random(5);
  std::size_t known = 0;
  for (std::uint64_t version = 0; version < 50'000; ++version) {
    const entity_key& key = keys[random() % keys.size()];
    if (const auto found = cache.find(key)) {
      ++known;
      REQUIRE(truth.contains(key));
      REQUIRE(*found == truth[key]);
    }
    truth[key] = version % 10 == 0 ? no_version : version;
    cache.put(key, truth[key]);
  }
  CHECK(known > 10'000);
}

TEST_CASE("two kinds of one id have versions of their own", "[persistence][sqlite]") {
  version_cache cache(256);
  const entity_key ticket = make_key(entity_kind::ticket, 1);
  const entity_key order{entity_kind::order, ticket.id};
  cache.put(ticket, 1);
  CHECK_FALSE(cache.find(order));
  cache.put(order, 2);
  CHECK(cache.find(ticket) == 1);
  CHECK(cache.find(order) == 2);
  cache.clear();
  CHECK_FALSE(cache.find(ticket));
}
