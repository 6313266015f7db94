#include "actors/protocol/ticket_list.hpp"

#include "actors/protocol/packed_bytes.hpp"

#include <algorithm>

namespace holdfast::actors {

namespace {

/// Which parts of the event's details follow.
enum event_part : std::uint8_t {
  has_name = 1,
  has_category = 2,
  has_venue = 4,
  has_time = 8,
  has_seat = 16
};

std::uint8_t parts_of(const domain::event_details& x) {
  return static_cast<std::uint8_t>(
      (x.name.empty() ? 0 : has_name) | (x.category.empty() ? 0 : has_category) |
      (x.venue.empty() ? 0 : has_venue) | (x.starts_at == 0 ? 0 : has_time) |
      (x.seat.empty() ? 0 : has_seat));
}

/// About what a ticket takes in a list.
constexpr std::size_t bytes_guess = sizeof(packed_ticket) + 96;

} // namespace

// -- one ticket

ticket_view::ticket_view(const domain::ticket& x) noexcept
    : id(x.id)
    , version(x.version)
    , seller(x.seller)
    , title(x.content.title)
    , price(x.content.price)
    , event{x.content.event.name, x.content.event.category, x.content.event.venue,
            x.content.event.starts_at, x.content.event.seat}
    , status(x.status)
    , order(x.order)
    , reserved_until(x.reserved_until)
    , created_at(x.created_at)
    , updated_at(x.updated_at) {}

domain::ticket ticket_view::copy() const {
  domain::ticket result;
  result.id = id;
  result.version = version;
  result.seller = seller;
  result.content.title = title;
  result.content.price = price;
  result.content.event.name = event.name;
  result.content.event.category = event.category;
  result.content.event.venue = event.venue;
  result.content.event.starts_at = event.starts_at;
  result.content.event.seat = event.seat;
  result.status = status;
  result.order = order;
  result.reserved_until = reserved_until;
  result.created_at = created_at;
  result.updated_at = updated_at;
  return result;
}

void pack_content(std::string& out, const domain::ticket& x) {
  packed_writer to{out};
  to.signed_number(x.content.price.minor);
  to.currency(x.content.price.currency);
  // An id is drawn just before its ticket is made.
  to.signed_number(x.created_at - x.id.created_at());
  to.text(x.content.title);
  const domain::event_details& event = x.content.event;
  const std::uint8_t parts = parts_of(event);
  to.byte(parts);
  if (parts & has_name)
    to.text(event.name);
  if (parts & has_category)
    to.text(event.category);
  if (parts & has_venue)
    to.text(event.venue);
  if (parts & has_time)
    to.signed_number(event.starts_at);
  if (parts & has_seat)
    to.text(event.seat);
}

void unpack_content(std::string_view bytes, ticket_view& into) noexcept {
  packed_reader from{bytes};
  into.price.minor = from.signed_number();
  into.price.currency = from.currency();
  into.created_at = into.id.created_at() + from.signed_number();
  into.title = from.text();
  const std::uint8_t parts = from.byte();
  into.event = {};
  if (parts & has_name)
    into.event.name = from.text();
  if (parts & has_category)
    into.event.category = from.text();
  if (parts & has_venue)
    into.event.venue = from.text();
  if (parts & has_time)
    into.event.starts_at = from.signed_number();
  if (parts & has_seat)
    into.event.seat = from.text();
}

// -- many

void ticket_list::reserve(std::size_t tickets) {
  bytes_.reserve(tickets * bytes_guess);
}

void ticket_list::push_back(packed_ticket head, std::string_view content) {
  head.content_size = static_cast<std::uint32_t>(content.size());
  packed_writer{bytes_}.plain(head);
  bytes_ += content;
  ++count_;
  last_id_ = domain::ticket_id{head.id};
}

void ticket_list::iterator::read() noexcept {
  size_ = 0;
  if (rest_.empty())
    return;
  const auto head = packed_reader{rest_}.plain<packed_ticket>();
  size_ = std::min(sizeof head + head.content_size, rest_.size());
  now_.id = domain::ticket_id{head.id};
  now_.version = head.version;
  now_.seller = domain::account_id{head.seller};
  now_.order = domain::order_id{head.order};
  now_.status = head.status;
  now_.reserved_until = head.reserved_until;
  now_.updated_at = head.updated_at;
  const std::size_t head_size = std::min(sizeof head, size_);
  unpack_content(rest_.substr(head_size, size_ - head_size), now_);
}

std::vector<domain::ticket> ticket_list::copies() const {
  std::vector<domain::ticket> result;
  result.reserve(count_);
  for (const ticket_view& each : *this)
    result.push_back(each.copy());
  return result;
}

} // namespace holdfast::actors
