// Counts of durations in log-linear buckets, as in Gil Tene's HdrHistogram: every power of two is
// cut into 128 equal buckets, so a value is known to 1/128 (0.8 %) whatever its size, values below
// 256 exactly, and recording is an increment. Fixed size (57 KiB), no allocation after
// construction.
//
// Owner: who measures. Thread: one.
#pragma once

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace holdfast::bench {

class histogram {
 public:
  histogram();

  /// Counts one value; negative ones count as 0 (clocks of one machine that are read twice).
  void record(std::int64_t value) noexcept {
    const std::uint64_t positive = value < 0 ? 0 : static_cast<std::uint64_t>(value);
    ++counts_[bucket_of(positive)];
    ++count_;
    if (positive > max_)
      max_ = positive;
  }

  std::uint64_t count() const noexcept { return count_; }
  /// The largest value, exactly; 0 if there is none.
  std::uint64_t max() const noexcept { return max_; }
  /// The smallest v such that at least `percent` of the values are at most v, rounded up to its
  /// bucket's end (and never above max()); 0 if there are no values.
  std::uint64_t percentile(double percent) const noexcept;
  void add(const histogram& other) noexcept;
  void clear() noexcept;

  static constexpr unsigned sub_bits = 7;

 private:
  static constexpr std::uint64_t sub_buckets = std::uint64_t{1} << sub_bits;

  static constexpr std::size_t bucket_of(std::uint64_t value) noexcept {
    if (value < 2 * sub_buckets)
      return value;
    const unsigned shift = static_cast<unsigned>(std::bit_width(value)) - sub_bits - 1;
    return (shift << sub_bits) + (value >> shift);
  }
  static constexpr std::uint64_t last_value_of(std::size_t bucket) noexcept {
    if (bucket < 2 * sub_buckets)
      return bucket;
    const std::size_t shift = (bucket >> sub_bits) - 1;
    const std::uint64_t mantissa = (bucket & (sub_buckets - 1)) + sub_buckets;
    return ((mantissa + 1) << shift) - 1;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t count_ = 0;
  std::uint64_t max_ = 0;
};

} // namespace holdfast::bench
