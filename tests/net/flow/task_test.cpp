#include "net/flow/task.hpp"

#include <catch2/catch.hpp>

#include <cstring>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using namespace holdfast::net;

namespace {

/// Suspends until somebody opens it.
struct gate {
  std::coroutine_handle<> waiting;
  bool await_ready() const noexcept { return false; }
  void await_suspend(std::coroutine_handle<> who) noexcept { waiting = who; }
  void await_resume() const noexcept {}
};

task<int> give(int value) {
  co_return value;
}

task<int> fail() {
  throw std::runtime_error("no");
  co_return 0;
}

task<int> sum_up(int count) {
  int sum = 0;
  for (int i = 0; i < count; ++i)
    sum += co_await give(1);
  co_return sum;
}

task<std::string> pass(gate& door) {
  co_await door;
  co_return "passed";
}

detached run(gate& door, std::string& result) {
  result = co_await pass(door);
}

detached run_failing(std::string& result) {
  try {
    result = std::to_string(co_await fail());
  } catch (const std::runtime_error& failure) {
    result = failure.what();
  }
}

detached run_sum(int& result) {
  result = co_await sum_up(200'000);
}

} // namespace

TEST_CASE("a task's value reaches its awaiter when it resumes") {
  gate door;
  std::string result;
  run(door, result);
  CHECK(result.empty());
  door.waiting.resume();
  CHECK(result == "passed");
}

TEST_CASE("what a task throws reaches its awaiter") {
  std::string result;
  run_failing(result);
  CHECK(result == "no");
}

TEST_CASE("long runs of tasks that don't wait don't deepen the stack") {
  int result = 0;
  run_sum(result);
  CHECK(result == 200'000);
}

TEST_CASE("frames that have ended are kept for the next, up to a bound") {
  std::vector<void*> taken;
  for (std::size_t i = 0; i < 3 * frame_memory::kept_max; ++i)
    taken.push_back(frame_memory::take(200));
  for (void* frame : taken)
    std::memset(frame, 0x5a, 200); // each is a place of its own
  const std::size_t before = frame_memory::kept();
  for (void* frame : taken)
    frame_memory::give_back(frame, 200);
  CHECK(frame_memory::kept() <= before + frame_memory::kept_max);
  void* const large = frame_memory::take(frame_memory::kept_bytes_max + 1);
  const std::size_t kept = frame_memory::kept();
  frame_memory::give_back(large, frame_memory::kept_bytes_max + 1);
  CHECK(frame_memory::kept() == kept);
}

TEST_CASE("a frame may end on another thread than it began on") {
  void* const here = frame_memory::take(300);
  void* elsewhere = nullptr;
  std::thread([&] {
    frame_memory::give_back(here, 300);
    elsewhere = frame_memory::take(300);
  }).join();
  frame_memory::give_back(elsewhere, 300);
}
