#include "net/auth/trusted_proxies.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::net;

namespace {

config::address_bytes address(std::string_view text) {
  auto parsed = config::parse_address(text);
  REQUIRE(parsed);
  return *parsed;
}

trusted_proxies proxies(const std::vector<std::string>& networks) {
  std::vector<config::network> parsed;
  for (const auto& each : networks)
    parsed.push_back(config::parse_network(each).value());
  return trusted_proxies(std::move(parsed));
}

struct proxy_case {
  std::string peer;
  std::string forwarded_for;
  std::string forwarded_proto;
  std::string client;
  bool over_tls;
};

} // namespace

TEST_CASE("forwarding headers of a peer that isn't trusted say nothing", "[net][auth]") {
  auto nobody = proxies({});
  auto inner = proxies({"10.0.0.0/8"});
  for (const auto* trusted : {&nobody, &inner}) {
    auto client = trusted->client_of({address("203.0.113.9"), false}, "198.51.100.1", "https");
    CHECK(to_text(client.address) == "203.0.113.9");
    CHECK_FALSE(client.over_tls);
  }
  CHECK(inner.client_of({address("203.0.113.9"), true}, "", "http").over_tls);
}

TEST_CASE("the client is the rightmost hop that isn't trusted", "[net][auth]") {
  auto trusted = proxies({"10.0.0.0/8", "fd00::/8", "::1", "127.0.0.1"});
  for (const auto& each : std::vector<proxy_case>{
           {"10.0.0.1", "198.51.100.1", "https", "198.51.100.1", true},
           {"10.0.0.1", "6.6.6.6, 198.51.100.1", "https", "198.51.100.1", true},
           {"10.0.0.1", "6.6.6.6,198.51.100.1 , 10.2.3.4", "https", "198.51.100.1", true},
           {"10.0.0.1", "10.9.9.9, 10.2.3.4", "http", "10.9.9.9", false},
           {"10.0.0.1", "", "https", "10.0.0.1", true},
           {"10.0.0.1", "  ", "", "10.0.0.1", false},
           {"10.0.0.1", "unknown", "https", "10.0.0.1", true},
           {"10.0.0.1", "198.51.100.1, garbage", "https", "10.0.0.1", true},
           {"10.0.0.1", "198.51.100.1,", "https", "10.0.0.1", true},
           {"10.0.0.1", "198.51.100.1, _hidden, 10.0.0.2", "https", "10.0.0.2", true},
           {"10.0.0.1", "198.51.100.1:4711", "https", "198.51.100.1", true},
           {"10.0.0.1", "198.51.100.1:99999", "https", "10.0.0.1", true},
           {"10.0.0.1", "[2001:db8::7]:443", "https", "2001:db8::7", true},
           {"10.0.0.1", "[2001:db8::7]", "https", "2001:db8::7", true},
           {"10.0.0.1", "[2001:db8::7", "https", "10.0.0.1", true},
           {"::1", "2001:db8::7", "https", "2001:db8::7", true},
           {"fd00::1", "2001:db8::7, fd00::2", "https", "2001:db8::7", true},
           {"::ffff:10.0.0.1", "198.51.100.1", "https", "198.51.100.1", true},
           {"10.0.0.1", "::ffff:10.0.0.2, ::ffff:198.51.100.1", "http", "198.51.100.1", false},
       }) {
    INFO(each.peer << " for " << each.forwarded_for);
    auto client =
        trusted.client_of({address(each.peer), false}, each.forwarded_for, each.forwarded_proto);
    CHECK(to_text(client.address) == each.client);
    CHECK(client.over_tls == each.over_tls);
  }
}

TEST_CASE("the protocol is what the outermost trusted hop says", "[net][auth]") {
  auto trusted = proxies({"10.0.0.0/8"});
  auto over_tls = [&](std::string_view hops, std::string_view protocols, bool peer = false) {
    return trusted.client_of({address("10.0.0.1"), peer}, hops, protocols).over_tls;
  };
  CHECK(over_tls("198.51.100.1", "HTTPS"));
  CHECK_FALSE(over_tls("198.51.100.1", "http", true));
  CHECK(over_tls("198.51.100.1", "", true));
  CHECK(over_tls("198.51.100.1", "gopher", true));
  CHECK_FALSE(over_tls("198.51.100.1", "https, http"));     // the left word is the client's own
  CHECK(over_tls("198.51.100.1, 10.0.0.2", "https, http")); // one word per hop
  CHECK(over_tls("198.51.100.1, 10.0.0.2", "https"));       // one word for all
  CHECK_FALSE(over_tls("198.51.100.1, 10.0.0.2", "https, http, http"));
}

TEST_CASE("a header of many thousand hops is cut short", "[net][auth]") {
  auto trusted = proxies({"0.0.0.0/0"});
  std::string hops = "198.51.100.1";
  for (int i = 0; i < 10'000; ++i)
    hops += ",10.0.0.2";
  auto client = trusted.client_of({address("10.0.0.1"), false}, hops, "");
  CHECK(to_text(client.address) == "10.0.0.2");
}

TEST_CASE("limits count IPv4 by address and IPv6 by customer", "[net][auth]") {
  CHECK(rate_limit_key(address("203.0.113.7")) == "203.0.113.7");
  CHECK(rate_limit_key(address("::ffff:203.0.113.7")) == "203.0.113.7");
  CHECK(rate_limit_key(address("2001:db8:1:2:3:4:5:6")) == "2001:db8:1:2::/64");
  CHECK(rate_limit_key(address("2001:db8:1:2::9")) == rate_limit_key(address("2001:db8:1:2::8")));
  CHECK(rate_limit_key(address("2001:db8:1:3::9")) != rate_limit_key(address("2001:db8:1:2::9")));
}
