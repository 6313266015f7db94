#include "net/http/connection_budget.hpp"

#include <algorithm>

namespace holdfast::net {

namespace {

config::address_bytes subscriber_of(config::address_bytes address) {
  static constexpr config::address_bytes mapped_prefix{0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};
  if (!std::equal(address.begin(), address.begin() + 12, mapped_prefix.begin()))
    std::fill(address.begin() + 8, address.end(), std::uint8_t{0});
  return address;
}

} // namespace

connection_budget::outcome connection_budget::admit(const config::address_bytes& peer) {
  const bool is_limited = per_address_max_ > 0 && !config::contains(trusted_proxies_, peer);
  const std::scoped_lock lock(mutex_);
  if (total_ >= total_max_)
    return outcome::too_many;
  std::uint32_t& count = by_address_[subscriber_of(peer)];
  if (is_limited && count >= per_address_max_)
    return outcome::too_many_of_address;
  ++count;
  ++total_;
  return outcome::admitted;
}

void connection_budget::release(const config::address_bytes& peer) noexcept {
  const std::scoped_lock lock(mutex_);
  --total_;
  const auto found = by_address_.find(subscriber_of(peer));
  if (found != by_address_.end() && --found->second == 0)
    by_address_.erase(found);
}

std::uint32_t connection_budget::open() const {
  const std::scoped_lock lock(mutex_);
  return total_;
}

} // namespace holdfast::net
