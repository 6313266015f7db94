// Who the client is, and how it is connected, when there are proxies in front. `X-Forwarded-For`
// and `X-Forwarded-Proto` are believed as far as trusted proxies vouch for them, and no further:
// read from the right, each trusted hop tells who spoke to it; the first that isn't trusted is the
// client.
//
// Owner: the front. Thread: immutable after construction, any.
#pragma once

#include "config/network.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

struct client_connection {
  config::address_bytes address{};
  bool over_tls = false;

  friend bool operator==(const client_connection&, const client_connection&) = default;
};

class trusted_proxies {
 public:
  explicit trusted_proxies(std::vector<config::network> networks);

  /// Whether what this peer says of others is believed. If not, the peer is the client.
  bool trusts(const config::address_bytes& peer) const { return config::contains(networks_, peer); }

  /// `peer` is what the socket says. The headers may be empty; one that came several times is
  /// joined with commas in its order. An entry that is no address ends the search: the proxy that
  /// handed it on counts as the client.
  client_connection client_of(const client_connection& peer, std::string_view forwarded_for,
                              std::string_view forwarded_proto) const;

 private:
  std::vector<config::network> networks_;
};

/// `203.0.113.7` or `2001:db8::1`.
std::string to_text(const config::address_bytes& address);

/// What limits per address count by: an IPv4 address, or the /64 of an IPv6 address, since that
/// much is one customer's.
std::string rate_limit_key(const config::address_bytes& address);

} // namespace holdfast::net
