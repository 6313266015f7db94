// The catalog's tickets: what is known of each, and the lists of them by status, and by seller and
// status. Belongs to the catalog; one thread.
#pragma once

#include "actors/catalog_rows.hpp"
#include "actors/protocol/catalog_messages.hpp"

#include <array>
#include <optional>
#include <string>

namespace holdfast::actors {

enum class row_change : std::uint8_t {
  changed,
  /// The same version was known.
  known_already,
  /// A newer version was known.
  outdated,
  /// No record of ours looks like this.
  damaged,
};

class catalog_tickets {
 public:
  explicit catalog_tickets(catalog_rows& rows)
      : rows_(rows) {}

  row_change apply(const domain::ticket& ticket);
  ticket_page list(const list_tickets& query) const;
  /// Nothing: unknown or deleted.
  std::optional<domain::ticket> find(const domain::ticket_id& id) const;
  /// Also those that were deleted.
  std::size_t count() const noexcept { return count_; }

  /// Until end_fill the lists are left alone, which makes many changes quick.
  void begin_fill() { filling_ = true; }
  void end_fill();

 private:
  class run;
  using status_number = std::uint8_t;
  static constexpr std::size_t status_count = 3;

  void write_row(ticket_row& row, const domain::ticket& ticket);
  void enlist(row_number ticket);
  void unlist(row_number ticket);
  row_number seller_of(const ticket_row& row, const domain::ticket& ticket);
  run run_of(status_number status, row_number seller, const domain::ticket_id& after) const;
  void append(ticket_list& to, const ticket_row& row) const;
  const domain::uuid& order_of(const ticket_row& row) const;

  catalog_rows& rows_;
  /// By id.
  std::array<catalog_order, status_count> by_status_;
  /// By seller, status and id.
  catalog_order by_seller_;
  std::size_t count_ = 0;
  bool filling_ = false;
  /// Kept for its memory.
  std::string scratch_;
};

} // namespace holdfast::actors
