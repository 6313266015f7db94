#include "persistence/byte_coding.hpp"

#include <array>

namespace holdfast::persistence {

// -- writing

void byte_writer::number(std::uint64_t x) {
  while (x >= 0x80) {
    byte(static_cast<std::uint8_t>(x | 0x80));
    x >>= 7;
  }
  byte(static_cast<std::uint8_t>(x));
}

void byte_writer::signed_number(std::int64_t x) {
  const auto bits = static_cast<std::uint64_t>(x);
  number((bits << 1) ^ (x < 0 ? ~std::uint64_t{0} : 0));
}

void byte_writer::id(const domain::uuid& x) {
  for (int shift = 56; shift >= 0; shift -= 8)
    byte(static_cast<std::uint8_t>(x.high >> shift));
  for (int shift = 56; shift >= 0; shift -= 8)
    byte(static_cast<std::uint8_t>(x.low >> shift));
}

void byte_writer::text(std::string_view x) {
  number(x.size());
  out_.append(x);
}

// -- reading

std::string_view byte_reader::take(std::size_t count) {
  if (!ok_ || count > in_.size()) {
    ok_ = false;
    return {};
  }
  const std::string_view result = in_.substr(0, count);
  in_.remove_prefix(count);
  return result;
}

std::uint8_t byte_reader::byte() {
  const std::string_view taken = take(1);
  return taken.empty() ? std::uint8_t{0} : static_cast<std::uint8_t>(taken[0]);
}

std::uint64_t byte_reader::number() {
  std::uint64_t result = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    const std::uint8_t part = byte();
    const bool beyond_64_bits = shift == 63 && part > 1;
    const bool needlessly_long = shift > 0 && part == 0;
    if (!ok_ || beyond_64_bits || needlessly_long)
      break;
    result |= static_cast<std::uint64_t>(part & 0x7f) << shift;
    if ((part & 0x80) == 0)
      return result;
  }
  ok_ = false;
  return 0;
}

std::int64_t byte_reader::signed_number() {
  const std::uint64_t bits = number();
  return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
}

domain::uuid byte_reader::id() {
  domain::uuid result;
  const std::string_view taken = take(16);
  for (std::size_t i = 0; i < taken.size(); ++i) {
    std::uint64_t& half = i < 8 ? result.high : result.low;
    half = (half << 8) | static_cast<std::uint8_t>(taken[i]);
  }
  return result;
}

std::string_view byte_reader::text() {
  const std::uint64_t size = number();
  if (size > in_.size()) {
    ok_ = false;
    return {};
  }
  return take(static_cast<std::size_t>(size));
}

// -- keys and checksums

std::string id_bytes(const domain::uuid& x) {
  std::string result;
  result.reserve(16);
  byte_writer(result).id(x);
  return result;
}

namespace {

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t i = 0; i < 256; ++i) {
    std::uint32_t value = i;
    for (int bit = 0; bit < 8; ++bit)
      value = (value >> 1) ^ ((value & 1) != 0 ? 0x82f63b78U : 0U);
    table[i] = value;
  }
  return table;
}

constexpr std::array<std::uint32_t, 256> crc_table = make_table();

} // namespace

std::uint32_t checksum(std::string_view bytes, std::uint32_t seed) noexcept {
  std::uint32_t value = ~seed;
  for (const char c : bytes)
    value = (value >> 8) ^ crc_table[(value ^ static_cast<std::uint8_t>(c)) & 0xff];
  return ~value;
}

} // namespace holdfast::persistence
