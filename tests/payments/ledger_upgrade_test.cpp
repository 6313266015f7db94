// A ledger that was written before refunds had keys of their own.
#include "tests/payments/provider_fixture.hpp"

#include <sqlite3.h>

using namespace holdfast;
using namespace holdfast::payments;

namespace {

constexpr const char* old_schema = R"(
PRAGMA journal_mode = WAL;
CREATE TABLE charges (
  id INTEGER PRIMARY KEY, key TEXT NOT NULL, order_id TEXT NOT NULL, amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL, status TEXT NOT NULL, reference TEXT NOT NULL,
  decline_code TEXT NOT NULL, charged_times INTEGER NOT NULL DEFAULT 0,
  refunded_times INTEGER NOT NULL DEFAULT 0, settles_at_ms INTEGER,
  settles_as TEXT NOT NULL DEFAULT '', settles_code TEXT NOT NULL DEFAULT '',
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX charges_by_key ON charges (key) WHERE key <> '';
CREATE INDEX charges_unsettled ON charges (settles_at_ms) WHERE status = 'pending';
)";

void execute(const std::filesystem::path& file, const std::string& sql) {
  sqlite3* connection = nullptr;
  REQUIRE(sqlite3_open(file.c_str(), &connection) == SQLITE_OK);
  CHECK(sqlite3_exec(connection, sql.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(connection);
}

/// Three charges of order 1, of attempts 1 to 3: paid, refunded, pending (settled long ago).
struct old_ledger_fixture : provider_fixture {
  old_ledger_fixture() {
    std::string rows;
    auto add = [&](int attempt, const std::string& rest) {
      rows += "INSERT INTO charges VALUES (NULL, '" + key(attempt) + "', '" +
              to_string(order_number(1)) + "', 1999, 'usd', " + rest + ");";
    };
    add(1, "'succeeded', 'ch_1', '', 1, 0, NULL, '', '', 1000");
    add(2, "'refunded', 'ch_2', '', 1, 1, NULL, '', '', 2000");
    add(3, "'pending', 'ch_3', '', 0, 0, 4000, 'succeeded', '', 3000");
    execute(options.ledger_file, old_schema + rows);
  }
  static std::string key(int attempt) {
    return to_string(order_number(1)) + "-" + std::to_string(attempt);
  }
};

} // namespace

TEST_CASE_METHOD(old_ledger_fixture, "an older ledger keeps its charges and can refund in parts",
                 "[payments]") {
  start();
  CHECK(lookup(key(1)).reference == "ch_1");
  CHECK(lookup(key(2)).status == charge_status::refunded);
  CHECK(lookup(key(3)).status == charge_status::succeeded);
  CHECK(refund(key(1), "part", 999).status == refund_status::succeeded);
  CHECK(refund(key(1), "too-much", 1001).failure_code == "refund_exceeds_charge");
  CHECK(charge(request_for(key(1), "tok_visa")).reference == "ch_1");
}

TEST_CASE_METHOD(old_ledger_fixture, "money that went back before is not sent back again",
                 "[payments]") {
  start();
  CHECK(refund(key(2), "part", 999).failure_code == "refund_exceeds_charge");
  CHECK(refund(key(2), "all").status == refund_status::succeeded);
  CHECK(refund(key(2), "all").status == refund_status::succeeded);
  CHECK(refund(key(2), "all-again").failure_code == "refund_exceeds_charge");
  CHECK(charges().at(1).refunded_times == 1);
  CHECK(charges().at(1).refunded_minor == 1999);
}

TEST_CASE_METHOD(old_ledger_fixture, "an older ledger's charges are listed with their attempts",
                 "[payments]") {
  start();
  auto answer = list(2000);
  REQUIRE(answer.charges.size() == 2);
  CHECK(answer.charges[0].charge.attempt_number == 2);
  CHECK(answer.charges[0].charge.order == order_number(1));
  CHECK(answer.charges[1].charge.attempt_number == 3);
}

TEST_CASE_METHOD(old_ledger_fixture, "a ledger is brought up to date once", "[payments]") {
  start();
  refund(key(1), "part", 999);
  judge.reset();
  start();
  CHECK(charges().at(0).refunded_minor == 999);
  CHECK(refunds().size() == 1);
}

TEST_CASE_METHOD(provider_fixture, "a ledger from a newer version is refused and kept",
                 "[payments]") {
  execute(options.ledger_file, "PRAGMA user_version = 99; CREATE TABLE charges (other TEXT);");
  CHECK_THROWS_AS(start(), ledger_error);
  execute(options.ledger_file, "INSERT INTO charges (other) VALUES ('x')");
}
