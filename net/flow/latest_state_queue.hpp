// What a slow watcher has still to be told: for each entity only the latest state, in the order in
// which the entities first had news. Bounded by the number of entities, since a new state replaces
// an unsent older one; older states than the one held are dropped, so versions never go back.
//
// Owner: one live session. Thread: its I/O thread. Pure.
#pragma once

#include "domain/ids.hpp"

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <string>
#include <unordered_map>
#include <utility>

namespace holdfast::net {

/// A state as it goes over the wire, shared by all who are told it.
using shared_frame = std::shared_ptr<const std::string>;

class latest_state_queue {
 public:
  enum class outcome : std::uint8_t {
    added,
    /// An unsent older state of the entity was replaced.
    folded,
    /// The queue holds this or a newer state of the entity already.
    outdated,
    /// There is no room for a further entity. Nothing was added.
    full,
  };

  explicit latest_state_queue(std::size_t entities_max)
      : entities_max_(entities_max) {}

  outcome push(const domain::uuid& entity, std::uint64_t version, shared_frame frame) {
    const auto found = states_.find(entity);
    if (found != states_.end()) {
      if (found->second.version >= version)
        return outcome::outdated;
      found->second.version = version;
      found->second.frame = std::move(frame);
      return outcome::folded;
    }
    if (states_.size() >= entities_max_)
      return outcome::full;
    states_.emplace(entity, state{version, std::move(frame)});
    order_.push_back(entity);
    return outcome::added;
  }

  bool empty() const noexcept { return order_.empty(); }
  std::size_t size() const noexcept { return order_.size(); }

  /// The state that has waited longest. Only when not empty.
  shared_frame pop() {
    const auto found = states_.find(order_.front());
    shared_frame frame = std::move(found->second.frame);
    states_.erase(found);
    order_.pop_front();
    return frame;
  }

 private:
  struct state {
    std::uint64_t version;
    shared_frame frame;
  };

  std::size_t entities_max_;
  std::list<domain::uuid> order_;
  std::unordered_map<domain::uuid, state> states_;
};

} // namespace holdfast::net
