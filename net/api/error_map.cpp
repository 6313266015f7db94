#include "net/api/error_map.hpp"

#include "net/api/encode.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace holdfast::net {

namespace {

/// A status, the stable word, the sentence, and the seconds for Retry-After (0: none).
struct error_row {
  std::uint16_t status = 500;
  std::string_view code;
  std::string_view message;
  std::uint32_t retry_after_seconds = 0;
};

error_answer make_answer(const error_row& row) {
  error_answer result;
  result.status = row.status;
  result.retry_after_seconds = row.retry_after_seconds;
  append_error(result.body, row.code, row.message);
  return result;
}

error_row row_of(problem x) noexcept {
  switch (x) {
  case problem::malformed_request:
    return {400, "malformed_request", "The request is not valid HTTP"};
  case problem::invalid_position:
    return {400, "invalid_position", "X-After-Position must be taken from an X-Position"};
  case problem::invalid_idempotency_key:
    return {400, "invalid_idempotency_key",
            "Idempotency-Key must be one field of 1 to 255 visible ASCII characters"};
  case problem::bad_signature:
    return {400, "bad_signature", "The request is not signed by the payment provider"};
  case problem::not_signed_in:
    return {401, "not_signed_in", "You are not signed in"};
  case problem::invalid_credentials:
    return {401, "invalid_credentials", "E-mail or password is wrong"};
  case problem::foreign_origin:
    return {403, "foreign_origin", "Requests from this origin are not accepted"};
  case problem::forbidden:
    return {403, "forbidden", "Only administrators may do this"};
  case problem::not_found:
    return {404, "not_found", "There is nothing at this address"};
  case problem::method_not_allowed:
    return {405, "method_not_allowed", "This address does not support the request's method"};
  case problem::request_timeout:
    return {408, "request_timeout", "The request did not arrive in time"};
  case problem::email_in_use:
    return {409, to_string(domain::refusal::email_in_use), explain(domain::refusal::email_in_use)};
  case problem::events_gone:
    return {410, "events_gone", "The feed events after this position are no longer kept"};
  case problem::body_too_large:
    return {413, "body_too_large", "The request's body is too large"};
  case problem::target_too_long:
    return {414, "target_too_long", "The request's address is too long"};
  case problem::not_json:
    return {415, "not_json", "The request's Content-Type must be application/json"};
  case problem::expectation_failed:
    return {417, "expectation_failed", "The request expects what is not supported"};
  case problem::upgrade_required:
    return {426, "upgrade_required", "This address is for WebSocket connections"};
  case problem::rate_limited:
    return {429, "rate_limited", "Too many requests, please wait a little", 1};
  case problem::header_too_large:
    return {431, "header_too_large", "The request's header is too large"};
  case problem::internal_error:
    return {500, "internal_error", "Something went wrong on our side"};
  case problem::not_implemented:
    return {501, "not_implemented", "The request asks for something that is not supported"};
  case problem::not_ready:
    return {503, "not_ready", "The server can't answer yet. Nothing was changed", 1};
  case problem::draining:
    return {503, "draining", "The server is shutting down. Nothing was changed", 1};
  case problem::overloaded:
    return {503, "overloaded", "The server is too busy. Nothing was changed", 1};
  case problem::sign_in_busy:
    return {503, "overloaded", "Too many people are signing in. Nothing was changed", 2};
  case problem::position_not_reached:
    return {503, "position_not_reached", "The data is not up to date yet", 1};
  }
  return {500, "internal_error", "Something went wrong on our side"};
}

std::uint16_t status_of(domain::refusal x) noexcept {
  switch (x) {
  case domain::refusal::none:
    return 500;
  case domain::refusal::idempotency_key_reused:
    return 422;
  case domain::refusal::ticket_not_found:
  case domain::refusal::order_not_found:
  case domain::refusal::account_not_found:
    return 404;
  case domain::refusal::forbidden:
  case domain::refusal::own_ticket:
    return 403;
  case domain::refusal::different_events:
  case domain::refusal::total_out_of_range:
  case domain::refusal::refund_exceeds_payment:
  case domain::refusal::refund_not_whole:
    return 400;
  case domain::refusal::email_in_use:
  case domain::refusal::ticket_reserved:
  case domain::refusal::ticket_sold:
  case domain::refusal::ticket_changed:
  case domain::refusal::not_held_by_order:
  case domain::refusal::order_complete:
  case domain::refusal::order_cancelled:
  case domain::refusal::order_expired:
  case domain::refusal::payment_in_progress:
  case domain::refusal::unknown_payment:
  case domain::refusal::not_due:
  case domain::refusal::nothing_to_refund:
  case domain::refusal::refund_in_progress:
    return 409;
  }
  return 500;
}

/// How the person finds out whether an unanswered request has taken effect. Empty: the route only
/// reads.
std::string_view how_to_find_out(route asked) noexcept {
  switch (asked) {
  case route::sign_up:
    return "Sign in to find out whether the account was made";
  case route::sign_in:
    return "Sign in again";
  case route::sign_out:
    return "Sign out again";
  case route::create_ticket:
    return "GET /api/tickets?seller=me shows whether the ticket was listed";
  case route::revise_ticket:
    return "GET the ticket to see whether it was changed, or send it again";
  case route::remove_ticket:
    return "GET the ticket to see whether it was removed, or send it again";
  case route::create_order:
    return "GET /api/orders shows whether the order was made";
  case route::cancel_order:
    return "GET the order to see whether it was cancelled, or send it again";
  case route::create_payment:
    return "GET the order to see whether it was paid";
  case route::refund_order:
    return "GET the order to see whether the refund was begun";
  case route::payment_webhook:
    return "Send it again";
  case route::payment_providers:
  case route::unsettled_payments:
  case route::cluster:
  case route::current_user:
  case route::list_tickets:
  case route::read_ticket:
  case route::list_orders:
  case route::read_order:
  case route::live:
  case route::feed:
  case route::api_document:
  case route::health:
  case route::readiness:
  case route::metrics:
  case route::application:
    return {};
  }
  return {};
}

constexpr error_row unavailable_row{503, "unavailable",
                                    "This can't be served right now. Nothing was changed", 1};

/// A provider's word for a decline, and what to tell the buyer.
struct decline_text {
  std::string_view code;
  std::string_view message;
};

constexpr std::string_view declined_in_general =
    "The payment was declined. Nothing was charged; try again or use another means of payment";

constexpr std::array<decline_text, 25> decline_texts{{
    {"insufficient_funds",
     "The card has insufficient funds. Nothing was charged; use another card"},
    {"card_declined", "The card was declined. Nothing was charged; use another card"},
    {"generic_decline", "The card was declined. Nothing was charged; use another card"},
    {"do_not_honor", "The card was declined by its bank. Nothing was charged; use another card"},
    {"call_issuer", "The card was declined by its bank. Nothing was charged; ask your bank"},
    // Not named for what they are: the thief is not to learn what the bank knows.
    {"lost_card", "The card was declined. Nothing was charged; use another card"},
    {"stolen_card", "The card was declined. Nothing was charged; use another card"},
    {"fraudulent", "The card was declined. Nothing was charged; use another card"},
    {"expired_card", "The card has expired. Nothing was charged; use another card"},
    {"incorrect_cvc", "The card's security code is wrong. Nothing was charged; check it"},
    {"incorrect_number", "The card's number is wrong. Nothing was charged; check it"},
    {"processing_error", "The card could not be processed. Nothing was charged; try again"},
    {"authentication_required",
     "The bank wants you to confirm the payment, which was not done. Nothing was charged"},
    {"card_not_supported", "This card can't be used here. Nothing was charged; use another card"},
    {"invalid_token",
     "The means of payment was not recognised. Nothing was charged; enter it again"},
    {"authentication_failed",
     "Your bank could not confirm that it was you. Nothing was charged; try again or use another "
     "card"},
    {"payment_intent_authentication_failure",
     "Your bank could not confirm that it was you. Nothing was charged; try again or use another "
     "card"},
    {"incorrect_zip", "The postal code does not match the card. Nothing was charged; check it"},
    {"card_velocity_exceeded",
     "The card is over its limit. Nothing was charged; use another card or ask your bank"},
    {"withdrawal_count_limit_exceeded",
     "The card is over its limit. Nothing was charged; use another card or ask your bank"},
    {"try_again_later", "The bank can't decide now. Nothing was charged; try again in a moment"},
    {"instrument_declined",
     "PayPal could not charge what you chose. Nothing was charged; choose another way to pay"},
    {"payer_cannot_pay",
     "PayPal can't take a payment from this account. Nothing was charged; use another way to pay"},
    {"token_missing", "No means of payment was given. Nothing was charged; enter one"},
    {"amount_too_small", "The amount is too small to be paid in this way. Nothing was charged"},
}};

error_answer called_off_answer() {
  return make_answer(
      {402, "declined", "The payment took too long and was called off. Nothing was charged"});
}

error_answer refunding_answer(const domain::order& order) {
  const bool expired = order.reason == domain::cancel_reason::expired;
  const domain::refusal why =
      expired ? domain::refusal::order_expired : domain::refusal::order_cancelled;
  return make_answer({409, to_string(why),
                      "The order was over before the payment arrived. The money is given back"});
}

} // namespace

error_answer answer_for(problem x) {
  return make_answer(row_of(x));
}

error_answer answer_for(problem x, std::uint32_t retry_after_seconds) {
  error_row row = row_of(x);
  row.retry_after_seconds = std::max<std::uint32_t>(retry_after_seconds, 1);
  return make_answer(row);
}

error_answer answer_for(domain::refusal x) {
  if (x == domain::refusal::none)
    return answer_for(problem::internal_error);
  return make_answer({status_of(x), to_string(x), explain(x)});
}

error_answer answer_for(actors::failure x, route asked) {
  switch (x) {
  case actors::failure::none:
    return answer_for(problem::internal_error);
  case actors::failure::overload:
    return answer_for(problem::overloaded);
  case actors::failure::unavailable:
  case actors::failure::too_late:
  case actors::failure::not_owner:
    return make_answer(unavailable_row);
  case actors::failure::outcome_unknown:
    break;
  }
  const std::string_view hint = how_to_find_out(asked);
  if (hint.empty())
    return make_answer(unavailable_row);
  std::string message = "It is not known whether the request has taken effect. ";
  message += hint;
  return make_answer({503, "outcome_unknown", message, 1});
}

error_answer answer_for(const input_faults& faults) {
  error_answer result;
  result.status = 400;
  append_errors(result.body, faults);
  return result;
}

error_answer answer_for(json_fault x) {
  return make_answer({400, "invalid_json", explain(x)});
}

error_answer missing_resource(route asked) {
  switch (asked) {
  case route::read_ticket:
  case route::revise_ticket:
  case route::remove_ticket:
    return answer_for(domain::refusal::ticket_not_found);
  case route::read_order:
  case route::cancel_order:
  case route::refund_order:
    return answer_for(domain::refusal::order_not_found);
  case route::sign_up:
  case route::sign_in:
  case route::sign_out:
  case route::current_user:
  case route::create_ticket:
  case route::list_tickets:
  case route::create_order:
  case route::list_orders:
  case route::create_payment:
  case route::payment_providers:
  case route::payment_webhook:
  case route::unsettled_payments:
  case route::cluster:
  case route::live:
  case route::feed:
  case route::api_document:
  case route::health:
  case route::readiness:
  case route::metrics:
  case route::application:
    return answer_for(problem::not_found);
  }
  return answer_for(problem::not_found);
}

error_answer answer_for(const caf::error& x, route asked) {
  const domain::refusal why = actors::refusal_of(x);
  if (why != domain::refusal::none)
    return answer_for(why);
  return answer_for(actors::failure_of(x), asked);
}

error_answer declined_answer(std::string_view decline_code) {
  std::string_view message = declined_in_general;
  for (const decline_text& text : decline_texts)
    if (text.code == decline_code)
      message = text.message;
  return make_answer({402, "declined", message});
}

payment_verdict judge_payment(const domain::order& order, domain::payment_id payment) {
  if (order.payment.id != payment)
    return {202, {}};
  switch (order.payment.status) {
  case domain::payment_status::succeeded:
  case domain::payment_status::requires_action:
    return {201, {}};
  case domain::payment_status::pending:
    return {202, {}};
  case domain::payment_status::declined: {
    error_answer answer = declined_answer(order.payment.decline_code);
    return {answer.status, std::move(answer)};
  }
  case domain::payment_status::cancelled: {
    error_answer answer = called_off_answer();
    return {answer.status, std::move(answer)};
  }
  case domain::payment_status::refund_due:
  case domain::payment_status::refunded: {
    error_answer answer = refunding_answer(order);
    return {answer.status, std::move(answer)};
  }
  case domain::payment_status::none:
    break;
  }
  error_answer answer = answer_for(problem::internal_error);
  return {answer.status, std::move(answer)};
}

std::string_view reason_phrase(std::uint16_t status) noexcept {
  switch (status) {
  case 101:
    return "Switching Protocols";
  case 200:
    return "OK";
  case 201:
    return "Created";
  case 202:
    return "Accepted";
  case 204:
    return "No Content";
  case 206:
    return "Partial Content";
  case 304:
    return "Not Modified";
  case 400:
    return "Bad Request";
  case 401:
    return "Unauthorized";
  case 402:
    return "Payment Required";
  case 403:
    return "Forbidden";
  case 404:
    return "Not Found";
  case 405:
    return "Method Not Allowed";
  case 406:
    return "Not Acceptable";
  case 408:
    return "Request Timeout";
  case 409:
    return "Conflict";
  case 410:
    return "Gone";
  case 411:
    return "Length Required";
  case 412:
    return "Precondition Failed";
  case 413:
    return "Content Too Large";
  case 414:
    return "URI Too Long";
  case 415:
    return "Unsupported Media Type";
  case 416:
    return "Range Not Satisfiable";
  case 417:
    return "Expectation Failed";
  case 422:
    return "Unprocessable Content";
  case 426:
    return "Upgrade Required";
  case 429:
    return "Too Many Requests";
  case 431:
    return "Request Header Fields Too Large";
  case 500:
    return "Internal Server Error";
  case 501:
    return "Not Implemented";
  case 503:
    return "Service Unavailable";
  case 505:
    return "HTTP Version Not Supported";
  default:
    return "Unknown";
  }
}

} // namespace holdfast::net
