#include "net/api/encode.hpp"

#include "net/api/time_text.hpp"

#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

/// What a byte of a JSON string needs: 0 nothing, 'u' a \u00XX escape, '?' a look at what follows,
/// else the letter of its short escape.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i)
    table[i] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  table['<'] = 'u';
  table[0x7f] = 'u';
  table[0xe2] = '?'; // starts U+2028 and U+2029
  return table;
}
constexpr std::array<char, 256> escapes = make_escapes();

void append_number(std::string& out, std::uint64_t x) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  out.append(digits.data(), end);
}

void append_id(std::string& out, const domain::uuid& x) {
  out += '"';
  domain::append_to(out, x);
  out += '"';
}

/// Text that is known to need no escape.
void append_word(std::string& out, std::string_view x) {
  out += '"';
  out += x;
  out += '"';
}

void append_quoted_time(std::string& out, domain::instant x) {
  out += '"';
  append_time(out, x);
  out += '"';
}

void append_byte_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 0xf];
}

/// Members with optional ones among them: puts the commas.
class member_list {
 public:
  explicit member_list(std::string& out)
      : out_(out) {
    out_ += '{';
  }
  void text(std::string_view name, std::string_view value) {
    if (value.empty())
      return;
    start(name);
    append_json_string(out_, value);
  }
  void time(std::string_view name, domain::instant value) {
    if (value == 0)
      return;
    start(name);
    append_quoted_time(out_, value);
  }
  void close() { out_ += '}'; }

 private:
  void start(std::string_view name) {
    if (!first_)
      out_ += ',';
    first_ = false;
    append_word(out_, name);
    out_ += ':';
  }

  std::string& out_;
  bool first_ = true;
};

void append_event_details(std::string& out, const domain::event_details& x) {
  member_list members{out};
  members.text("name", x.name);
  members.text("category", x.category);
  members.text("venue", x.venue);
  members.time("startsAt", x.starts_at);
  members.text("seat", x.seat);
  members.close();
}

void append_order_line(std::string& out, const domain::order_line& x) {
  out += "{\"id\":";
  append_id(out, x.ticket);
  out += ",\"title\":";
  append_json_string(out, x.title);
  out += ",\"price\":";
  out += domain::format_amount(x.price_minor);
  out += ",\"version\":";
  append_number(out, x.ticket_version);
  out += '}';
}

void append_order_lines(std::string& out, const std::vector<domain::order_line>& lines) {
  // `ticket` is the first of `tickets`; an order has at least one.
  if (!lines.empty()) {
    out += ",\"ticket\":";
    append_order_line(out, lines.front());
  }
  out += ",\"tickets\":[";
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0)
      out += ',';
    append_order_line(out, lines[i]);
  }
  out += ']';
}

/// The first members of a session's or account's answer.
void append_user_members(std::string& out, domain::account_id id, std::string_view email) {
  out += "{\"id\":";
  append_id(out, id);
  out += ",\"email\":";
  append_json_string(out, email);
}

/// {"type":"…"
void open_frame(std::string& out, std::string_view type) {
  out += "{\"type\":";
  append_word(out, type);
}

void append_topics(std::string& out, std::span<const std::string> topics) {
  out += ",\"topics\":[";
  for (std::size_t i = 0; i < topics.size(); ++i) {
    if (i > 0)
      out += ',';
    append_json_string(out, topics[i]);
  }
  out += ']';
}

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

// -- building blocks
// ---------------------------------------------------------------------------------

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t run = 0; // start of what is to be copied as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = escapes[byte];
    if (escape == 0)
      continue;
    if (escape == '?') {
      const std::string_view three = text.substr(i, 3);
      if (three != "\u2028" && three != "\u2029")
        continue;
      out.append(text, run, i - run);
      out += three == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out.append(text, run, i - run);
      if (escape == 'u') {
        append_byte_escape(out, byte);
      } else {
        out += '\\';
        out += escape;
      }
    }
    run = i + 1;
  }
  out.append(text, run);
  out += '"';
}

void append_ticket(std::string& out, const domain::ticket& x) {
  out += "{\"id\":";
  append_id(out, x.id);
  out += ",\"version\":";
  append_number(out, x.version);
  out += ",\"title\":";
  append_json_string(out, x.content.title);
  out += ",\"price\":";
  out += domain::format_amount(x.content.price.minor);
  out += ",\"currency\":";
  append_word(out, x.content.price.currency.view());
  out += ",\"userId\":";
  append_id(out, x.seller);
  out += ",\"status\":";
  append_word(out, to_string(x.status));
  const bool reserved = x.status == domain::ticket_status::reserved;
  if (reserved || x.status == domain::ticket_status::sold) {
    out += ",\"orderId\":";
    append_id(out, x.order);
  }
  if (reserved) {
    out += ",\"reservedUntil\":";
    append_quoted_time(out, x.reserved_until);
  }
  if (!x.content.event.is_empty()) {
    out += ",\"event\":";
    append_event_details(out, x.content.event);
  }
  out += ",\"createdAt\":";
  append_quoted_time(out, x.created_at);
  out += ",\"updatedAt\":";
  append_quoted_time(out, x.updated_at);
  out += '}';
}

void append_order(std::string& out, const domain::order& x) {
  out += "{\"id\":";
  append_id(out, x.id);
  out += ",\"version\":";
  append_number(out, x.version);
  out += ",\"userId\":";
  append_id(out, x.buyer);
  out += ",\"status\":";
  append_word(out, to_string(x.status));
  if (x.status == domain::order_status::cancelled) {
    out += ",\"reason\":";
    append_word(out, to_string(x.reason));
  }
  out += ",\"expiresAt\":";
  append_quoted_time(out, x.expires_at);
  out += ",\"createdAt\":";
  append_quoted_time(out, x.created_at);
  out += ",\"total\":";
  out += domain::format_amount(x.total.minor);
  out += ",\"currency\":";
  append_word(out, x.total.currency.view());
  append_order_lines(out, x.lines);
  if (x.payment.status != domain::payment_status::none) {
    out += ",\"payment\":";
    append_payment(out, x);
  }
  out += '}';
}

// -- answers
// -----------------------------------------------------------------------------------------

void append_user(std::string& out, const domain::account& x) {
  append_user_members(out, x.id, x.email);
  out += '}';
}

void append_current_user(std::string& out, domain::account_id id, std::string_view email,
                         bool is_admin) {
  out += "{\"currentUser\":";
  append_user_members(out, id, email);
  out += is_admin ? ",\"roles\":[\"admin\"]}}" : ",\"roles\":[]}}";
}

void append_current_user(std::string& out, const domain::account* x, bool is_admin) {
  if (x)
    append_current_user(out, x->id, x->email, is_admin);
  else
    out += "{\"currentUser\":null}";
}

void append_payment(std::string& out, const domain::order& x) {
  out += "{\"id\":";
  append_id(out, x.payment.id);
  out += ",\"orderId\":";
  append_id(out, x.id);
  out += ",\"status\":";
  append_word(out, to_string(x.payment.status));
  out += ",\"amount\":";
  out += domain::format_amount(x.payment.amount_minor);
  out += ",\"currency\":";
  append_word(out, x.total.currency.view());
  if (x.payment.status == domain::payment_status::declined && !x.payment.decline_code.empty()) {
    out += ",\"declineCode\":";
    append_json_string(out, x.payment.decline_code);
  }
  out += '}';
}

void append_tickets(std::string& out, const std::vector<domain::ticket>& x) {
  out += '[';
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i > 0)
      out += ',';
    append_ticket(out, x[i]);
  }
  out += ']';
}

void append_orders(std::string& out, const std::vector<domain::order>& x) {
  out += '[';
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i > 0)
      out += ',';
    append_order(out, x[i]);
  }
  out += ']';
}

void append_errors(std::string& out, const input_faults& faults) {
  out += "{\"errors\":[";
  for (std::size_t i = 0; i < faults.size(); ++i) {
    if (i > 0)
      out += ',';
    out += "{\"message\":";
    append_json_string(out, faults[i].message);
    if (!faults[i].field.empty()) {
      out += ",\"field\":";
      append_json_string(out, faults[i].field);
    }
    out += ",\"code\":";
    append_json_string(out, faults[i].code);
    out += '}';
  }
  out += "]}";
}

void append_error(std::string& out, std::string_view code, std::string_view message) {
  out += "{\"errors\":[{\"message\":";
  append_json_string(out, message);
  out += ",\"code\":";
  append_json_string(out, code);
  out += "}]}";
}

// -- feed
// --------------------------------------------------------------------------------------------

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

// -- live frames
// -------------------------------------------------------------------------------------

void append_ticket_frame(std::string& out, std::string_view type, const domain::ticket& x) {
  open_frame(out, type);
  out += ",\"ticket\":";
  append_ticket(out, x);
  out += '}';
}

void append_order_frame(std::string& out, std::string_view type, const domain::order& x) {
  open_frame(out, type);
  out += ",\"order\":";
  append_order(out, x);
  out += '}';
}

void append_subscribed_frame(std::string& out, std::span<const std::string> topics,
                             const position_set& position) {
  open_frame(out, "subscribed");
  append_topics(out, topics);
  out += ",\"position\":\"";
  position.append_to(out);
  out += "\"}";
}

void append_unsubscribed_frame(std::string& out, std::span<const std::string> topics) {
  open_frame(out, "unsubscribed");
  append_topics(out, topics);
  out += '}';
}

void append_error_frame(std::string& out, std::string_view code, std::string_view message) {
  open_frame(out, "error");
  out += ",\"code\":";
  append_json_string(out, code);
  out += ",\"message\":";
  append_json_string(out, message);
  out += '}';
}

} // namespace holdfast::net
