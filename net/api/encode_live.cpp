#include "net/api/encode.hpp"

namespace holdfast::net {

namespace {

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

} // namespace

void append_ticket_frame(std::string& out, std::string_view type, const domain::ticket& x) {
  open_frame(out, type);
  out += ",\"ticket\":";
  append_ticket(out, x);
  out += '}';
}

void append_order_frame(std::string& out, std::string_view type, const domain::order& x) {
  open_frame(out, type);
  out += ",\"order\":";
  append_order(out, x, order_audience::buyer); // nobody else is told of orders
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
