#include "actors/catalog_tickets.hpp"

#include <algorithm>

namespace holdfast::actors {

namespace {

constexpr std::uint8_t unlisted = 0;
/// Lists are mostly shorter than the limit that a client names.
constexpr std::uint32_t reserve_max = 200;

std::uint8_t status_number_of(const domain::ticket& ticket) {
  return ticket.deleted ? unlisted : static_cast<std::uint8_t>(ticket.status);
}

bool fits(const domain::ticket& ticket) {
  const auto is_time = [](domain::instant x) { return x >= 0 && x <= row_time_max; };
  return ticket.version <= row_version_max && is_time(ticket.updated_at) &&
         is_time(ticket.reserved_until);
}

bool matches(std::uint8_t status, ticket_filter filter) {
  switch (filter) {
  case ticket_filter::available:
    return status == static_cast<std::uint8_t>(domain::ticket_status::available);
  case ticket_filter::reserved:
    return status == static_cast<std::uint8_t>(domain::ticket_status::reserved);
  case ticket_filter::sold:
    return status == static_cast<std::uint8_t>(domain::ticket_status::sold);
  case ticket_filter::all:
    return true;
  }
  return false;
}

constexpr auto time_mask = static_cast<std::uint64_t>(row_time_max);

/// Where a ticket stands among those of all sellers.
struct seller_place {
  row_number seller;
  std::uint8_t status;
  domain::uuid id;
};

bool is_before(const ticket_row& row, const seller_place& place) {
  if (row.seller != place.seller)
    return row.seller < place.seller;
  if (row.status != place.status)
    return row.status < place.status;
  return row.id < place.id;
}

seller_place place_of(const ticket_row& row) {
  return {row.seller, static_cast<std::uint8_t>(row.status), row.id};
}

} // namespace

// -- changing

row_change catalog_tickets::apply(const domain::ticket& ticket) {
  if (!fits(ticket))
    return row_change::damaged;
  scratch_.clear();
  if (!ticket.deleted)
    pack_content(scratch_, ticket);
  if (scratch_.size() > catalog_arena::bytes_max)
    return row_change::damaged;
  const row_number number = rows_.tickets.find_or_add(ticket.id);
  ticket_row& row = rows_.tickets[number];
  if (row.is_known && row.version >= ticket.version)
    return row.version > ticket.version ? row_change::outdated : row_change::known_already;
  if (!row.is_known)
    ++count_;
  const row_number seller = seller_of(row, ticket);
  const bool moves = row.status != status_number_of(ticket) || row.seller != seller;
  if (moves)
    unlist(number);
  row.seller = seller;
  write_row(row, ticket);
  if (moves)
    enlist(number);
  return row_change::changed;
}

row_number catalog_tickets::seller_of(const ticket_row& row, const domain::ticket& ticket) {
  if (ticket.deleted)
    return no_row;
  if (row.seller != no_row && rows_.accounts[row.seller].id == ticket.seller)
    return row.seller;
  return rows_.accounts.find_or_add(ticket.seller);
}

void catalog_tickets::write_row(ticket_row& row, const domain::ticket& ticket) {
  row.is_known = 1;
  row.version = static_cast<std::uint32_t>(ticket.version);
  row.status = status_number_of(ticket);
  // Of a ticket that is gone only the version has to be known.
  row.updated_at = (ticket.deleted ? 0 : static_cast<std::uint64_t>(ticket.updated_at)) & time_mask;
  row.reserved_until =
      (ticket.deleted ? 0 : static_cast<std::uint64_t>(ticket.reserved_until)) & time_mask;
  if (ticket.deleted || ticket.order.is_nil())
    row.order = no_row;
  else if (row.order == no_row || rows_.orders[row.order].id != ticket.order)
    row.order = rows_.orders.find_or_add(ticket.order);
  if (!ticket.deleted) {
    row.content = rows_.bytes.replace(row.content, scratch_);
  } else if (row.content != catalog_arena::none) {
    rows_.bytes.remove(row.content);
    row.content = catalog_arena::none;
  }
}

void catalog_tickets::enlist(row_number number) {
  const ticket_row& row = rows_.tickets[number];
  if (filling_ || row.status == unlisted)
    return;
  by_status_[row.status - 1U].insert(
      number, [&](row_number other) { return rows_.tickets[other].id < row.id; });
  by_seller_.insert(number, [&, place = place_of(row)](row_number other) {
    return is_before(rows_.tickets[other], place);
  });
}

void catalog_tickets::unlist(row_number number) {
  const ticket_row& row = rows_.tickets[number];
  if (filling_ || row.status == unlisted)
    return;
  by_status_[row.status - 1U].erase(
      number, [&](row_number other) { return rows_.tickets[other].id < row.id; });
  by_seller_.erase(number, [&, place = place_of(row)](row_number other) {
    return is_before(rows_.tickets[other], place);
  });
}

void catalog_tickets::end_fill() {
  filling_ = false;
  const auto listed =
      numbers_by_id(rows_.tickets, [](const ticket_row& row) { return row.status != unlisted; });
  std::vector<row_number> part;
  for (std::size_t status = 1; status <= status_count; ++status) {
    part.clear();
    std::copy_if(listed.begin(), listed.end(), std::back_inserter(part),
                 [&](row_number each) { return rows_.tickets[each].status == status; });
    by_status_[status - 1].assign(part);
  }
  by_seller_.assign(
      grouped(listed, rows_.accounts.size() * (status_count + 1), [&](row_number each) {
        const ticket_row& row = rows_.tickets[each];
        return std::size_t{row.seller} * (status_count + 1) + row.status;
      }));
}

// -- reading

/// The tickets of one status, and of one seller if asked for, from newer to older.
class catalog_tickets::run {
 public:
  run() = default;
  run(const catalog_rows& rows, const catalog_order& order, catalog_order::place from,
      status_number status, row_number seller)
      : rows_(&rows)
      , order_(&order)
      , at_(from)
      , status_(status)
      , seller_(seller) {
    advance();
  }

  /// Null at the end.
  const ticket_row* head() const noexcept { return head_; }

  void advance() noexcept {
    head_ = nullptr;
    const row_number next = order_->step_back(at_);
    if (next == catalog_order::none)
      return;
    const ticket_row& row = rows_->tickets[next];
    if (seller_ == no_row || (row.seller == seller_ && row.status == status_))
      head_ = &row;
  }

 private:
  const catalog_rows* rows_ = nullptr;
  const catalog_order* order_ = nullptr;
  catalog_order::place at_;
  const ticket_row* head_ = nullptr;
  status_number status_ = unlisted;
  row_number seller_ = no_row;
};

catalog_tickets::run catalog_tickets::run_of(status_number status, row_number seller,
                                             const domain::ticket_id& after) const {
  const auto& tickets = rows_.tickets;
  if (seller == no_row) {
    const catalog_order& order = by_status_[status - 1U];
    const auto from =
        order.seek([&](row_number each) { return after.is_nil() || tickets[each].id < after; });
    return {rows_, order, from, status, seller};
  }
  constexpr domain::uuid greatest{~std::uint64_t{0}, ~std::uint64_t{0}};
  const seller_place before{seller, status, after.is_nil() ? greatest : after};
  const auto from =
      by_seller_.seek([&](row_number each) { return is_before(tickets[each], before); });
  return {rows_, by_seller_, from, status, seller};
}

ticket_page catalog_tickets::list(const list_tickets& query) const {
  ticket_page page;
  row_number seller = no_row;
  if (!query.seller.is_nil()) {
    seller = rows_.accounts.find(query.seller);
    if (seller == no_row)
      return page;
  }
  std::array<run, status_count> runs;
  std::size_t run_count = 0;
  for (status_number status = 1; status <= status_count; ++status)
    if (matches(status, query.filter))
      runs[run_count++] = run_of(status, seller, query.after);
  page.tickets.reserve(std::min(query.limit, reserve_max));
  for (;;) {
    run* newest = nullptr;
    for (std::size_t i = 0; i < run_count; ++i)
      if (runs[i].head() && (!newest || newest->head()->id < runs[i].head()->id))
        newest = &runs[i];
    if (!newest)
      break;
    if (page.tickets.size() == query.limit) {
      page.more = true;
      break;
    }
    append(page.tickets, *newest->head());
    newest->advance();
  }
  return page;
}

const domain::uuid& catalog_tickets::order_of(const ticket_row& row) const {
  static constexpr domain::uuid nil;
  return row.order == no_row ? nil : rows_.orders[row.order].id;
}

void catalog_tickets::append(ticket_list& to, const ticket_row& row) const {
  packed_ticket head;
  head.id = row.id;
  head.seller = rows_.accounts[row.seller].id;
  head.order = order_of(row);
  head.version = row.version;
  head.reserved_until = static_cast<domain::instant>(row.reserved_until);
  head.updated_at = static_cast<domain::instant>(row.updated_at);
  head.status = static_cast<domain::ticket_status>(row.status);
  to.push_back(head, rows_.bytes.at(row.content));
}

std::optional<domain::ticket> catalog_tickets::find(const domain::ticket_id& id) const {
  const row_number number = rows_.tickets.find(id);
  if (number == no_row || rows_.tickets[number].status == unlisted)
    return std::nullopt;
  const ticket_row& row = rows_.tickets[number];
  ticket_view view;
  view.id = domain::ticket_id{row.id};
  view.version = row.version;
  view.seller = domain::account_id{rows_.accounts[row.seller].id};
  view.status = static_cast<domain::ticket_status>(row.status);
  view.order = domain::order_id{order_of(row)};
  view.reserved_until = static_cast<domain::instant>(row.reserved_until);
  view.updated_at = static_cast<domain::instant>(row.updated_at);
  unpack_content(rows_.bytes.at(row.content), view);
  return view.copy();
}

} // namespace holdfast::actors
