// The test provider's memory: a SQLite file of its own in which it decides, one transaction at a
// time, what becomes of each charge. It knows nothing of our orders but their ids, and takes part
// in none of our commits: that is what makes it a separate judge.
//
// - Every decision reads and writes inside one BEGIN IMMEDIATE transaction, so it also holds when
// several
//   processes of one machine share the file.
// - WAL and synchronous=FULL: what was committed survives kill -9 and power loss.
// - open_read_only() shows the ledger to a test, also while a server writes it or after it was
// killed.
//
// Owner: a test_provider, or a test. Thread: one at a time. Failures of SQLite throw ledger_error;
// the caller answers "unknown" then.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"
#include "payments/provider.hpp"

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::payments {

struct ledger_error : std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// What a refund of a charge comes to, if it is due at all.
enum class refund_course : std::uint8_t {
  /// Succeeds at once.
  at_once,
  /// Fails with `charge_disputed`.
  fails,
  /// Is pending, and succeeds for whoever asks after a while.
  pending,
};

/// One row: what the provider knows under one key.
struct ledger_charge {
  std::int64_t id = 0;
  /// Empty: charged without a key; there may be any number of those.
  std::string key;
  /// Nil when the key was called off before its charge arrived.
  domain::order_id order;
  domain::money amount;
  domain::payment_id payment;
  std::uint32_t attempt_number = 0;
  /// succeeded, declined, cancelled, pending, requires_action or refunded.
  charge_status status = charge_status::pending;
  std::string reference;
  std::string decline_code;
  /// How often the money moved, and how often all of it went back: the witness of the tests.
  std::int64_t charged_times = 0;
  std::int64_t refunded_times = 0;
  /// What went back so far, all refunds together.
  std::int64_t refunded_minor = 0;
  /// While pending: when it settles by itself; nothing: not before somebody cancels it.
  std::optional<domain::instant> settles_at;
  /// What its refunds come to.
  refund_course refunds = refund_course::at_once;
  domain::instant created_at = 0;

  charge_name name() const;
  charge_answer answer() const;
};

/// One refund that was asked for, under its own key.
struct ledger_refund {
  std::int64_t id = 0;
  std::string key;
  std::string charge_key;
  std::int64_t amount_minor = 0;
  /// succeeded, pending or failed.
  refund_status status = refund_status::failed;
  std::string reference;
  std::string failure_code;
  /// While pending: from when on it has succeeded for whoever asks.
  std::optional<domain::instant> settles_at;

  refund_answer answer() const { return {status, reference, failure_code}; }
};

/// What came of a charge that arrived.
struct charge_result {
  ledger_charge row;
  /// False: the key had been heard of before, and this charge changed nothing.
  bool is_new = false;
};

/// What the provider makes of a charge that arrives.
struct charge_plan {
  /// succeeded or declined.
  charge_status outcome = charge_status::succeeded;
  std::string_view decline_code;
  /// The outcome comes at once, or at an instant of the wall clock, or (never_settles) not at all.
  std::optional<domain::instant> settles_at;
  bool never_settles = false;
  /// The buyer has to act before there is an outcome.
  bool requires_action = false;
  /// The buyer acts: the outcome is that of a charge that waits for it. A charge that doesn't wait
  /// stays as it is; a key that is new is declined with `invalid_token`.
  bool is_action = false;
  refund_course refunds = refund_course::at_once;
};

class ledger {
 public:
  /// Opens for deciding; makes the file if there is none, and brings an older one up to date. Waits
  /// up to busy_timeout_ms for another process's transaction.
  static ledger open(const std::filesystem::path& file, int busy_timeout_ms);

  /// Opens an existing file that is up to date for looking only.
  static ledger open_read_only(const std::filesystem::path& file);

  ledger(ledger&&) noexcept;
  ledger& operator=(ledger&&) noexcept;
  ~ledger();

  /// Several decisions become durable together: begin(), decisions, commit(). A transaction that
  /// isn't committed is rolled back with rollback() or by the destructor.
  void begin();
  void commit();
  void rollback() noexcept;

  /// Inside a transaction. Charges, or finds what stands under the key; other terms than the key's
  /// own give declined with `idempotency_error` and change nothing. A key of its own makes one row
  /// for ever, an empty key a new row each time.
  charge_result charge(const charge_name& name, const charge_plan& plan, domain::instant now);

  /// Inside a transaction. Nothing: the key was never heard of, or is empty. A pending charge whose
  /// time has come is settled first.
  std::optional<ledger_charge> lookup(std::string_view key, domain::instant now);

  /// Inside a transaction. Ends a charge that has no outcome yet, lays down a tombstone for an
  /// unknown key; otherwise shows what is there. The key must not be empty.
  ledger_charge cancel(std::string_view key, domain::instant now);

  /// Inside a transaction. Gives money of a succeeded charge back, once per key; all refunds of a
  /// charge add up to its amount at most. What it came to stands under its key for ever, also that
  /// it failed: `no_such_charge`, `charge_not_succeeded`, `refund_exceeds_charge`,
  /// `invalid_amount`, `charge_disputed`. Other terms than the key's own give failed with
  /// `idempotency_error`, no key with `idempotency_key_missing`; those change nothing. A pending
  /// refund takes pending_ms.
  ledger_refund refund(const refund_request& request, domain::instant now, std::int64_t pending_ms);

  /// Inside a transaction. Settles the charge if it is still pending and due; shows what it is
  /// then.
  ledger_charge settle(std::int64_t id, domain::instant now);

  /// Every row, in the order of arrival.
  std::vector<ledger_charge> charges();

  /// Every refund, in the order of arrival.
  std::vector<ledger_refund> refunds();

  /// Charges with a key that were made at `since` or later, a page of them; `after` as in
  /// provider::list_charges. Not available if it is none that was given out.
  charge_list list(domain::instant since, std::string_view after);

  /// Rows that settle by themselves later.
  std::vector<ledger_charge> unsettled();

 private:
  struct database;
  explicit ledger(std::unique_ptr<database> opened);

  std::optional<ledger_charge> find(std::string_view key);
  ledger_charge read(std::int64_t id);
  void settle_if_due(ledger_charge& row, domain::instant now);
  void act(ledger_charge& row, const charge_plan& plan);
  ledger_charge insert(const charge_name& name, const charge_plan& plan, charge_status status,
                       std::string_view reference, domain::instant now);
  std::optional<ledger_refund> find_refund(std::string_view key);
  void judge_refund(ledger_refund& asked, const std::optional<ledger_charge>& charge,
                    domain::instant now, std::int64_t pending_ms);
  void give_back(std::string_view charge_key, std::int64_t amount_minor);

  std::unique_ptr<database> database_;
};

} // namespace holdfast::payments
