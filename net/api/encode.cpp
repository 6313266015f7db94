#include "net/api/encode.hpp"

#include "net/api/text_writer.hpp"

namespace holdfast::net {

namespace {

/// About what a ticket's text takes.
constexpr std::size_t ticket_bytes_guess = 512;

/// Members with optional ones among them: puts the commas.
class member_list {
 public:
  explicit member_list(text_writer& out)
      : out_(out) {
    out_.add('{');
  }
  /// `start` is the member's name with quotes, colon and the value's first quote.
  template <std::size_t Size>
  void text(const char (&start)[Size], std::string_view value) {
    if (value.empty())
      return;
    begin(start);
    out_.add_escaped(value);
    out_.add('"');
  }
  template <std::size_t Size>
  void time(const char (&start)[Size], domain::instant value) {
    if (value == 0)
      return;
    begin(start);
    out_.add_time(value);
    out_.add('"');
  }
  void close() { out_.add('}'); }

 private:
  template <std::size_t Size>
  void begin(const char (&start)[Size]) {
    if (!first_)
      out_.add(',');
    first_ = false;
    out_.add(start);
  }

  text_writer& out_;
  bool first_ = true;
};

void write_event_details(text_writer& out, const actors::ticket_view::event_view& x) {
  member_list members{out};
  members.text("\"name\":\"", x.name);
  members.text("\"category\":\"", x.category);
  members.text("\"venue\":\"", x.venue);
  members.time("\"startsAt\":\"", x.starts_at);
  members.text("\"seat\":\"", x.seat);
  members.close();
}

void write_order_line(text_writer& out, const domain::order_line& x) {
  out.add("{\"id\":\"");
  out.add_id(x.ticket);
  out.add("\",\"title\":\"");
  out.add_escaped(x.title);
  out.add("\",\"price\":");
  out.add_amount(x.price_minor);
  out.add(",\"version\":");
  out.add_number(x.ticket_version);
  out.add('}');
}

void write_order_lines(text_writer& out, const std::vector<domain::order_line>& lines) {
  // `ticket` is the first of `tickets`; an order has at least one.
  if (!lines.empty()) {
    out.add(",\"ticket\":");
    write_order_line(out, lines.front());
  }
  out.add(",\"tickets\":[");
  for (std::size_t i = 0; i < lines.size(); ++i) {
    if (i > 0)
      out.add(',');
    write_order_line(out, lines[i]);
  }
  out.add(']');
}

void write_ticket(text_writer& out, const actors::ticket_view& x) {
  out.add("{\"id\":\"");
  out.add_id(x.id);
  out.add("\",\"version\":");
  out.add_number(x.version);
  out.add(",\"title\":\"");
  out.add_escaped(x.title);
  out.add("\",\"price\":");
  out.add_amount(x.price.minor);
  out.add(",\"currency\":\"");
  out.add(x.price.currency.view());
  out.add("\",\"userId\":\"");
  out.add_id(x.seller);
  out.add("\",\"status\":\"");
  out.add(to_string(x.status));
  const bool reserved = x.status == domain::ticket_status::reserved;
  if (reserved || x.status == domain::ticket_status::sold) {
    out.add("\",\"orderId\":\"");
    out.add_id(x.order);
  }
  if (reserved) {
    out.add("\",\"reservedUntil\":\"");
    out.add_time(x.reserved_until);
  }
  if (x.event.is_empty()) {
    out.add("\",\"createdAt\":\"");
  } else {
    out.add("\",\"event\":");
    write_event_details(out, x.event);
    out.add(",\"createdAt\":\"");
  }
  out.add_time(x.created_at);
  out.add("\",\"updatedAt\":\"");
  out.add_time(x.updated_at);
  out.add("\"}");
}

/// What is still to come of an attempt, for whoever waits.
void write_unsettled(text_writer& out, const domain::payment_attempt& x) {
  const bool buyer_acts = x.status == domain::payment_status::requires_action;
  out.add(",\"unsettled\":{\"next\":\"");
  out.add(buyer_acts ? "buyer_acts" : "ask_provider");
  out.add("\",\"message\":\"");
  out.add(buyer_acts
              ? "The buyer has to confirm the payment. Without that it is called off, and nothing "
                "is charged"
              : "The provider is asked again until it says what became of the payment. Until then "
                "the tickets stay reserved");
  out.add("\",\"settledBy\":\"");
  out.add_time(x.give_up_at);
  out.add("\"}");
}

/// What the buyer's page needs so that he can act.
void write_action(text_writer& out, const domain::payment_attempt& x) {
  out.add(",\"action\":{\"provider\":\"");
  out.add_escaped(x.provider);
  out.add(x.action.starts_with("http") ? "\",\"url\":\"" : "\",\"clientSecret\":\"");
  out.add_escaped(x.action);
  out.add("\"}");
}

void write_payment(text_writer& out, const domain::order& x, order_audience audience) {
  const domain::payment_attempt& payment = x.payment;
  out.add("{\"id\":\"");
  out.add_id(payment.id);
  out.add("\",\"orderId\":\"");
  out.add_id(x.id);
  out.add("\",\"status\":\"");
  out.add(to_string(payment.status));
  out.add("\",\"provider\":\"");
  out.add_escaped(payment.provider);
  out.add("\",\"amount\":");
  out.add_amount(payment.amount_minor);
  out.add(",\"currency\":\"");
  out.add(x.total.currency.view());
  if (payment.status == domain::payment_status::declined && !payment.decline_code.empty()) {
    out.add("\",\"declineCode\":\"");
    out.add_escaped(payment.decline_code);
  }
  out.add('"');
  if (payment.is_unsettled())
    write_unsettled(out, payment);
  if (payment.status == domain::payment_status::requires_action && !payment.action.empty() &&
      audience == order_audience::buyer)
    write_action(out, payment);
  out.add('}');
}

void write_refund(text_writer& out, const domain::order& order, const domain::refund& x) {
  out.add("{\"id\":\"");
  out.add_id(x.id);
  out.add("\",\"status\":\"");
  out.add(to_string(x.state));
  out.add("\",\"reason\":\"");
  out.add(to_string(x.reason));
  out.add("\",\"amount\":");
  out.add_amount(x.amount_minor);
  out.add(",\"currency\":\"");
  out.add(order.total.currency.view());
  if (!x.failure_code.empty()) {
    out.add("\",\"failureCode\":\"");
    out.add_escaped(x.failure_code);
  }
  out.add(x.releases_tickets ? "\",\"releasesTickets\":true,\"createdAt\":\""
                             : "\",\"createdAt\":\"");
  out.add_time(x.created_at);
  out.add("\",\"updatedAt\":\"");
  out.add_time(x.updated_at);
  out.add("\"}");
}

void write_refunds(text_writer& out, const domain::order& x) {
  out.add(",\"refunds\":[");
  for (std::size_t i = 0; i < x.refunds.size(); ++i) {
    if (i > 0)
      out.add(',');
    write_refund(out, x, x.refunds[i]);
  }
  out.add(']');
}

void write_order(text_writer& out, const domain::order& x, order_audience audience) {
  out.add("{\"id\":\"");
  out.add_id(x.id);
  out.add("\",\"version\":");
  out.add_number(x.version);
  out.add(",\"userId\":\"");
  out.add_id(x.buyer);
  out.add("\",\"status\":\"");
  out.add(to_string(x.status));
  if (x.status == domain::order_status::cancelled) {
    out.add("\",\"reason\":\"");
    out.add(to_string(x.reason));
  }
  out.add("\",\"expiresAt\":\"");
  out.add_time(x.expires_at);
  out.add("\",\"createdAt\":\"");
  out.add_time(x.created_at);
  out.add("\",\"total\":");
  out.add_amount(x.total.minor);
  out.add(",\"currency\":\"");
  out.add(x.total.currency.view());
  out.add('"');
  write_order_lines(out, x.lines);
  if (x.payment.status != domain::payment_status::none) {
    out.add(",\"payment\":");
    write_payment(out, x, audience);
  }
  if (!x.refunds.empty())
    write_refunds(out, x);
  out.add('}');
}

/// The first members of a session's or account's answer.
void write_user_members(text_writer& out, domain::account_id id, std::string_view email) {
  out.add("{\"id\":\"");
  out.add_id(id);
  out.add("\",\"email\":\"");
  out.add_escaped(email);
  out.add('"');
}

} // namespace

// -- building blocks ------------------------------------------------------------------------------

void append_ticket(std::string& out, const actors::ticket_view& x) {
  text_writer writer{out};
  write_ticket(writer, x);
}

void append_order(std::string& out, const domain::order& x, order_audience audience) {
  text_writer writer{out};
  write_order(writer, x, audience);
}

// -- answers --------------------------------------------------------------------------------------

void append_user(std::string& out, const domain::account& x) {
  text_writer writer{out};
  write_user_members(writer, x.id, x.email);
  writer.add('}');
}

void append_current_user(std::string& out, domain::account_id id, std::string_view email,
                         bool is_admin) {
  text_writer writer{out};
  writer.add("{\"currentUser\":");
  write_user_members(writer, id, email);
  if (is_admin)
    writer.add(",\"roles\":[\"admin\"]}}");
  else
    writer.add(",\"roles\":[]}}");
}

void append_current_user(std::string& out, const domain::account* x, bool is_admin) {
  if (x)
    append_current_user(out, x->id, x->email, is_admin);
  else
    out += "{\"currentUser\":null}";
}

void append_payment(std::string& out, const domain::order& x) {
  text_writer writer{out};
  write_payment(writer, x, order_audience::buyer);
}

void append_providers(std::string& out, const std::vector<provider_shown>& x) {
  text_writer writer{out};
  writer.add('[');
  for (std::size_t i = 0; i < x.size(); ++i) {
    writer.add(i > 0 ? ",{\"name\":\"" : "{\"name\":\"");
    writer.add_escaped(x[i].name);
    if (!x[i].publishable_key.empty()) {
      writer.add("\",\"publishableKey\":\"");
      writer.add_escaped(x[i].publishable_key);
    }
    writer.add("\"}");
  }
  writer.add(']');
}

void append_tickets(std::string& out, const actors::ticket_list& x) {
  out.reserve(out.size() + 2 + x.size() * ticket_bytes_guess);
  text_writer writer{out};
  writer.add('[');
  bool first = true;
  for (const actors::ticket_view& each : x) {
    if (!first)
      writer.add(',');
    first = false;
    write_ticket(writer, each);
  }
  writer.add(']');
}

void append_orders(std::string& out, const std::vector<domain::order>& x) {
  text_writer writer{out};
  writer.add('[');
  for (std::size_t i = 0; i < x.size(); ++i) {
    if (i > 0)
      writer.add(',');
    write_order(writer, x[i], order_audience::anybody);
  }
  writer.add(']');
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
