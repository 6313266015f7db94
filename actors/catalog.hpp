// The read model of one node in memory: the tickets and orders as the log has told of them so far,
// and which sessions are over.
// Only newer versions replace what is known, so applying something twice, or a scan and the log in
// any order, does no harm. Pure data structure; belongs to the catalog actor.
#pragma once

#include "actors/protocol/catalog_messages.hpp"
#include "persistence/store.hpp"

#include <array>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

namespace holdfast::actors {

class catalog {
 public:
  /// What one change came to: the decoded record, if it is of a kind that the catalog knows.
  struct applied_change {
    std::shared_ptr<const domain::ticket> ticket;
    std::shared_ptr<const domain::order> order;
    std::shared_ptr<const domain::session_revocation> revocation;
    std::optional<account_revocation> of_account;
    /// The bytes are no record: a damaged log.
    bool damaged = false;
  };

  /// Applies a record as the log or a scan gives it.
  applied_change apply(const persistence::entity_key& key, std::string_view record, bool removed);

  ticket_page list(const list_tickets& query) const;
  order_page list(const list_orders& query) const;
  /// nullptr: unknown or deleted.
  std::shared_ptr<const domain::ticket> find(const domain::ticket_id& id) const;
  std::vector<domain::session_revocation> revocations() const;
  std::vector<account_revocation> account_revocations() const;

  std::size_t ticket_count() const noexcept { return tickets_.size(); }
  std::size_t order_count() const noexcept { return orders_.size(); }

 private:
  /// Ids sort by time; newest first.
  using newest_first = std::set<domain::ticket_id, std::greater<>>;

  void apply_ticket(std::shared_ptr<const domain::ticket> ticket);
  void apply_order(std::shared_ptr<const domain::order> order);
  std::optional<account_revocation> apply_account(const domain::account& account);
  void unlist(const domain::ticket& ticket);
  void enlist(const domain::ticket& ticket);
  const newest_first* ids_of(const list_tickets& query) const;

  std::unordered_map<domain::ticket_id, std::shared_ptr<const domain::ticket>> tickets_;
  std::array<newest_first, 3> by_status_;
  newest_first all_;
  std::unordered_map<domain::account_id, newest_first> by_seller_;
  std::unordered_map<domain::order_id, std::shared_ptr<const domain::order>> orders_;
  std::unordered_map<domain::account_id, std::set<domain::order_id>> by_buyer_;
  std::unordered_map<domain::session_id, domain::session_revocation> revocations_;
  /// Until when; only accounts that the operator took over.
  std::unordered_map<domain::account_id, domain::instant> account_revocations_;
};

} // namespace holdfast::actors
