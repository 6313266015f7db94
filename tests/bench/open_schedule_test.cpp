#include "bench/load/histogram.hpp"
#include "bench/load/open_schedule.hpp"

#include <algorithm>
#include <catch2/catch.hpp>

using namespace holdfast::bench;

namespace {

/// A server that answers one request after the other in `service_ns`, but does nothing from
/// `stall_ns` on for `stall_length_ns`. In virtual time.
histogram latency_with_stall(open_schedule schedule, std::int64_t service_ns, std::int64_t stall_ns,
                             std::int64_t stall_length_ns) {
  histogram latency;
  std::int64_t free_at = 0;
  while (!schedule.finished()) {
    std::int64_t start = std::max(free_at, schedule.next_ns());
    if (start >= stall_ns && start < stall_ns + stall_length_ns)
      start = stall_ns + stall_length_ns;
    free_at = start + service_ns;
    latency.record(free_at - schedule.take());
  }
  return latency;
}

} // namespace

TEST_CASE("a schedule intends its requests at even steps, and none at or after its end") {
  open_schedule schedule(5'000, 5'000 + ns_per_second, 1'000);
  std::size_t count = 0;
  while (!schedule.finished()) {
    CHECK(schedule.take() == 5'000 + static_cast<std::int64_t>(count) * ns_per_ms);
    ++count;
  }
  CHECK(count == 1'000);
  CHECK_FALSE(schedule.due(10 * ns_per_second));
}

TEST_CASE("a schedule does not drift at rates that no step in nanoseconds divides") {
  open_schedule schedule(0, 3'600 * ns_per_second, 7'777);
  for (int i = 0; i < 7'777 * 100; ++i)
    schedule.take();
  CHECK(std::abs(schedule.next_ns() - 100 * ns_per_second) < 1'000);
}

TEST_CASE("a schedule's requests are due at their times and not before") {
  open_schedule schedule(1'000, ns_per_second, 1'000);
  CHECK_FALSE(schedule.due(999));
  CHECK(schedule.due(1'000));
  schedule.take();
  CHECK_FALSE(schedule.due(1'000 + ns_per_ms - 1));
  CHECK(schedule.due(1'000 + ns_per_ms));
}

TEST_CASE("a stall of the server shows in the latency of every request that it held up") {
  const open_schedule schedule(0, 10 * ns_per_second, 1'000);
  const std::int64_t service = ns_per_ms / 10;

  const histogram calm = latency_with_stall(schedule, service, -1, 0);
  CHECK(calm.max() < 2 * ns_per_ms);

  // One second of ten: a tenth of the requests fall into it, and wait for half a second on average.
  const histogram stalled = latency_with_stall(schedule, service, 4 * ns_per_second, ns_per_second);
  CHECK(stalled.count() == calm.count());
  CHECK(stalled.max() > static_cast<std::uint64_t>(ns_per_second));
  CHECK(stalled.percentile(99) > static_cast<std::uint64_t>(ns_per_second) * 8 / 10);
  CHECK(stalled.percentile(95) > static_cast<std::uint64_t>(ns_per_second) * 4 / 10);
  CHECK(stalled.percentile(50) < static_cast<std::uint64_t>(2 * ns_per_ms));
}
