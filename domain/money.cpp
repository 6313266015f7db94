#include "domain/money.hpp"

#include <algorithm>
#include <charconv>

namespace holdfast::domain {

namespace {

bool is_digit(char c) noexcept {
  return c >= '0' && c <= '9';
}

/// A decimal number taken apart: sign, digits without point, and the power of ten of the last
/// digit.
struct decimal_parts {
  bool negative = false;
  std::string_view whole;
  std::string_view fraction;
  int exponent = 0;
};

std::optional<decimal_parts> split(std::string_view text) noexcept {
  decimal_parts parts;
  if (!text.empty() && text.front() == '-') {
    parts.negative = true;
    text.remove_prefix(1);
  }
  std::size_t i = 0;
  while (i < text.size() && is_digit(text[i]))
    ++i;
  parts.whole = text.substr(0, i);
  if (parts.whole.empty())
    return std::nullopt;
  text.remove_prefix(i);
  if (!text.empty() && text.front() == '.') {
    text.remove_prefix(1);
    i = 0;
    while (i < text.size() && is_digit(text[i]))
      ++i;
    parts.fraction = text.substr(0, i);
    if (parts.fraction.empty())
      return std::nullopt;
    text.remove_prefix(i);
  }
  if (text.empty())
    return parts;
  if (text.front() != 'e' && text.front() != 'E')
    return std::nullopt;
  text.remove_prefix(1);
  if (!text.empty() && text.front() == '+') {
    text.remove_prefix(1);
    if (!text.empty() && text.front() == '-')
      return std::nullopt; // from_chars would take the second sign
  }
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, parts.exponent);
  if (text.empty() || error == std::errc::invalid_argument || stop != end)
    return std::nullopt;
  if (error == std::errc::result_out_of_range)
    parts.exponent = text.front() == '-' ? -1'000'000 : 1'000'000;
  parts.exponent = std::clamp(parts.exponent, -1'000'000, 1'000'000);
  return parts;
}

} // namespace

std::optional<currency_code> currency_code::parse(std::string_view text) noexcept {
  if (text.size() != 3)
    return std::nullopt;
  currency_code code;
  for (std::size_t i = 0; i < 3; ++i) {
    if (text[i] < 'a' || text[i] > 'z')
      return std::nullopt;
    code.letters[i] = text[i];
  }
  return code;
}

parsed_amount parse_amount(std::string_view text) noexcept {
  const auto parts = split(text);
  if (!parts)
    return {0, amount_fault::not_a_number};
  // Walk over all digits, the value being 0.d1d2d3... * 10^point, and collect those of weight 0.01
  // and more. Whatever is left behind must be zeros.
  const long point = static_cast<long>(parts->whole.size()) + parts->exponent;
  const std::size_t digit_count = parts->whole.size() + parts->fraction.size();
  std::int64_t minor = 0;
  for (std::size_t i = 0; i < digit_count; ++i) {
    const char c =
        i < parts->whole.size() ? parts->whole[i] : parts->fraction[i - parts->whole.size()];
    const long power = point - 1 - static_cast<long>(i); // of ten, in major units
    if (c == '0')
      continue;
    if (power < -2)
      return {0, amount_fault::too_many_decimals};
    if (power > 6)
      return {0, amount_fault::out_of_range};
    std::int64_t weight = 1;
    for (long p = -2; p < power; ++p)
      weight *= 10;
    minor += weight * (c - '0');
  }
  if (minor > amount_minor_max || parts->negative)
    return {0, amount_fault::out_of_range};
  return {minor, amount_fault::none};
}

std::string format_amount(std::int64_t minor) {
  const bool negative = minor < 0;
  const std::uint64_t magnitude =
      negative ? 0 - static_cast<std::uint64_t>(minor) : static_cast<std::uint64_t>(minor);
  std::string result = negative ? "-" : "";
  result += std::to_string(magnitude / 100);
  const std::uint64_t cents = magnitude % 100;
  if (cents != 0) {
    result += '.';
    result += static_cast<char>('0' + cents / 10);
    if (cents % 10 != 0)
      result += static_cast<char>('0' + cents % 10);
  }
  return result;
}

} // namespace holdfast::domain
