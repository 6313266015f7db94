// What is asked of a ticket actor, and what it answers. All are sent to the ticket's shard, which
// passes them on. Refusals and failures: errors.hpp.
#pragma once

#include "actors/protocol/context.hpp"
#include "domain/ticket.hpp"

#include <memory>

namespace holdfast::actors {

/// From the front: list a new ticket under an id that the front has drawn. Answer: ticket_written.
/// Repeated while the ticket is in memory: the seller's ticket is answered as it is; else
/// failure::unavailable (the id is taken for a fresh one, and its commit is refused).
struct create_ticket {
  command_context context;
  domain::ticket_id id;
  domain::ticket_content content;
};

template <class Inspector>
auto inspect(Inspector& f, create_ticket& x) {
  return f(x.context, x.id, x.content);
}

/// From the front: write the content anew. Answer: ticket_written. Safe to repeat.
struct revise_ticket {
  command_context context;
  domain::ticket_id id;
  domain::ticket_content content;
};

template <class Inspector>
auto inspect(Inspector& f, revise_ticket& x) {
  return f(x.context, x.id, x.content);
}

/// From the front: take the ticket off the market. Answer: ticket_written (with the tombstone). A
/// repetition is refused with ticket_not_found.
struct remove_ticket {
  command_context context;
  domain::ticket_id id;
};

template <class Inspector>
auto inspect(Inspector& f, remove_ticket& x) {
  return f(x.context, x.id);
}

/// The ticket as committed.
struct ticket_written {
  domain::ticket ticket;
  write_position at;
  /// What an earlier request of this name came to, not this one.
  bool repeated = false;
};

template <class Inspector>
auto inspect(Inspector& f, ticket_written& x) {
  return f(x.ticket, x.at, x.repeated);
}

/// What an order wants a ticket to become.
enum class draft_wish : std::uint8_t { reserve, extend, release, sell, take_back };

std::string to_string(draft_wish x);

/// From an order actor: decide on this change, but don't commit it: the order commits it together
/// with its own and sends a verdict. Until then the ticket decides on nothing else. Answer:
/// ticket_draft, or the refusal. The ticket watches the sender: if that goes down, the ticket dies
/// (the commit's outcome is unknown to it) and its next activation loads the truth.
struct draft_ticket {
  domain::ticket_id id;
  domain::order_id order;
  domain::account_id buyer;
  draft_wish wish = draft_wish::reserve;
  /// For reserve and extend: until when the lock stands.
  domain::instant until = 0;
  /// For reserve: the version that the buyer saw, or domain::any_version.
  std::uint64_t seen_version = domain::any_version;
  /// From this instant on the order has stopped waiting, so the ticket must not draft any more: a
  /// draft that nobody knows of would hold it up. 0: no limit.
  domain::instant answer_until = 0;
};

template <class Inspector>
auto inspect(Inspector& f, draft_ticket& x) {
  return f(x.id, x.order, x.buyer, x.wish, x.until, x.seen_version, x.answer_until);
}

/// The ticket as it will be once the order has committed. Never leaves the shard's node, so that
/// ticket and order share it.
struct ticket_draft {
  std::shared_ptr<const domain::ticket> next;
  /// The version that was decided on.
  std::uint64_t base_version = 0;
  domain::feed_event_types events;
  /// The ticket already is as wished: nothing to commit, no verdict to wait for.
  bool unchanged = false;
};

/// From the order actor that a ticket has drafted for. No answer.
struct draft_verdict {
  domain::ticket_id id;
  domain::order_id order;
  /// The draft is committed; else it is dropped, nothing was written.
  bool committed = false;
};

template <class Inspector>
auto inspect(Inspector& f, draft_verdict& x) {
  return f(x.id, x.order, x.committed);
}

} // namespace holdfast::actors
