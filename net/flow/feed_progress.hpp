// How far this thread has seen the feed, and the coroutines that wait for it to get further: a
// write's answer waits until this node's lists show it, a read waits for what its client has seen
// elsewhere.
//
// Owner: the I/O thread's part of the front. Thread: that one. No clock: the owner tells the time.
#pragma once

#include "net/api/positions.hpp"

#include <boost/intrusive/list.hpp>

#include <coroutine>
#include <cstdint>
#include <vector>

namespace holdfast::net {

class feed_progress {
 public:
  class wait;

  feed_progress() = default;
  feed_progress(const feed_progress&) = delete;
  feed_progress& operator=(const feed_progress&) = delete;

  /// Nothing is known before the feed has said where it stands.
  bool is_started() const noexcept { return started_; }
  const std::vector<std::uint64_t>& applied() const noexcept { return applied_; }
  bool has_reached(const position_set& wanted) const noexcept {
    return wanted.reached_by(applied_);
  }

  /// One number for each stream. Resumes those whose wait is over.
  void advance(const std::vector<std::uint64_t>& applied);
  /// Resumes those who have waited long enough.
  void check_time(std::int64_t now_ms);

 private:
  using hook =
      boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;
  using wait_list = boost::intrusive::list<hook, boost::intrusive::constant_time_size<false>>;

  template <class Predicate>
  void resume_if(Predicate is_over);

  bool started_ = false;
  std::vector<std::uint64_t> applied_;
  wait_list waiting_;
};

/// Awaitable; name it, then co_await it: whether the position has been reached by `deadline_ms`.
class feed_progress::wait : private feed_progress::hook {
 public:
  wait(feed_progress& progress, const position_set& wanted, std::int64_t deadline_ms)
      : progress_(progress)
      , wanted_(wanted)
      , deadline_ms_(deadline_ms) {}
  wait(const wait&) = delete;
  wait& operator=(const wait&) = delete;

  bool await_ready() const noexcept { return progress_.has_reached(wanted_); }
  void await_suspend(std::coroutine_handle<> waiting) {
    waiting_ = waiting;
    progress_.waiting_.push_back(*this);
  }
  bool await_resume() const noexcept { return progress_.has_reached(wanted_); }

 private:
  friend class feed_progress;

  feed_progress& progress_;
  const position_set& wanted_;
  const std::int64_t deadline_ms_;
  std::coroutine_handle<> waiting_;
};

} // namespace holdfast::net
