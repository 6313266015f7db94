// Token buckets by key: an address or an account. A bucket holds `burst` requests and refills
// steadily within `period_ms`. Kept as one instant per key (the generic cell rate algorithm): a
// full bucket needs no entry at all.
//
// Memory is bounded: beyond entries_max full buckets are forgotten first, then the fullest of a
// few, so that an attacker with many addresses can win back some of his own allowance and nobody is
// locked out.
//
// Owner: the front, one per rule. Thread: any; keys are spread over shards with a short mutex each.
#pragma once

#include "domain/ids.hpp"

#include <array>
#include <cstddef>
#include <cstdint>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>

namespace holdfast::net {

struct rate_limit {
  /// Requests that may come at once, and per period in the long run. At least 1.
  std::uint32_t burst = 1;
  std::int64_t period_ms = 60'000;
  /// Keys remembered at once, about.
  std::size_t entries_max = 100'000;
};

struct rate_verdict {
  bool allowed = true;
  /// When refused: how long until one request would be allowed; at least 1.
  std::int64_t retry_after_ms = 0;
};

class rate_limiter {
 public:
  explicit rate_limiter(rate_limit limit);

  /// Takes one request out of the key's bucket, if there is one. `now` never goes back by much; a
  /// step back makes the limiter stricter by that much, once.
  rate_verdict take(std::string_view key, domain::instant now);

  /// Puts one request back that take() has allowed, and that turns out not to count.
  void give_back(std::string_view key);

  /// Keys remembered, for metrics.
  std::size_t size() const;

 private:
  static constexpr std::size_t shard_count = 16;

  struct text_hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  /// When the bucket will be full again, in microseconds.
  using full_at_us = std::int64_t;
  using bucket_map = std::unordered_map<std::string, full_at_us, text_hash, std::equal_to<>>;

  struct shard {
    mutable std::mutex mutex;
    bucket_map buckets;
    std::int64_t swept_at_us = 0;
    std::size_t cursor = 0;
  };

  void make_room(shard& where, std::int64_t now_us) const;

  const std::int64_t interval_us_; ///< one request's share of the period
  const std::int64_t period_us_;
  const std::size_t shard_entries_max_;
  std::array<shard, shard_count> shards_;
};

} // namespace holdfast::net
