// What the catalog knows of each account, ticket and order, as small as it goes: rows of fixed size
// for what changes often, packed bytes for the rest, and numbers of four bytes in place of ids.
// Shared by the catalog's parts; one thread.
#pragma once

#include "actors/catalog_arena.hpp"
#include "actors/catalog_order.hpp"
#include "actors/catalog_table.hpp"

#include <algorithm>
#include <cstdint>
#include <limits>
#include <vector>

namespace holdfast::actors {

using row_number = std::uint32_t;
inline constexpr row_number no_row = ~row_number{0};

/// A seller or a buyer.
struct account_row {
  domain::uuid id;
};

/// Rows keep times in 48 bits, as ids do, and versions in 32.
inline constexpr domain::instant row_time_max = (domain::instant{1} << 48) - 1;
inline constexpr std::uint64_t row_version_max = std::numeric_limits<std::uint32_t>::max();

struct ticket_row {
  domain::uuid id;
  std::uint64_t updated_at : 48 = 0;
  /// 0: in no list, since it was deleted, or so far only an order has told of it.
  std::uint64_t status : 8 = 0;
  std::uint64_t is_known : 1 = 0;
  row_number seller = no_row;
  std::uint32_t version = 0;
  std::uint64_t reserved_until : 48 = 0;
  row_number order = no_row;
  /// See pack_content.
  catalog_arena::handle content = catalog_arena::none;
};
static_assert(sizeof(ticket_row) == 48);

struct order_row {
  domain::uuid id;
  std::uint32_t version = 0;
  row_number buyer = no_row;
  /// See catalog_orders.cpp.
  catalog_arena::handle details = catalog_arena::none;
  std::uint8_t status = 0;
  std::uint8_t reason = 0;
  /// False: so far only a ticket has told of it.
  bool is_known = false;
};
static_assert(sizeof(order_row) == 32);

struct catalog_rows {
  catalog_table<account_row> accounts;
  catalog_table<ticket_row> tickets;
  catalog_table<order_row> orders;
  catalog_arena bytes;
};

/// The numbers of the rows for which `wanted` is true, in the order of their ids.
template <class Row, class Wanted>
std::vector<row_number> numbers_by_id(const catalog_table<Row>& rows, Wanted wanted) {
  // The ids' high halves alone nearly always decide, without a look at the rows.
  struct entry {
    std::uint64_t high;
    row_number number;
  };
  std::vector<entry> entries;
  entries.reserve(rows.size());
  for (row_number each = 0; each < rows.size(); ++each)
    if (wanted(rows[each]))
      entries.push_back({rows[each].id.high, each});
  std::sort(entries.begin(), entries.end(), [&](const entry& a, const entry& b) {
    return a.high != b.high ? a.high < b.high : rows[a.number].id.low < rows[b.number].id.low;
  });
  std::vector<row_number> result;
  result.reserve(entries.size());
  for (const entry& each : entries)
    result.push_back(each.number);
  return result;
}

/// The same numbers by ascending group (`group_of(number)` is below `group_count`), in the order
/// that they had within each.
template <class GroupOf>
std::vector<row_number> grouped(const std::vector<row_number>& numbers, std::size_t group_count,
                                GroupOf group_of) {
  std::vector<row_number> next(group_count + 1);
  for (const row_number each : numbers)
    ++next[group_of(each) + 1];
  for (std::size_t group = 1; group <= group_count; ++group)
    next[group] += next[group - 1];
  std::vector<row_number> result(numbers.size());
  for (const row_number each : numbers)
    result[next[group_of(each)]++] = each;
  return result;
}

} // namespace holdfast::actors
