// Whether a webhook is Stripe's, by its signature, and what it says. Pure; any thread.
#pragma once

#include "payments/provider.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace holdfast::payments {

/// How old, or how far ahead of our clock, a signature may be.
inline constexpr std::int64_t stripe_tolerance_seconds = 300;

/// `signature`: "t=1492774577,v1=5257a8...,v0=...": the HMAC-SHA256 of "<t>.<body>" in hexadecimal
/// under v1, several times while one secret replaces another; other schemes don't count. Compared
/// in constant time with what each secret gives.
bool is_signed_by_stripe(std::string_view signature, std::string_view body,
                         std::span<const std::string> secrets, domain::instant now);

webhook_answer read_stripe_webhook(const webhook_request& request,
                                   std::span<const std::string> secrets, domain::instant now);

} // namespace holdfast::payments
