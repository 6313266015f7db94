#include "tests/payments/provider_fixture.hpp"

#include <fstream>
#include <sqlite3.h>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

struct ledger_fixture {
  temporary_directory directory;
  std::filesystem::path file = directory.path() / test_ledger_file_name;
  ledger book = ledger::open(file, 1000);
};

const charge_plan at_once{charge_status::succeeded, "", std::nullopt};

std::string pragma(const std::filesystem::path& file, const char* sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open_v2(file.c_str(), &connection, SQLITE_OPEN_READONLY, nullptr) == SQLITE_OK);
  std::string result;
  sqlite3_exec(
      connection, sql,
      [](void* out, int, char** columns, char**) {
        *static_cast<std::string*>(out) = columns[0];
        return 0;
      },
      &result, nullptr);
  sqlite3_close(connection);
  return result;
}

} // namespace

TEST_CASE_METHOD(ledger_fixture, "the ledger is a WAL file of its own", "[payments]") {
  CHECK(pragma(file, "PRAGMA journal_mode") == "wal");
  CHECK(pragma(file, "PRAGMA integrity_check") == "ok");
}

TEST_CASE_METHOD(ledger_fixture, "nobody else may read whom the ledger has charged", "[payments]") {
  book.begin();
  book.commit();
  using std::filesystem::perms;
  for (const char* suffix : {"", "-wal", "-shm"}) {
    INFO(suffix);
    const auto permissions = std::filesystem::status(file.string() + suffix).permissions();
    CHECK(permissions == (perms::owner_read | perms::owner_write));
  }
}

TEST_CASE_METHOD(ledger_fixture, "what is rolled back was never charged", "[payments]") {
  book.begin();
  book.charge(name_of("a"), at_once, 1000);
  book.rollback();
  CHECK(book.charges().empty());
}

TEST_CASE_METHOD(ledger_fixture, "what isn't committed yet is not seen by others", "[payments]") {
  book.begin();
  book.charge(name_of("a"), at_once, 1000);
  CHECK(ledger::open_read_only(file).charges().empty());
  book.commit();
  CHECK(ledger::open_read_only(file).charges().size() == 1);
}

TEST_CASE_METHOD(ledger_fixture, "looking at a ledger that isn't there makes none", "[payments]") {
  auto missing = directory.path() / "missing.sqlite";
  CHECK_THROWS_AS(ledger::open_read_only(missing), ledger_error);
  CHECK_FALSE(std::filesystem::exists(missing));
}

TEST_CASE_METHOD(ledger_fixture, "a file that is no ledger is refused and kept", "[payments]") {
  auto strange = directory.path() / "notes.txt";
  const std::string text(4096, 'x');
  std::ofstream(strange) << text;
  CHECK_THROWS_AS(ledger::open(strange, 10), ledger_error);
  CHECK(std::filesystem::file_size(strange) == text.size());
}

TEST_CASE_METHOD(ledger_fixture, "a charge whose time has come is settled by whoever asks",
                 "[payments]") {
  book.begin();
  book.charge(name_of("a"), {charge_status::succeeded, "", 5000}, 1000);
  CHECK(book.lookup("a", 4999)->status == charge_status::pending);
  CHECK(book.lookup("a", 5000)->status == charge_status::succeeded);
  CHECK(book.lookup("a", 5001)->charged_times == 1);
  book.commit();
}

TEST_CASE_METHOD(ledger_fixture, "a cancel that comes after the settling time comes too late",
                 "[payments]") {
  book.begin();
  book.charge(name_of("a"), {charge_status::succeeded, "", 5000}, 1000);
  CHECK(book.cancel("a", 5000).status == charge_status::succeeded);
  book.commit();
}

TEST_CASE_METHOD(ledger_fixture, "settling twice charges once", "[payments]") {
  book.begin();
  auto row = book.charge(name_of("a"), {charge_status::succeeded, "", 5000}, 1000);
  CHECK(book.settle(row.row.id, 5000).charged_times == 1);
  CHECK(book.settle(row.row.id, 6000).charged_times == 1);
  book.commit();
}

TEST_CASE_METHOD(ledger_fixture, "two processes that share the file charge a key once",
                 "[payments]") {
  auto other = ledger::open(file, 1000);
  book.begin();
  CHECK(book.charge(name_of("a"), at_once, 1000).is_new);
  book.commit();
  other.begin();
  auto second = other.charge(name_of("a"), at_once, 1000);
  other.commit();
  CHECK_FALSE(second.is_new);
  CHECK(second.row.status == charge_status::succeeded);
  CHECK(book.charges().size() == 1);
}

TEST_CASE_METHOD(ledger_fixture, "a key is compared as it is, also with quotes in it",
                 "[payments]") {
  const std::string odd = "x'; DROP TABLE charges; --";
  book.begin();
  book.charge(name_of(odd), at_once, 1000);
  CHECK(book.lookup(odd, 1000)->key == odd);
  CHECK_FALSE(book.lookup("X'; DROP TABLE charges; --", 1000));
  book.commit();
}
