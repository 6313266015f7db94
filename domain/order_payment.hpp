// What may become of an order's payments and refunds. Pure.
//
// Money never travels without a committed state that explains it: awaiting_payment is committed
// before the provider is asked, a refund before it is asked for, and the tickets are freed only by
// a commit that follows the provider's word that the money has not moved and can't move any more.
//
//   attempt:  pending(begun) --note_progress--> pending(charging) --settle--> succeeded
//                 |     \--> requires_action(prepared) --note_progress--^        declined,
//                 cancelled
//                 +-- settle
//   refund:   due --record_refund--> pending --record_refund--> succeeded, failed
#pragma once

#include "domain/order.hpp"

namespace holdfast::domain {

struct payment_start {
  payment_id id;
  std::string provider;
  /// How long the attempt may take at most before it is called off: counted from its start, or from
  /// the order's deadline if the buyer may have to act meanwhile.
  std::int64_t grace_ms = 0;
  bool buyer_may_act = false;
  /// As in payment_attempt.
  request_id request;
  uuid request_content;
};

/// The buyer pays. From here until it is settled the tickets stay reserved. Refusals: forbidden,
/// order_complete, order_cancelled, order_expired, payment_in_progress.
order_decision begin_payment(const order& current, account_id payer, const payment_start& start,
                             instant now);

/// How far an unsettled attempt has come.
struct payment_progress {
  payment_id id;
  payment_stage stage = payment_stage::begun;
  /// pending or requires_action.
  payment_status status = payment_status::pending;
  /// Empty: as known.
  std::string provider_reference;
  std::string action;
  /// The provider has refused the charge that was asked for, so that nothing of it is on its way:
  /// the stage is `prepared` again.
  bool charge_refused = false;
};

/// The provider knows of the attempt, or the buyer has to act, or the charge is about to be asked
/// for. Nothing new: unchanged; else the stage never goes back. Refusal: unknown_payment.
order_decision note_progress(const order& current, const payment_progress& progress, instant now);

/// What the provider's word means for an attempt.
enum class payment_outcome : std::uint8_t { succeeded, declined, cancelled };

struct payment_result {
  payment_id id;
  payment_outcome outcome = payment_outcome::declined;
  std::string provider_reference;
  std::string decline_code;
  /// Names the refund, should the money be too late.
  refund_id late_refund;
};

/// The provider has answered for good. Money for an order that is no longer waiting for it is
/// refunded: the order gets a refund that is due and is otherwise as it was; a closed order never
/// opens again. Repeated words are unchanged. Refusal: unknown_payment.
order_decision settle_payment(const order& current, const payment_result& result, instant now);

/// Money that arrived for an attempt before the present one.
struct late_money {
  refund_id id;
  std::uint32_t attempt_number = 0;
  std::string provider;
  std::string charge_reference;
  std::int64_t amount_minor = 0;
};

/// It goes back. Known already: unchanged. Refusal: unknown_payment, if there never was such an
/// attempt.
order_decision note_late_money(const order& current, const late_money& money, instant now);

struct refund_wish {
  refund_id id;
  /// 0: all that remains.
  std::int64_t amount_minor = 0;
  bool releases_tickets = false;
};

template <class Inspector>
auto inspect(Inspector& f, refund_wish& x) {
  return f(x.id, x.amount_minor, x.releases_tickets);
}

/// What could still be given back of a complete order's payment.
std::int64_t refundable_minor(const order& x) noexcept;

/// An admin gives money back. A refund of this id: unchanged, so that a wish that is repeated has
/// one effect. With nothing left to give back and `releases_tickets`, the tickets of a complete
/// order go back on sale at once. Refusals: forbidden, nothing_to_refund, refund_in_progress,
/// refund_exceeds_payment, refund_not_whole.
order_decision begin_refund(const order& current, const requester& who, const refund_wish& wish,
                            instant now);

/// What the provider said of a refund. Succeeded, whole and so wished: the order is cancelled and
/// its tickets are on sale again in the same commit. Repeated: unchanged. Refusal: unknown_payment.
order_decision record_refund(const order& current, refund_id id, refund_state state,
                             std::string_view provider_reference, std::string_view failure_code,
                             instant now);

/// The provider's idempotency key of an attempt: the same for all tries of this attempt, another
/// for the next one.
std::string payment_key(order_id order, std::uint32_t attempt_number);

} // namespace holdfast::domain
