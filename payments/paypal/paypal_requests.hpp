// What is asked of PayPal, as requests without the access token. Pure; any thread.
//
// Every request that changes something carries a PayPal-Request-Id made of the charge's or refund's
// key: PayPal keeps it for hours (refunds: weeks) and answers a repetition with what it did the
// first time. Beyond that the order itself forbids a second capture.
#pragma once

#include "payments/http/http_client.hpp"
#include "payments/paypal/paypal_options.hpp"
#include "payments/paypal/paypal_webhook.hpp"
#include "payments/provider.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::payments::paypal {

/// "19.99". Without decimals in a currency in which PayPal takes none, where the amount is whole.
std::string amount_text(std::int64_t minor, domain::currency_code currency);

/// Asks for an access token. Carries the client's secret.
http_call token_request(const paypal_options& options);

/// Makes the order that the buyer approves on PayPal's page.
http_call create_request(const charge_name& charge, std::string_view return_origin);

/// `reference`: PayPal's id of the order, as are the ids below: see is_identifier.
http_call order_request(std::string_view reference);
http_call capture_request(const charge_name& charge);

http_call refund_request_of(const refund_request& refund, std::string_view capture_id);
http_call refund_state_request(std::string_view refund_id);

/// Asks PayPal whether it has signed this. `body` must be one JSON object; it is passed on byte for
/// byte, since the signature covers its bytes.
http_call verify_request(const webhook_signature& signature, std::string_view webhook_id,
                         std::string_view body);

} // namespace holdfast::payments::paypal
