// The read model of one node in memory: the tickets and orders as the log has told of them so far,
// and which sessions are over.
// Only newer versions replace what is known, so applying something twice, or a scan and the log in
// any order, does no harm. Pure data structure; belongs to the catalog actor.
#pragma once

#include "actors/catalog_orders.hpp"
#include "actors/catalog_rows.hpp"
#include "actors/catalog_tickets.hpp"
#include "actors/protocol/catalog_messages.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <optional>
#include <string_view>
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
    /// A list or a ticket shows something else now.
    bool shown = false;
    /// A newer version was known: nobody is told of this one any more.
    bool outdated = false;
  };

  catalog() = default;
  catalog(const catalog&) = delete;
  catalog& operator=(const catalog&) = delete;

  /// Applies a record as the log gives it.
  applied_change apply(const persistence::entity_key& key, std::string_view record, bool removed);

  /// Between these, records as a scan gives them; the lists are right from end_fill on. False: the
  /// bytes are no record.
  void begin_fill();
  bool fill(const persistence::entity_key& key, std::string_view record);
  void end_fill();

  ticket_page list(const list_tickets& query) const { return tickets_.list(query); }
  order_page list(const list_orders& query) const { return orders_.list(query); }
  order_page list(const list_unsettled& query) const { return orders_.list(query); }
  /// Nothing: unknown or deleted.
  std::optional<domain::ticket> find(const domain::ticket_id& id) const {
    return tickets_.find(id);
  }
  std::vector<domain::session_revocation> revocations() const;
  std::vector<account_revocation> account_revocations() const;

  std::size_t ticket_count() const noexcept { return tickets_.count(); }
  std::size_t order_count() const noexcept { return orders_.count(); }

 private:
  std::optional<account_revocation> apply_account(const domain::account& account);
  void apply_revocation(const persistence::entity_key& key, std::string_view record, bool removed,
                        applied_change& result);

  catalog_rows rows_;
  catalog_tickets tickets_{rows_};
  catalog_orders orders_{rows_};
  std::unordered_map<domain::session_id, domain::session_revocation> revocations_;
  /// Until when; only accounts that the operator took over.
  std::unordered_map<domain::account_id, domain::instant> account_revocations_;
};

} // namespace holdfast::actors
