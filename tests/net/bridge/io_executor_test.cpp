#include "net/bridge/io_executor.hpp"

#include "actors/scheduling/actor_scheduler.hpp"

#include <catch2/catch.hpp>

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <memory>
#include <thread>
#include <vector>

using namespace holdfast;

namespace {

/// Notes on which thread it was run.
class job final : public caf::resumable {
 public:
  resume_result resume(caf::execution_unit*, std::size_t) override {
    ran_on_.store(std::this_thread::get_id());
    return resumable::done;
  }
  void intrusive_ptr_add_ref_impl() override {} // The test owns it.
  void intrusive_ptr_release_impl() override { is_released_.store(true); }

  /// Whether it has run and nobody touches it any more.
  bool has_run() const { return is_released_.load(); }
  bool has_run_here() const { return ran_on_.load() == std::this_thread::get_id(); }

 private:
  std::atomic<std::thread::id> ran_on_{};
  std::atomic<bool> is_released_{false};
};

struct configuration : caf::actor_system_config {
  configuration() {
    config_file_path.clear();
    actors::use_actor_scheduler(*this, 1);
  }
};

template <class Condition>
bool eventually(Condition condition) {
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(20);
  while (!condition() && std::chrono::steady_clock::now() < deadline)
    std::this_thread::yield();
  return condition();
}

/// An I/O thread, which is the test's, beside a worker that has nothing to do.
struct bridge {
  bridge() {
    executor.use_this_thread();
    REQUIRE(eventually([this] { return scheduler().has_idle_worker(); }));
  }
  actors::actor_scheduler& scheduler() {
    return dynamic_cast<actors::actor_scheduler&>(system.scheduler());
  }
  /// How many of so many jobs, made runnable here, have run here.
  std::size_t run(std::size_t count) {
    std::vector<job> jobs(count);
    for (job& each : jobs)
      executor.exec_later(&each);
    loop.run();
    for (const job& each : jobs)
      REQUIRE(eventually([&] { return each.has_run(); }));
    const auto here = [](const job& each) { return each.has_run_here(); };
    return static_cast<std::size_t>(std::count_if(jobs.begin(), jobs.end(), here));
  }

  configuration config;
  caf::actor_system system{config};
  boost::asio::io_context loop;
  net::io_executor executor{system, loop};
};

} // namespace

TEST_CASE("what becomes runnable on an I/O thread runs there, also beside an idle worker",
          "[bridge]") {
  bridge f;
  CHECK(f.run(100) == 100);
}

TEST_CASE("an idle worker gets half of a long backlog at once", "[bridge]") {
  bridge f;
  CHECK(f.run(300) == 300 - 128);
}

TEST_CASE("a backlog stays where it is while no worker has time for it", "[bridge]") {
  bridge f;
  std::atomic<bool> may_end{false};
  struct occupation final : caf::resumable {
    explicit occupation(std::atomic<bool>& end)
        : may_end(end) {}
    resume_result resume(caf::execution_unit*, std::size_t) override {
      (void)eventually([this] { return may_end.load(); });
      return resumable::done;
    }
    void intrusive_ptr_add_ref_impl() override {}
    void intrusive_ptr_release_impl() override {}
    std::atomic<bool>& may_end;
  } busy{may_end};
  f.scheduler().enqueue(&busy);
  REQUIRE(eventually([&] { return !f.scheduler().has_idle_worker(); }));
  CHECK(f.run(1'000) == 1'000);
  may_end = true;
  REQUIRE(eventually([&] { return f.scheduler().has_idle_worker(); }));
}
