#include "net/flow/latest_state_queue.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using net::latest_state_queue;
using outcome = net::latest_state_queue::outcome;

namespace {

net::shared_frame frame(std::string text) {
  return std::make_shared<const std::string>(std::move(text));
}

domain::uuid entity(std::uint64_t number) {
  return domain::make_uuid(1, 1, number);
}

} // namespace

TEST_CASE("a new state of an entity replaces its unsent older one, in the entity's place") {
  latest_state_queue queue(10);
  CHECK(queue.push(entity(1), 0, frame("1 at 0")) == outcome::added);
  CHECK(queue.push(entity(2), 0, frame("2 at 0")) == outcome::added);
  CHECK(queue.push(entity(1), 3, frame("1 at 3")) == outcome::folded);
  CHECK(queue.size() == 2);
  CHECK(*queue.pop() == "1 at 3");
  CHECK(*queue.pop() == "2 at 0");
  CHECK(queue.empty());
}

TEST_CASE("an older state than the one held is dropped, so versions never go back") {
  latest_state_queue queue(10);
  queue.push(entity(1), 5, frame("at 5"));
  CHECK(queue.push(entity(1), 4, frame("at 4")) == outcome::outdated);
  CHECK(queue.push(entity(1), 5, frame("again")) == outcome::outdated);
  CHECK(*queue.pop() == "at 5");
}

TEST_CASE("a full queue takes no further entity, but new states of those it holds") {
  latest_state_queue queue(2);
  queue.push(entity(1), 0, frame("a"));
  queue.push(entity(2), 0, frame("b"));
  CHECK(queue.push(entity(3), 0, frame("c")) == outcome::full);
  CHECK(queue.push(entity(2), 1, frame("b1")) == outcome::folded);
  CHECK(queue.size() == 2);
  queue.pop();
  CHECK(queue.push(entity(3), 0, frame("c")) == outcome::added);
}
