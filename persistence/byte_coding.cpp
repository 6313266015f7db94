#include "persistence/byte_coding.hpp"

#include <array>
#include <bit>
#include <cstring>

namespace holdfast::persistence {

namespace {

/// The bytes of `x`, high to low, as they lie in memory.
constexpr std::uint64_t to_big_endian(std::uint64_t x) noexcept {
  return std::endian::native == std::endian::big ? x : __builtin_bswap64(x);
}

} // namespace

// -- writing

void byte_writer::number(std::uint64_t x) {
  std::array<char, 10> bytes;
  std::size_t size = 0;
  for (; x >= 0x80; x >>= 7)
    bytes[size++] = static_cast<char>(x | 0x80);
  bytes[size++] = static_cast<char>(x);
  out_.append(bytes.data(), size);
}

void byte_writer::signed_number(std::int64_t x) {
  const auto bits = static_cast<std::uint64_t>(x);
  number((bits << 1) ^ (x < 0 ? ~std::uint64_t{0} : 0));
}

void byte_writer::id(const domain::uuid& x) {
  const std::array<std::uint64_t, 2> halves = {to_big_endian(x.high), to_big_endian(x.low)};
  out_.append(reinterpret_cast<const char*>(halves.data()), sizeof halves);
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
  std::array<std::uint64_t, 2> halves{};
  const std::string_view taken = take(sizeof halves);
  if (!taken.empty())
    std::memcpy(halves.data(), taken.data(), sizeof halves);
  return {to_big_endian(halves[0]), to_big_endian(halves[1])};
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

std::uint32_t update_by_table(std::uint32_t value, std::string_view bytes) noexcept {
  for (const char c : bytes)
    value = (value >> 8) ^ crc_table[(value ^ static_cast<std::uint8_t>(c)) & 0xff];
  return value;
}

#if defined(__x86_64__)
/// The processor knows this very polynomial: eight bytes an instruction.
__attribute__((target("sse4.2"))) std::uint32_t
update_by_instruction(std::uint32_t value, std::string_view bytes) noexcept {
  std::uint64_t wide = value;
  for (; bytes.size() >= sizeof wide; bytes.remove_prefix(sizeof wide)) {
    std::uint64_t part = 0;
    std::memcpy(&part, bytes.data(), sizeof part);
    wide = __builtin_ia32_crc32di(wide, part);
  }
  value = static_cast<std::uint32_t>(wide);
  for (const char c : bytes)
    value = __builtin_ia32_crc32qi(value, static_cast<std::uint8_t>(c));
  return value;
}

const bool has_instruction = __builtin_cpu_supports("sse4.2") != 0;
#endif

} // namespace

std::uint32_t checksum(std::string_view bytes, std::uint32_t seed) noexcept {
#if defined(__x86_64__)
  if (has_instruction)
    return ~update_by_instruction(~seed, bytes);
#endif
  return ~update_by_table(~seed, bytes);
}

} // namespace holdfast::persistence
