// From an id to where commands to its shard are sent: the slot is read off the id, the shard is
// found by its slot. With one node that is the shard itself, with several its gate on this node;
// the handles never change. Any thread.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <memory>
#include <vector>

namespace holdfast::actors {

class router {
 public:
  router() = default;
  /// `shards` in the order of their numbers, all of them.
  explicit router(std::vector<shard_port> shards)
      : shards_(std::make_shared<const std::vector<shard_port>>(std::move(shards))) {}

  const shard_port& shard_of(const domain::uuid& id) const {
    const auto count = static_cast<std::uint32_t>(shards_->size());
    return (*shards_)[persistence::shard_of_slot(id.slot(), count)];
  }

 private:
  std::shared_ptr<const std::vector<shard_port>> shards_;
};

} // namespace holdfast::actors
