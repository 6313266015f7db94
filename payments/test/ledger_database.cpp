#include "payments/test/ledger_database.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sqlite3.h>
#include <unistd.h>

namespace holdfast::payments {

namespace {

/// What every ledger had from the start; a file without user_version may have it already.
constexpr const char* schema_of_charges = R"(
CREATE TABLE IF NOT EXISTS charges (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL,
  order_id TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  currency TEXT NOT NULL,
  status TEXT NOT NULL,
  reference TEXT NOT NULL,
  decline_code TEXT NOT NULL,
  charged_times INTEGER NOT NULL DEFAULT 0,
  refunded_times INTEGER NOT NULL DEFAULT 0,
  settles_at_ms INTEGER,
  settles_as TEXT NOT NULL DEFAULT '',
  settles_code TEXT NOT NULL DEFAULT '',
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE UNIQUE INDEX IF NOT EXISTS charges_by_key ON charges (key) WHERE key <> '';
CREATE INDEX IF NOT EXISTS charges_unsettled ON charges (settles_at_ms) WHERE status = 'pending';
)";

/// Version 1: refunds have keys and amounts of their own, and charges can be listed. A charge that
/// was refunded before went back whole. Keys end in the attempt's number.
constexpr const char* schema_of_refunds = R"(
ALTER TABLE charges ADD COLUMN refunded_minor INTEGER NOT NULL DEFAULT 0;
ALTER TABLE charges ADD COLUMN refund_course INTEGER NOT NULL DEFAULT 0;
ALTER TABLE charges ADD COLUMN payment_id TEXT NOT NULL DEFAULT '';
ALTER TABLE charges ADD COLUMN attempt_number INTEGER NOT NULL DEFAULT 0;
UPDATE charges SET refunded_minor = amount_minor WHERE status = 'refunded';
UPDATE charges SET attempt_number = CAST(substr(key, length(order_id) + 2) AS INTEGER)
  WHERE order_id <> '' AND substr(key, 1, length(order_id) + 1) = order_id || '-';
CREATE INDEX charges_by_time ON charges (created_at_ms, id);
CREATE TABLE refunds (
  id INTEGER PRIMARY KEY,
  key TEXT NOT NULL UNIQUE,
  charge_key TEXT NOT NULL,
  amount_minor INTEGER NOT NULL,
  status TEXT NOT NULL,
  reference TEXT NOT NULL,
  failure_code TEXT NOT NULL,
  settles_at_ms INTEGER,
  created_at_ms INTEGER NOT NULL
) STRICT;
CREATE INDEX refunds_by_charge ON refunds (charge_key);
PRAGMA user_version = 1;
)";

constexpr std::int64_t schema_version = 1;

/// The columns that ledger.cpp reads, in its order.
const std::string select_charge =
    "SELECT id, key, order_id, amount_minor, currency, status, reference, decline_code, "
    "charged_times, refunded_times, settles_at_ms, refunded_minor, refund_course, payment_id, "
    "attempt_number, created_at_ms FROM charges ";

/// The columns that ledger_refunds.cpp reads, in its order.
const std::string select_refund = "SELECT id, key, charge_key, amount_minor, status, reference, "
                                  "failure_code, settles_at_ms FROM refunds ";

/// SQLite would create the file with the permissions that the umask leaves, and gives its -wal and
/// -shm those of the file.
void create_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw ledger_error(file.string() + ": " + std::strerror(errno));
  ::close(descriptor);
}

} // namespace

std::string make_reference(std::string_view prefix) {
  static thread_local std::mt19937_64 generator{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }()};
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
  std::string reference(prefix);
  for (int half = 0; half < 2; ++half) {
    auto bits = generator();
    for (int i = 0; i < 12; ++i, bits >>= 5)
      reference += digits[bits & 31];
  }
  return reference;
}

// -- opening --------------------------------------------------------------------------------------

ledger::database::database(const std::filesystem::path& file, int flags, int busy_timeout_ms) {
  int code = sqlite3_open_v2(file.c_str(), &connection,
                             flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
  if (code != SQLITE_OK) {
    std::string reason = connection == nullptr ? "out of memory" : sqlite3_errmsg(connection);
    sqlite3_close(connection);
    throw ledger_error(file.string() + ": " + reason);
  }
  sqlite3_busy_timeout(connection, busy_timeout_ms);
}

ledger::database::~database() {
  prepared.reset();
  sqlite3_close(connection);
}

std::unique_ptr<ledger::database>
ledger::database::open_for_deciding(const std::filesystem::path& file, int busy_timeout_ms) {
  create_private_file(file);
  auto opened =
      std::make_unique<database>(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, busy_timeout_ms);
  opened->execute("PRAGMA journal_mode = WAL");
  opened->execute("PRAGMA synchronous = FULL");
  opened->bring_up_to_date(file);
  opened->prepare_deciding();
  return opened;
}

std::unique_ptr<ledger::database>
ledger::database::open_for_reading(const std::filesystem::path& file) {
  auto opened = std::make_unique<database>(file, SQLITE_OPEN_READONLY, 5000);
  opened->prepare_reading();
  return opened;
}

void ledger::database::execute(const char* sql) {
  if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
    fail_with(connection, sql);
}

void ledger::database::bring_up_to_date(const std::filesystem::path& file) {
  execute("BEGIN IMMEDIATE");
  std::int64_t version = 0;
  {
    statement asked;
    asked.prepare(connection, "PRAGMA user_version");
    statement::use row(asked);
    row.step();
    version = row.number(0);
  }
  if (version > schema_version)
    throw ledger_error(file.string() + ": written by a newer version of this program");
  if (version == 0) {
    execute(schema_of_charges);
    execute(schema_of_refunds);
  }
  execute("COMMIT");
}

// -- statements -----------------------------------------------------------------------------------

void ledger::database::prepare_reading() {
  prepared = std::make_unique<statements>();
  auto prepare = [&](statement& target, std::string_view sql) { target.prepare(connection, sql); };
  prepare(prepared->find, select_charge + "WHERE key = ?1 AND key <> ''");
  prepare(prepared->read, select_charge + "WHERE id = ?1");
  prepare(prepared->charges, select_charge + "ORDER BY id");
  prepare(prepared->unsettled, select_charge +
                                   "WHERE status = 'pending' AND settles_at_ms IS NOT NULL "
                                   "ORDER BY settles_at_ms");
  prepare(prepared->list, select_charge + "WHERE (created_at_ms, id) > (?1, ?2) AND key <> '' "
                                          "AND order_id <> '' ORDER BY created_at_ms, id LIMIT ?3");
  prepare(prepared->find_refund, select_refund + "WHERE key = ?1");
  prepare(prepared->refunds, select_refund + "ORDER BY id");
}

void ledger::database::prepare_deciding() {
  prepare_reading();
  auto prepare = [&](statement& target, std::string_view sql) { target.prepare(connection, sql); };
  prepare(prepared->begin, "BEGIN IMMEDIATE");
  prepare(prepared->commit, "COMMIT");
  prepare(prepared->insert,
          "INSERT INTO charges (key, order_id, amount_minor, currency, status, reference, "
          "decline_code, charged_times, settles_at_ms, settles_as, settles_code, created_at_ms, "
          "refund_course, payment_id, attempt_number) "
          "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)");
  prepare(prepared->settle,
          "UPDATE charges SET status = settles_as, decline_code = settles_code, "
          "charged_times = charged_times + (settles_as = 'succeeded'), settles_at_ms = NULL "
          "WHERE id = ?1 AND status = 'pending' AND settles_at_ms <= ?2");
  prepare(prepared->act, "UPDATE charges SET status = ?2, decline_code = ?3, "
                         "charged_times = charged_times + (?2 = 'succeeded') "
                         "WHERE id = ?1 AND status = 'requires_action'");
  prepare(prepared->cancel, "UPDATE charges SET status = 'cancelled', settles_at_ms = NULL "
                            "WHERE id = ?1 AND status IN ('pending', 'requires_action')");
  prepare(prepared->give_back,
          "UPDATE charges SET refunded_minor = refunded_minor + ?2, "
          "refunded_times = refunded_times + (refunded_minor + ?2 = amount_minor), "
          "status = iif(refunded_minor + ?2 = amount_minor, 'refunded', status) "
          "WHERE key = ?1 AND key <> '' AND status = 'succeeded'");
  prepare(prepared->refund_sums,
          "SELECT coalesce(sum(iif(status = 'pending', amount_minor, 0)), 0), "
          "coalesce(sum(iif(status = 'succeeded', amount_minor, 0)), 0) "
          "FROM refunds WHERE charge_key = ?1");
  prepare(prepared->insert_refund,
          "INSERT INTO refunds (key, charge_key, amount_minor, status, reference, failure_code, "
          "settles_at_ms, created_at_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  prepare(prepared->settle_refund, "UPDATE refunds SET status = 'succeeded', settles_at_ms = NULL "
                                   "WHERE id = ?1 AND status = 'pending'");
}

} // namespace holdfast::payments
