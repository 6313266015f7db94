#include "tests/persistence/sqlite_helpers.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>
#include <thread>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

sqlite::backup_outcome back_up(sqlite_store& x, const std::string& target) {
  return pending<sqlite::backup_outcome>(
             [&](auto handler) { x.backup(target, std::move(handler)); })
      .get();
}

} // namespace

TEST_CASE("a backup taken under load holds all that was acknowledged before it",
          "[persistence][sqlite][backup]") {
  temporary_directory directory;
  const auto x = open_store(directory.path() + "/data", std::chrono::milliseconds(1));
  std::atomic<bool> is_done = false;
  std::mutex mutex;
  std::vector<entity_key> made;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i)
    writers.emplace_back([&, i] {
      const auto slot = static_cast<holdfast::domain::slot_number>(i * 4096);
      const shard_token token = take(*x, shard_of_slot(slot, x->shard_count()));
      while (!is_done) {
        const entity_key key = make_key(entity_kind::ticket, slot);
        if (commit(*x, request_of(*x, token, {creation(key, std::string(500, 'x'))})).status ==
            commit_status::committed) {
          const std::lock_guard guard(mutex);
          made.push_back(key);
        }
      }
    });
  tail_collector collector;
  const auto tail = x->tail({0}, collector.handler());
  for (int round = 0; round < 3; ++round) {
    collector.wait_for_count(collector.entries().size() + 50);
    std::vector<entity_key> before;
    {
      const std::lock_guard guard(mutex);
      before = made;
    }
    const std::string target = directory.path() + "/backup" + std::to_string(round);
    const sqlite::backup_outcome outcome = back_up(*x, target);
    CHECK(outcome.reason.empty());
    REQUIRE(outcome.done);
    const auto copy = open_store(target);
    for (const entity_key& key : before)
      CHECK(load(*copy, key).status == load_status::found);
    CHECK(compare_log_with_records(*copy) == "");
    // The copy is a store of its own.
    (void)make_entity(*copy, take(*copy, shard_of_slot(sqlite_slot, copy->shard_count())));
  }
  is_done = true;
  for (std::thread& writer : writers)
    writer.join();
  CHECK(compare_log_with_records(*x) == "");
}

TEST_CASE("a backup never overwrites a store", "[persistence][sqlite][backup]") {
  temporary_directory directory;
  const auto x = open_store(directory.path() + "/data");
  const auto key = make_entity(*x, take(*x, shard_of_slot(sqlite_slot, x->shard_count())));
  const sqlite::backup_outcome onto_itself = back_up(*x, directory.path() + "/data");
  CHECK_FALSE(onto_itself.done);
  CHECK(onto_itself.reason.find("exists already") != std::string::npos);
  REQUIRE(back_up(*x, directory.path() + "/copy").done);
  CHECK_FALSE(back_up(*x, directory.path() + "/copy").done);
  CHECK(load(*x, key).status == load_status::found);
}

TEST_CASE("a backup that fails leaves no files behind", "[persistence][sqlite][backup]") {
  temporary_directory directory;
  const auto x = open_store(directory.path() + "/data");
  const sqlite::backup_outcome outcome = back_up(*x, "/proc/holdfast-backup");
  CHECK_FALSE(outcome.done);
  CHECK(outcome.reason.find("/proc/holdfast-backup") != std::string::npos);
}
