// Header values that keep browsers from doing what an attacker wishes. Constants.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

namespace holdfast::net {

struct header_line {
  std::string_view name;
  std::string_view value;
};

/// No inline scripts or styles, nothing from elsewhere, never in a frame. `connect-src 'self'`
/// covers the WebSocket of the same host.
inline constexpr std::string_view content_security_policy =
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "connect-src 'self'; font-src 'self'; manifest-src 'self'; base-uri 'none'; "
    "form-action 'self'; frame-ancestors 'none'";

/// The same, and exactly what Stripe's Payment Element needs: its script, its frames, its
/// interface.
inline constexpr std::string_view content_security_policy_with_stripe =
    "default-src 'none'; script-src 'self' https://js.stripe.com https://*.js.stripe.com; "
    "style-src 'self'; img-src 'self' data: https://*.stripe.com; "
    "connect-src 'self' https://api.stripe.com; font-src 'self'; manifest-src 'self'; "
    "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com; "
    "base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// A year; only over TLS.
inline constexpr std::string_view strict_transport_security = "max-age=31536000";

/// On answers that are about one person, and on everything that changes: not kept by any cache.
inline constexpr std::string_view cache_control_private = "no-store";
/// On public lists and tickets: may be kept, must be asked about (ETag).
inline constexpr std::string_view cache_control_revalidate = "no-cache";
/// On files whose name changes with their content.
inline constexpr std::string_view cache_control_immutable = "public, max-age=31536000, immutable";

inline constexpr std::string_view json_content_type = "application/json; charset=utf-8";
inline constexpr std::string_view metrics_content_type = "text/plain; version=0.0.4; charset=utf-8";

/// On every page and file of the browser application, `tls`: the connection is HTTPS.
/// `stripe`: pages may ask for cards by Stripe's Payment Element.
std::span<const header_line> page_headers(bool tls, bool stripe = false) noexcept;
/// On every answer of the interface.
std::span<const header_line> api_headers(bool tls) noexcept;

} // namespace holdfast::net
