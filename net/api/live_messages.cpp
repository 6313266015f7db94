#include "net/api/live_messages.hpp"

#include "net/api/json_reader.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <unordered_set>

namespace holdfast::net {

namespace {

constexpr std::string_view ticket_prefix = "ticket:";

std::optional<topic> parse_topic(const json_value& x) noexcept {
  if (x.kind != json_kind::string)
    return std::nullopt;
  const std::string_view text = x.text;
  if (text == "tickets")
    return topic{topic_kind::tickets, {}};
  if (text == "orders")
    return topic{topic_kind::orders, {}};
  if (!text.starts_with(ticket_prefix))
    return std::nullopt;
  const auto id = domain::ticket_id::parse(text.substr(ticket_prefix.size()));
  if (!id)
    return std::nullopt;
  return topic{topic_kind::ticket, *id};
}

std::optional<live_request_kind> parse_kind(const json_value& root) noexcept {
  const json_value* type = root.find("type");
  if (!type || type->kind != json_kind::string)
    return std::nullopt;
  if (type->text == "subscribe")
    return live_request_kind::subscribe;
  if (type->text == "unsubscribe")
    return live_request_kind::unsubscribe;
  if (type->text == "ping")
    return live_request_kind::ping;
  return std::nullopt;
}

live_fault read_topics(const json_value& root, std::size_t topics_max, std::vector<topic>& out) {
  const json_value* topics = root.find("topics");
  if (!topics || topics->kind != json_kind::array || topics->elements.empty())
    return live_fault::invalid_topic;
  // Judged by its length before a single topic is looked at: the frame's size is all that bounds
  // it.
  if (topics->elements.size() > topics_max)
    return live_fault::too_many_topics;
  std::unordered_set<domain::ticket_id> seen;
  for (const json_value& element : topics->elements) {
    const auto parsed = parse_topic(element);
    if (!parsed)
      return live_fault::invalid_topic;
    const bool repeated = parsed->kind == topic_kind::ticket
                              ? !seen.insert(parsed->ticket).second
                              : std::find(out.begin(), out.end(), *parsed) != out.end();
    if (!repeated)
      out.push_back(*parsed);
  }
  return live_fault::none;
}

} // namespace

std::string to_string(const topic& x) {
  switch (x.kind) {
  case topic_kind::tickets:
    return "tickets";
  case topic_kind::ticket:
    return std::string{ticket_prefix} + domain::to_string(x.ticket);
  case topic_kind::orders:
    return "orders";
  }
  return "unknown";
}

std::string_view to_string(live_fault x) noexcept {
  switch (x) {
  case live_fault::none:
    return "none";
  case live_fault::invalid_json:
    return "invalid_json";
  case live_fault::unknown_type:
    return "unknown_type";
  case live_fault::invalid_topic:
    return "invalid_topic";
  case live_fault::too_many_topics:
    return "too_many_topics";
  case live_fault::not_signed_in:
    return "not_signed_in";
  case live_fault::not_text:
    return "not_text";
  case live_fault::rate_limited:
    return "rate_limited";
  }
  return "unknown";
}

std::string_view explain(live_fault x) noexcept {
  switch (x) {
  case live_fault::none:
    return "Nothing is wrong";
  case live_fault::invalid_json:
    return "A message must be one JSON object";
  case live_fault::unknown_type:
    return "The type must be subscribe, unsubscribe or ping";
  case live_fault::invalid_topic:
    return "Topics must be a list of tickets, ticket:<id> and orders";
  case live_fault::too_many_topics:
    return "Too many topics for one connection";
  case live_fault::not_signed_in:
    return "You are not signed in";
  case live_fault::not_text:
    return "A message must be a text frame";
  case live_fault::rate_limited:
    return "Too many messages, please wait a little";
  }
  return "Something is wrong with the message";
}

live_request decode_live_request(std::string_view frame, std::size_t topics_max) {
  live_request result;
  const json_document document = read_json_object(frame);
  if (!document.ok()) {
    result.fault = live_fault::invalid_json;
    return result;
  }
  const auto kind = parse_kind(document.root);
  if (!kind) {
    result.fault = live_fault::unknown_type;
    return result;
  }
  result.kind = *kind;
  if (*kind != live_request_kind::ping)
    result.fault = read_topics(document.root, topics_max, result.topics);
  if (!result.ok())
    result.topics.clear();
  return result;
}

} // namespace holdfast::net
