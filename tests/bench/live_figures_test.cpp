#include "bench/load/live_figures.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::bench;

namespace {

const std::string first_id = "01a1fc52-9b5f-8cd2-b551-163a424b91e1";
const std::string second_id = "01a1fc52-9b5f-8cd2-b551-163a424b91e2";

std::string update_of(const std::string& id, int version, int millisecond) {
  const std::string digits = std::to_string(1'000 + millisecond).substr(1);
  return R"({"type":"ticket:updated","ticket":{"id":")" + id + R"(","version":)" +
         std::to_string(version) + R"(,"updatedAt":"2026-11-21T04:17:14.)" + digits + R"(Z"}})";
}

constexpr std::int64_t day_ms = 1'795'234'634'000;

/// The monotonic time of that millisecond of the messages' second.
std::int64_t at_ms(const live_figures& figures, double millisecond) {
  return day_ms * ns_per_ms + static_cast<std::int64_t>(millisecond * 1e6) - figures.wall_offset_ns;
}

void deliver(watch_listener& listener, std::size_t watcher, const std::string& payload,
             std::int64_t arrival_ns) {
  listener.on_message(watcher, {frame_kind::text, payload}, arrival_ns);
}

} // namespace

TEST_CASE("delays count from the answer, and being behind from the server's own time") {
  live_figures figures(2);
  hold_deliveries deliveries(figures, 10, 2);
  deliveries.know(10, first_id);
  deliveries.know(11, second_id);
  figures.on_begin(at_ms(figures, 0));
  deliveries.on_sent(10, at_ms(figures, 1));
  deliver(deliveries, 0, update_of(first_id, 1, 2), at_ms(figures, 5));
  deliveries.on_answered(10, at_ms(figures, 6));
  CHECK_FALSE(deliveries.all_delivered());
  deliver(deliveries, 1, update_of(first_id, 1, 2), at_ms(figures, 9));
  CHECK(deliveries.all_delivered());
  deliveries.finish();
  CHECK(figures.messages == 2);
  CHECK(figures.changes == 1);
  CHECK(figures.missing == 0);
  CHECK(figures.before_answer == 1);
  CHECK(figures.delay_ns.count() == 2);
  CHECK(figures.delay_ns.max() == 3 * ns_per_ms);
  CHECK(figures.behind_ns.max() == 7 * ns_per_ms);
  CHECK(figures.last_watcher_ns.max() == 7 * ns_per_ms);
  CHECK(figures.watcher_behind_ns[0] == 3 * ns_per_ms);
  CHECK(figures.watcher_behind_ns[1] == 7 * ns_per_ms);
}

TEST_CASE("a hold that a watcher never hears of is missing; one that was refused is not") {
  live_figures figures(3);
  hold_deliveries deliveries(figures, 0, 2);
  deliveries.know(0, first_id);
  deliveries.know(1, second_id);
  figures.on_begin(at_ms(figures, 0));
  deliveries.on_sent(0, at_ms(figures, 1));
  deliveries.on_sent(1, at_ms(figures, 1));
  deliveries.on_answered(0, at_ms(figures, 2));
  deliver(deliveries, 1, update_of(first_id, 1, 2), at_ms(figures, 3));
  CHECK_FALSE(deliveries.all_delivered());
  deliveries.finish();
  CHECK(figures.missing == 2);
}

TEST_CASE("messages outside of the measured time are in no figure") {
  live_figures figures(1);
  hold_deliveries deliveries(figures, 0, 2);
  deliveries.know(0, first_id);
  deliveries.on_sent(0, at_ms(figures, 1));
  deliveries.on_answered(0, at_ms(figures, 2));
  deliver(deliveries, 0, update_of(first_id, 1, 2), at_ms(figures, 3));
  figures.on_begin(at_ms(figures, 10));
  figures.on_end(at_ms(figures, 20));
  deliver(deliveries, 0, update_of(second_id, 1, 2), at_ms(figures, 25));
  deliveries.finish();
  CHECK(figures.messages == 0);
  CHECK(figures.delay_ns.count() == 0);
  CHECK(figures.changes == 0);
  CHECK(figures.missing == 0);
}

TEST_CASE("a watcher that missed a version was behind since that version") {
  live_figures figures(2);
  version_deliveries deliveries(figures, 1);
  deliveries.know(0, first_id, 4);
  figures.on_begin(at_ms(figures, 0));
  for (int step = 1; step <= 3; ++step)
    deliveries.on_answered(0, static_cast<std::uint64_t>(4 + step), day_ms + 100 * step,
                           at_ms(figures, 100 * step + 5));
  for (int step = 1; step <= 3; ++step)
    deliver(deliveries, 0, update_of(first_id, 4 + step, 100 * step),
            at_ms(figures, 100 * step + 10));
  CHECK(figures.folded == 0);
  CHECK(figures.watcher_behind_ns[0] == 10 * ns_per_ms);
  CHECK_FALSE(deliveries.all_delivered());

  deliver(deliveries, 1, update_of(first_id, 7, 300), at_ms(figures, 310));
  CHECK(deliveries.all_delivered());
  deliveries.finish();
  CHECK(figures.folded == 2);
  CHECK(figures.missing == 0);
  CHECK(figures.watcher_behind_ns[1] == 210 * ns_per_ms);
  CHECK(figures.delay_ns.max() == 5 * ns_per_ms);
}

TEST_CASE("a watcher that never gets the last version is missing it, and old ones count no more") {
  live_figures figures(1);
  version_deliveries deliveries(figures, 2);
  deliveries.know(0, first_id, 0);
  deliveries.know(1, second_id, 0);
  figures.on_begin(at_ms(figures, 0));
  deliveries.on_answered(0, 1, day_ms + 10, at_ms(figures, 11));
  deliveries.on_answered(0, 2, day_ms + 20, at_ms(figures, 21));
  deliver(deliveries, 0, update_of(first_id, 1, 10), at_ms(figures, 30));
  deliver(deliveries, 0, update_of(first_id, 1, 10), at_ms(figures, 90));
  deliveries.finish();
  CHECK(figures.missing == 1);
  CHECK(figures.delay_ns.count() == 1);
}
