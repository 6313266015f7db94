#include "actors/catalog_orders.hpp"

#include "actors/protocol/packed_bytes.hpp"

#include <utility>

namespace holdfast::actors {

namespace {

auto buyer_key(const order_row& row) {
  return std::pair(row.buyer, row.id);
}

} // namespace

// -- changing

row_change catalog_orders::apply(const domain::order& order) {
  if (order.version > row_version_max)
    return row_change::damaged;
  const row_number number = rows_.orders.find_or_add(order.id);
  order_row& row = rows_.orders[number];
  if (row.is_known && row.version >= order.version)
    return row.version > order.version ? row_change::outdated : row_change::known_already;
  pack_details(order);
  if (scratch_.size() > catalog_arena::bytes_max)
    return row_change::damaged;
  const bool moves = !row.is_known || rows_.accounts[row.buyer].id != order.buyer;
  if (moves && row.is_known)
    unlist(number);
  if (domain::is_unsettled(order))
    unsettled_.insert_or_assign(order.id, order);
  else if (!unsettled_.empty())
    unsettled_.erase(order.id);
  row.version = static_cast<std::uint32_t>(order.version);
  row.status = static_cast<std::uint8_t>(order.status);
  row.reason = static_cast<std::uint8_t>(order.reason);
  row.details = rows_.bytes.replace(row.details, scratch_);
  if (!row.is_known)
    ++count_;
  row.is_known = true;
  if (moves) {
    row.buyer = rows_.accounts.find_or_add(order.buyer);
    enlist(number);
  }
  return row_change::changed;
}

void catalog_orders::enlist(row_number number) {
  if (filling_)
    return;
  by_buyer_.insert(number, [&, key = buyer_key(rows_.orders[number])](row_number other) {
    return buyer_key(rows_.orders[other]) < key;
  });
}

void catalog_orders::unlist(row_number number) {
  if (filling_)
    return;
  by_buyer_.erase(number, [&, key = buyer_key(rows_.orders[number])](row_number other) {
    return buyer_key(rows_.orders[other]) < key;
  });
}

void catalog_orders::end_fill() {
  filling_ = false;
  const auto known = numbers_by_id(rows_.orders, [](const order_row& row) { return row.is_known; });
  by_buyer_.assign(grouped(known, rows_.accounts.size(),
                           [&](row_number each) { return std::size_t{rows_.orders[each].buyer}; }));
}

// -- details: everything that the row doesn't say

void catalog_orders::pack_details(const domain::order& order) {
  scratch_.clear();
  packed_writer to{scratch_};
  // Times that lie close together are short as differences.
  to.signed_number(order.created_at - order.id.created_at());
  to.signed_number(order.expires_at - order.created_at);
  to.signed_number(order.updated_at - order.created_at);
  to.signed_number(order.total.minor);
  to.currency(order.total.currency);
  to.number(order.lines.size());
  for (const domain::order_line& line : order.lines) {
    to.number(rows_.tickets.find_or_add(line.ticket));
    to.number(line.ticket_version);
    to.text(line.title);
    to.signed_number(line.price_minor);
  }
  to.byte(static_cast<std::uint8_t>(order.payment.status));
  if (order.payment.status == domain::payment_status::none)
    return;
  to.id(order.payment.id);
  to.signed_number(order.payment.amount_minor);
  to.text(order.payment.decline_code);
  to.text(order.payment.provider);
  to.signed_number(order.payment.give_up_at);
}

domain::order catalog_orders::unpack(const order_row& row) const {
  domain::order order;
  order.id = domain::order_id{row.id};
  order.version = row.version;
  order.buyer = domain::account_id{rows_.accounts[row.buyer].id};
  order.status = static_cast<domain::order_status>(row.status);
  order.reason = static_cast<domain::cancel_reason>(row.reason);
  packed_reader from{rows_.bytes.at(row.details)};
  order.created_at = order.id.created_at() + from.signed_number();
  order.expires_at = order.created_at + from.signed_number();
  order.updated_at = order.created_at + from.signed_number();
  order.total.minor = from.signed_number();
  order.total.currency = from.currency();
  order.lines.resize(static_cast<std::size_t>(from.number()));
  for (domain::order_line& line : order.lines) {
    line.ticket = domain::ticket_id{rows_.tickets[static_cast<row_number>(from.number())].id};
    line.ticket_version = from.number();
    line.title = from.text();
    line.price_minor = from.signed_number();
  }
  order.payment.status = static_cast<domain::payment_status>(from.byte());
  if (order.payment.status == domain::payment_status::none)
    return order;
  order.payment.id = domain::payment_id{from.id()};
  order.payment.amount_minor = from.signed_number();
  order.payment.decline_code = from.text();
  order.payment.provider = from.text();
  order.payment.give_up_at = from.signed_number();
  return order;
}

// -- reading

order_page catalog_orders::list(const list_orders& query) const {
  order_page page;
  const row_number buyer = rows_.accounts.find(query.buyer);
  if (buyer == no_row)
    return page;
  auto at = by_buyer_.seek([&](row_number each) {
    const order_row& row = rows_.orders[each];
    return row.buyer < buyer ||
           (row.buyer == buyer && !query.after.is_nil() && row.id <= query.after);
  });
  for (;;) {
    const row_number next = by_buyer_.step_on(at);
    if (next == catalog_order::none || rows_.orders[next].buyer != buyer)
      return page;
    if (page.orders.size() == query.limit) {
      page.more = true;
      return page;
    }
    // An unsettled one with all that its buyer needs to act.
    const order_row& row = rows_.orders[next];
    const auto unsettled = unsettled_.find(domain::order_id{row.id});
    page.orders.push_back(unsettled != unsettled_.end() ? unsettled->second : unpack(row));
  }
}

order_page catalog_orders::list(const list_unsettled& query) const {
  order_page page;
  for (auto at = query.after.is_nil() ? unsettled_.begin() : unsettled_.upper_bound(query.after);
       at != unsettled_.end(); ++at) {
    if (page.orders.size() == query.limit) {
      page.more = true;
      break;
    }
    page.orders.push_back(at->second);
    // Nobody but the buyer needs it.
    page.orders.back().payment.action.clear();
  }
  return page;
}

} // namespace holdfast::actors
