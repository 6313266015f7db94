#include "net/api/metrics.hpp"

#include <catch2/catch.hpp>

#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace holdfast::net;

namespace {

std::string text_of(const metrics_registry& registry) {
  std::string out;
  registry.write(out);
  return out;
}

bool has_line(const std::string& text, const std::string& line) {
  return ("\n" + text).find("\n" + line + "\n") != std::string::npos;
}

} // namespace

TEST_CASE("what many threads count adds up", "[net][metrics]") {
  counter counted;
  duration_histogram timed;
  std::vector<std::thread> threads;
  for (int i = 0; i < 12; ++i)
    threads.emplace_back([&] {
      for (int j = 0; j < 1'000; ++j) {
        counted.add();
        timed.observe_us(300);
      }
    });
  for (std::thread& thread : threads)
    thread.join();
  CHECK(counted.value() == 12'000);
  CHECK(timed.read().count == 12'000);
  CHECK(timed.read().sum_us == 3'600'000);
}

TEST_CASE("a duration falls into the first bucket that holds it", "[net][metrics]") {
  duration_histogram timed;
  for (const std::uint64_t us : {0U, 100U, 101U, 10'000'000U, 10'000'001U})
    timed.observe_us(us);
  const auto reading = timed.read();
  CHECK(reading.buckets.front() == 2);
  CHECK(reading.buckets[1] == 1);
  CHECK(reading.buckets[15] == 1);
  CHECK(reading.buckets[16] == 1);
}

TEST_CASE("the text is what Prometheus reads", "[net][metrics]") {
  metrics_registry registry;
  counter& sold = registry.add_counter("sold_total", "Sold \"tickets\".\\", {{"kind", "a\"b\\\n"}});
  registry.add_counter("sold_total", "Sold \"tickets\".\\", {{"kind", "c"}});
  gauge& open = registry.add_gauge("open", "Open.");
  duration_histogram& timed = registry.add_histogram("wait_seconds", "Waiting.");
  std::uint64_t elsewhere = 7;
  registry.add_observed_counter("commits_total", "Commits.", [&] { return elsewhere; });
  registry.add_observed_gauge("queue", "Queue.", [] { return std::int64_t{-2}; });
  sold.add(3);
  open.add(5);
  open.subtract(6);
  timed.observe_us(1'500);
  const std::string text = text_of(registry);
  CHECK(text.starts_with("# HELP sold_total Sold \"tickets\".\\\\\n# TYPE sold_total counter\n"
                         "sold_total{kind=\"a\\\"b\\\\\\n\"} 3\nsold_total{kind=\"c\"} 0\n"));
  CHECK(has_line(text, "open -1"));
  CHECK(has_line(text, "# TYPE wait_seconds histogram"));
  CHECK(has_line(text, "wait_seconds_bucket{le=\"0.001\"} 0"));
  CHECK(has_line(text, "wait_seconds_bucket{le=\"0.0025\"} 1"));
  CHECK(has_line(text, "wait_seconds_bucket{le=\"10\"} 1"));
  CHECK(has_line(text, "wait_seconds_bucket{le=\"+Inf\"} 1"));
  CHECK(has_line(text, "wait_seconds_sum 0.0015"));
  CHECK(has_line(text, "wait_seconds_count 1"));
  CHECK(has_line(text, "commits_total 7"));
  CHECK(has_line(text, "queue -2"));
}

TEST_CASE("a name has one meaning", "[net][metrics]") {
  metrics_registry registry;
  registry.add_counter("a_total", "A.");
  CHECK_THROWS_AS(registry.add_counter("a_total", "A."), std::logic_error);
  CHECK_THROWS_AS(registry.add_counter("a_total", "B.", {{"x", "y"}}), std::logic_error);
  CHECK_THROWS_AS(registry.add_gauge("a_total", "A.", {{"x", "y"}}), std::logic_error);
  CHECK_NOTHROW(registry.add_counter("a_total", "A.", {{"x", "y"}}));
}

TEST_CASE("the front counts requests by route and class of status", "[net][metrics]") {
  metrics_registry registry;
  front_metrics metrics{registry};
  const route asked = route::create_order;
  metrics.count_request(&asked, 201, 400);
  metrics.count_request(&asked, 409, 90);
  metrics.count_request(nullptr, 404, 10);
  const std::string text = text_of(registry);
  const std::string name = "holdfast_http_requests_total";
  CHECK(has_line(text, name + "{route=\"create_order\",status=\"2xx\"} 1"));
  CHECK(has_line(text, name + "{route=\"create_order\",status=\"4xx\"} 1"));
  CHECK(has_line(text, name + "{route=\"none\",status=\"4xx\"} 1"));
  CHECK(has_line(text, "holdfast_http_request_duration_seconds_count{route=\"create_order\"} 2"));
}
