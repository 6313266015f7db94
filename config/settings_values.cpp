// Between texts and typed values: the same functions read a value from the file, the environment
// and the flags, and write defaults into the sample file and the documentation.
#include "config/settings_table.hpp"

#include <array>
#include <charconv>
#include <limits>

namespace holdfast::config::detail {

namespace {

constexpr std::array<store_kind, 2> store_kinds{store_kind::sqlite, store_kind::redis};
constexpr std::array<redis_durability, 3> redis_durabilities{
    redis_durability::always, redis_durability::everysec, redis_durability::none};
constexpr std::array<log_level, 4> log_levels{log_level::debug, log_level::info, log_level::warning,
                                              log_level::error};
constexpr std::array<log_format, 2> log_formats{log_format::logfmt, log_format::json};

constexpr const auto& words_of(store_kind /*type*/) {
  return store_kinds;
}
constexpr const auto& words_of(redis_durability /*type*/) {
  return redis_durabilities;
}
constexpr const auto& words_of(log_level /*type*/) {
  return log_levels;
}
constexpr const auto& words_of(log_format /*type*/) {
  return log_formats;
}

std::string_view trimmed(std::string_view text) {
  constexpr std::string_view blanks = " \t\r";
  auto begin = text.find_first_not_of(blanks);
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(blanks) - begin + 1);
}

/// The value for a message: quoted, control bytes replaced, cut; nothing of a secret.
std::string shown(const setting_row& row, std::string_view text) {
  constexpr std::size_t bytes_max = 100;
  if (row.secret)
    return "the value (secret, not shown)";
  std::string result = "\"";
  for (char c : text.substr(0, bytes_max))
    result += static_cast<unsigned char>(c) < 0x20 || c == 0x7F ? '?' : c;
  return result + (text.size() > bytes_max ? "...\"" : "\"");
}

std::string is_not(const setting_row& row, std::string_view text) {
  return shown(row, text) + " is not " + allowed_text(row);
}

std::string normalised(const text_shape& shape, std::string_view text) {
  std::string result(text);
  if (shape.lower_case)
    for (char& c : result)
      c = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
  return result;
}

template <class Visitor>
void for_each_element(std::string_view text, Visitor visit) {
  while (!trimmed(text).empty()) {
    auto comma = text.find(',');
    visit(trimmed(text.substr(0, comma)));
    if (comma == std::string_view::npos)
      return;
    text.remove_prefix(comma + 1);
    if (trimmed(text).empty())
      visit(std::string_view{}); // a comma at the end leaves an empty element behind
  }
}

struct assigner {
  const setting_row& row;
  settings& target;
  std::string_view text;
  using outcome = std::optional<std::string>;

  outcome operator()(bool& (*field)(settings&)) const {
    if (text != "on" && text != "off")
      return is_not(row, text);
    field(target) = text == "on";
    return {};
  }

  template <class Number>
  outcome assign_number(Number& place) const {
    std::uint64_t number = 0;
    auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    bool whole = !text.empty() && error == std::errc{} && end == text.data() + text.size();
    if (!whole || number < row.min || number > row.max)
      return is_not(row, text);
    static_assert(sizeof(Number) <= sizeof(row.max));
    place = static_cast<Number>(number); // max fits: a test checks the table
    return {};
  }
  outcome operator()(std::uint16_t& (*field)(settings&)) const {
    return assign_number(field(target));
  }
  outcome operator()(std::uint32_t& (*field)(settings&)) const {
    return assign_number(field(target));
  }

  outcome operator()(std::string& (*field)(settings&)) const {
    if (text.empty() && row.required)
      return "may not be empty: it must be " + allowed_text(row);
    if (!text.empty() && row.shape.accepts != nullptr && !row.shape.accepts(text))
      return is_not(row, text);
    field(target) = normalised(row.shape, text);
    return {};
  }

  outcome operator()(text_list& (*field)(settings&)) const {
    text_list list;
    outcome fault;
    for_each_element(text, [&](std::string_view element) {
      if (element.empty() || (row.shape.accepts != nullptr && !row.shape.accepts(element))) {
        if (!fault)
          fault = shown(row, element) + " is not " + std::string(row.shape.allowed);
        return;
      }
      list.push_back(normalised(row.shape, element));
    });
    if (fault)
      return fault;
    if (list.empty() && row.required)
      return "may not be empty: it must be " + allowed_text(row);
    field(target) = std::move(list);
    return {};
  }

  outcome operator()(network_list& (*field)(settings&)) const {
    network_list list;
    outcome fault;
    for_each_element(text, [&](std::string_view element) {
      if (auto block = parse_network(element))
        list.push_back(*block);
      else if (!fault)
        fault = shown(row, element) + " is not a network, as in 10.0.0.0/8, fd00::/8 or 127.0.0.1 "
                                      "(bits after the prefix must be zero)";
    });
    if (!fault)
      field(target) = std::move(list);
    return fault;
  }

  template <class Word>
  outcome operator()(Word& (*field)(settings&)) const {
    for (Word word : words_of(Word{})) {
      if (to_string(word) == text) {
        field(target) = word;
        return {};
      }
    }
    return is_not(row, text);
  }
};

struct text_writer {
  settings& source; ///< a copy of the caller's, since fields are reached through references

  std::string operator()(bool& (*field)(settings&)) const { return field(source) ? "on" : "off"; }
  std::string operator()(std::uint16_t& (*field)(settings&)) const {
    return std::to_string(field(source));
  }
  std::string operator()(std::uint32_t& (*field)(settings&)) const {
    return std::to_string(field(source));
  }
  std::string operator()(std::string& (*field)(settings&)) const { return field(source); }
  std::string operator()(text_list& (*field)(settings&)) const {
    std::string joined;
    for (const std::string& element : field(source))
      joined += (joined.empty() ? "" : ",") + element;
    return joined;
  }
  std::string operator()(network_list& (*field)(settings&)) const {
    std::string joined;
    for (const network& block : field(source))
      joined += (joined.empty() ? "" : ",") + to_string(block);
    return joined;
  }
  template <class Word>
  std::string operator()(Word& (*field)(settings&)) const {
    return std::string(to_string(field(source)));
  }
};

struct allowed_writer {
  const setting_row& row;

  std::string operator()(bool& (*)(settings&)) const { return "on or off"; }
  std::string range() const {
    std::string unit = row.unit.empty() ? "" : " " + std::string(row.unit);
    return "a whole number from " + std::to_string(row.min) + " to " + std::to_string(row.max) +
           unit;
  }
  std::string operator()(std::uint16_t& (*)(settings&)) const { return range(); }
  std::string operator()(std::uint32_t& (*)(settings&)) const { return range(); }
  std::string operator()(std::string& (*)(settings&)) const {
    return std::string(row.shape.allowed);
  }
  std::string operator()(text_list& (*)(settings&)) const {
    return "a list, each " + std::string(row.shape.allowed);
  }
  std::string operator()(network_list& (*)(settings&)) const {
    return "a list of networks, as in 10.0.0.0/8,fd00::/8";
  }
  template <class Word>
  std::string operator()(Word& (*)(settings&)) const {
    std::string joined;
    for (Word word : words_of(Word{}))
      (joined += joined.empty() ? "" : ", ") += to_string(word);
    return "one of " + joined;
  }
};

} // namespace

bool is_on_off(const setting_row& row) {
  return std::holds_alternative<bool& (*)(settings&)>(row.field);
}

std::optional<std::string> assign(const setting_row& row, settings& target, std::string_view text) {
  return std::visit(assigner{row, target, trimmed(text)}, row.field);
}

std::string text_of(const setting_row& row, const settings& source) {
  settings copy = source;
  return std::visit(text_writer{copy}, row.field);
}

std::string allowed_text(const setting_row& row) {
  return std::visit(allowed_writer{row}, row.field);
}

} // namespace holdfast::config::detail
