#include "bench/load/histogram.hpp"

#include <algorithm>
#include <cmath>

namespace holdfast::bench {

histogram::histogram()
    : counts_((64 - sub_bits + 1) << sub_bits) {}

std::uint64_t histogram::percentile(double percent) const noexcept {
  if (count_ == 0)
    return 0;
  // The small term keeps 99.9 % of 1,000 at 999 though 0.999 has no exact representation.
  const double exact = percent / 100 * static_cast<double>(count_);
  const auto wanted =
      std::clamp(static_cast<std::uint64_t>(std::ceil(exact - 1e-9)), std::uint64_t{1}, count_);
  std::uint64_t seen = 0;
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
    seen += counts_[bucket];
    if (seen >= wanted)
      return std::min(last_value_of(bucket), max_);
  }
  return max_;
}

void histogram::add(const histogram& other) noexcept {
  for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket)
    counts_[bucket] += other.counts_[bucket];
  count_ += other.count_;
  max_ = std::max(max_, other.max_);
}

void histogram::clear() noexcept {
  std::fill(counts_.begin(), counts_.end(), 0);
  count_ = 0;
  max_ = 0;
}

} // namespace holdfast::bench
