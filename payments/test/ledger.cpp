#include "payments/test/ledger.hpp"

#include "payments/test/ledger_statement.hpp"

#include <cerrno>
#include <cstring>
#include <fcntl.h>
#include <random>
#include <sqlite3.h>
#include <unistd.h>
#include <utility>

namespace holdfast::payments {

namespace {

constexpr const char* schema = R"(
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

/// The columns that read_row() reads, in its order.
const std::string select_charge =
    "SELECT id, key, order_id, amount_minor, currency, status, reference, decline_code, "
    "charged_times, refunded_times, settles_at_ms FROM charges ";

charge_status parse_status(std::string_view text) {
  for (auto status : {charge_status::succeeded, charge_status::declined, charge_status::cancelled,
                      charge_status::pending, charge_status::refunded})
    if (text == to_string(status))
      return status;
  throw ledger_error("a charge has the status \"" + std::string(text) + "\", which is none");
}

/// Names a charge in the way card providers do; random, so that two ledgers never share one.
std::string make_reference() {
  static thread_local std::mt19937_64 generator{[] {
    std::random_device device;
    std::seed_seq seed{device(), device(), device(), device()};
    return std::mt19937_64(seed);
  }()};
  constexpr std::string_view digits = "0123456789abcdefghijklmnopqrstuv";
  std::string reference = "ch_test_";
  for (int half = 0; half < 2; ++half) {
    auto bits = generator();
    for (int i = 0; i < 12; ++i, bits >>= 5)
      reference += digits[bits & 31];
  }
  return reference;
}

/// SQLite would create the file with the permissions that the umask leaves, and gives its -wal and
/// -shm those of the file.
void create_private_file(const std::filesystem::path& file) {
  const int descriptor = ::open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0)
    throw ledger_error(file.string() + ": " + std::strerror(errno));
  ::close(descriptor);
}

ledger_charge read_row(const statement::use& row) {
  ledger_charge result;
  result.id = row.number(0);
  result.key = row.text(1);
  if (auto order = domain::order_id::parse(row.text(2)))
    result.order = *order;
  result.amount.minor = row.number(3);
  if (auto currency = domain::currency_code::parse(row.text(4)))
    result.amount.currency = *currency;
  result.status = parse_status(row.text(5));
  result.reference = row.text(6);
  result.decline_code = row.text(7);
  result.charged_times = row.number(8);
  result.refunded_times = row.number(9);
  result.settles_at = row.optional_number(10);
  return result;
}

} // namespace

struct ledger::database {
  sqlite3* connection = nullptr;
  // The statements are finalised before the connection is closed; see the destructor.
  struct statements {
    statement begin, commit, find, read, insert, settle, cancel, refund, charges, unsettled;
  };
  std::unique_ptr<statements> prepared;

  database(const std::filesystem::path& file, int flags, int busy_timeout_ms) {
    int code = sqlite3_open_v2(file.c_str(), &connection,
                               flags | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_EXRESCODE, nullptr);
    if (code != SQLITE_OK) {
      std::string reason = connection == nullptr ? "out of memory" : sqlite3_errmsg(connection);
      sqlite3_close(connection);
      throw ledger_error(file.string() + ": " + reason);
    }
    sqlite3_busy_timeout(connection, busy_timeout_ms);
  }
  database(const database&) = delete;
  database& operator=(const database&) = delete;
  ~database() {
    prepared.reset();
    sqlite3_close(connection);
  }

  void execute(const char* sql) {
    if (sqlite3_exec(connection, sql, nullptr, nullptr, nullptr) != SQLITE_OK)
      fail_with(connection, sql);
  }

  void prepare_reading() {
    prepared = std::make_unique<statements>();
    auto prepare = [&](statement& target, std::string_view sql) {
      target.prepare(connection, sql);
    };
    prepare(prepared->find, select_charge + "WHERE key = ?1 AND key <> ''");
    prepare(prepared->read, select_charge + "WHERE id = ?1");
    prepare(prepared->charges, select_charge + "ORDER BY id");
    prepare(prepared->unsettled, select_charge +
                                     "WHERE status = 'pending' AND settles_at_ms IS NOT NULL "
                                     "ORDER BY settles_at_ms");
  }

  void prepare_deciding() {
    prepare_reading();
    auto prepare = [&](statement& target, std::string_view sql) {
      target.prepare(connection, sql);
    };
    prepare(prepared->begin, "BEGIN IMMEDIATE");
    prepare(prepared->commit, "COMMIT");
    prepare(prepared->insert,
            "INSERT INTO charges (key, order_id, amount_minor, currency, status, reference, "
            "decline_code, charged_times, settles_at_ms, settles_as, settles_code, created_at_ms) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12)");
    prepare(prepared->settle,
            "UPDATE charges SET status = settles_as, decline_code = settles_code, "
            "charged_times = charged_times + (settles_as = 'succeeded'), settles_at_ms = NULL "
            "WHERE id = ?1 AND status = 'pending' AND settles_at_ms <= ?2");
    prepare(prepared->cancel, "UPDATE charges SET status = 'cancelled', settles_at_ms = NULL "
                              "WHERE id = ?1 AND status = 'pending'");
    prepare(prepared->refund, "UPDATE charges SET status = 'refunded', refunded_times = "
                              "refunded_times + 1 WHERE id = ?1 AND status = 'succeeded'");
  }
};

ledger::ledger(std::unique_ptr<database> opened)
    : database_(std::move(opened)) {}
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;
ledger::~ledger() = default;

ledger ledger::open(const std::filesystem::path& file, int busy_timeout_ms) {
  create_private_file(file);
  auto opened =
      std::make_unique<database>(file, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, busy_timeout_ms);
  opened->execute("PRAGMA journal_mode = WAL");
  opened->execute("PRAGMA synchronous = FULL");
  opened->execute("BEGIN IMMEDIATE");
  opened->execute(schema);
  opened->execute("COMMIT");
  opened->prepare_deciding();
  return ledger(std::move(opened));
}

ledger ledger::open_read_only(const std::filesystem::path& file) {
  auto opened = std::make_unique<database>(file, SQLITE_OPEN_READONLY, 5000);
  opened->prepare_reading();
  return ledger(std::move(opened));
}

// -- transactions ---------------------------------------------------------------------------------

void ledger::begin() {
  statement::use(database_->prepared->begin).step();
}

void ledger::commit() {
  statement::use(database_->prepared->commit).step();
}

void ledger::rollback() noexcept {
  if (sqlite3_get_autocommit(database_->connection) == 0)
    sqlite3_exec(database_->connection, "ROLLBACK", nullptr, nullptr, nullptr);
}

// -- decisions ------------------------------------------------------------------------------------

charge_result ledger::charge(const charge_request& request, const charge_plan& plan,
                             domain::instant now) {
  if (auto row = find(request.key)) {
    settle_if_due(*row, now);
    bool is_tombstone = row->order.is_nil();
    if (is_tombstone || (row->order == request.order && row->amount == request.amount))
      return {*row, false};
    row->status = charge_status::declined;
    row->reference.clear();
    row->decline_code = "idempotency_error";
    return {*row, false};
  }
  bool waits = plan.settles_at.has_value() || plan.never_settles;
  auto status = waits ? charge_status::pending : plan.outcome;
  auto order = to_string(request.order);
  auto reference = make_reference();
  statement::use row(database_->prepared->insert);
  row.bind(request.key).bind(order).bind(request.amount.minor);
  row.bind(request.amount.currency.view()).bind(to_string(status)).bind(reference);
  row.bind(waits ? std::string_view{} : plan.decline_code);
  row.bind(std::int64_t{status == charge_status::succeeded}).bind(plan.settles_at);
  row.bind(waits ? to_string(plan.outcome) : std::string_view{});
  row.bind(waits ? plan.decline_code : std::string_view{}).bind(now);
  row.step();
  return {read(sqlite3_last_insert_rowid(database_->connection)), true};
}

std::optional<ledger_charge> ledger::lookup(std::string_view key, domain::instant now) {
  auto row = find(key);
  if (row)
    settle_if_due(*row, now);
  return row;
}

ledger_charge ledger::cancel(std::string_view key, domain::instant now) {
  if (auto row = lookup(key, now)) {
    if (row->status != charge_status::pending)
      return *row;
    statement::use(database_->prepared->cancel).bind(row->id).step();
    return read(row->id);
  }
  {
    statement::use row(database_->prepared->insert);
    row.bind(key).bind("").bind(std::int64_t{0}).bind("").bind(to_string(charge_status::cancelled));
    row.bind("").bind("").bind(std::int64_t{0}).bind(std::optional<std::int64_t>{});
    row.bind("").bind("").bind(now).step();
  }
  return read(sqlite3_last_insert_rowid(database_->connection));
}

std::optional<ledger_charge> ledger::refund(std::string_view key, domain::instant now) {
  auto row = lookup(key, now);
  if (!row || row->status != charge_status::succeeded)
    return row;
  statement::use(database_->prepared->refund).bind(row->id).step();
  return read(row->id);
}

ledger_charge ledger::settle(std::int64_t id, domain::instant now) {
  statement::use(database_->prepared->settle).bind(id).bind(now).step();
  return read(id);
}

// -- reading --------------------------------------------------------------------------------------

std::optional<ledger_charge> ledger::find(std::string_view key) {
  if (key.empty())
    return std::nullopt;
  statement::use row(database_->prepared->find);
  row.bind(key);
  if (!row.step())
    return std::nullopt;
  return read_row(row);
}

ledger_charge ledger::read(std::int64_t id) {
  statement::use row(database_->prepared->read);
  row.bind(id);
  if (!row.step())
    throw ledger_error("charge " + std::to_string(id) + " is not in the ledger");
  return read_row(row);
}

void ledger::settle_if_due(ledger_charge& row, domain::instant now) {
  if (row.status == charge_status::pending && row.settles_at && *row.settles_at <= now)
    row = settle(row.id, now);
}

std::vector<ledger_charge> ledger::charges() {
  std::vector<ledger_charge> result;
  statement::use row(database_->prepared->charges);
  while (row.step())
    result.push_back(read_row(row));
  return result;
}

std::vector<ledger_charge> ledger::unsettled() {
  std::vector<ledger_charge> result;
  statement::use row(database_->prepared->unsettled);
  while (row.step())
    result.push_back(read_row(row));
  return result;
}

} // namespace holdfast::payments
