// What the store does with files that aren't as it left them.
#include "persistence/change_codec.hpp"
#include "persistence/sqlite/journal_file.hpp"
#include "persistence/sqlite/schema.hpp"
#include "tests/persistence/sqlite_helpers.hpp"

#include <array>
#include <catch2/catch.hpp>
#include <filesystem>
#include <fstream>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

/// A store with a few records, closed.
struct stored_files {
  explicit stored_files(std::chrono::milliseconds fold_delay) {
    const auto x = open_store(directory.path(), fold_delay);
    const shard_token token = take(*x, shard_of_slot(sqlite_slot, x->shard_count()));
    for (int i = 0; i < 50; ++i)
      last = make_entity(*x, token);
    if (fold_delay == fold_at_once)
      (void)trim_log(*x, 1); // waits for the folder
  }
  std::string journal() const { return directory.path() + "/journal.sqlite"; }
  std::string records() const { return directory.path() + "/records.sqlite"; }
  open_fault fault() const { return refuse_to_open(directory.path()).fault; }

  temporary_directory directory;
  entity_key last;
};

void overwrite(const std::string& path, std::streamoff at, const std::string& bytes) {
  std::fstream file(path, std::ios::in | std::ios::out | std::ios::binary);
  file.seekp(at);
  file << bytes;
  REQUIRE(file.good());
}

} // namespace

TEST_CASE("a file of a newer version is refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  const std::string file = GENERATE(std::string("journal"), std::string("records"));
  run_sql(files.directory.path() + "/" + file + ".sqlite",
          "UPDATE meta SET value=99 WHERE key='schema_version'");
  const refusal_to_open refusal = refuse_to_open(files.directory.path());
  CHECK(refusal.fault == open_fault::newer);
  CHECK(refusal.words.find("newer version") != std::string::npos);
}

TEST_CASE("a file that is no database of ours is refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  const std::string path = GENERATE(true, false) ? files.journal() : files.records();
  SECTION("because its beginning is overwritten") {
    overwrite(path, 0, std::string(200, 'x'));
    CHECK(files.fault() == open_fault::damaged);
  }
  SECTION("because it is another program's database") {
    std::filesystem::remove(path);
    run_sql(path, "CREATE TABLE other(x)");
    CHECK(files.fault() == open_fault::damaged);
  }
}

TEST_CASE("a file that was cut off is refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  const std::string path = GENERATE(true, false) ? files.journal() : files.records();
  const auto size = std::filesystem::file_size(path);
  REQUIRE(size > 8192);
  std::filesystem::resize_file(path, size / 2 / 4096 * 4096);
  CHECK(files.fault() == open_fault::damaged);
}

TEST_CASE("a page that was overwritten is found", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  overwrite(files.records(),
            static_cast<std::streamoff>(std::filesystem::file_size(files.records()) - 4096),
            std::string(4096, 'x'));
  CHECK(files.fault() == open_fault::damaged);
}

TEST_CASE("a row of the journal's tail that isn't what was written is found",
          "[persistence][sqlite]") {
  const stored_files files(never_fold);
  const std::string sql = GENERATE(
      as<std::string>{}, "UPDATE journal SET changes=zeroblob(length(changes)) WHERE sequence=20",
      "UPDATE journal SET time=time+1 WHERE sequence=20",
      "UPDATE journal SET sequence=1000 WHERE sequence=20");
  run_sql(files.journal(), sql);
  const refusal_to_open refusal = refuse_to_open(files.directory.path());
  CHECK(refusal.fault == open_fault::damaged);
  CHECK(refusal.words.find("journal.sqlite") != std::string::npos);
}

TEST_CASE("records that are lost are rebuilt from a whole journal", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  std::filesystem::remove(files.records());
  const auto x = open_store(files.directory.path());
  CHECK(load(*x, files.last).status == load_status::found);
  CHECK(compare_log_with_records(*x).empty());
}

TEST_CASE("records that are lost can't be rebuilt from a trimmed journal",
          "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  {
    const auto x = open_store(files.directory.path());
    REQUIRE(trim_log(*x, x->now() + 1));
  }
  std::filesystem::remove(files.records());
  CHECK(files.fault() == open_fault::damaged);
}

TEST_CASE("a lost journal is refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  std::filesystem::remove(files.journal());
  CHECK(files.fault() == open_fault::damaged);
}

TEST_CASE("files of two stores are refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  const stored_files others(fold_at_once);
  std::filesystem::copy_file(others.records(), files.records(),
                             std::filesystem::copy_options::overwrite_existing);
  const refusal_to_open refusal = refuse_to_open(files.directory.path());
  CHECK(refusal.fault == open_fault::damaged);
  CHECK(refusal.words.find("don't belong together") != std::string::npos);
}

TEST_CASE("a journal that is older than its records is refused", "[persistence][sqlite]") {
  const stored_files files(fold_at_once);
  run_sql(files.journal(), "DELETE FROM journal WHERE sequence > 10");
  CHECK(files.fault() == open_fault::damaged);
}

// -- versions

TEST_CASE("a file of an older version is brought up to date and keeps its rows",
          "[persistence][sqlite]") {
  temporary_directory directory;
  const std::string path = directory.path() + "/file.sqlite";
  const std::array<const char*, 3> migrations = {
      "CREATE TABLE thing(name TEXT)", "ALTER TABLE thing ADD COLUMN size INTEGER DEFAULT 3",
      "UPDATE thing SET size=size*2"};
  const auto open_with = [&](std::size_t versions) {
    sqlite::connection database;
    REQUIRE(database.open(path, sqlite::access::create, "") == SQLITE_OK);
    sqlite::migrate(database, path, {"file", 77, std::span(migrations).first(versions)});
    return database;
  };
  CHECK(open_with(1).execute("INSERT INTO thing VALUES('a')") == SQLITE_OK);
  sqlite::connection upgraded = open_with(3);
  CHECK(upgraded.query_number("SELECT size FROM thing", 0) == 6);
  CHECK(sqlite::meta_number(upgraded, "schema_version", 0) == 3);
  CHECK(open_with(3).query_number("SELECT size FROM thing", 0) == 6);
  CHECK_THROWS_AS(open_with(2), open_error);
}

TEST_CASE("a journal of the first version, with a row for each commit, goes on as it is",
          "[persistence][sqlite]") {
  temporary_directory directory;
  const std::string path = directory.path() + "/journal.sqlite";
  std::vector<entity_key> keys;
  {
    // A store as the first version has left it: three rows, nothing folded.
    const auto x = open_store(directory.path());
  }
  {
    sqlite::connection database;
    REQUIRE(database.open(path, sqlite::access::write, "") == SQLITE_OK);
    sqlite::statement row = database.prepare("INSERT INTO journal VALUES(?, ?, ?, ?)");
    for (std::uint64_t sequence = 1; sequence <= 3; ++sequence) {
      keys.push_back(make_key(entity_kind::ticket, sqlite_slot));
      const std::string changes =
          encode_changes(shard_of_slot(sqlite_slot, 64), {creation(keys.back())});
      row.bind_unsigned(1, sequence);
      row.bind(2, 1000);
      row.bind(3, sqlite::row_checksum(sequence, 1000, changes));
      row.bind_bytes(4, changes);
      REQUIRE(row.run() == SQLITE_OK);
    }
    REQUIRE(sqlite::set_meta(database, "schema_version", std::int64_t{1}) == SQLITE_OK);
  }
  const auto x = open_store(directory.path());
  for (const entity_key& key : keys)
    CHECK(load(*x, key).status == load_status::found);
  (void)make_entity(*x, take(*x, shard_of_slot(sqlite_slot, x->shard_count())));
  CHECK(read_whole_log(*x, {0}).size() == 4);
  CHECK(read_whole_log(*x, {2}).size() == 2);
  CHECK(compare_log_with_records(*x) == "");
}

TEST_CASE("a migration that fails leaves the file as it was", "[persistence][sqlite]") {
  temporary_directory directory;
  const std::string path = directory.path() + "/file.sqlite";
  const std::array<const char*, 2> migrations = {
      "CREATE TABLE thing(name TEXT)",
      "INSERT INTO thing VALUES('half'); INSERT INTO nowhere VALUES(1)"};
  sqlite::connection database;
  REQUIRE(database.open(path, sqlite::access::create, "") == SQLITE_OK);
  CHECK_THROWS_AS(sqlite::migrate(database, path, {"file", 77, migrations}), open_error);
  CHECK(sqlite::meta_number(database, "schema_version", 0) == 1);
  CHECK(database.query_number("SELECT count(*) FROM thing", -1) == 0);
}
