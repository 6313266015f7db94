#include "persistence/sqlite/worker.hpp"

#include "config/thread_tuning.hpp"

#include <utility>

namespace holdfast::persistence::sqlite {

worker::worker(std::string name)
    : name_(std::move(name))
    , thread_([this] { run(); }) {}

worker::~worker() {
  stop();
}

bool worker::post(job x) {
  const std::lock_guard guard(mutex_);
  if (is_stopping_)
    return false;
  jobs_.push_back(std::move(x));
  changed_.notify_one();
  return true;
}

void worker::post_after(std::chrono::milliseconds delay, job x) {
  const std::lock_guard guard(mutex_);
  if (is_stopping_)
    return;
  put_off_.emplace(std::chrono::steady_clock::now() + delay, std::move(x));
  changed_.notify_one();
}

void worker::stop() {
  {
    const std::lock_guard guard(mutex_);
    is_stopping_ = true;
    changed_.notify_one();
  }
  if (thread_.joinable())
    thread_.join();
}

void worker::take_due() {
  const auto end = put_off_.upper_bound(std::chrono::steady_clock::now());
  for (auto next = put_off_.begin(); next != end; ++next)
    jobs_.push_back(std::move(next->second));
  put_off_.erase(put_off_.begin(), end);
}

void worker::run() {
  config::name_thread(name_.c_str());
  std::unique_lock lock(mutex_);
  while (true) {
    take_due();
    if (!jobs_.empty()) {
      const job next = std::move(jobs_.front());
      jobs_.pop_front();
      lock.unlock();
      next();
      lock.lock();
    } else if (is_stopping_) {
      return;
    } else if (put_off_.empty()) {
      changed_.wait(lock);
    } else {
      changed_.wait_until(lock, put_off_.begin()->first);
    }
  }
}

} // namespace holdfast::persistence::sqlite
