#include "domain/ids.hpp"

#include <array>
#include <cstring>

namespace holdfast::domain {

namespace {

/// "00" to "ff".
constexpr std::array<char, 512> byte_texts = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<char, 512> texts{};
  for (std::size_t i = 0; i < 256; ++i) {
    texts[2 * i] = digits[i >> 4];
    texts[2 * i + 1] = digits[i & 0xf];
  }
  return texts;
}();

/// The lowest `bytes` bytes, high to low.
inline char* write_hex(char* to, std::uint64_t value, std::size_t bytes) noexcept {
  for (std::size_t i = bytes; i-- > 0; to += 2)
    std::memcpy(to, &byte_texts[2 * ((value >> (8 * i)) & 0xff)], 2);
  return to;
}

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

uuid in_slot(uuid x, slot_number slot) noexcept {
  x.high = (x.high & ~0xfffULL) | (static_cast<std::uint64_t>(slot >> 2) & 0xfff);
  x.low = (x.low & ~(0x3ULL << 60)) | ((static_cast<std::uint64_t>(slot) & 0x3) << 60);
  return x;
}

char* write_to(char* to, const uuid& x) noexcept {
  to = write_hex(to, x.high >> 32, 4);
  *to++ = '-';
  to = write_hex(to, x.high >> 16, 2);
  *to++ = '-';
  to = write_hex(to, x.high, 2);
  *to++ = '-';
  to = write_hex(to, x.low >> 48, 2);
  *to++ = '-';
  return write_hex(to, x.low, 6);
}

void append_to(std::string& out, const uuid& x) {
  std::array<char, uuid_characters> text{};
  write_to(text.data(), x);
  out.append(text.data(), text.size());
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
