// The built-in payment provider for development, demonstrations, tests and benchmarks. No money
// moves, but it behaves like somebody who moves it: a judge of its own with a durable ledger of its
// own, which decides charge, lookup, cancel and refund one after the other and never learns what we
// commit.
//
// - What waits together is decided in one transaction of the ledger; answers leave after its
// COMMIT.
// - A slow charge occupies nobody: it is a row and a timer. Cancelled before its time, it ends
// cancelled
//   and never charges. It also settles after a restart, and when somebody asks after its time.
// - Two own threads: one writes the ledger, one keeps the time, so that a ledger that hangs on its
// disk
//   can't keep a caller waiting beyond the answer limit.
// - A ledger that fails answers `unknown` and is opened anew for the next request.
// - Several processes of one machine may share the file.
//
// Owner: main. Thread: calls from any; handlers run on one of the two own threads. The destructor
// decides what was asked before, answers the charges still under way with `pending`, and ends both
// threads; call nothing from then on.
#pragma once

#include "payments/provider.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>

namespace holdfast::payments {

/// The ledger's usual name in the data directory.
inline constexpr std::string_view test_ledger_file_name = "payments-test.sqlite";

struct test_provider_options {
  std::filesystem::path ledger_file;
  /// How long the slow tokens are under way.
  std::int64_t slow_ms = 3'000;
  /// Below what the front waits for a payment, so that the provider's word gets there.
  std::int64_t answer_limit_ms = 8'000;
  /// Requests that wait for the ledger; beyond it the answer is `unknown` (nothing was done).
  std::size_t queue_length_max = 65'536;
};

class test_provider final : public provider {
 public:
  /// Opens the ledger and takes up what is still under way. Throws ledger_error if it can't be
  /// opened.
  explicit test_provider(test_provider_options options);
  ~test_provider() override;

  std::string_view name() const noexcept override { return "test"; }
  std::int64_t answer_limit_ms() const noexcept override;

  /// A repeated key gets what became of the first: also `refunded`. Other terms under a key:
  /// declined with `idempotency_error`. An empty key charges anew each time.
  /// While the buyer has to act ("tok_requiresAction"), `tok_approve` and `tok_refuse` under the
  /// same key do it for the buyer.
  void charge(charge_name charge, std::string token, charge_handler handler) override;
  void lookup(charge_name charge, charge_handler handler) override;
  /// An empty key names no charge: `unknown`.
  void cancel(charge_name charge, charge_handler handler) override;
  /// What fails is final under its key; see ledger::refund for the codes.
  void refund(refund_request request, refund_handler handler) override;
  /// Without the charges that have no key.
  void list_charges(domain::instant since, std::string after, list_handler handler) override;

  /// Transactions of the ledger so far: what waits together shares one. Any thread.
  std::uint64_t transactions() const noexcept;

 private:
  class worker;
  std::unique_ptr<worker> worker_;
};

} // namespace holdfast::payments
