// What is asked of the catalog (this node's read model) and of the feed, and what they answer.
#pragma once

#include "actors/protocol/context.hpp"
#include "actors/protocol/ticket_list.hpp"
#include "domain/account.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace holdfast::actors {

/// Which tickets a list shows. Stored nowhere.
enum class ticket_filter : std::uint8_t { available, reserved, sold, all };

std::string to_string(ticket_filter x);

/// Tickets, newest first. Answer: ticket_page.
struct list_tickets {
  ticket_filter filter = ticket_filter::available;
  /// Only this seller's; nil: everybody's.
  domain::account_id seller;
  /// Only tickets that come after this one in the list's order; nil: from the start.
  domain::ticket_id after;
  std::uint32_t limit = 50;
};

template <class Inspector>
auto inspect(Inspector& f, list_tickets& x) {
  return f(x.filter, x.seller, x.after, x.limit);
}

struct ticket_page {
  ticket_list tickets;
  /// There are more after the last one.
  bool more = false;
};

template <class Inspector>
auto inspect(Inspector& f, ticket_page& x) {
  return f(x.tickets, x.more);
}

/// One ticket. Answer: the ticket. Refusal: ticket_not_found (also when deleted).
struct find_ticket {
  domain::ticket_id id;
};

template <class Inspector>
auto inspect(Inspector& f, find_ticket& x) {
  return f(x.id);
}

/// A buyer's orders, oldest first. Answer: order_page.
struct list_orders {
  domain::account_id buyer;
  domain::order_id after;
  std::uint32_t limit = 50;
};

template <class Inspector>
auto inspect(Inspector& f, list_orders& x) {
  return f(x.buyer, x.after, x.limit);
}

/// Orders of which a payment or a refund is not settled, oldest first, as they were committed.
/// Answer: order_page.
struct list_unsettled {
  domain::order_id after;
  std::uint32_t limit = 50;
};

template <class Inspector>
auto inspect(Inspector& f, list_unsettled& x) {
  return f(x.after, x.limit);
}

/// A buyer's unsettled order is whole; of a settled one's payment a page says what an answer shows:
/// id, status, amount, provider and decline code. The rest is with the order's actor.
struct order_page {
  std::vector<domain::order> orders;
  bool more = false;
};

template <class Inspector>
auto inspect(Inspector& f, order_page& x) {
  return f(x.orders, x.more);
}

/// All of an account's sessions that were issued before an instant are over.
struct account_revocation {
  domain::account_id account;
  domain::instant revoked_before = 0;

  friend bool operator==(const account_revocation&, const account_revocation&) = default;
};

template <class Inspector>
auto inspect(Inspector& f, account_revocation& x) {
  return f(x.account, x.revoked_before);
}

/// A committed fact with the record that it describes, as of that fact.
struct feed_item {
  domain::feed_event_type type = domain::feed_event_type::ticket_created;
  write_position at;
  /// Place among the feed events of the same commit, from 0.
  std::uint32_t index = 0;
  domain::instant time = 0;
  std::variant<std::shared_ptr<const domain::ticket>, std::shared_ptr<const domain::order>,
               std::shared_ptr<const domain::session_revocation>>
      record;
};

/// What a subscriber knows from the start: everything up to `applied`; what comes after it arrives
/// as feed_advanced.
struct feed_start {
  std::vector<std::uint64_t> applied;
  /// The sessions that are over though their tokens have not run out.
  std::vector<domain::session_revocation> revocations;
  std::vector<account_revocation> account_revocations;
};

template <class Inspector>
auto inspect(Inspector& f, feed_start& x) {
  return f(x.applied, x.revocations, x.account_revocations);
}

/// Facts in log order, and how far each stream of the log has been applied with them.
struct feed_update {
  std::vector<feed_item> items;
  std::vector<std::uint64_t> applied;
  /// Not facts of the feed, which never tells of accounts: for the nodes' own checks of sessions.
  std::vector<account_revocation> account_revocations;
  /// Set when facts before this update were lost and can't be told: anything may have changed since
  /// the last one, and this is where a subscriber starts anew.
  std::optional<feed_start> anew;
};

/// Shared by everybody on this node who looks at it; never leaves the node.
using feed_update_ptr = std::shared_ptr<const feed_update>;

/// From the catalog to its subscribers, after it has applied the update itself. No answer.
struct feed_advanced {
  feed_update_ptr update;
};

/// To the catalog, from an actor that wants feed_advanced from now on. Answer: feed_start.
struct subscribe_feed {};

template <class Inspector>
auto inspect(Inspector& f, subscribe_feed&) {
  return f();
}

/// Where the log ends now, all nodes' commits included. Answer: log_end_told, or
/// failure::unavailable.
struct find_log_end {};
struct log_end_told {
  std::vector<std::uint64_t> ends;
};

/// To the feed: what comes after a position. Answer: feed_page, or failure::unavailable.
struct read_feed {
  /// One number for each stream; empty: from the oldest that is kept.
  std::vector<std::uint64_t> after;
  /// Skip this many feed events of the commit right behind `after` in the stream `skip_in`.
  std::uint32_t skip = 0;
  std::uint32_t skip_in = 0;
  std::uint32_t limit = 100;
};

template <class Inspector>
auto inspect(Inspector& f, read_feed& x) {
  return f(x.after, x.skip, x.skip_in, x.limit);
}

struct feed_page {
  /// What was asked for is older than what is kept.
  bool gone = false;
  /// At most the limit, in log order.
  std::vector<feed_item> items;
};

} // namespace holdfast::actors
