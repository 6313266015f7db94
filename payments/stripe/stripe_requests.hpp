// What we ask Stripe for, written down as HTTP calls. Pure; any thread.
//
// Every call names the version of the interface that it is written for. Creating calls carry an
// idempotency key: repeating one gives what the first gave.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/provider.hpp"

#include <string>
#include <string_view>

namespace holdfast::payments {

inline constexpr std::string_view stripe_version = "2026-09-30.endive";

/// application/x-www-form-urlencoded.
std::string form_encode(const http_fields& fields);

/// Moves no money. Stripe saves and repeats its own failures (5xx) under a key, so after a saved
/// one the `generation`, which begins with 1, grows.
http_call create_intent(const charge_name& charge, unsigned generation);

/// Moves the money. `token`: "pm_...", "ctoken_...", or one of the older kind ("tok_...").
http_call confirm_intent(const charge_name& charge, std::string_view token, unsigned generation);

/// With the charge in it, which knows of refunds.
http_call get_intent(std::string_view reference);
http_call cancel_intent(std::string_view reference);
http_call list_intents(domain::instant since, std::string_view after);

http_call create_refund(const refund_request& request);
http_call get_refund(std::string_view reference);
http_call list_refunds(std::string_view intent, std::string_view after);

/// Adds who is asking, in which version.
http_call authorized(http_call call, std::string_view secret_key);

} // namespace holdfast::payments
