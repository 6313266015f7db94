#include "net/auth/trusted_proxies.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <optional>

namespace holdfast::net {

namespace {

/// More hops than any sane set-up has; the rest isn't looked at.
constexpr int hops_max = 32;

std::string_view trim(std::string_view text) {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t'))
    text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t'))
    text.remove_suffix(1);
  return text;
}

/// Takes the last element off a comma-separated list.
std::string_view take_last(std::string_view& list) {
  auto comma = list.rfind(',');
  auto last = comma == std::string_view::npos ? list : list.substr(comma + 1);
  list = comma == std::string_view::npos ? std::string_view{} : list.substr(0, comma);
  return trim(last);
}

bool is_port(std::string_view text) {
  std::uint16_t port = 0;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), port);
  return error == std::errc{} && end == text.data() + text.size();
}

/// An address, in brackets and with a port if some proxy writes it so.
std::optional<config::address_bytes> parse_hop(std::string_view text) {
  if (text.starts_with('[')) {
    auto end = text.find(']');
    if (end == std::string_view::npos)
      return std::nullopt;
    auto rest = text.substr(end + 1);
    if (!rest.empty() && !(rest.starts_with(':') && is_port(rest.substr(1))))
      return std::nullopt;
    return config::parse_address(text.substr(1, end - 1));
  }
  auto colon = text.find(':');
  bool has_port = colon != std::string_view::npos && colon == text.rfind(':');
  if (has_port && !is_port(text.substr(colon + 1)))
    return std::nullopt;
  return config::parse_address(has_port ? text.substr(0, colon) : text);
}

std::optional<bool> parse_protocol(std::string_view text) {
  auto is = [&](std::string_view name) {
    return std::equal(text.begin(), text.end(), name.begin(), name.end(),
                      [](char a, char b) { return (a | 0x20) == b; });
  };
  if (is("https"))
    return true;
  if (is("http"))
    return false;
  return std::nullopt;
}

bool is_ipv4(const config::address_bytes& address) {
  constexpr std::array<std::uint8_t, 12> mapped{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  return std::equal(mapped.begin(), mapped.end(), address.begin());
}

} // namespace

trusted_proxies::trusted_proxies(std::vector<config::network> networks)
    : networks_(std::move(networks)) {}

client_connection trusted_proxies::client_of(const client_connection& peer,
                                             std::string_view forwarded_for,
                                             std::string_view forwarded_proto) const {
  auto client = peer;
  for (int hop = 0; hop < hops_max && trusts(client.address); ++hop) {
    // What this trusted hop says of whoever spoke to it. A proxy that sets the protocol without
    // listing it per hop leaves one word, which then stands for all.
    bool is_last_word = forwarded_proto.find(',') == std::string_view::npos;
    auto word = is_last_word ? trim(forwarded_proto) : take_last(forwarded_proto);
    if (auto over_tls = parse_protocol(word))
      client.over_tls = *over_tls;
    if (trim(forwarded_for).empty())
      break;
    auto address = parse_hop(take_last(forwarded_for));
    if (!address)
      break;
    client.address = *address;
  }
  return client;
}

std::string to_text(const config::address_bytes& address) {
  return config::to_string(config::network{address, 128});
}

std::string rate_limit_key(const config::address_bytes& address) {
  if (is_ipv4(address))
    return to_text(address);
  config::network customer{address, 64};
  std::fill(customer.address.begin() + 8, customer.address.end(), std::uint8_t{0});
  return config::to_string(customer);
}

} // namespace holdfast::net
