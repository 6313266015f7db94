// A thread with a queue of jobs, done in order. Jobs must not throw. Owner: whoever made it; ending
// it does what is queued (but not what is put off), then joins. post() may be called from any
// thread.
#pragma once

#include <chrono>
#include <condition_variable>
#include <deque>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <thread>

namespace holdfast::persistence::sqlite {

class worker {
 public:
  using job = std::function<void()>;

  /// `name`: of the thread, for profiles; at most 15 characters.
  explicit worker(std::string name);
  ~worker();
  worker(const worker&) = delete;
  worker& operator=(const worker&) = delete;

  /// False, and the job is gone, once stop() was called.
  bool post(job x);
  /// Not before `delay` has passed; dropped if stop() comes first.
  void post_after(std::chrono::milliseconds delay, job x);
  /// Does what is queued, then ends the thread. Repeatable; by the owner.
  void stop();

 private:
  using time_point = std::chrono::steady_clock::time_point;

  void run();
  void take_due();

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<job> jobs_;
  std::multimap<time_point, job> put_off_;
  bool is_stopping_ = false;
  const std::string name_;
  std::thread thread_;
};

} // namespace holdfast::persistence::sqlite
