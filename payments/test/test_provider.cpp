#include "payments/test/test_provider.hpp"

#include "config/fail_points.hpp"
#include "config/log.hpp"
#include "payments/test/answer_clock.hpp"
#include "payments/test/ledger.hpp"
#include "payments/test/tokens.hpp"

#include <algorithm>
#include <atomic>
#include <pthread.h>
#include <unordered_map>
#include <utility>

namespace holdfast::payments {

namespace {

enum class operation : std::uint8_t { charge, lookup, cancel, refund, settle };

std::string_view to_string(operation x) {
  switch (x) {
  case operation::charge:
    return "charge";
  case operation::lookup:
    return "lookup";
  case operation::cancel:
    return "cancel";
  case operation::refund:
    return "refund";
  case operation::settle:
    return "settle";
  }
  return "unknown";
}

/// Something for the ledger to decide.
struct task {
  operation what = operation::lookup;
  /// For lookup, cancel and refund only the key counts. The token is gone: its behaviour is kept.
  charge_request request;
  token_behaviour behaviour;
  answer_ptr answer;       ///< none for settle
  std::int64_t row_id = 0; ///< for settle
};

/// What a task came to, held back until its transaction is durable.
struct decision {
  /// None: the ledger knows nothing of it.
  std::optional<ledger_charge> row;
  /// Of a charge: this one made the row.
  bool is_new = false;
};

/// How long after a failure of the ledger a due charge is tried again.
constexpr std::int64_t settle_retry_ms = 1'000;

domain::instant wall_clock_now() {
  return std::chrono::duration_cast<std::chrono::milliseconds>(
             std::chrono::system_clock::now().time_since_epoch())
      .count();
}

/// Waiting for another process's transaction must leave time to answer.
int busy_timeout_ms(std::int64_t answer_limit_ms) {
  return static_cast<int>(std::clamp<std::int64_t>(answer_limit_ms / 4, 1, 2'000));
}

} // namespace

class test_provider::worker {
 public:
  explicit worker(test_provider_options options);
  ~worker();

  void submit(task next);
  const test_provider_options& options() const noexcept { return options_; }
  std::uint64_t transactions() const noexcept {
    return transactions_.load(std::memory_order_relaxed);
  }

 private:
  void run();
  void decide_batch(std::vector<task>& batch);
  decision decide(const task& each, domain::instant now);
  void answer(task& each, decision made);
  void answer_charge(task& each, const decision& made);
  void answer_waiting(const ledger_charge& row);
  void fail_batch(std::vector<task>& batch, std::string_view reason);
  void arm(std::int64_t row_id, domain::instant due);

  const test_provider_options options_;

  std::atomic<std::uint64_t> transactions_{0};

  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<task> queue_;
  bool stopping_ = false;

  // -- touched by the ledger's thread alone
  // --------------------------------------------------------
  std::optional<ledger> ledger_;
  /// Callers of slow charges, by row.
  std::unordered_multimap<std::int64_t, answer_ptr> waiting_;

  /// Behind all that its actions touch: it ends first.
  answer_clock clock_;
  std::thread thread_;
};

test_provider::worker::worker(test_provider_options options)
    : options_(std::move(options))
    , ledger_(ledger::open(options_.ledger_file, busy_timeout_ms(options_.answer_limit_ms)))
    , clock_(std::chrono::milliseconds(options_.answer_limit_ms)) {
  for (const auto& row : ledger_->unsettled())
    arm(row.id, *row.settles_at);
  thread_ = std::thread([this] {
    pthread_setname_np(pthread_self(), "pay-test-ledger");
    run();
  });
}

test_provider::worker::~worker() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void test_provider::worker::submit(task next) {
  bool wakes = false;
  bool refused = false;
  answer_ptr answer = next.answer;
  if (answer)
    clock_.watch(answer);
  {
    std::lock_guard guard(mutex_);
    refused = stopping_ || (answer && queue_.size() >= options_.queue_length_max);
    if (!refused) {
      wakes = queue_.empty();
      queue_.push_back(std::move(next));
    }
  }
  if (wakes)
    changed_.notify_one();
  if (refused && answer) // not on the caller's thread
    clock_.at(answer_clock::steady::now(), [answer] {
      answer->give({charge_status::unknown, {}, {}});
    });
}

void test_provider::worker::arm(std::int64_t row_id, domain::instant due) {
  auto wait = std::chrono::milliseconds(std::max<std::int64_t>(0, due - wall_clock_now()));
  clock_.at(answer_clock::steady::now() + wait, [this, row_id] {
    task next;
    next.what = operation::settle;
    next.row_id = row_id;
    submit(std::move(next));
  });
}

// -- the ledger's thread --------------------------------------------------------------------------

void test_provider::worker::run() {
  std::vector<task> batch;
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [this] { return stopping_ || !queue_.empty(); });
    if (queue_.empty())
      break;
    batch.clear();
    batch.swap(queue_);
    lock.unlock();
    decide_batch(batch);
    lock.lock();
  }
  lock.unlock();
  for (auto& [row, answer] : waiting_)
    answer->give({charge_status::pending, {}, {}});
  waiting_.clear();
}

void test_provider::worker::decide_batch(std::vector<task>& batch) {
  std::vector<decision> decisions;
  decisions.reserve(batch.size());
  try {
    if (!ledger_)
      ledger_ = ledger::open(options_.ledger_file, busy_timeout_ms(options_.answer_limit_ms));
    ledger_->begin();
    auto now = wall_clock_now();
    for (const auto& each : batch)
      decisions.push_back(decide(each, now));
    ledger_->commit();
    transactions_.fetch_add(1, std::memory_order_relaxed);
  } catch (const ledger_error& error) {
    fail_batch(batch, error.what());
    return;
  }
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i].what == operation::charge)
      config::fail_point("after_charge_recorded");
    answer(batch[i], std::move(decisions[i]));
  }
}

decision test_provider::worker::decide(const task& each, domain::instant now) {
  const auto& key = each.request.key;
  switch (each.what) {
  case operation::lookup:
    return {ledger_->lookup(key, now), false};
  case operation::cancel:
    if (key.empty())
      return {};
    return {ledger_->cancel(key, now), false};
  case operation::refund:
    return {ledger_->refund(key, now), false};
  case operation::settle:
    return {ledger_->settle(each.row_id, now), false};
  case operation::charge:
    break;
  }
  if (each.behaviour.how == delivery::request_lost)
    return {};
  config::fail_point("before_charge_recorded");
  charge_plan plan{each.behaviour.outcome, each.behaviour.decline_code, std::nullopt, false};
  if (each.behaviour.how == delivery::slow || each.behaviour.how == delivery::pending)
    plan.settles_at = now + options_.slow_ms;
  plan.never_settles = each.behaviour.how == delivery::stuck;
  if (each.request.amount.minor <= 0)
    plan = {charge_status::declined, "invalid_amount", std::nullopt, false};
  auto result = ledger_->charge(each.request, plan, now);
  return {std::move(result.row), result.is_new};
}

// -- answers, after the commit
// ---------------------------------------------------------------------

void test_provider::worker::answer(task& each, decision made) {
  if (each.what == operation::charge) {
    answer_charge(each, made);
    return;
  }
  if (!made.row) {
    // A cancel without a key called nothing off; the others know that there is nothing.
    bool is_missing = each.what != operation::cancel;
    auto status = is_missing ? charge_status::not_found : charge_status::unknown;
    each.answer->give({status, {}, {}});
    return;
  }
  bool is_pending = made.row->status == charge_status::pending;
  if (!is_pending)
    answer_waiting(*made.row);
  else if (each.what == operation::settle && made.row->settles_at)
    arm(made.row->id, *made.row->settles_at); // the wall clock was set back meanwhile
  if (each.answer)
    each.answer->give(made.row->answer());
}

void test_provider::worker::answer_charge(task& each, const decision& made) {
  if (!made.row) { // the request never got here
    each.answer->give({charge_status::unknown, {}, {}});
    return;
  }
  const auto& row = *made.row;
  if (row.status == charge_status::pending && row.settles_at) {
    arm(row.id, *row.settles_at);
    if (each.behaviour.how != delivery::pending) {
      each.answer->is_under_way();
      waiting_.emplace(row.id, each.answer);
      return;
    }
  }
  if (row.status != charge_status::pending)
    answer_waiting(row);
  if (made.is_new && each.behaviour.how == delivery::answer_lost)
    each.answer->give({charge_status::unknown, {}, {}});
  else
    each.answer->give(row.answer());
}

void test_provider::worker::answer_waiting(const ledger_charge& row) {
  auto [begin, end] = waiting_.equal_range(row.id);
  for (auto each = begin; each != end; ++each)
    each->second->give(row.answer());
  waiting_.erase(begin, end);
}

void test_provider::worker::fail_batch(std::vector<task>& batch, std::string_view reason) {
  // What a failed COMMIT has done is unknown: nothing is retried on this connection.
  config::log::error("test_payment_ledger_failed",
                     {{"reason", reason},
                      {"requests", batch.size()},
                      {"first", to_string(batch.front().what)},
                      {"action", "answered unknown; check the disk of the data directory"}});
  if (ledger_)
    ledger_->rollback();
  ledger_.reset();
  for (auto& each : batch) {
    if (each.answer)
      each.answer->give({charge_status::unknown, {}, {}});
    else
      arm(each.row_id, wall_clock_now() + settle_retry_ms);
  }
}

// -- calls
// ------------------------------------------------------------------------------------------

namespace {

task make_task(operation what, std::string key, charge_handler handler) {
  task next;
  next.what = what;
  next.request.key = std::move(key);
  next.answer = std::make_shared<single_answer>(std::move(handler));
  return next;
}

} // namespace

test_provider::test_provider(test_provider_options options)
    : worker_(std::make_unique<worker>(std::move(options))) {}

test_provider::~test_provider() = default;

std::int64_t test_provider::answer_limit_ms() const noexcept {
  return worker_->options().answer_limit_ms;
}

std::uint64_t test_provider::transactions() const noexcept {
  return worker_->transactions();
}

void test_provider::charge(charge_request request, charge_handler handler) {
  auto next = make_task(operation::charge, {}, std::move(handler));
  next.behaviour = behaviour_of(request.token);
  next.behaviour.token = {}; // pointed into the request for a token without a meaning
  request.token.clear();
  next.request = std::move(request);
  worker_->submit(std::move(next));
}

void test_provider::lookup(std::string key, charge_handler handler) {
  worker_->submit(make_task(operation::lookup, std::move(key), std::move(handler)));
}

void test_provider::cancel(std::string key, charge_handler handler) {
  worker_->submit(make_task(operation::cancel, std::move(key), std::move(handler)));
}

void test_provider::refund(std::string key, charge_handler handler) {
  worker_->submit(make_task(operation::refund, std::move(key), std::move(handler)));
}

} // namespace holdfast::payments
