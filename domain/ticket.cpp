#include "domain/ticket.hpp"

#include <algorithm>

namespace holdfast::domain {

namespace {

/// The next version of a ticket, still to be changed. Time never runs backwards in a record.
ticket successor(const ticket& current, instant now) {
  ticket next = current;
  ++next.version;
  next.updated_at = std::max(now, current.updated_at);
  return next;
}

bool is_held_by(const ticket& current, order_id order) {
  return !current.deleted && current.status == ticket_status::reserved && current.order == order;
}

/// What stands against any change by a person, in order of precedence.
refusal change_refused(const ticket& current, const requester& who) {
  if (current.deleted)
    return refusal::ticket_not_found;
  if (current.seller != who.id && !who.is_admin)
    return refusal::forbidden;
  if (current.status == ticket_status::reserved)
    return refusal::ticket_reserved;
  if (current.status == ticket_status::sold)
    return refusal::ticket_sold;
  return refusal::none;
}

} // namespace

std::string_view to_string(ticket_status x) noexcept {
  switch (x) {
  case ticket_status::available:
    return "available";
  case ticket_status::reserved:
    return "reserved";
  case ticket_status::sold:
    return "sold";
  }
  return "unknown";
}

ticket_decision create_ticket(ticket_id id, account_id seller, ticket_content content,
                              instant now) {
  ticket next;
  next.id = id;
  next.seller = seller;
  next.content = std::move(content);
  next.created_at = now;
  next.updated_at = now;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_created});
}

ticket_decision revise_ticket(const ticket& current, const requester& who, ticket_content content,
                              instant now) {
  if (const refusal why = change_refused(current, who); why != refusal::none)
    return ticket_decision::refuse(why);
  if (current.content == content)
    return ticket_decision::unchanged();
  ticket next = successor(current, now);
  next.content = std::move(content);
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

ticket_decision remove_ticket(const ticket& current, const requester& who, instant now) {
  if (const refusal why = change_refused(current, who); why != refusal::none)
    return ticket_decision::refuse(why);
  ticket next = successor(current, now);
  next.deleted = true;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_deleted});
}

ticket_decision reserve_ticket(const ticket& current, order_id order, account_id buyer,
                               std::uint64_t seen_version, instant until, instant now) {
  if (current.deleted)
    return ticket_decision::refuse(refusal::ticket_not_found);
  if (current.seller == buyer)
    return ticket_decision::refuse(refusal::own_ticket);
  if (is_held_by(current, order))
    return ticket_decision::unchanged();
  if (current.status == ticket_status::reserved)
    return ticket_decision::refuse(refusal::ticket_reserved);
  if (current.status == ticket_status::sold)
    return ticket_decision::refuse(refusal::ticket_sold);
  if (seen_version != any_version && seen_version != current.version)
    return ticket_decision::refuse(refusal::ticket_changed);
  ticket next = successor(current, now);
  next.status = ticket_status::reserved;
  next.order = order;
  next.reserved_until = until;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

ticket_decision extend_ticket(const ticket& current, order_id order, instant until, instant now) {
  if (!is_held_by(current, order))
    return ticket_decision::refuse(refusal::not_held_by_order);
  if (current.reserved_until == until)
    return ticket_decision::unchanged();
  ticket next = successor(current, now);
  next.reserved_until = until;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

ticket_decision release_ticket(const ticket& current, order_id order, instant now) {
  if (!is_held_by(current, order))
    return ticket_decision::refuse(refusal::not_held_by_order);
  ticket next = successor(current, now);
  next.status = ticket_status::available;
  next.order = order_id{};
  next.reserved_until = 0;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

ticket_decision sell_ticket(const ticket& current, order_id order, instant now) {
  if (!is_held_by(current, order))
    return ticket_decision::refuse(refusal::not_held_by_order);
  ticket next = successor(current, now);
  next.status = ticket_status::sold;
  next.reserved_until = 0;
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

ticket_decision take_back_ticket(const ticket& current, order_id order, instant now) {
  if (current.deleted || current.status != ticket_status::sold || current.order != order)
    return ticket_decision::refuse(refusal::not_held_by_order);
  ticket next = successor(current, now);
  next.status = ticket_status::available;
  next.order = order_id{};
  return ticket_decision::change(std::move(next), {feed_event_type::ticket_updated});
}

} // namespace holdfast::domain
