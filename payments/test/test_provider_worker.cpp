#include "payments/test/test_provider_worker.hpp"

#include "config/fail_points.hpp"
#include "config/log.hpp"

#include <algorithm>
#include <chrono>
#include <pthread.h>
#include <utility>

namespace holdfast::payments {

namespace {

std::string_view to_string(provider_operation x) {
  switch (x) {
  case provider_operation::charge:
    return "charge";
  case provider_operation::lookup:
    return "lookup";
  case provider_operation::cancel:
    return "cancel";
  case provider_operation::refund:
    return "refund";
  case provider_operation::settle:
    return "settle";
  case provider_operation::list:
    return "list";
  }
  return "unknown";
}

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

void test_provider::worker::submit(provider_task next) {
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
    clock_.at(answer_clock::steady::now(), [answer] { answer->give_unknown(); });
}

void test_provider::worker::arm(std::int64_t row_id, domain::instant due) {
  auto wait = std::chrono::milliseconds(std::max<std::int64_t>(0, due - wall_clock_now()));
  clock_.at(answer_clock::steady::now() + wait, [this, row_id] {
    provider_task next;
    next.what = provider_operation::settle;
    next.row_id = row_id;
    submit(std::move(next));
  });
}

// -- the ledger's thread --------------------------------------------------------------------------

void test_provider::worker::run() {
  std::vector<provider_task> batch;
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
  for (auto& [row, answer] : waiting_) // of which all are under way
    answer->give_late();
  waiting_.clear();
}

void test_provider::worker::decide_batch(std::vector<provider_task>& batch) {
  std::vector<provider_decision> decisions;
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
    if (batch[i].what == provider_operation::charge)
      config::fail_point("after_charge_recorded");
    answer(batch[i], std::move(decisions[i]));
  }
}

provider_decision test_provider::worker::decide(const provider_task& each, domain::instant now) {
  const auto& key = each.charge.key;
  provider_decision result;
  switch (each.what) {
  case provider_operation::charge:
    return decide_charge(each, now);
  case provider_operation::lookup:
    result.row = ledger_->lookup(key, now);
    break;
  case provider_operation::cancel:
    if (!key.empty())
      result.row = ledger_->cancel(key, now);
    break;
  case provider_operation::refund:
    result.refund =
        ledger_
            ->refund({each.charge, each.refund_key, {}, each.refund_minor}, now, options_.slow_ms)
            .answer();
    break;
  case provider_operation::settle:
    result.row = ledger_->settle(each.row_id, now);
    break;
  case provider_operation::list:
    result.list = ledger_->list(each.since, each.after);
    break;
  }
  return result;
}

provider_decision test_provider::worker::decide_charge(const provider_task& each,
                                                       domain::instant now) {
  provider_decision result;
  const auto how = each.behaviour.how;
  if (how == delivery::request_lost)
    return result;
  config::fail_point("before_charge_recorded");
  charge_plan plan{each.behaviour.outcome, each.behaviour.decline_code, std::nullopt};
  if (how == delivery::slow || how == delivery::pending)
    plan.settles_at = now + options_.slow_ms;
  plan.never_settles = how == delivery::stuck;
  plan.requires_action = how == delivery::needs_action;
  plan.is_action = how == delivery::action;
  plan.refunds = each.behaviour.refunds;
  if (each.charge.amount.minor <= 0)
    plan = {charge_status::declined, "invalid_amount", std::nullopt};
  auto made = ledger_->charge(each.charge, plan, now);
  result.row = std::move(made.row);
  result.is_new = made.is_new;
  return result;
}

// -- answers, after the commit

void test_provider::worker::answer(provider_task& each, provider_decision made) {
  if (each.what == provider_operation::charge) {
    answer_charge(each, made);
    return;
  }
  if (each.what == provider_operation::refund) {
    each.answer->give(std::move(made.refund));
    return;
  }
  if (each.what == provider_operation::list) {
    each.answer->give(std::move(made.list));
    return;
  }
  if (!made.row) {
    // A cancel without a key called nothing off; a lookup knows that there is nothing.
    charge_answer answer;
    if (each.what == provider_operation::lookup)
      answer.status = charge_status::not_found;
    each.answer->give(std::move(answer));
    return;
  }
  bool is_pending = made.row->status == charge_status::pending;
  if (!is_pending)
    answer_waiting(*made.row);
  else if (each.what == provider_operation::settle && made.row->settles_at)
    arm(made.row->id, *made.row->settles_at); // the wall clock was set back meanwhile
  if (each.answer)
    each.answer->give(made.row->answer());
}

void test_provider::worker::answer_charge(provider_task& each, const provider_decision& made) {
  if (!made.row) { // the request never got here
    each.answer->give_unknown();
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
    each.answer->give_unknown();
  else
    each.answer->give(row.answer());
}

void test_provider::worker::answer_waiting(const ledger_charge& row) {
  auto [begin, end] = waiting_.equal_range(row.id);
  for (auto each = begin; each != end; ++each)
    each->second->give(row.answer());
  waiting_.erase(begin, end);
}

void test_provider::worker::fail_batch(std::vector<provider_task>& batch, std::string_view reason) {
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
      each.answer->give_unknown();
    else
      arm(each.row_id, wall_clock_now() + settle_retry_ms);
  }
}

} // namespace holdfast::payments
