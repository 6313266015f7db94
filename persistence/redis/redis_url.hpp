// Where Redis is, as one setting says it. Values; any thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::persistence {

struct redis_address {
  /// A name or a numeric address, IPv6 without brackets.
  std::string host = "127.0.0.1";
  std::uint16_t port = 6379;
  /// Empty: none. Never logged.
  std::string password;
  std::uint32_t database = 0;

  friend bool operator==(const redis_address&, const redis_address&) = default;
};

/// `redis://[:password@]host[:port][/database]`; nothing if it is none. The password is taken as it
/// stands, up to the last '@'.
std::optional<redis_address> parse_redis_url(std::string_view url);

} // namespace holdfast::persistence
