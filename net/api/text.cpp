#include "net/api/text.hpp"

#include <cstdint>

namespace holdfast::net {

namespace {

/// One code point at the front of a text; length 0: not UTF-8 there.
struct code_point {
  std::uint32_t value = 0;
  std::size_t length = 0;
};

code_point first_code_point(std::string_view text) noexcept {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(0);
  if (lead < 0x80)
    return {lead, 1};
  std::size_t length = 0;
  std::uint32_t value = 0;
  std::uint32_t smallest = 0; // of this length; less is an overlong form
  if ((lead & 0xe0) == 0xc0) {
    length = 2;
    value = lead & 0x1fU;
    smallest = 0x80;
  } else if ((lead & 0xf0) == 0xe0) {
    length = 3;
    value = lead & 0x0fU;
    smallest = 0x800;
  } else if ((lead & 0xf8) == 0xf0) {
    length = 4;
    value = lead & 0x07U;
    smallest = 0x10000;
  } else {
    return {};
  }
  if (text.size() < length)
    return {};
  for (std::size_t i = 1; i < length; ++i) {
    if ((byte(i) & 0xc0) != 0x80)
      return {};
    value = (value << 6) | (byte(i) & 0x3fU);
  }
  const bool surrogate = value >= 0xd800 && value <= 0xdfff;
  if (value < smallest || value > 0x10ffff || surrogate)
    return {};
  return {value, length};
}

/// ECMAScript's WhiteSpace and LineTerminator.
bool is_white_space(std::uint32_t x) noexcept {
  return (x >= 0x09 && x <= 0x0d) || x == 0x20 || x == 0xa0 || x == 0x1680 ||
         (x >= 0x2000 && x <= 0x200a) || x == 0x2028 || x == 0x2029 || x == 0x202f || x == 0x205f ||
         x == 0x3000 || x == 0xfeff;
}

bool is_continuation(char c) noexcept {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

} // namespace

bool is_utf8(std::string_view text) noexcept {
  while (!text.empty()) {
    const code_point next = first_code_point(text);
    if (next.length == 0)
      return false;
    text.remove_prefix(next.length);
  }
  return true;
}

std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text)
    count += is_continuation(c) ? 0 : 1;
  return count;
}

std::string_view trim(std::string_view text) noexcept {
  while (!text.empty()) {
    const code_point first = first_code_point(text);
    if (first.length == 0 || !is_white_space(first.value))
      break;
    text.remove_prefix(first.length);
  }
  while (!text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && is_continuation(text[start]))
      --start;
    const code_point last = first_code_point(text.substr(start));
    if (last.length == 0 || !is_white_space(last.value))
      break;
    text.remove_suffix(text.size() - start);
  }
  return text;
}

bool has_control_character(std::string_view text) noexcept {
  while (!text.empty()) {
    const code_point next = first_code_point(text);
    if (next.length == 0)
      return true;
    const std::uint32_t x = next.value;
    const bool is_separator = x == 0x2028 || x == 0x2029;
    const bool is_bidi = (x >= 0x202a && x <= 0x202e) || (x >= 0x2066 && x <= 0x2069);
    if (x < 0x20 || (x >= 0x7f && x <= 0x9f) || is_separator || is_bidi)
      return true;
    text.remove_prefix(next.length);
  }
  return false;
}

} // namespace holdfast::net
