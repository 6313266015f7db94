#include "config/machine.hpp"

#include "config/network.hpp"

#include <arpa/inet.h>
#include <array>
#include <ifaddrs.h>
#include <memory>
#include <net/if.h>
#include <netinet/in.h>
#include <random>
#include <unistd.h>

namespace holdfast::config {

namespace {

constexpr std::string_view loopback = "127.0.0.1";

std::string read_host_name() {
  std::array<char, 256> name{};
  if (::gethostname(name.data(), name.size() - 1) != 0)
    return {};
  return name.data();
}

std::vector<std::string> read_addresses() {
  std::vector<std::string> addresses;
  ifaddrs* first = nullptr;
  if (::getifaddrs(&first) != 0)
    return addresses;
  std::unique_ptr<ifaddrs, void (*)(ifaddrs*)> owner(first, ::freeifaddrs);
  for (const ifaddrs* each = first; each != nullptr; each = each->ifa_next) {
    constexpr unsigned usable = IFF_UP | IFF_RUNNING;
    if (each->ifa_addr == nullptr || each->ifa_addr->sa_family != AF_INET ||
        (each->ifa_flags & usable) != usable)
      continue;
    const auto* place = reinterpret_cast<const sockaddr_in*>(each->ifa_addr);
    std::array<char, INET_ADDRSTRLEN> text{};
    if (::inet_ntop(AF_INET, &place->sin_addr, text.data(), text.size()) != nullptr)
      addresses.emplace_back(text.data());
  }
  return addresses;
}

std::string draw_digits() {
  constexpr std::string_view hexadecimal = "0123456789abcdef";
  std::random_device device;
  std::string digits;
  for (int i = 0; i < 6; ++i)
    digits += hexadecimal[device() % hexadecimal.size()];
  return digits;
}

/// The machine's name as a node's: its first label, with what a node's name may hold.
std::string node_name_of(std::string_view host_name, std::string_view random_digits) {
  constexpr std::size_t bytes_max = 63;
  std::string name;
  for (char c : host_name.substr(0, host_name.find('.'))) {
    if (c >= 'A' && c <= 'Z')
      c = static_cast<char>(c - 'A' + 'a');
    bool allowed = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    if (allowed || (!name.empty() && name.back() != '-'))
      name += allowed ? c : '-';
  }
  name.resize(std::min(name.size(), bytes_max - 1 - random_digits.size()));
  while (name.ends_with('-'))
    name.pop_back();
  if (name.empty())
    name = "node";
  return (name += '-') += random_digits;
}

/// The first private address; link-local ones only reach the same wire, so they aren't taken
/// unasked.
std::optional<std::string> first_private(const std::vector<std::string>& addresses) {
  for (const std::string& each : addresses)
    if (auto address = parse_address(each);
        address && is_private(*address) && !is_link_local(*address))
      return each;
  return std::nullopt;
}

} // namespace

machine_facts read_machine() {
  return {read_host_name(), read_addresses(), draw_digits()};
}

std::optional<std::string> complete(settings& value, const machine_facts& machine) {
  cluster_settings& cluster = value.cluster;
  if (value.store.kind != store_kind::redis) {
    cluster.drain_seconds = 0; // there is nobody to hand over to
    return std::nullopt;
  }
  if (cluster.node_name.empty())
    cluster.node_name = node_name_of(machine.host_name, machine.random_digits);
  if (!cluster.address.empty())
    return std::nullopt;
  auto found = first_private(machine.addresses);
  cluster.address = found.value_or(std::string(loopback));
  if (found)
    return std::nullopt;
  return "cluster.address is not set and this machine has no private IPv4 address: only nodes on "
         "the same machine can reach this one, at 127.0.0.1";
}

} // namespace holdfast::config
