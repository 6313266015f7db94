#include "net/auth/rate_limiter.hpp"

#include <algorithm>

namespace holdfast::net {

rate_limiter::rate_limiter(rate_limit limit)
    : interval_us_(std::max<std::int64_t>(1, limit.period_ms * 1000 / std::max(1U, limit.burst)))
    , period_us_(interval_us_ * std::max(1U, limit.burst))
    , shard_entries_max_(std::max<std::size_t>(1, limit.entries_max / shard_count)) {}

rate_verdict rate_limiter::take(std::string_view key, domain::instant now) {
  const std::int64_t now_us = now * 1000;
  auto& where = shards_[(text_hash{}(key) >> 17) % shard_count];
  std::lock_guard guard(where.mutex);
  auto found = where.buckets.find(key);
  std::int64_t full_at = found == where.buckets.end() ? now_us : std::max(found->second, now_us);
  std::int64_t full_at_after = full_at + interval_us_;
  std::int64_t too_much_us = full_at_after - (now_us + period_us_);
  if (too_much_us > 0)
    return {false, (too_much_us + 999) / 1000};
  if (found != where.buckets.end()) {
    found->second = full_at_after;
    return {};
  }
  if (where.buckets.size() >= shard_entries_max_)
    make_room(where, now_us);
  where.buckets.emplace(key, full_at_after);
  return {};
}

void rate_limiter::give_back(std::string_view key) {
  auto& where = shards_[(text_hash{}(key) >> 17) % shard_count];
  std::lock_guard guard(where.mutex);
  // One that has been forgotten meanwhile is full already.
  if (auto found = where.buckets.find(key); found != where.buckets.end())
    found->second -= interval_us_;
}

void rate_limiter::make_room(shard& where, std::int64_t now_us) const {
  auto& buckets = where.buckets;
  // A sweep looks at everything, so it comes at most twice per period.
  if (now_us - where.swept_at_us >= period_us_ / 2) {
    where.swept_at_us = now_us;
    std::erase_if(buckets, [&](const auto& each) { return each.second <= now_us; });
    if (buckets.size() < shard_entries_max_)
      return;
  }
  constexpr int candidates = 8;
  const std::string* fullest = nullptr;
  std::int64_t fullest_at = 0;
  int seen = 0;
  for (std::size_t step = 0; step < buckets.bucket_count() && seen < candidates; ++step) {
    where.cursor = (where.cursor + 1) % buckets.bucket_count();
    for (auto each = buckets.begin(where.cursor); each != buckets.end(where.cursor); ++each) {
      ++seen;
      if (fullest == nullptr || each->second < fullest_at) {
        fullest = &each->first;
        fullest_at = each->second;
      }
    }
  }
  if (fullest != nullptr)
    buckets.erase(buckets.find(*fullest));
}

std::size_t rate_limiter::size() const {
  std::size_t sum = 0;
  for (const auto& each : shards_) {
    std::lock_guard guard(each.mutex);
    sum += each.buckets.size();
  }
  return sum;
}

} // namespace holdfast::net
