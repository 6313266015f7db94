// The catalog's orders: of each what an answer shows, and which are whose. Belongs to the catalog;
// one thread.
#pragma once

#include "actors/catalog_rows.hpp"
#include "actors/catalog_tickets.hpp"
#include "actors/protocol/catalog_messages.hpp"

#include <map>
#include <string>

namespace holdfast::actors {

class catalog_orders {
 public:
  explicit catalog_orders(catalog_rows& rows)
      : rows_(rows) {}

  row_change apply(const domain::order& order);
  order_page list(const list_orders& query) const;
  order_page list(const list_unsettled& query) const;
  std::size_t count() const noexcept { return count_; }

  /// As of catalog_tickets.
  void begin_fill() { filling_ = true; }
  void end_fill();

 private:
  void enlist(row_number order);
  void unlist(row_number order);
  void pack_details(const domain::order& order);
  domain::order unpack(const order_row& row) const;

  catalog_rows& rows_;
  /// By buyer and id.
  catalog_order by_buyer_;
  /// Whose payment or refund is not settled, whole: there are few of them.
  std::map<domain::order_id, domain::order> unsettled_;
  std::size_t count_ = 0;
  bool filling_ = false;
  /// Kept for its memory.
  std::string scratch_;
};

} // namespace holdfast::actors
