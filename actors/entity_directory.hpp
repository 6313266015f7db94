// The live entities of a shard: from key to actor, in the order of their last use. Says who is to
// be let go, and holds what is sent to one that is on its way out. Belongs to one shard actor.
#pragma once

#include "domain/ids.hpp"
#include "persistence/store.hpp"

#include <caf/actor_control_block.hpp>

#include <functional>
#include <list>
#include <unordered_map>
#include <utility>
#include <vector>

namespace holdfast::actors {

struct live_entity {
  caf::strong_actor_ptr actor;
  domain::instant last_used = 0;
  /// It was asked to let go; what is sent to it meanwhile is held here.
  bool leaving = false;
  std::vector<std::function<void()>> held;
  std::list<persistence::entity_key>::iterator by_use;
};

class entity_directory {
 public:
  /// Messages that wait for one entity on its way out; more are answered with overload.
  static constexpr std::size_t held_max = 1024;

  live_entity* find(const persistence::entity_key& key) {
    const auto found = entities_.find(key);
    return found == entities_.end() ? nullptr : &found->second;
  }

  live_entity& add(const persistence::entity_key& key, caf::strong_actor_ptr actor,
                   domain::instant now) {
    keys_.emplace(actor->id(), key);
    live_entity& entity = entities_[key];
    entity.actor = std::move(actor);
    entity.last_used = now;
    entity.by_use = by_use_.insert(by_use_.end(), key);
    return entity;
  }

  void touch(live_entity& entity, domain::instant now) {
    entity.last_used = now;
    by_use_.splice(by_use_.end(), by_use_, entity.by_use);
  }

  /// Takes out the entity of an actor that is gone. Returns its key and what was held for it.
  std::pair<persistence::entity_key, std::vector<std::function<void()>>>
  remove(caf::actor_id actor) {
    std::pair<persistence::entity_key, std::vector<std::function<void()>>> result;
    const auto known = keys_.find(actor);
    if (known == keys_.end())
      return result;
    result.first = known->second;
    keys_.erase(known);
    const auto found = entities_.find(result.first);
    result.second = std::move(found->second.held);
    by_use_.erase(found->second.by_use);
    entities_.erase(found);
    return result;
  }

  std::size_t size() const noexcept { return entities_.size(); }

  /// The entity that was idle longest, nullptr when there is none.
  live_entity* least_recently_used(persistence::entity_key& key) {
    if (by_use_.empty())
      return nullptr;
    key = by_use_.front();
    return find(key);
  }

  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& [key, entity] : entities_)
      visit(key, entity);
  }

 private:
  std::unordered_map<persistence::entity_key, live_entity> entities_;
  std::unordered_map<caf::actor_id, persistence::entity_key> keys_;
  /// The front was used longest ago.
  std::list<persistence::entity_key> by_use_;
};

} // namespace holdfast::actors
