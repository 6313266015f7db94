// What works behind a test_provider: the thread that decides by the ledger, and the clock that sees
// to it that everybody is answered. Internal to test_provider.cpp.
//
// Owner: the test_provider. Thread: submit from any; everything else on the ledger's thread.
#pragma once

#include "payments/test/answer_clock.hpp"
#include "payments/test/ledger.hpp"
#include "payments/test/test_provider.hpp"
#include "payments/test/tokens.hpp"

#include <atomic>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <unordered_map>
#include <vector>

namespace holdfast::payments {

enum class provider_operation : std::uint8_t { charge, lookup, cancel, refund, settle, list };

/// Something for the ledger to decide.
struct provider_task {
  provider_operation what = provider_operation::lookup;
  /// For lookup, cancel and refund only the key counts.
  charge_name charge;
  /// Of a charge; its token is gone.
  token_behaviour behaviour;
  /// Of a refund.
  std::string refund_key;
  std::int64_t refund_minor = 0;
  /// Of a list.
  domain::instant since = 0;
  std::string after;
  answer_ptr answer;       ///< none for settle
  std::int64_t row_id = 0; ///< for settle
};

/// What a task came to, held back until its transaction is durable.
struct provider_decision {
  /// None: the ledger knows nothing of it.
  std::optional<ledger_charge> row;
  /// Of a charge: this one made the row.
  bool is_new = false;
  /// Of a refund, of a list.
  refund_answer refund;
  charge_list list;
};

class test_provider::worker {
 public:
  explicit worker(test_provider_options options);
  ~worker();

  void submit(provider_task next);
  const test_provider_options& options() const noexcept { return options_; }
  std::uint64_t transactions() const noexcept {
    return transactions_.load(std::memory_order_relaxed);
  }

 private:
  void run();
  void decide_batch(std::vector<provider_task>& batch);
  provider_decision decide(const provider_task& each, domain::instant now);
  provider_decision decide_charge(const provider_task& each, domain::instant now);
  void answer(provider_task& each, provider_decision made);
  void answer_charge(provider_task& each, const provider_decision& made);
  void answer_waiting(const ledger_charge& row);
  void fail_batch(std::vector<provider_task>& batch, std::string_view reason);
  void arm(std::int64_t row_id, domain::instant due);

  const test_provider_options options_;

  std::atomic<std::uint64_t> transactions_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<provider_task> queue_;
  bool stopping_ = false;

  // -- touched by the ledger's thread alone
  std::optional<ledger> ledger_;
  /// Callers of slow charges, by row.
  std::unordered_multimap<std::int64_t, answer_ptr> waiting_;

  /// Behind all that its actions touch: it ends first.
  answer_clock clock_;
  std::thread thread_;
};

} // namespace holdfast::payments
