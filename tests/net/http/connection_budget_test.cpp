#include "net/http/connection_budget.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using net::connection_budget;
using outcome = net::connection_budget::outcome;

TEST_CASE("a budget admits up to its total, and again what was given back") {
  connection_budget budget(2, 0);
  const auto peer = *config::parse_address("10.0.0.1");
  CHECK(budget.admit(peer) == outcome::admitted);
  CHECK(budget.admit(peer) == outcome::admitted);
  CHECK(budget.admit(peer) == outcome::too_many);
  budget.release(peer);
  CHECK(budget.admit(peer) == outcome::admitted);
}

TEST_CASE("a trusted proxy, from which all visitors come, is bound by the total alone") {
  connection_budget budget(3, 1, {*config::parse_network("10.0.0.0/24")});
  const auto proxy = *config::parse_address("10.0.0.1");
  CHECK(budget.admit(proxy) == outcome::admitted);
  CHECK(budget.admit(proxy) == outcome::admitted);
  CHECK(budget.admit(*config::parse_address("10.0.1.1")) == outcome::admitted);
  CHECK(budget.admit(*config::parse_address("10.0.1.1")) == outcome::too_many);
  budget.release(proxy);
  CHECK(budget.admit(*config::parse_address("10.0.1.1")) == outcome::too_many_of_address);
  CHECK(budget.admit(proxy) == outcome::admitted);
}

TEST_CASE("an address has a share of its own, an IPv6 address together with its /64") {
  connection_budget budget(100, 1);
  CHECK(budget.admit(*config::parse_address("10.0.0.1")) == outcome::admitted);
  CHECK(budget.admit(*config::parse_address("10.0.0.1")) == outcome::too_many_of_address);
  CHECK(budget.admit(*config::parse_address("10.0.0.2")) == outcome::admitted);
  CHECK(budget.admit(*config::parse_address("2001:db8::1")) == outcome::admitted);
  CHECK(budget.admit(*config::parse_address("2001:db8::2")) == outcome::too_many_of_address);
  CHECK(budget.admit(*config::parse_address("2001:db8:0:1::1")) == outcome::admitted);
}
