// What an operator sees of nodes and shards where one process has them all.
#include "tests/system/api/shared_server.hpp"

#include "tests/system/support/open_api.hpp"
#include "tests/system/support/people.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace holdfast::system_tests;
namespace json = boost::json;

TEST_CASE("an admin sees the one node, with all shards", "[system][rule:operators.cluster]") {
  server_process server{with_admin()};
  auto boss = create_admin(server);
  const json::value cluster = boss.read("/api/admin/cluster");
  CHECK(text(cluster, "/self") == "embedded");
  CHECK(text(cluster, "/store") == "sqlite");
  CHECK_FALSE(cluster.at("isolated").as_bool());
  REQUIRE(cluster.at("nodes").as_array().size() == 1);
  const auto& shards = cluster.at("shards").as_array();
  CHECK(number(cluster, "/nodes/0/shards") == static_cast<std::int64_t>(shards.size()));
  std::set<std::int64_t> numbers;
  for (const json::value& each : shards) {
    numbers.insert(number(each, "/shard"));
    CHECK(text(each, "/node") == "embedded");
    CHECK(number(each, "/epoch") > 0);
  }
  CHECK(numbers.size() == shards.size());
}

TEST_CASE("only admins see the nodes and shards", "[system][rule:operators.cluster_access]") {
  auto nobody = person::nobody(shared_server().port());
  CHECK(nobody.get("/api/admin/cluster").code() == "not_signed_in");
  auto anybody = person::sign_up(shared_server().port());
  CHECK(anybody.get("/api/admin/cluster").code() == "forbidden");
}
