// PayPal's webhooks: what makes one worth asking PayPal about, and what it says. Pure; any thread.
//
// PayPal signs with a certificate of its own and offers a call that verifies. Strangers must not be
// able to make us call at will, so what can't be genuine is told apart first.
#pragma once

#include "domain/ids.hpp"
#include "payments/provider.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::payments::paypal {

/// Older ones, and those from the future, are forged: PayPal signs each delivery's time.
inline constexpr std::int64_t webhook_age_max_ms = 24 * 3'600'000;
/// PayPal's own are a few kilobytes.
inline constexpr std::size_t webhook_bytes_max = 256 * 1024;

struct webhook_signature {
  std::string transmission_id;
  std::string transmission_time;
  std::string signature;
  std::string certificate_url;
  std::string algorithm;
};

/// The signature's five fields if each is there once and plausible: of documented length, sent
/// within a day, its certificate at PayPal (https, a host that ends in ".paypal.com") or at the
/// host of `api_base`. Nothing: forged.
std::optional<webhook_signature> read_signature(const webhook_request& request,
                                                std::string_view api_base, domain::instant now);

/// "2026-03-01T12:00:00Z", also with a fraction of a second.
std::optional<domain::instant> read_time(std::string_view text) noexcept;

struct webhook_event {
  std::string id;
  std::string type;
  /// There if it is about a charge of ours. The payment stays nil: PayPal doesn't know it.
  std::optional<charge_notice> notice;
};

/// What the webhook says; nothing if the body is no event.
std::optional<webhook_event> read_event(std::string_view body);

/// PayPal's answer to the question whether it signed; nothing if it is neither yes nor no.
std::optional<bool> read_verdict(std::string_view body);

/// What domain::payment_key writes, taken apart; nothing for any other text.
struct parsed_key {
  domain::order_id order;
  std::uint32_t attempt_number = 0;
};
std::optional<parsed_key> parse_key(std::string_view key) noexcept;

} // namespace holdfast::payments::paypal
