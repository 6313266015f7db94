// The latest states of all entities that changed of late, in the order of their last change: one
// log for all watchers of a thread, each of whom only remembers how far he has read. A change of an
// entity that is in the log already moves it to the end, so a watcher that lags reads each entity
// once, in its latest state, and costs eight bytes however slow he is.
//
// Owner: the I/O thread's hub. Thread: that one. Pure. Bounded: when the states are more than
// entities_max, the oldest are given up, and who hasn't read them has lost them (has_lost).
#pragma once

#include "net/flow/latest_state_queue.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <unordered_map>

namespace holdfast::net {

class state_log {
 public:
  /// A place in the log: everything up to it has been read. 0: nothing.
  using cursor = std::uint64_t;

  explicit state_log(std::size_t entities_max)
      : entities_max_(entities_max) {}

  /// Where a new watcher begins, and where one who has read everything stands.
  cursor end() const noexcept { return last_; }
  std::size_t size() const noexcept { return states_.size(); }

  /// False: a state of this or a later version is in the log already; nothing changed.
  bool publish(const domain::uuid& entity, std::uint64_t version, shared_frame frame);

  /// Whether states behind this cursor have been given up.
  bool has_lost(cursor seen) const noexcept { return seen < lost_; }

  /// Appends the frames behind `seen`, oldest first, until `bytes_max` is reached, but at least one
  /// if there is one; moves `seen` behind them. Gives their number.
  std::size_t read(cursor& seen, std::size_t bytes_max, std::string& out) const;

  /// Everybody has read up to here: forgets it.
  void trim(cursor seen_by_all);

 private:
  struct state {
    domain::uuid entity;
    std::uint64_t version;
    shared_frame frame;
  };

  std::size_t entities_max_;
  cursor last_ = 0;
  cursor lost_ = 0;
  std::map<cursor, state> states_;
  std::unordered_map<domain::uuid, cursor> places_;
};

} // namespace holdfast::net
