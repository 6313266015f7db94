// Whether a request that changes something, or a WebSocket handshake, may proceed, judged by where
// the browser says it comes from. This is what stops a foreign page from using a visitor's session
// (CSRF, cross-site WebSocket hijacking) or from signing him in as somebody else.
//
// The rules, in their order:
// 1. An `Origin` must be one of the public origins, exactly: scheme, host and port. If none are
//    configured, it must be the origin that the request itself was sent to (its scheme, its Host).
//    "null", several origins, or anything else is foreign, whatever else the request brings.
// 2. Without `Origin`, a `Sec-Fetch-Site` must be `same-origin` or `none`.
// 3. With neither the sender is no browser of today. An unsafe request may proceed. A handshake may
// too,
//    unless it brings a cookie: browsers always send `Origin` with handshakes, and forging its
//    absence must win nothing.
//
// Owner: the front. Thread: immutable after construction, any.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

/// What the request says of itself. Views; a header that came several times is joined with ", ".
struct request_origin {
  std::optional<std::string_view> origin;
  std::optional<std::string_view> sec_fetch_site;
  std::string_view host;
  /// The client's connection is TLS; see trusted_proxies.
  bool over_tls = false;
  /// It brings a session cookie.
  bool by_cookie = false;
};

enum class origin_verdict : std::uint8_t {
  allowed,
  foreign_origin,
  cross_site,
  /// A handshake with a cookie that doesn't say where it comes from.
  missing_origin,
};

/// A stable word, for logs.
std::string_view to_string(origin_verdict x) noexcept;

class origin_policy {
 public:
  /// Origins as `scheme://host[:port]`; empty: the request's own. They are brought into the form
  /// that browsers send: lower case, without the scheme's default port or a final slash.
  explicit origin_policy(const std::vector<std::string>& public_origins);

  /// For POST, PUT, DELETE.
  origin_verdict judge_unsafe_request(const request_origin& request) const;
  /// For GET /api/live.
  origin_verdict judge_handshake(const request_origin& request) const;

 private:
  origin_verdict judge_headers(const request_origin& request) const;
  bool is_public(const request_origin& request) const;

  std::vector<std::string> public_origins_;
};

} // namespace holdfast::net
