#include "persistence/memory/manual_clock.hpp"
#include "persistence/sqlite/schema.hpp"
#include "tests/persistence/sqlite_helpers.hpp"

#include <catch2/catch.hpp>
#include <deque>
#include <map>
#include <set>
#include <sys/stat.h>
#include <thread>
#include <unistd.h>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

shard_token take_shard(store& x) {
  return take(x, shard_of_slot(sqlite_slot, x.shard_count()));
}

mode_t permissions(const std::string& path) {
  struct stat status {};
  REQUIRE(::stat(path.c_str(), &status) == 0);
  return status.st_mode & 0777U;
}

} // namespace

// -- restart

TEST_CASE("a store that is opened again holds what was committed", "[persistence][sqlite]") {
  const auto fold_delay = GENERATE(fold_at_once, never_fold);
  temporary_directory directory;
  entity_key kept;
  entity_key removed;
  {
    const auto x = open_store(directory.path(), fold_delay);
    const shard_token token = take_shard(*x);
    kept = make_entity(*x, token);
    removed = make_entity(*x, token);
    change next = revision(kept, 0, "second");
    next.due = 42;
    change removal = revision(removed, 0, "");
    removal.removed = true;
    REQUIRE(commit(*x, request_of(*x, token, {next, removal})).status == commit_status::committed);
  }
  const auto x = open_store(directory.path(), fold_delay);
  CHECK(load(*x, kept).record == "second");
  CHECK(load(*x, kept).version == 1);
  CHECK(load(*x, removed).status == load_status::absent);
  const due_outcome due = list_due(*x, shard_of(*x, kept));
  REQUIRE(due.entries.size() == 1);
  CHECK(due.entries[0].due == 42);
  CHECK(compare_log_with_records(*x).empty());
  const shard_token token = take_shard(*x);
  CHECK(commit(*x, request_of(*x, token, {creation(kept)})).status == commit_status::conflict);
  CHECK(commit(*x, request_of(*x, token, {revision(kept, 1)})).status == commit_status::committed);
}

TEST_CASE("a token of an earlier run is fenced, and epochs grow from run to run",
          "[persistence][sqlite]") {
  temporary_directory directory;
  shard_token earlier;
  {
    const auto x = open_store(directory.path());
    earlier = take_shard(*x);
  }
  const auto x = open_store(directory.path());
  const entity_key key = make_key(entity_kind::ticket, sqlite_slot);
  CHECK(commit(*x, request_of(*x, earlier, {creation(key)})).status == commit_status::fenced);
  const shard_token present = take_shard(*x);
  CHECK(present.epoch > earlier.epoch);
  CHECK(commit(*x, request_of(*x, earlier, {creation(key)})).status == commit_status::fenced);
}

TEST_CASE("the store's clock never runs backwards, not even from run to run",
          "[persistence][sqlite]") {
  temporary_directory directory;
  manual_clock clock;
  sqlite_store_options options;
  options.directory = directory.path();
  options.clock = clock;
  const domain::instant start = clock();
  {
    sqlite_store x(options);
    clock.set(start - 60'000);
    CHECK(x.now() >= start - 60'000);
    clock.set(start);
    CHECK(x.now() == start);
    clock.set(start - 1);
    CHECK(x.now() == start);
    make_entity(x, take_shard(x));
  }
  {
    sqlite_store x(options);
    CHECK(x.now() == start);
    clock.set(start + 1);
    CHECK(trim_log(x, start + 1));
    clock.set(start - 1);
  }
  const sqlite_store x(options);
  CHECK(x.now() >= start);
}

TEST_CASE("the log goes on counting after a restart with an empty journal",
          "[persistence][sqlite]") {
  temporary_directory directory;
  manual_clock clock;
  sqlite_store_options options;
  options.directory = directory.path();
  options.clock = clock;
  reader_positions end;
  {
    sqlite_store x(options);
    make_entity(x, take_shard(x));
    make_entity(x, take_shard(x));
    clock.advance(10);
    REQUIRE(trim_log(x, clock()));
    end = x.log_end();
  }
  sqlite_store x(options);
  CHECK(x.log_end() == end);
  CHECK(read_log(x, {0}, 10).status == log_status::gone);
  CHECK(read_log(x, end, 10).status == log_status::read);
  make_entity(x, take_shard(x));
  CHECK(x.log_end()[0] == end[0] + 1);
}

TEST_CASE("a reader far behind catches up, page by page, while commits go on",
          "[persistence][sqlite]") {
  temporary_directory directory;
  const auto x = open_store(directory.path());
  const shard_token token = take_shard(*x);
  constexpr std::size_t before = 2500;
  constexpr std::size_t after = 500;
  std::vector<pending<commit_outcome>> commits;
  const auto start = [&](std::size_t count) {
    for (std::size_t i = 0; i < count; ++i)
      commits.push_back(start_commit(
          *x, request_of(*x, token, {creation(make_key(entity_kind::ticket, sqlite_slot))})));
  };
  start(before);
  for (auto& each : commits)
    REQUIRE(each.get().status == commit_status::committed);
  tail_collector collector;
  const auto tail = x->tail({0}, collector.handler());
  commits.clear();
  start(after);
  collector.wait_for_count(before + after);
  std::uint64_t expected = 0;
  for (const log_entry& entry : collector.entries())
    REQUIRE(entry.at.sequence == ++expected);
}

TEST_CASE("a scan shows what isn't folded over what is, in pages of any size",
          "[persistence][sqlite]") {
  temporary_directory directory;
  std::map<entity_key, std::string> expected;
  std::vector<entity_key> keys;
  for (int i = 0; i < 40; ++i)
    keys.push_back(make_key(entity_kind::ticket, sqlite_slot));
  const auto make = [&](store& x, const shard_token& token, const entity_key& key) {
    REQUIRE(commit(x, request_of(x, token, {creation(key)})).status == commit_status::committed);
    expected[key] = "made";
  };
  {
    const auto x = open_store(directory.path(), fold_at_once);
    const shard_token token = take_shard(*x);
    for (std::size_t i = 0; i < keys.size(); i += 2)
      make(*x, token, keys[i]);
    REQUIRE(trim_log(*x, 1)); // waits for the folder
  }
  const auto x = open_store(directory.path(), never_fold);
  const shard_token token = take_shard(*x);
  for (std::size_t i = 1; i < keys.size(); i += 4)
    make(*x, token, keys[i]);
  // Removed, the last of all among them, and revised.
  for (std::size_t i = 0; i < keys.size(); i += 6) {
    change next = revision(keys[i], 0, "");
    next.removed = i % 12 != 0 || i + 6 >= keys.size();
    next.record = next.removed ? "" : "revised";
    REQUIRE(commit(*x, request_of(*x, token, {next})).status == commit_status::committed);
    if (next.removed)
      expected.erase(keys[i]);
    else
      expected[keys[i]] = next.record;
  }
  change last = revision(keys[38], 0, "");
  last.removed = true;
  REQUIRE(commit(*x, request_of(*x, token, {last})).status == commit_status::committed);
  expected.erase(keys[38]);
  const shard_number shard = shard_of(*x, keys[0]);
  for (std::size_t page = 1; page <= expected.size() + 1; ++page) {
    const std::vector<stored_record> found = scan_whole(*x, shard, page);
    REQUIRE(found.size() == expected.size());
    auto next = expected.begin();
    for (const stored_record& each : found) {
      REQUIRE(each.key == next->first);
      REQUIRE(each.record == next->second);
      ++next;
    }
  }
  CHECK(scan(*x, shard, {}, expected.size() - 1).more);
  CHECK_FALSE(scan(*x, shard, {}, expected.size()).more);
}

// -- writing

TEST_CASE("what waits is committed in one transaction", "[persistence][sqlite]") {
  temporary_directory directory;
  const auto x = open_store(directory.path());
  const shard_token token = take_shard(*x);
  std::vector<pending<commit_outcome>> commits;
  for (int i = 0; i < 2000; ++i)
    commits.push_back(start_commit(
        *x, request_of(*x, token, {creation(make_key(entity_kind::ticket, sqlite_slot))})));
  for (auto& each : commits)
    REQUIRE(each.get().status == commit_status::committed);
  CHECK(x->counts().commits == 2000);
  CHECK(x->counts().transactions < 500);
}

TEST_CASE("the log can be read and trimmed from any position within a transaction",
          "[persistence][sqlite]") {
  temporary_directory directory;
  manual_clock clock;
  sqlite_store_options options;
  options.directory = directory.path();
  options.clock = clock;
  constexpr std::size_t count = 300;
  {
    sqlite_store x(options);
    const shard_token token = take_shard(x);
    std::vector<pending<commit_outcome>> commits;
    for (std::size_t i = 0; i < count; ++i)
      commits.push_back(start_commit(
          x, request_of(x, token, {creation(make_key(entity_kind::ticket, sqlite_slot))})));
    for (auto& each : commits)
      REQUIRE(each.get().status == commit_status::committed);
    REQUIRE(x.counts().transactions < count / 2);
  }
  sqlite_store x(options);
  for (std::uint64_t after = 0; after < count; ++after) {
    const log_outcome read = read_log(x, {after}, 3);
    REQUIRE(read.status == log_status::read);
    REQUIRE(read.entries.size() == std::min<std::size_t>(3, count - after));
    for (std::size_t i = 0; i < read.entries.size(); ++i)
      REQUIRE(read.entries[i].at.sequence == after + i + 1);
    REQUIRE(read.next == reader_positions{after + read.entries.size()});
    tail_collector collector;
    const auto tail = x.tail({after}, collector.handler());
    REQUIRE(tail);
    collector.wait_for_count(count - after);
    REQUIRE(collector.entries().front().at.sequence == after + 1);
    REQUIRE(collector.entries().size() == count - after);
  }
  clock.advance(10);
  make_entity(x, take_shard(x));
  REQUIRE(trim_log(x, clock()));
  CHECK(read_log(x, {count - 1}, 10).status == log_status::gone);
  CHECK(read_log(x, {count}, 10).entries.size() == 1);
}

TEST_CASE("commits wait for room in the tail rather than being refused", "[persistence][sqlite]") {
  temporary_directory directory;
  sqlite_store_options options;
  options.directory = directory.path();
  options.fold_delay = never_fold;
  options.tail_changes_max = 10;
  sqlite_store x(options);
  const shard_token token = take_shard(x);
  for (int i = 0; i < 100; ++i)
    make_entity(x, token);
  CHECK(compare_log_with_records(x).empty());
}

TEST_CASE("the write-ahead logs stay bounded while commits never pause", "[persistence][sqlite]") {
  temporary_directory directory;
  const auto x = open_store(directory.path());
  const shard_token token = take_shard(*x);
  // 150 MiB in all, which is several times what a write-ahead log may grow to.
  const std::string large(50'000, 'x');
  std::deque<pending<commit_outcome>> commits;
  for (int i = 0; i < 3000; ++i) {
    if (commits.size() == 16) {
      REQUIRE(commits.front().get().status == commit_status::committed);
      commits.pop_front();
    }
    commits.push_back(start_commit(
        *x, request_of(*x, token, {creation(make_key(entity_kind::ticket, sqlite_slot), large)})));
  }
  for (auto& each : commits)
    REQUIRE(each.get().status == commit_status::committed);
  constexpr std::uintmax_t bytes_max = 100 * 1024 * 1024;
  CHECK(std::filesystem::file_size(directory.path() + "/journal.sqlite-wal") < bytes_max);
  CHECK(std::filesystem::file_size(directory.path() + "/records.sqlite-wal") < bytes_max);
}

TEST_CASE("calls beyond the limit are refused and written nowhere", "[persistence][sqlite]") {
  temporary_directory directory;
  sqlite_store_options options;
  options.directory = directory.path();
  options.calls_max = 0;
  sqlite_store x(options);
  const entity_key key = make_key(entity_kind::ticket, sqlite_slot);
  CHECK(commit(x, request_of(x, {}, {creation(key)})).status == commit_status::unavailable);
  CHECK(load(x, key).status == load_status::unavailable);
  CHECK_FALSE(scan(x, 0, {}, 1).available);
  CHECK_FALSE(trim_log(x, 1));
}

// -- the directory

TEST_CASE("a directory in use is refused, with the process that uses it", "[persistence][sqlite]") {
  temporary_directory directory;
  {
    const auto first = open_store(directory.path());
    const refusal_to_open refusal = refuse_to_open(directory.path());
    CHECK(refusal.fault == open_fault::locked);
    CHECK(refusal.words.find("pid " + std::to_string(::getpid())) != std::string::npos);
    make_entity(*first, take_shard(*first));
  }
  CHECK_NOTHROW(open_store(directory.path()));
}

TEST_CASE("a store's files are readable by nobody else", "[persistence][sqlite]") {
  temporary_directory directory;
  const std::string path = directory.path() + "/made/for/it";
  const auto x = open_store(path);
  make_entity(*x, take_shard(*x));
  CHECK(permissions(path) == 0700);
  for (const char* name : {"/holdfast.lock", "/journal.sqlite", "/journal.sqlite-wal",
                           "/journal.sqlite-shm", "/records.sqlite", "/records.sqlite-wal"})
    CHECK(permissions(path + name) == 0600);
}

TEST_CASE("a directory that can't be made is refused with its path", "[persistence][sqlite]") {
  const refusal_to_open refusal = refuse_to_open("/proc/holdfast");
  CHECK(refusal.fault == open_fault::io);
  CHECK(refusal.words.find("/proc/holdfast") != std::string::npos);
}

TEST_CASE("the number of shards is fixed when the store is made", "[persistence][sqlite]") {
  temporary_directory directory;
  open_store(directory.path());
  sqlite_store_options options;
  options.directory = directory.path();
  options.shard_count = 32;
  const refusal_to_open refusal = refuse_to_open(options);
  CHECK(refusal.fault == open_fault::other_shard_count);
  CHECK(refusal.words.find("64") != std::string::npos);
}
