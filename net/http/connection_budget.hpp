// How many connections are open, altogether and from each address; what is over the limits is
// refused before anything is spent on it. An IPv6 address counts by its /64, which is what one
// subscriber has.
//
// Owner: the front, one for all I/O threads. Thread: any.
#pragma once

#include "config/network.hpp"

#include <cstdint>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

namespace holdfast::net {

class connection_budget {
 public:
  enum class outcome : std::uint8_t { admitted, too_many, too_many_of_address };

  /// `per_address_max` 0: no such limit. It never holds for peers inside `trusted_proxies`: all
  /// the site's visitors come from such an address.
  connection_budget(std::uint32_t total_max, std::uint32_t per_address_max,
                    std::vector<config::network> trusted_proxies = {})
      : total_max_(total_max)
      , per_address_max_(per_address_max)
      , trusted_proxies_(std::move(trusted_proxies)) {}

  /// What is admitted is given back with release().
  outcome admit(const config::address_bytes& peer);
  void release(const config::address_bytes& peer) noexcept;
  std::uint32_t open() const;

 private:
  const std::uint32_t total_max_;
  const std::uint32_t per_address_max_;
  const std::vector<config::network> trusted_proxies_;
  mutable std::mutex mutex_;
  std::uint32_t total_ = 0;
  std::map<config::address_bytes, std::uint32_t> by_address_;
};

} // namespace holdfast::net
