#pragma once
// Internet addresses and networks (CIDR blocks) as the settings hold them: which peers are trusted
// proxies. Values; any thread.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::config {

/// An address as 16 bytes; an IPv4 address is held as the IPv6 address ::ffff:a.b.c.d that maps it,
/// so the same peer is the same value however the socket was opened.
using address_bytes = std::array<std::uint8_t, 16>;

/// Reads a numeric IPv4 or IPv6 address (no brackets, no zone); nothing for anything else.
std::optional<address_bytes> parse_address(std::string_view text);

/// A block of addresses: all that agree with `address` in the first `prefix_bits` of 128.
struct network {
  address_bytes address{};
  std::uint8_t prefix_bits = 128;

  bool contains(const address_bytes& other) const;
  friend bool operator==(const network&, const network&) = default;
};

/// Reads `10.0.0.0/8`, `fd00::/8`, or one address. Bits after the prefix must be zero, because such
/// a network is nearly always a slip of the pen.
std::optional<network> parse_network(std::string_view text);

/// The usual notation; IPv4 networks in IPv4's.
std::string to_string(const network& block);

/// Whether any of the networks contains the address.
bool contains(std::span<const network> blocks, const address_bytes& address);

/// 0.0.0.0 or ::, which stand for every interface.
bool is_unspecified(const address_bytes& address);
bool is_loopback(const address_bytes& address);
/// In a range that the internet doesn't route: private (RFC 1918, RFC 4193), link-local, or shared
/// behind a carrier's or an overlay's translation (RFC 6598). Loopback is none of these.
bool is_private(const address_bytes& address);
bool is_link_local(const address_bytes& address);

} // namespace holdfast::config
