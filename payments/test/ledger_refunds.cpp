// The half of the ledger that gives money back.
#include "payments/test/ledger.hpp"
#include "payments/test/ledger_database.hpp"

#include <utility>

namespace holdfast::payments {

namespace {

refund_status parse_refund_status(std::string_view text) {
  for (auto status : {refund_status::succeeded, refund_status::pending, refund_status::failed})
    if (text == to_string(status))
      return status;
  throw ledger_error("a refund has the status \"" + std::string(text) + "\", which is none");
}

/// The columns of select_refund.
ledger_refund read_refund_row(const statement::use& row) {
  ledger_refund result;
  result.id = row.number(0);
  result.key = row.text(1);
  result.charge_key = row.text(2);
  result.amount_minor = row.number(3);
  result.status = parse_refund_status(row.text(4));
  result.reference = row.text(5);
  result.failure_code = row.text(6);
  result.settles_at = row.optional_number(7);
  return result;
}

ledger_refund as_asked(const refund_request& request) {
  ledger_refund result;
  result.key = request.key;
  result.charge_key = request.charge.key;
  result.amount_minor = request.amount_minor;
  return result;
}

/// A refund that fails without leaving anything behind.
ledger_refund refused(const refund_request& request, std::string_view code) {
  auto result = as_asked(request);
  result.failure_code = code;
  return result;
}

} // namespace

ledger_refund ledger::refund(const refund_request& request, domain::instant now,
                             std::int64_t pending_ms) {
  if (request.key.empty())
    return refused(request, "idempotency_key_missing");
  if (auto known = find_refund(request.key)) {
    if (known->charge_key != request.charge.key || known->amount_minor != request.amount_minor)
      return refused(request, "idempotency_error");
    if (known->status == refund_status::pending && known->settles_at && *known->settles_at <= now) {
      statement::use(database_->prepared->settle_refund).bind(known->id).step();
      give_back(known->charge_key, known->amount_minor);
      return find_refund(request.key).value();
    }
    return *known;
  }
  auto asked = as_asked(request);
  judge_refund(asked, lookup(request.charge.key, now), now, pending_ms);
  {
    statement::use row(database_->prepared->insert_refund);
    row.bind(asked.key).bind(asked.charge_key).bind(asked.amount_minor);
    row.bind(to_string(asked.status)).bind(asked.reference).bind(asked.failure_code);
    row.bind(asked.settles_at).bind(now).step();
  }
  if (asked.status == refund_status::succeeded)
    give_back(asked.charge_key, asked.amount_minor);
  return find_refund(request.key).value();
}

void ledger::judge_refund(ledger_refund& asked, const std::optional<ledger_charge>& charge,
                          domain::instant now, std::int64_t pending_ms) {
  auto fail = [&](std::string_view code) {
    asked.status = refund_status::failed;
    asked.failure_code = code;
  };
  if (!charge)
    return fail("no_such_charge");
  bool is_refunded = charge->status == charge_status::refunded;
  if (charge->status != charge_status::succeeded && !is_refunded)
    return fail("charge_not_succeeded");
  if (asked.amount_minor <= 0)
    return fail("invalid_amount");
  statement::use sums(database_->prepared->refund_sums);
  sums.bind(asked.charge_key).step();
  const auto pending_minor = sums.number(0);
  const auto accounted_minor = sums.number(1);
  const auto gone_minor = is_refunded ? charge->amount.minor : charge->refunded_minor;
  // Money that went back before refunds had keys: whoever asks for it now asks for that.
  bool went_back_keyless = is_refunded && accounted_minor == 0;
  bool is_that = went_back_keyless && asked.amount_minor == charge->amount.minor;
  if (!is_that && asked.amount_minor > charge->amount.minor - gone_minor - pending_minor)
    return fail("refund_exceeds_charge");
  if (!is_that && charge->refunds == refund_course::fails)
    return fail("charge_disputed");
  asked.reference = make_reference("re_test_");
  asked.status = refund_status::succeeded;
  if (!is_that && charge->refunds == refund_course::pending) {
    asked.status = refund_status::pending;
    asked.settles_at = now + pending_ms;
  }
}

/// Of a charge that has gone back whole nothing more goes.
void ledger::give_back(std::string_view charge_key, std::int64_t amount_minor) {
  statement::use(database_->prepared->give_back).bind(charge_key).bind(amount_minor).step();
}

std::optional<ledger_refund> ledger::find_refund(std::string_view key) {
  statement::use row(database_->prepared->find_refund);
  row.bind(key);
  if (!row.step())
    return std::nullopt;
  return read_refund_row(row);
}

std::vector<ledger_refund> ledger::refunds() {
  std::vector<ledger_refund> result;
  statement::use row(database_->prepared->refunds);
  while (row.step())
    result.push_back(read_refund_row(row));
  return result;
}

} // namespace holdfast::payments
