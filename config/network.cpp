#include "config/network.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <cstring>

namespace holdfast::config {

namespace {

constexpr std::uint8_t mapped_prefix_bits = 96;

bool is_mapped(const address_bytes& address) {
  constexpr std::array<std::uint8_t, 12> prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF};
  return std::equal(prefix.begin(), prefix.end(), address.begin());
}

/// The address with all bits after the prefix cleared.
address_bytes masked(address_bytes address, unsigned prefix_bits) {
  for (unsigned bit = prefix_bits; bit < 128; ++bit)
    address[bit / 8] = static_cast<std::uint8_t>(address[bit / 8] & ~(0x80U >> (bit % 8)));
  return address;
}

} // namespace

std::optional<address_bytes> parse_address(std::string_view text) {
  std::string copy(text); // inet_pton wants a terminated string
  address_bytes result{};
  if (copy.find('\0') != std::string::npos)
    return std::nullopt;
  if (::inet_pton(AF_INET6, copy.c_str(), result.data()) == 1)
    return result;
  std::array<std::uint8_t, 4> four{};
  if (::inet_pton(AF_INET, copy.c_str(), four.data()) != 1)
    return std::nullopt;
  result.fill(0);
  result[10] = result[11] = 0xFF;
  std::copy(four.begin(), four.end(), result.begin() + 12);
  return result;
}

bool network::contains(const address_bytes& other) const {
  return masked(other, prefix_bits) == masked(address, prefix_bits);
}

std::optional<network> parse_network(std::string_view text) {
  auto slash = text.find('/');
  auto address = parse_address(text.substr(0, slash));
  if (!address)
    return std::nullopt;
  network result{*address, 128};
  if (slash == std::string_view::npos)
    return result;
  bool is_v4 = text.substr(0, slash).find(':') == std::string_view::npos;
  std::string_view digits = text.substr(slash + 1);
  unsigned bits = 0;
  auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), bits);
  if (error != std::errc{} || end != digits.data() + digits.size() || bits > (is_v4 ? 32U : 128U))
    return std::nullopt;
  result.prefix_bits = static_cast<std::uint8_t>(is_v4 ? bits + mapped_prefix_bits : bits);
  if (masked(*address, result.prefix_bits) != *address)
    return std::nullopt;
  return result;
}

std::string to_string(const network& block) {
  std::array<char, INET6_ADDRSTRLEN> buffer{};
  bool is_v4 = is_mapped(block.address) && block.prefix_bits >= mapped_prefix_bits;
  const auto* bytes = block.address.data() + (is_v4 ? 12 : 0);
  ::inet_ntop(is_v4 ? AF_INET : AF_INET6, bytes, buffer.data(), buffer.size());
  std::string text = buffer.data();
  if (block.prefix_bits != 128)
    text += '/' + std::to_string(block.prefix_bits - (is_v4 ? mapped_prefix_bits : 0));
  return text;
}

bool contains(std::span<const network> blocks, const address_bytes& address) {
  return std::any_of(blocks.begin(), blocks.end(),
                     [&](const network& block) { return block.contains(address); });
}

namespace {

/// An IPv4 block, in the notation of IPv4.
constexpr network v4(std::uint8_t a, std::uint8_t b, std::uint8_t c, std::uint8_t d,
                     unsigned bits) {
  return {{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, a, b, c, d},
          static_cast<std::uint8_t>(bits + mapped_prefix_bits)};
}
constexpr network v6(std::uint8_t a, std::uint8_t b, unsigned bits) {
  return {{a, b}, static_cast<std::uint8_t>(bits)};
}

constexpr std::array loopback_blocks{
    v4(127, 0, 0, 0, 8), network{{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1}, 128}};
constexpr std::array link_local_blocks{v4(169, 254, 0, 0, 16), v6(0xFE, 0x80, 10)};
constexpr std::array private_blocks{v4(10, 0, 0, 0, 8), v4(172, 16, 0, 0, 12),
                                    v4(192, 168, 0, 0, 16), v4(100, 64, 0, 0, 10), v6(0xFC, 0, 7)};

} // namespace

bool is_unspecified(const address_bytes& address) {
  return address == v4(0, 0, 0, 0, 32).address || address == address_bytes{};
}

bool is_loopback(const address_bytes& address) {
  return contains(loopback_blocks, address);
}

bool is_link_local(const address_bytes& address) {
  return contains(link_local_blocks, address);
}

bool is_private(const address_bytes& address) {
  return contains(private_blocks, address) || is_link_local(address);
}

} // namespace holdfast::config
