#include "config/network.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::config;

namespace {
bool is_in(std::string_view block, std::string_view address) {
  auto parsed_block = parse_network(block);
  auto parsed_address = parse_address(address);
  REQUIRE(parsed_block);
  REQUIRE(parsed_address);
  return parsed_block->contains(*parsed_address);
}
} // namespace

TEST_CASE("a network contains the addresses that share its prefix, and no others", "[config]") {
  struct row {
    const char* block;
    const char* address;
    bool expected;
  };
  auto [block, address, expected] = GENERATE(values<row>({
      {"10.0.0.0/8", "10.255.0.1", true},
      {"10.0.0.0/8", "11.0.0.1", false},
      {"192.168.1.128/25", "192.168.1.128", true},
      {"192.168.1.128/25", "192.168.1.127", false},
      {"127.0.0.1", "127.0.0.1", true},
      {"127.0.0.1", "127.0.0.2", false},
      {"0.0.0.0/0", "8.8.8.8", true},
      {"0.0.0.0/0", "2001:db8::1", false},
      {"fd00::/8", "fdab::1", true},
      {"fd00::/8", "fe80::1", false},
      {"::/0", "10.0.0.1", true},
      {"::1", "::1", true},
      // A socket that serves both families shows IPv4 peers as mapped addresses.
      {"10.0.0.0/8", "::ffff:10.1.2.3", true},
  }));
  CAPTURE(block, address);
  CHECK(is_in(block, address) == expected);
}

TEST_CASE("what is no network is refused", "[config]") {
  auto text =
      GENERATE("", "10.0.0.0/33", "10.0.0.0/", "10.0.0.0/-1", "10.0.0/8", "::/129", "10.0.0.1/8",
               "fd00::1/8", "localhost", "10.0.0.0/8 ", "[::1]", "1.2.3.4/8x");
  CAPTURE(text);
  CHECK_FALSE(parse_network(text));
}

TEST_CASE("a network is written as it is read", "[config]") {
  auto text = GENERATE("10.0.0.0/8", "127.0.0.1", "fd00::/8", "::1", "0.0.0.0/0", "::/0");
  REQUIRE(parse_network(text));
  CHECK(to_string(*parse_network(text)) == text);
}
