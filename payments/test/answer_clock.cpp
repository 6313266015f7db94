#include "payments/test/answer_clock.hpp"

#include <algorithm>
#include <pthread.h>
#include <vector>

namespace holdfast::payments {

void single_answer::give_status(charge_status status) {
  if (given_.exchange(true, std::memory_order_acq_rel))
    return;
  auto handler = std::exchange(handler_, {});
  if (auto* of_charge = std::get_if<charge_handler>(&handler)) {
    charge_answer answer;
    answer.status = status;
    (*of_charge)(std::move(answer));
  } else if (auto* of_refund = std::get_if<refund_handler>(&handler)) {
    (*of_refund)({});
  } else {
    std::get<list_handler>(handler)({});
  }
}

answer_clock::answer_clock(std::chrono::milliseconds answer_limit)
    : answer_limit_(answer_limit)
    , thread_([this] {
      pthread_setname_np(pthread_self(), "pay-test-clock");
      run();
    }) {}

answer_clock::~answer_clock() {
  {
    std::lock_guard guard(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

void answer_clock::watch(answer_ptr answer) {
  bool is_first = false;
  {
    std::lock_guard guard(mutex_);
    while (watched_.size() > 1 && watched_.front().answer->is_given())
      watched_.pop_front();
    is_first = watched_.empty();
    watched_.push_back({steady::now() + answer_limit_, std::move(answer)});
  }
  if (is_first)
    changed_.notify_one();
}

void answer_clock::at(steady::time_point time, std::function<void()> action) {
  {
    std::lock_guard guard(mutex_);
    actions_.emplace(time, std::move(action));
  }
  changed_.notify_one();
}

answer_clock::steady::time_point answer_clock::next_due() const {
  auto due = steady::time_point::max();
  if (!watched_.empty())
    due = watched_.front().limit;
  if (!actions_.empty())
    due = std::min(due, actions_.begin()->first);
  return due;
}

void answer_clock::run() {
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    auto due = next_due();
    if (due == steady::time_point::max()) {
      changed_.wait(lock);
      continue;
    }
    auto now = steady::now();
    if (due > now) {
      changed_.wait_until(lock, due);
      continue;
    }
    std::vector<answer_ptr> late;
    for (; !watched_.empty() && watched_.front().limit <= now; watched_.pop_front())
      if (!watched_.front().answer->is_given())
        late.push_back(std::move(watched_.front().answer));
    std::vector<std::function<void()>> actions;
    for (; !actions_.empty() && actions_.begin()->first <= now; actions_.erase(actions_.begin()))
      actions.push_back(std::move(actions_.begin()->second));
    lock.unlock();
    for (auto& answer : late)
      answer->give_late();
    for (auto& action : actions)
      action();
    lock.lock();
  }
  auto left = std::exchange(watched_, {});
  lock.unlock();
  for (auto& each : left)
    each.answer->give_late();
}

} // namespace holdfast::payments
