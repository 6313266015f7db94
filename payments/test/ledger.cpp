#include "payments/test/ledger.hpp"

#include "payments/test/ledger_database.hpp"

#include <charconv>
#include <sqlite3.h>
#include <utility>

namespace holdfast::payments {

namespace {

/// Charges in one answer of list().
constexpr std::int64_t list_page_length = 100;

charge_status parse_status(std::string_view text) {
  for (auto status :
       {charge_status::succeeded, charge_status::declined, charge_status::cancelled,
        charge_status::pending, charge_status::requires_action, charge_status::refunded})
    if (text == to_string(status))
      return status;
  throw ledger_error("a charge has the status \"" + std::string(text) + "\", which is none");
}

/// The columns of select_charge.
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
  result.refunded_minor = row.number(11);
  result.refunds = static_cast<refund_course>(row.number(12));
  if (auto payment = domain::payment_id::parse(row.text(13)))
    result.payment = *payment;
  result.attempt_number = static_cast<std::uint32_t>(row.number(14));
  result.created_at = row.number(15);
  return result;
}

/// Where a list goes on: after the charge made at this instant with this id.
struct list_cursor {
  domain::instant created_at = 0;
  std::int64_t id = 0;

  std::string text() const { return std::to_string(created_at) + ":" + std::to_string(id); }

  static std::optional<list_cursor> parse(std::string_view text) {
    list_cursor result;
    const auto* end = text.data() + text.size();
    auto first = std::from_chars(text.data(), end, result.created_at);
    if (first.ec != std::errc{} || first.ptr == end || *first.ptr != ':')
      return std::nullopt;
    auto second = std::from_chars(first.ptr + 1, end, result.id);
    if (second.ec != std::errc{} || second.ptr != end)
      return std::nullopt;
    return result;
  }
};

} // namespace

charge_name ledger_charge::name() const {
  charge_name result;
  result.key = key;
  result.reference = reference;
  result.order = order;
  result.payment = payment;
  result.attempt_number = attempt_number;
  result.amount = amount;
  result.charge_sent = true;
  return result;
}

charge_answer ledger_charge::answer() const {
  return {status, reference, decline_code,
          status == charge_status::requires_action ? "approve" : ""};
}

ledger::ledger(std::unique_ptr<database> opened)
    : database_(std::move(opened)) {}
ledger::ledger(ledger&&) noexcept = default;
ledger& ledger::operator=(ledger&&) noexcept = default;
ledger::~ledger() = default;

ledger ledger::open(const std::filesystem::path& file, int busy_timeout_ms) {
  return ledger(database::open_for_deciding(file, busy_timeout_ms));
}

ledger ledger::open_read_only(const std::filesystem::path& file) {
  return ledger(database::open_for_reading(file));
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

charge_result ledger::charge(const charge_name& name, const charge_plan& plan,
                             domain::instant now) {
  if (auto row = find(name.key)) {
    settle_if_due(*row, now);
    bool is_tombstone = row->order.is_nil();
    if (is_tombstone || (row->order == name.order && row->amount == name.amount)) {
      if (plan.is_action)
        act(*row, plan);
      return {*row, false};
    }
    row->status = charge_status::declined;
    row->reference.clear();
    row->decline_code = "idempotency_error";
    return {*row, false};
  }
  if (plan.is_action) {
    charge_plan refused{charge_status::declined, "invalid_token", std::nullopt};
    return charge(name, refused, now);
  }
  auto status = plan.outcome;
  if (plan.requires_action)
    status = charge_status::requires_action;
  else if (plan.settles_at || plan.never_settles)
    status = charge_status::pending;
  return {insert(name, plan, status, make_reference("ch_test_"), now), true};
}

void ledger::act(ledger_charge& row, const charge_plan& plan) {
  statement::use(database_->prepared->act)
      .bind(row.id)
      .bind(to_string(plan.outcome))
      .bind(plan.decline_code)
      .step();
  row = read(row.id);
}

ledger_charge ledger::insert(const charge_name& name, const charge_plan& plan, charge_status status,
                             std::string_view reference, domain::instant now) {
  bool waits = status == charge_status::pending;
  auto order = name.order.is_nil() ? std::string{} : to_string(name.order);
  auto payment = name.payment.is_nil() ? std::string{} : to_string(name.payment);
  {
    statement::use row(database_->prepared->insert);
    row.bind(name.key).bind(order).bind(name.amount.minor).bind(name.amount.currency.view());
    row.bind(to_string(status)).bind(reference);
    row.bind(status == charge_status::declined ? plan.decline_code : std::string_view{});
    row.bind(std::int64_t{status == charge_status::succeeded}).bind(plan.settles_at);
    row.bind(waits ? to_string(plan.outcome) : std::string_view{});
    row.bind(waits ? plan.decline_code : std::string_view{}).bind(now);
    row.bind(static_cast<std::int64_t>(plan.refunds)).bind(payment);
    row.bind(std::int64_t{name.attempt_number});
    row.step();
  }
  return read(sqlite3_last_insert_rowid(database_->connection));
}

std::optional<ledger_charge> ledger::lookup(std::string_view key, domain::instant now) {
  auto row = find(key);
  if (row)
    settle_if_due(*row, now);
  return row;
}

ledger_charge ledger::cancel(std::string_view key, domain::instant now) {
  if (auto row = lookup(key, now)) {
    if (row->status != charge_status::pending && row->status != charge_status::requires_action)
      return *row;
    statement::use(database_->prepared->cancel).bind(row->id).step();
    return read(row->id);
  }
  charge_name tombstone;
  tombstone.key = key;
  return insert(tombstone, {}, charge_status::cancelled, {}, now);
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

charge_list ledger::list(domain::instant since, std::string_view after) {
  charge_list result;
  std::optional<list_cursor> last = list_cursor{since, 0};
  if (!after.empty())
    last = list_cursor::parse(after);
  if (!last)
    return result;
  result.available = true;
  statement::use row(database_->prepared->list);
  row.bind(last->created_at).bind(last->id).bind(list_page_length + 1);
  while (row.step()) {
    auto found = read_row(row);
    if (static_cast<std::int64_t>(result.charges.size()) == list_page_length) {
      result.next = last->text();
      break;
    }
    last = list_cursor{found.created_at, found.id};
    result.charges.push_back({found.name(), found.charged_times > 0});
  }
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
