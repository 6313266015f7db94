#include "net/api/encode.hpp"

#include <memory>
#include <variant>

namespace holdfast::net {

namespace {

/// The head of a feed event's last members, the same for every kind of record.
void append_entity(std::string& out, const domain::uuid& entity, std::uint64_t version) {
  out += ",\"entity\":";
  append_id(out, entity);
  out += ",\"version\":";
  append_number(out, version);
  out += ",\"data\":";
}

/// Appends the record of a feed event; one overload for each kind.
struct record_writer {
  std::string& out;

  void operator()(const std::shared_ptr<const domain::ticket>& x) const {
    append_entity(out, x->id, x->version);
    append_ticket(out, *x);
  }
  void operator()(const std::shared_ptr<const domain::order>& x) const {
    append_entity(out, x->id, x->version);
    append_order(out, *x);
  }
  void operator()(const std::shared_ptr<const domain::session_revocation>& x) const {
    // Not public (is_public); named, so that a caller's mistake shows nothing of anybody.
    append_entity(out, x->id, x->version);
    out += "{}";
  }
};

} // namespace

bool is_public(domain::feed_event_type x) noexcept {
  switch (x) {
  case domain::feed_event_type::ticket_created:
  case domain::feed_event_type::ticket_updated:
  case domain::feed_event_type::ticket_deleted:
  case domain::feed_event_type::order_created:
  case domain::feed_event_type::order_awaitingpayment:
  case domain::feed_event_type::order_cancelled:
  case domain::feed_event_type::order_expired:
  case domain::feed_event_type::order_completed:
  case domain::feed_event_type::order_updated:
  case domain::feed_event_type::payment_created:
  case domain::feed_event_type::payment_refunded:
    return true;
  case domain::feed_event_type::session_revoked:
    return false;
  }
  return false;
}

void append_feed_event(std::string& out, const actors::feed_item& x, const feed_position& id) {
  out += "{\"id\":\"";
  append_to(out, id);
  out += "\",\"type\":";
  append_word(out, to_string(x.type));
  out += ",\"time\":";
  append_quoted_time(out, x.time);
  std::visit(record_writer{out}, x.record);
  out += '}';
}

void append_feed(std::string& out, const std::vector<actors::feed_item>& items,
                 feed_position& reached) {
  out += '[';
  bool first = true;
  for (const actors::feed_item& item : items) {
    reached.reached.merge(item.at);
    reached.stream = item.at.stream;
    reached.index = item.index;
    if (!is_public(item.type))
      continue;
    if (!first)
      out += ',';
    first = false;
    append_feed_event(out, item, reached);
  }
  out += ']';
}

} // namespace holdfast::net
