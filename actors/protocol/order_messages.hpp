// What is asked of an order actor, and what it answers. Sent to the order's shard. Refusals and
// failures: errors.hpp.
#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/ticket_messages.hpp"
#include "domain/order_payment.hpp"

#include <caf/actor_control_block.hpp>

#include <vector>

namespace holdfast::actors {

/// From the front: lock tickets. The order's id is drawn by the front, with the slot of the first
/// ticket. Answer: order_written. The shard passes it to the first ticket, which refuses by itself
/// what its durable state refuses, so that a loser costs no order actor.
struct place_order {
  command_context context;
  domain::order_id id;
  /// 1 to order_lines_max in ascending order, no two the same: orders that want the same tickets
  /// ask for them in the same order and never wait for each other in a circle.
  std::vector<domain::ticket_id> tickets;
  /// For each ticket the version that the buyer saw, or domain::any_version.
  std::vector<std::uint64_t> seen_versions;
};

template <class Inspector>
auto inspect(Inspector& f, place_order& x) {
  return f(x.context, x.id, x.tickets, x.seen_versions);
}

/// From a ticket to its shard: the first ticket has drafted its reservation, make the order actor.
/// Never leaves the node. Answered in place of place_order: order_written.
struct place_drafted_order {
  place_order command;
  domain::instant expires_at = 0;
  ticket_draft first_draft;
  /// The ticket's actor, which waits for the verdict.
  caf::strong_actor_ptr drafter;
};

/// From the front. Answer: order_written; also for an order that is cancelled already (position 0).
/// Safe to repeat. While the buyer has to act on a payment, that is called off at the provider
/// first.
struct cancel_order {
  command_context context;
  domain::order_id id;
};

template <class Inspector>
auto inspect(Inspector& f, cancel_order& x) {
  return f(x.context, x.id);
}

/// From the front. Answer: order_written with position 0, for the buyer and admins. An order past
/// its deadline is expired first.
struct read_order {
  command_context context;
  domain::order_id id;
};

template <class Inspector>
auto inspect(Inspector& f, read_order& x) {
  return f(x.context, x.id);
}

/// The order as committed.
struct order_written {
  domain::order order;
  write_position at;
  /// What an earlier request of this name came to, not this one.
  bool repeated = false;
};

template <class Inspector>
auto inspect(Inspector& f, order_written& x) {
  return f(x.order, x.at, x.repeated);
}

/// From the front: pay. Answer: payment_answered, at the latest `answer_within_ms` after the
/// attempt was committed; the attempt itself goes on if the provider takes longer. While the buyer
/// has to act on an earlier attempt, that one is called off at the provider first.
struct pay_order {
  command_context context;
  domain::order_id id;
  domain::payment_id payment;
  /// The provider's name for the buyer's means of payment. Kept in memory until the attempt is
  /// settled, never stored, never logged.
  std::string token;
  std::int64_t answer_within_ms = 0;
  /// Empty: the first one.
  std::string provider;
  /// The buyer has acted on the attempt under way: ask the provider about it now. `payment` doesn't
  /// count then.
  bool resume = false;
};

template <class Inspector>
auto inspect(Inspector& f, pay_order& x) {
  return f(x.context, x.id, x.payment, x.token, x.answer_within_ms, x.provider, x.resume);
}

/// The payment's state stands in `order.payment` of the attempt `payment`: succeeded, declined,
/// cancelled, requires_action, or pending if the outcome isn't known yet.
struct payment_answered {
  domain::order order;
  domain::payment_id payment;
  write_position at;
  /// What an earlier request of this name came to, not this one.
  bool repeated = false;
};

template <class Inspector>
auto inspect(Inspector& f, payment_answered& x) {
  return f(x.order, x.payment, x.at, x.repeated);
}

/// From the front, for an admin: give money back. Answer: order_written as soon as the refund is
/// committed; the provider is asked behind it. Refusals: domain::begin_refund.
struct refund_order {
  command_context context;
  domain::order_id id;
  domain::refund_wish wish;
};

template <class Inspector>
auto inspect(Inspector& f, refund_order& x) {
  return f(x.context, x.id, x.wish);
}

/// From the front or the reconciler: the provider says that something happened to a charge. No
/// proof: the order asks the provider itself. Answer: order_written once what follows from it is
/// committed, or nothing does; failure::unavailable if the provider can't be asked now. Safe to
/// repeat. Refusal: order_not_found.
struct notify_payment {
  domain::order_id id;
  std::string provider;
  std::string reference;
  std::uint32_t attempt_number = 0;
  bool succeeded = false;
  /// 0: no deadline.
  domain::instant deadline = 0;
};

template <class Inspector>
auto inspect(Inspector& f, notify_payment& x) {
  return f(x.id, x.provider, x.reference, x.attempt_number, x.succeeded, x.deadline);
}

/// From the shard's due index: look at your deadline, your unsettled payment, your outstanding
/// refunds. No answer.
struct wake_order {
  domain::order_id id;
};

template <class Inspector>
auto inspect(Inspector& f, wake_order& x) {
  return f(x.id);
}

/// From an order actor to its shard: wake me at this instant (0: never), in place of what was said
/// before. No answer.
struct order_due {
  domain::order_id id;
  domain::instant due = 0;
};

template <class Inspector>
auto inspect(Inspector& f, order_due& x) {
  return f(x.id, x.due);
}

} // namespace holdfast::actors
