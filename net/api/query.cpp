#include "net/api/query.hpp"

#include "config/limits.hpp"
#include "net/api/text.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

using config::limits::list_limit_default;
using config::limits::list_limit_max;

int hexadecimal_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  if (c >= 'A' && c <= 'F')
    return c - 'A' + 10;
  return -1;
}

/// What a list takes, in the order in which its faults are reported.
struct known_parameter {
  std::string_view name;
  std::optional<std::string> value;
  bool malformed = false;
  bool repeated = false;

  bool present() const noexcept { return value.has_value() || malformed; }
};

/// Would narrow or order a list if they were served.
constexpr std::array<std::string_view, 7> unsupported_parameters{
    "q", "category", "minPrice", "maxPrice", "from", "to", "sort"};

/// Reads `query` into the known parameters; reports those that are repeated or malformed.
class parameter_reader {
 public:
  parameter_reader(std::string_view query, std::span<known_parameter> known)
      : known_(known) {
    while (!query.empty()) {
      const std::size_t end = query.find('&');
      read_one(query.substr(0, end));
      query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    }
  }

  /// The value, if it stands there once and well; else nothing, and a fault if it stands there at
  /// all.
  const std::string* take(std::string_view name, input_faults& faults) const {
    for (const known_parameter& parameter : known_) {
      if (parameter.name != name)
        continue;
      if (parameter.repeated)
        faults.push_back({std::string{name}, "invalid",
                          "The parameter " + std::string{name} + " is given twice"});
      else if (parameter.malformed)
        faults.push_back({std::string{name}, "invalid",
                          "The parameter " + std::string{name} + " is not properly encoded"});
      else if (parameter.value)
        return &*parameter.value;
    }
    return nullptr;
  }

  /// Of a list that knows what it doesn't serve.
  void report_unsupported(input_faults& faults) const {
    for (std::size_t i = 0; i < unsupported_parameters.size(); ++i)
      if (unsupported_[i])
        faults.push_back(
            {std::string{unsupported_parameters[i]}, "unsupported",
             "This server does not filter or sort by " + std::string{unsupported_parameters[i]}});
  }

 private:
  void read_one(std::string_view text) {
    const std::size_t equals = text.find('=');
    const auto name = percent_decode(text.substr(0, equals));
    if (!name)
      return; // no name of ours, as it is no name at all
    for (std::size_t i = 0; i < unsupported_parameters.size(); ++i)
      if (*name == unsupported_parameters[i])
        unsupported_[i] = true;
    const auto place = std::find_if(known_.begin(), known_.end(),
                                    [&](const known_parameter& x) { return x.name == *name; });
    if (place == known_.end())
      return;
    if (place->present())
      place->repeated = true;
    place->value = percent_decode(equals == std::string_view::npos ? std::string_view{}
                                                                   : text.substr(equals + 1));
    place->malformed = !place->value.has_value();
  }

  std::span<known_parameter> known_;
  std::array<bool, unsupported_parameters.size()> unsupported_{};
};

std::uint32_t take_limit(const parameter_reader& reader, input_faults& faults) {
  const std::string* text = reader.take("limit", faults);
  if (!text)
    return list_limit_default;
  std::uint32_t value = 0;
  const char* end = text->data() + text->size();
  const auto [stop, error] = std::from_chars(text->data(), end, value);
  if (error != std::errc{} || stop != end || value < 1 || value > list_limit_max) {
    faults.push_back({"limit", "invalid",
                      "Limit must be a whole number from 1 to " + std::to_string(list_limit_max)});
    return list_limit_default;
  }
  return value;
}

void add_after_fault(input_faults& faults) {
  faults.push_back({"after", "invalid", "After must be taken from an earlier answer"});
}

domain::uuid take_after(const parameter_reader& reader, cursor_kind kind, input_faults& faults) {
  const std::string* text = reader.take("after", faults);
  if (!text)
    return {};
  const auto id = parse_cursor(kind, *text);
  if (!id) {
    add_after_fault(faults);
    return {};
  }
  return *id;
}

std::optional<actors::ticket_filter> parse_filter(std::string_view text) noexcept {
  if (text == "available")
    return actors::ticket_filter::available;
  if (text == "reserved")
    return actors::ticket_filter::reserved;
  if (text == "sold")
    return actors::ticket_filter::sold;
  if (text == "all")
    return actors::ticket_filter::all;
  return std::nullopt;
}

} // namespace

std::optional<std::string> percent_decode(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '+') {
      result += ' ';
      continue;
    }
    if (text[i] != '%') {
      result += text[i];
      continue;
    }
    if (text.size() - i < 3)
      return std::nullopt;
    const int high = hexadecimal_value(text[i + 1]);
    const int low = hexadecimal_value(text[i + 2]);
    if (high < 0 || low < 0)
      return std::nullopt;
    result += static_cast<char>(high * 16 + low);
    i += 2;
  }
  if (!is_utf8(result))
    return std::nullopt;
  return result;
}

void append_percent_encoded(std::string& out, std::string_view text) {
  constexpr std::string_view digits = "0123456789ABCDEF";
  for (const char c : text) {
    const bool unreserved = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                            (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
    if (unreserved) {
      out += c;
      continue;
    }
    const auto byte = static_cast<unsigned char>(c);
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
  }
}

decoded<ticket_list_query> decode_ticket_list_query(std::string_view query) {
  decoded<ticket_list_query> result;
  if (query.empty()) {
    result.value.limit = list_limit_default;
    return result;
  }
  std::array<known_parameter, 4> known{
      {{"status", {}}, {"seller", {}}, {"limit", {}}, {"after", {}}}};
  const parameter_reader reader{query, known};
  const std::string* status = reader.take("status", result.faults);
  if (status) {
    if (const auto filter = parse_filter(*status))
      result.value.filter = *filter;
    else
      result.faults.push_back(
          {"status", "invalid", "Status must be one of available, reserved, sold and all"});
  }
  if (const std::string* seller = reader.take("seller", result.faults)) {
    result.value.own = *seller == "me";
    if (!result.value.own)
      result.faults.push_back({"seller", "invalid", "Seller can only be me"});
    else if (!status)
      result.value.filter = actors::ticket_filter::all;
  }
  result.value.limit = take_limit(reader, result.faults);
  result.value.after = domain::ticket_id{take_after(reader, cursor_kind::ticket, result.faults)};
  reader.report_unsupported(result.faults);
  return result;
}

decoded<order_list_query> decode_order_list_query(std::string_view query) {
  decoded<order_list_query> result;
  std::array<known_parameter, 2> known{{{"limit", {}}, {"after", {}}}};
  const parameter_reader reader{query, known};
  result.value.limit = take_limit(reader, result.faults);
  result.value.after = domain::order_id{take_after(reader, cursor_kind::order, result.faults)};
  return result;
}

decoded<feed_query> decode_feed_query(std::string_view query) {
  decoded<feed_query> result;
  std::array<known_parameter, 2> known{{{"after", {}}, {"limit", {}}}};
  const parameter_reader reader{query, known};
  if (const std::string* after = reader.take("after", result.faults)) {
    result.value.after = parse_feed_position(*after);
    if (!result.value.after)
      add_after_fault(result.faults);
  }
  result.value.limit = take_limit(reader, result.faults);
  return result;
}

} // namespace holdfast::net
