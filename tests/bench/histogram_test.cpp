#include "bench/load/histogram.hpp"

#include <algorithm>
#include <catch2/catch.hpp>
#include <cmath>
#include <limits>
#include <random>

using holdfast::bench::histogram;

namespace {

/// The definition: the smallest value that at least `percent` of all are at most.
std::uint64_t exact_percentile(const std::vector<std::uint64_t>& sorted, std::size_t per_mille) {
  const std::size_t wanted = std::max<std::size_t>(1, (sorted.size() * per_mille + 999) / 1000);
  return sorted[wanted - 1];
}

} // namespace

TEST_CASE("a histogram's percentiles are those of the sorted values, within a bucket's width") {
  std::mt19937_64 random(7);
  for (const double spread : {3.0, 12.0, 25.0}) {
    std::lognormal_distribution<double> durations(spread, 1.5);
    std::vector<std::uint64_t> values;
    histogram counted;
    for (int i = 0; i < 20'011; ++i) {
      values.push_back(static_cast<std::uint64_t>(durations(random)));
      counted.record(static_cast<std::int64_t>(values.back()));
    }
    std::sort(values.begin(), values.end());
    for (const std::size_t per_mille : {1u, 250u, 500u, 900u, 990u, 999u, 1000u}) {
      CAPTURE(spread, per_mille);
      const std::uint64_t exact = exact_percentile(values, per_mille);
      const std::uint64_t found = counted.percentile(static_cast<double>(per_mille) / 10);
      CHECK(found >= exact);
      CHECK(found <= exact + exact / 128);
    }
    CHECK(counted.max() == values.back());
    CHECK(counted.count() == values.size());
  }
}

TEST_CASE("a histogram knows small values exactly") {
  histogram counted;
  for (int value = 0; value < 256; ++value)
    counted.record(value);
  for (int rank = 1; rank <= 256; ++rank)
    CHECK(counted.percentile(100.0 * rank / 256) == static_cast<std::uint64_t>(rank - 1));
}

TEST_CASE("a histogram takes every value that there is") {
  histogram counted;
  counted.record(std::numeric_limits<std::int64_t>::max());
  counted.record(-5);
  CHECK(counted.max() == static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()));
  CHECK(counted.percentile(100) == counted.max());
  CHECK(counted.percentile(50) == 0);
}

TEST_CASE("an empty or cleared histogram reports nothing but zeros") {
  histogram counted;
  CHECK(counted.percentile(99) == 0);
  counted.record(1'000);
  counted.clear();
  CHECK(counted.count() == 0);
  CHECK(counted.percentile(99) == 0);
  CHECK(counted.max() == 0);
}

TEST_CASE("two histograms added are the histogram of all values") {
  histogram first, second, both;
  for (int i = 0; i < 1'000; ++i) {
    (i % 3 == 0 ? first : second).record(i * i);
    both.record(i * i);
  }
  first.add(second);
  CHECK(first.count() == both.count());
  CHECK(first.max() == both.max());
  for (const double percent : {10.0, 50.0, 99.0})
    CHECK(first.percentile(percent) == both.percentile(percent));
}
