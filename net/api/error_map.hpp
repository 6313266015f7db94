// The one place where refusals, failures and the front's own problems become statuses and texts.
// Pure; any thread.
#pragma once

#include "actors/protocol/errors.hpp"
#include "domain/order.hpp"
#include "domain/refusal.hpp"
#include "net/api/input.hpp"
#include "net/api/json_reader.hpp"
#include "net/api/routes.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::net {

/// What the front finds out before any actor is asked.
enum class problem : std::uint8_t {
  /// 400: the message isn't HTTP as we take it (framing, Host, target).
  malformed_request,
  /// 400: X-After-Position isn't a position.
  invalid_position,
  /// 400: Idempotency-Key isn't a key, or came more than once.
  invalid_idempotency_key,
  /// 400: a webhook that its provider has not signed.
  bad_signature,
  /// 401
  not_signed_in,
  /// 401: the same for an unknown address and a wrong password.
  invalid_credentials,
  /// 403: a state-changing request by cookie, or a socket, from another origin.
  foreign_origin,
  /// 403: the route is for admins.
  forbidden,
  /// 404: no such path.
  not_found,
  /// 405; the caller adds `Allow`.
  method_not_allowed,
  /// 408: the request didn't arrive in time.
  request_timeout,
  /// 409: an admin's address can't be signed up, in the same words as one that is taken.
  email_in_use,
  /// 410: the feed no longer has what comes after this position.
  events_gone,
  /// 413
  body_too_large,
  /// 414
  target_too_long,
  /// 415
  not_json,
  /// 417: an Expect that isn't 100-continue.
  expectation_failed,
  /// 426: /api/live without an upgrade to WebSocket.
  upgrade_required,
  /// 429
  rate_limited,
  /// 431
  header_too_large,
  /// 500: a bug of ours; the request id finds it in the log.
  internal_error,
  /// 501: a method or Transfer-Encoding that isn't served.
  not_implemented,
  /// 503: starting, or its store is away.
  not_ready,
  /// 503: shutting down.
  draining,
  /// 503: too many connections or requests at once.
  overloaded,
  /// 503: passwords are being hashed for too many people.
  sign_in_busy,
  /// 503: this node's data hasn't reached X-After-Position in time.
  position_not_reached,
};

/// An answer that isn't the wished one.
struct error_answer {
  std::uint16_t status = 500;
  /// Seconds for `Retry-After`; 0: no such header.
  std::uint32_t retry_after_seconds = 0;
  /// {"errors":[…]}
  std::string body;
};

error_answer answer_for(problem x);
/// 429 or 503 with the time that the caller knows, at least a second.
error_answer answer_for(problem x, std::uint32_t retry_after_seconds);
/// `none` is a bug of the caller and answered as internal_error.
error_answer answer_for(domain::refusal x);
/// An unknown outcome names the request that finds it out, which depends on the route.
error_answer answer_for(actors::failure x, route asked);
/// 400 with one entry for each fault; at least one.
error_answer answer_for(const input_faults& faults);
/// 400 `invalid_json`.
error_answer answer_for(json_fault x);
/// 404 of what the route's id names: ticket_not_found or order_not_found.
error_answer missing_resource(route asked);

/// Any error of an actor's answer: refusal or failure.
error_answer answer_for(const caf::error& x, route asked);

/// 402 `declined` with a text that a buyer understands. `decline_code` is the provider's word.
error_answer declined_answer(std::string_view decline_code);

/// What POST /api/payments answers to an order's payment.
struct payment_verdict {
  /// 201 or 202 with append_payment; else `error` is the answer.
  std::uint16_t status = 201;
  error_answer error;

  bool ok() const noexcept { return status < 300; }
};

/// `payment` is the attempt that was asked for; an order with a later attempt can't tell: 202.
payment_verdict judge_payment(const domain::order& order, domain::payment_id payment);

/// The reason phrase of every status that is answered: "Not Found".
std::string_view reason_phrase(std::uint16_t status) noexcept;

} // namespace holdfast::net
