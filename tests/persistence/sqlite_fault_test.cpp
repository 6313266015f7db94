// What the store does when the disk fails under it.
#include "tests/persistence/fault_vfs.hpp"
#include "tests/persistence/sqlite_helpers.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <deque>
#include <future>
#include <thread>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

struct fixture {
  explicit fixture(std::chrono::milliseconds fold_delay = never_fold) {
    sqlite_store_options options;
    options.directory = directory.path();
    options.fold_delay = fold_delay;
    options.vfs = fault_vfs();
    x = std::make_unique<sqlite_store>(std::move(options));
    token = take(*x, shard_of_slot(sqlite_slot, x->shard_count()));
  }

  commit_status make(const entity_key& key) {
    return commit(*x, request_of(*x, token, {creation(key)})).status;
  }
  entity_key new_key() const { return make_key(entity_kind::ticket, sqlite_slot); }

  /// Until the store is well again.
  void wait_until_well() {
    const auto end = std::chrono::steady_clock::now() + deadline;
    while (load(*x, make_key(entity_kind::account, sqlite_slot)).status == load_status::unavailable)
      if (std::chrono::steady_clock::now() > end)
        throw no_answer();
  }

  temporary_directory directory;
  std::unique_ptr<sqlite_store> x;
  shard_token token;
};

} // namespace

TEST_CASE("a commit whose sync fails is unknown, and a load tells the truth about it",
          "[persistence][sqlite][fault]") {
  fixture x;
  tail_collector collector;
  const auto tail = x.x->tail({0}, collector.handler());
  const entity_key before = x.new_key();
  REQUIRE(x.make(before) == commit_status::committed);
  const entity_key doubtful = x.new_key();
  {
    const failing_files failing(file_fault::sync_fails, "journal.sqlite-wal");
    CHECK(x.make(doubtful) == commit_status::unknown);
    CHECK(failing.failed_count() > 0);
  }
  x.wait_until_well();
  CHECK(x.x->counts().reopenings == 1);
  const load_outcome loaded = load(*x.x, doubtful);
  REQUIRE(loaded.status != load_status::unavailable);
  CHECK(load(*x.x, before).status == load_status::found);
  const entity_key later = x.new_key();
  CHECK(x.make(later) == commit_status::committed);
  CHECK(compare_log_with_records(*x.x).empty());
  const std::vector<log_entry> log = read_whole_log(*x.x, {0});
  CHECK(log.size() == (loaded.status == load_status::found ? 3 : 2));
  collector.wait_for_count(log.size());
  for (std::size_t i = 0; i < log.size(); ++i)
    CHECK(collector.entries()[i].at == log[i].at);
  x.x.reset();
  const auto reopened = open_store(x.directory.path());
  CHECK(load(*reopened, doubtful).status == loaded.status);
  CHECK(load(*reopened, later).status == load_status::found);
}

TEST_CASE("while the disk stays broken every call is refused, and afterwards all is well",
          "[persistence][sqlite][fault]") {
  fixture x;
  const entity_key before = x.new_key();
  REQUIRE(x.make(before) == commit_status::committed);
  {
    const failing_files failing(file_fault::sync_fails, "journal.sqlite");
    CHECK(x.make(x.new_key()) == commit_status::unknown);
    CHECK(x.make(x.new_key()) == commit_status::unavailable);
    CHECK(load(*x.x, before).status == load_status::unavailable);
    CHECK_FALSE(scan(*x.x, 0, {}, 1).available);
    CHECK_FALSE(list_due(*x.x, 0).available);
  }
  x.wait_until_well();
  CHECK(load(*x.x, before).status == load_status::found);
  CHECK(x.make(x.new_key()) == commit_status::committed);
  CHECK(compare_log_with_records(*x.x).empty());
}

TEST_CASE("a full disk fails the requests and not the process", "[persistence][sqlite][fault]") {
  fixture x;
  const entity_key before = x.new_key();
  REQUIRE(x.make(before) == commit_status::committed);
  const entity_key doubtful = x.new_key();
  {
    const failing_files failing(file_fault::disk_full, "journal.sqlite");
    const commit_status status = x.make(doubtful);
    CHECK((status == commit_status::unknown || status == commit_status::unavailable));
    CHECK(x.make(x.new_key()) != commit_status::committed);
  }
  x.wait_until_well();
  CHECK(load(*x.x, before).status == load_status::found);
  CHECK(x.make(x.new_key()) == commit_status::committed);
  CHECK(compare_log_with_records(*x.x).empty());
}

TEST_CASE("commits don't wait while the journal's write-ahead log is moved into its file",
          "[persistence][sqlite][fault]") {
  fixture x(std::chrono::milliseconds(50));
  const observed_syncs syncs("/journal.sqlite");
  std::atomic<std::thread::id> writer;
  std::deque<std::future<commit_status>> commits;
  // 20 MiB in all, which is several times what the write-ahead log may hold.
  for (int i = 0; i < 4000; ++i) {
    if (commits.size() == 16) {
      REQUIRE(commits.front().wait_for(deadline) == std::future_status::ready);
      REQUIRE(commits.front().get() == commit_status::committed);
      commits.pop_front();
    }
    auto answer = std::make_shared<std::promise<commit_status>>();
    commits.push_back(answer->get_future());
    x.x->commit(request_of(*x.x, x.token, {creation(x.new_key(), std::string(5000, 'x'))}),
                [&writer, answer](const commit_outcome& outcome) {
                  writer = std::this_thread::get_id();
                  answer->set_value(outcome.status);
                });
  }
  for (auto& each : commits)
    REQUIRE(each.get() == commit_status::committed);
  // Megabytes are synced by another thread; the writer, which ends each move, has but the rest.
  constexpr std::size_t much = 1024 * 1024;
  const std::vector<observed_sync> seen = syncs.seen();
  CHECK(std::any_of(seen.begin(), seen.end(), [&](const observed_sync& each) {
    return each.thread != writer.load() && each.bytes > much;
  }));
  CHECK(std::none_of(seen.begin(), seen.end(), [&](const observed_sync& each) {
    return each.thread == writer.load() && each.bytes > much;
  }));
}

TEST_CASE("commits go on while the records can't be written, and are folded later",
          "[persistence][sqlite][fault]") {
  fixture x(fold_at_once);
  entity_key during;
  {
    const failing_files failing(file_fault::write_fails, "records.sqlite");
    during = x.new_key();
    REQUIRE(x.make(during) == commit_status::committed);
    CHECK_FALSE(trim_log(*x.x, x.x->now() + 1));
    CHECK(failing.failed_count() > 0);
    CHECK(load(*x.x, during).status == load_status::found);
    CHECK(read_whole_log(*x.x, {0}).size() == 1);
  }
  const auto end = std::chrono::steady_clock::now() + deadline;
  while (!trim_log(*x.x, x.x->now() + 1))
    REQUIRE(std::chrono::steady_clock::now() < end);
  CHECK(load(*x.x, during).status == load_status::found);
}
