#include "net/flow/feed_progress.hpp"
#include "net/flow/task.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using net::feed_progress;

namespace {

net::position_set at(std::uint32_t stream, std::uint64_t sequence) {
  net::position_set wanted;
  actors::write_position where;
  where.stream = stream;
  where.sequence = sequence;
  wanted.merge(where);
  return wanted;
}

/// Notes what a wait came to: 0 still waiting, 1 reached, -1 not reached.
net::detached wait_for(feed_progress& progress, net::position_set wanted, std::int64_t deadline_ms,
                       int& result) {
  feed_progress::wait waiting(progress, wanted, deadline_ms);
  result = co_await waiting ? 1 : -1;
}

} // namespace

TEST_CASE("a position that has been reached is not waited for") {
  feed_progress progress;
  progress.advance({7});
  int result = 0;
  wait_for(progress, at(0, 7), 100, result);
  CHECK(result == 1);
}

TEST_CASE("a wait ends as soon as the feed gets there, and not before") {
  feed_progress progress;
  progress.advance({7, 1});
  int result = 0;
  wait_for(progress, at(1, 3), 100, result);
  progress.advance({9, 2});
  CHECK(result == 0);
  progress.advance({9, 3});
  CHECK(result == 1);
}

TEST_CASE("a wait ends at its deadline with the news that the position was not reached") {
  feed_progress progress;
  progress.advance({1});
  int result = 0;
  wait_for(progress, at(0, 5), 100, result);
  progress.check_time(99);
  CHECK(result == 0);
  progress.check_time(100);
  CHECK(result == -1);
}

TEST_CASE("progress never goes back") {
  feed_progress progress;
  progress.advance({5});
  progress.advance({3});
  CHECK(progress.applied() == std::vector<std::uint64_t>{5});
}

TEST_CASE("nothing is known before the feed has said where it stands") {
  feed_progress progress;
  CHECK_FALSE(progress.is_started());
  progress.advance({0});
  CHECK(progress.is_started());
}
