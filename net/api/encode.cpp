#include "net/api/encode.hpp"

namespace holdfast::net {

namespace {

/// About what a ticket's text takes.
constexpr std::size_t ticket_bytes_guess = 400;

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

void append_event_details(std::string& out, const actors::ticket_view::event_view& x) {
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

} // namespace

// -- building blocks ------------------------------------------------------------------------------

void append_ticket(std::string& out, const actors::ticket_view& x) {
  out += "{\"id\":";
  append_id(out, x.id);
  out += ",\"version\":";
  append_number(out, x.version);
  out += ",\"title\":";
  append_json_string(out, x.title);
  out += ",\"price\":";
  out += domain::format_amount(x.price.minor);
  out += ",\"currency\":";
  append_word(out, x.price.currency.view());
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
  if (!x.event.is_empty()) {
    out += ",\"event\":";
    append_event_details(out, x.event);
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

// -- answers --------------------------------------------------------------------------------------

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

void append_tickets(std::string& out, const actors::ticket_list& x) {
  out.reserve(out.size() + 2 + x.size() * ticket_bytes_guess);
  out += '[';
  bool first = true;
  for (const actors::ticket_view& each : x) {
    if (!first)
      out += ',';
    first = false;
    append_ticket(out, each);
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

} // namespace holdfast::net
