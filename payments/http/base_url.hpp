// Where an interface is: "https://api.stripe.com", taken apart. Values; any thread.
#pragma once

#include <string>
#include <string_view>

namespace holdfast::payments {

struct base_url {
  bool tls = true;
  /// Without the brackets of an IPv6 address.
  std::string host;
  std::string port;
  /// In front of every target; empty or "/path" without a slash at its end.
  std::string prefix;

  /// As the Host field says it.
  std::string authority() const;
};

/// "https://host[:port][/path]"; "http://" only for "localhost", 127.x.x.x and [::1], since what
/// goes there are keys and money. Throws std::invalid_argument with the reason.
base_url parse_base_url(std::string_view text);

} // namespace holdfast::payments
