#include "payments/paypal/paypal_json.hpp"

#include <boost/json/array.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>
#include <array>
#include <exception>

namespace holdfast::payments::paypal {

namespace json = boost::json;

namespace {

constexpr std::size_t word_length_max = 64;

bool is_upper(char c) noexcept {
  return c >= 'A' && c <= 'Z';
}
bool is_lower(char c) noexcept {
  return c >= 'a' && c <= 'z';
}
bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

const json::object* as_object(const json::value* from) noexcept {
  if (from == nullptr)
    return nullptr;
  if (const json::array* list = from->if_array())
    return list->empty() ? nullptr : list->front().if_object();
  return from->if_object();
}

} // namespace

std::optional<json::object> parse_object(std::string_view text) noexcept {
  try {
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::error_code error;
    json::value parsed = json::parse({text.data(), text.size()}, error, {}, options);
    if (error || !parsed.is_object())
      return std::nullopt;
    return std::move(parsed.get_object());
  } catch (const std::exception&) {
    return std::nullopt; // no memory for it: as unreadable as broken text
  }
}

const json::value* member(const json::object* from, std::string_view name) noexcept {
  return from == nullptr ? nullptr : from->if_contains({name.data(), name.size()});
}

const json::object* object_at(const json::object* from,
                              std::initializer_list<std::string_view> path) noexcept {
  for (std::string_view name : path)
    from = as_object(member(from, name));
  return from;
}

std::string_view text_of(const json::object* from, std::string_view name) noexcept {
  const json::value* found = member(from, name);
  if (found == nullptr || !found->is_string())
    return {};
  const json::string& text = found->get_string();
  return {text.data(), text.size()};
}

std::optional<domain::money> read_money(const json::object* from) noexcept {
  std::string_view code = text_of(from, "currency_code");
  std::array<char, 3> letters{};
  if (code.size() != letters.size() || !std::all_of(code.begin(), code.end(), is_upper))
    return std::nullopt;
  std::transform(code.begin(), code.end(), letters.begin(),
                 [](char c) { return static_cast<char>(c - 'A' + 'a'); });
  domain::parsed_amount amount = domain::parse_amount(text_of(from, "value"));
  if (amount.fault != domain::amount_fault::none)
    return std::nullopt;
  return domain::money{amount.minor, domain::currency_code{letters}};
}

bool is_identifier(std::string_view text) noexcept {
  return !text.empty() && text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
    return is_upper(c) || is_lower(c) || is_digit(c) || c == '-';
  });
}

std::string lower_word(std::string_view text) {
  std::string result;
  if (text.size() > word_length_max)
    return result;
  for (char c : text) {
    if (!is_upper(c) && !is_lower(c) && !is_digit(c) && c != '_')
      return {};
    result += is_upper(c) ? static_cast<char>(c - 'A' + 'a') : c;
  }
  return result;
}

} // namespace holdfast::payments::paypal
