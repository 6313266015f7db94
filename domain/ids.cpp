#include "domain/ids.hpp"

namespace holdfast::domain {

namespace {

constexpr std::string_view digits = "0123456789abcdef";

/// -1 for anything but a lower-case hexadecimal digit.
int digit_value(char c) noexcept {
  if (c >= '0' && c <= '9')
    return c - '0';
  if (c >= 'a' && c <= 'f')
    return c - 'a' + 10;
  return -1;
}

bool is_dash_position(std::size_t i) noexcept {
  return i == 8 || i == 13 || i == 18 || i == 23;
}

} // namespace

uuid make_uuid(instant now, slot_number slot, std::uint64_t random) noexcept {
  uuid result;
  result.high = (static_cast<std::uint64_t>(now) << 16) | 0x8000ULL |
                (static_cast<std::uint64_t>(slot >> 2) & 0xfff);
  result.low = 0x8000000000000000ULL | ((static_cast<std::uint64_t>(slot) & 0x3) << 60) |
               (random & 0x0fffffffffffffffULL);
  return result;
}

void append_to(std::string& out, const uuid& x) {
  const std::size_t start = out.size();
  out.resize(start + 36);
  char* write = out.data() + start;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    if (is_dash_position(i)) {
      write[i] = '-';
      continue;
    }
    const std::uint64_t half = nibble < 16 ? x.high : x.low;
    write[i] = digits[(half >> (60 - 4 * (nibble % 16))) & 0xf];
    ++nibble;
  }
}

std::string to_string(const uuid& x) {
  std::string result;
  append_to(result, x);
  return result;
}

std::optional<uuid> parse_uuid(std::string_view text) noexcept {
  if (text.size() != 36)
    return std::nullopt;
  uuid result;
  std::size_t nibble = 0;
  for (std::size_t i = 0; i < 36; ++i) {
    if (is_dash_position(i)) {
      if (text[i] != '-')
        return std::nullopt;
      continue;
    }
    const int value = digit_value(text[i]);
    if (value < 0)
      return std::nullopt;
    std::uint64_t& half = nibble < 16 ? result.high : result.low;
    half = (half << 4) | static_cast<std::uint64_t>(value);
    ++nibble;
  }
  const bool version_8 = ((result.high >> 12) & 0xf) == 8;
  const bool rfc_variant = (result.low >> 62) == 2;
  if (!version_8 || !rfc_variant)
    return std::nullopt;
  return result;
}

} // namespace holdfast::domain
