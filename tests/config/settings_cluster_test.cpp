// Several nodes over one Redis: what must be set, what may not be, and what comes from the machine.
#include "config/machine.hpp"
#include "tests/config/load_helper.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::config;
using namespace holdfast::config::tests;

namespace {

sources with_redis(environment_map more = {}) {
  sources given;
  given.environment = std::move(more);
  given.environment.emplace("HOLDFAST_STORE", "redis");
  given.environment.emplace("HOLDFAST_REDIS_URL", "redis://localhost");
  return given;
}

} // namespace

TEST_CASE("the Redis store must know where Redis is", "[config]") {
  CHECK(fault_lines(with_redis().load()).empty());
  CHECK(has(fault_lines(with_redis({{"HOLDFAST_REDIS_URL", ""}}).load()),
            "store.redis_url: the Redis store must know where Redis is"));
}

TEST_CASE("what Redis must promise is one of three words, everything by default", "[config]") {
  CHECK(with_redis().load().value.store.redis_durability == redis_durability::always);
  auto given = with_redis({{"HOLDFAST_REDIS_DURABILITY", "everysec"}});
  CHECK(given.load().value.store.redis_durability == redis_durability::everysec);
  given = with_redis({{"HOLDFAST_REDIS_DURABILITY", "sometimes"}});
  CHECK(has(fault_lines(given.load()), "is not one of always, everysec, none"));
  CHECK(redis_durability::none < redis_durability::everysec);
  CHECK(redis_durability::everysec < redis_durability::always);
}

TEST_CASE("nodes that don't share the test provider's ledger are warned of", "[config]") {
  auto warnings = with_redis().load().warnings;
  REQUIRE(warnings.size() == 1);
  CHECK(has(warnings[0], "payments.test_ledger is not set"));
  CHECK(with_redis({{"HOLDFAST_TEST_PAYMENTS_LEDGER", "/shared/l"}}).load().warnings.empty());
  auto stripe = with_redis({{"HOLDFAST_STRIPE_SECRET_KEY", "sk_1"},
                            {"HOLDFAST_STRIPE_PUBLISHABLE_KEY", "pk_1"},
                            {"HOLDFAST_TEST_PAYMENTS_LEDGER", "/shared/l"}});
  CHECK(has(stripe.load().warnings.at(0), "payments don't go to the test provider"));
}

TEST_CASE("TLS between nodes takes all of its three files or none", "[config]") {
  auto given = with_redis({{"HOLDFAST_CLUSTER_CERTIFICATE", "/c"}, {"HOLDFAST_CLUSTER_KEY", "/k"}});
  given.files = {{"/c", ""}, {"/k", ""}, {"/a", ""}};
  CHECK(fault_lines(given.load()) ==
        "cluster.ca: TLS between nodes needs cluster.certificate, cluster.key and cluster.ca, or "
        "none of them\n");
  given.environment["HOLDFAST_CLUSTER_CA"] = "/a";
  load_result result = given.load();
  CHECK(fault_lines(result).empty());
  CHECK(result.value.cluster.uses_tls());
  given.files.erase("/k");
  CHECK(fault_lines(given.load()) == "environment HOLDFAST_CLUSTER_KEY: cluster.key: /k cannot be "
                                     "read: No such file or directory\n");
}

TEST_CASE("without TLS nodes speak on private addresses only", "[config]") {
  auto address = GENERATE("127.0.0.1", "::1", "10.1.2.3", "172.31.0.1", "192.168.1.1",
                          "169.254.0.9", "100.127.0.1", "fd00::1", "fe80::1", "::ffff:10.0.0.1");
  CAPTURE(address);
  CHECK(fault_lines(with_redis({{"HOLDFAST_CLUSTER_ADDRESS", address}}).load()).empty());
}

TEST_CASE("a public address between nodes is refused, and the reason told", "[config]") {
  auto address = GENERATE("8.8.8.8", "172.32.0.1", "11.0.0.1", "192.169.0.1", "100.128.0.1",
                          "2001:db8::1", "::ffff:9.9.9.9");
  CAPTURE(address);
  auto given = with_redis({{"HOLDFAST_CLUSTER_ADDRESS", address}});
  CHECK(has(fault_lines(given.load()), "has no authentication of its own"));
  for (const char* name : {"CERTIFICATE", "KEY", "CA"})
    given.environment[std::string("HOLDFAST_CLUSTER_") + name] = "/file";
  given.files["/file"] = "";
  CHECK(fault_lines(given.load()).empty());
}

TEST_CASE("nodes can't be told an address that stands for all", "[config]") {
  auto address = GENERATE("0.0.0.0", "::", "::ffff:0.0.0.0");
  CAPTURE(address);
  CHECK(has(fault_lines(with_redis({{"HOLDFAST_CLUSTER_ADDRESS", address}}).load()),
            "stands for every interface"));
}

TEST_CASE("a node is named after its machine, with digits that tell it from the next", "[config]") {
  struct row {
    std::string host_name;
    std::string expected;
  };
  auto [host_name, expected] = GENERATE(values<row>({
      {"web1", "web1-12ab9f"},
      {"Web_1.example.org", "web-1-12ab9f"},
      {"", "node-12ab9f"},
      {"...", "node-12ab9f"},
      {"-x--", "x-12ab9f"},
      {std::string(80, 'a'), std::string(56, 'a') + "-12ab9f"},
  }));
  settings value = with_redis().load().value;
  CHECK_FALSE(complete(value, {host_name, {"10.0.0.1"}, "12ab9f"}));
  CHECK(value.cluster.node_name == expected);
  auto given = with_redis({{"HOLDFAST_NODE_NAME", value.cluster.node_name}});
  CHECK(fault_lines(given.load()).empty());
}

TEST_CASE("a node listens on its machine's first private address", "[config]") {
  settings value = with_redis().load().value;
  CHECK_FALSE(complete(
      value, {"a", {"127.0.0.1", "8.8.8.8", "169.254.1.1", "172.20.0.5", "10.0.0.1"}, "000000"}));
  CHECK(value.cluster.address == "172.20.0.5");
  CHECK(value.cluster.port == 7946);
  CHECK(value.cluster.drain_seconds == 5);
}

TEST_CASE("a machine without a private address is told of", "[config]") {
  settings value = with_redis().load().value;
  auto warning = complete(value, {"a", {"127.0.0.1", "8.8.8.8"}, "000000"});
  REQUIRE(warning);
  CHECK(has(*warning, "only nodes on the same machine"));
  CHECK(value.cluster.address == "127.0.0.1");
}

TEST_CASE("what is set doesn't come from the machine", "[config]") {
  auto given = with_redis({{"HOLDFAST_NODE_NAME", "n1"},
                           {"HOLDFAST_CLUSTER_ADDRESS", "10.0.0.9"},
                           {"HOLDFAST_CLUSTER_PORT", "0"}});
  settings value = given.load().value;
  CHECK_FALSE(complete(value, {"a", {"10.0.0.1"}, "000000"}));
  CHECK(value.cluster.node_name == "n1");
  CHECK(value.cluster.address == "10.0.0.9");
  CHECK(value.cluster.port == 0);
}

TEST_CASE("a single node has no name and hands nothing over", "[config]") {
  settings value = sources{}.load().value;
  CHECK_FALSE(complete(value, {"a", {"10.0.0.1"}, "000000"}));
  CHECK(value.cluster.node_name.empty());
  CHECK(value.cluster.address.empty());
  CHECK(value.cluster.drain_seconds == 0);
}

TEST_CASE("the machine tells six digits and numeric addresses", "[config]") {
  machine_facts machine = read_machine();
  CHECK(machine.random_digits.size() == 6);
  CHECK(machine.random_digits.find_first_not_of("0123456789abcdef") == std::string::npos);
  for (const std::string& each : machine.addresses)
    CHECK(parse_address(each));
  settings value = with_redis().load().value;
  complete(value, machine);
  auto given = with_redis({{"HOLDFAST_NODE_NAME", value.cluster.node_name},
                           {"HOLDFAST_CLUSTER_ADDRESS", value.cluster.address}});
  CHECK(fault_lines(given.load()).empty());
}
