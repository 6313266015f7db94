// The parts of an order that tell of its money: the latest attempt at paying it, and its refunds.
// Values; what may become of them is decided in order_payment.hpp.
#pragma once

#include "domain/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::domain {

/// Stored as numbers: never renumber.
enum class payment_status : std::uint8_t {
  /// There was no attempt yet.
  none = 0,
  /// The provider was or will be asked; what it did isn't known.
  pending = 1,
  succeeded = 2,
  declined = 3,
  /// The attempt was called off at the provider: it has not charged and can't any more.
  cancelled = 4,
  /// Money arrived for an order that can't have its tickets; it has to go back.
  refund_due = 5,
  /// All of it went back.
  refunded = 6,
  /// The buyer has to act: confirm at his bank, approve on the provider's page.
  requires_action = 7,
};

/// As in answers: "pending", "refund_due".
std::string_view to_string(payment_status x) noexcept;

/// How far an unsettled attempt has come with a provider that wants two steps. Told apart so that
/// after a crash nothing is guessed. Stored as numbers: never renumber.
enum class payment_stage : std::uint8_t {
  /// Committed; whether the provider has heard of it isn't known.
  begun = 0,
  /// The provider knows it; nothing that moves money was asked for.
  prepared = 1,
  /// The charge was or may have been asked for.
  charging = 2,
};

/// The latest attempt at paying an order. Earlier attempts were all declined or cancelled.
struct payment_attempt {
  payment_id id;
  /// 1 for the first; with the order's id it makes the provider's idempotency key.
  std::uint32_t number = 0;
  payment_status status = payment_status::none;
  payment_stage stage = payment_stage::begun;
  /// The provider's name, and its own name of the charge once known.
  std::string provider;
  std::string provider_reference;
  /// The provider's stable word for a decline: "insufficient_funds".
  std::string decline_code;
  /// While requires_action: what the buyer's page needs, as the provider gave it.
  std::string action;
  std::int64_t amount_minor = 0;
  instant started_at = 0;
  /// When the attempt is called off if its outcome is still unknown.
  instant give_up_at = 0;
  /// How the client named the request that began it, and a hash of that request; nil: it has no
  /// name. Whoever commits the attempt's end remembers what that request came to.
  request_id request;
  uuid request_content;

  friend bool operator==(const payment_attempt&, const payment_attempt&) = default;

  bool is_unsettled() const noexcept {
    return status == payment_status::pending || status == payment_status::requires_action;
  }
};

template <class Inspector>
auto inspect(Inspector& f, payment_attempt& x) {
  return f(x.id, x.number, x.status, x.stage, x.provider, x.provider_reference, x.decline_code,
           x.action, x.amount_minor, x.started_at, x.give_up_at, x.request, x.request_content);
}

/// Stored as numbers: never renumber.
enum class refund_state : std::uint8_t {
  /// Committed; the provider was or will be asked.
  due = 1,
  /// The provider has taken it on.
  pending = 2,
  succeeded = 3,
  /// The provider won't.
  failed = 4,
};

/// As in answers: "due".
std::string_view to_string(refund_state x) noexcept;

/// Stored as numbers: never renumber.
enum class refund_reason : std::uint8_t {
  /// Money arrived for an order that could not have its tickets any more.
  late_money = 1,
  admin = 2,
};

/// As in answers: "late_money".
std::string_view to_string(refund_reason x) noexcept;

/// Money that goes back, of one charge.
struct refund {
  refund_id id;
  refund_state state = refund_state::due;
  refund_reason reason = refund_reason::late_money;
  /// The attempt whose charge it is of, and the charge's names at the provider.
  std::uint32_t attempt_number = 0;
  std::string provider;
  std::string charge_reference;
  /// The provider's own name of the refund, once known.
  std::string provider_reference;
  /// When failed: the provider's stable word.
  std::string failure_code;
  std::int64_t amount_minor = 0;
  /// The tickets go back on sale with the commit that says that it has succeeded.
  bool releases_tickets = false;
  /// The admin who wished it; nil for late money.
  account_id by;
  instant created_at = 0;
  instant updated_at = 0;

  friend bool operator==(const refund&, const refund&) = default;

  bool is_outstanding() const noexcept {
    return state == refund_state::due || state == refund_state::pending;
  }
};

template <class Inspector>
auto inspect(Inspector& f, refund& x) {
  return f(x.id, x.state, x.reason, x.attempt_number, x.provider, x.charge_reference,
           x.provider_reference, x.failure_code, x.amount_minor, x.releases_tickets, x.by,
           x.created_at, x.updated_at);
}

/// An order has at most this many refunds, so that its record stays small.
inline constexpr std::size_t refunds_max = 32;

} // namespace holdfast::domain
