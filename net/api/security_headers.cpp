#include "net/api/security_headers.hpp"

namespace holdfast::net {

namespace {

// Strict-Transport-Security is the last, so that the lists without it are a prefix.
constexpr std::array<header_line, 6> page_lines_with(std::string_view policy) {
  return {{
      {"Content-Security-Policy", policy},
      {"X-Content-Type-Options", "nosniff"},
      {"Referrer-Policy", "same-origin"},
      {"Cross-Origin-Opener-Policy", "same-origin"},
      {"Cross-Origin-Resource-Policy", "same-origin"},
      {"Strict-Transport-Security", strict_transport_security},
  }};
}

constexpr auto page_lines = page_lines_with(content_security_policy);
constexpr auto page_lines_with_stripe = page_lines_with(content_security_policy_with_stripe);

// An answer of the interface that a browser is pointed at is shown as what it is, and does nothing.
constexpr std::array<header_line, 5> api_lines{{
    {"Content-Security-Policy", "default-src 'none'; frame-ancestors 'none'"},
    {"X-Content-Type-Options", "nosniff"},
    {"Referrer-Policy", "no-referrer"},
    {"Cross-Origin-Resource-Policy", "same-origin"},
    {"Strict-Transport-Security", strict_transport_security},
}};

} // namespace

std::span<const header_line> page_headers(bool tls, bool stripe) noexcept {
  const auto& lines = stripe ? page_lines_with_stripe : page_lines;
  return std::span{lines}.first(tls ? lines.size() : lines.size() - 1);
}

std::span<const header_line> api_headers(bool tls) noexcept {
  return std::span{api_lines}.first(tls ? api_lines.size() : api_lines.size() - 1);
}

} // namespace holdfast::net
