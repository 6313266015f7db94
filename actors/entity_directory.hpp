// The live entities of a shard: from key to actor, in the order of their last use. Says who is to
// be let go, holds what is sent to one that is on its way out, and knows which tickets have drafted
// for which order. Belongs to one shard actor.
#pragma once

#include "domain/ids.hpp"
#include "persistence/store.hpp"

#include <boost/intrusive/list.hpp>
#include <boost/unordered/unordered_flat_map.hpp>

#include <caf/actor_control_block.hpp>

#include <algorithm>
#include <functional>
#include <memory>
#include <utility>
#include <vector>

namespace holdfast::actors {

using live_entity_hook =
    boost::intrusive::list_base_hook<boost::intrusive::link_mode<boost::intrusive::auto_unlink>>;

/// There are many of these, so what is seldom needed is kept apart.
struct live_entity : live_entity_hook {
  persistence::entity_key key;
  caf::strong_actor_ptr actor;
  domain::instant last_used = 0;

  bool leaving() const noexcept { return held_ != nullptr; }
  /// It was asked to let go; what is sent to it meanwhile is held.
  void leave() { held_ = std::make_unique<std::vector<std::function<void()>>>(); }
  /// It stays, or is gone. Returns what was held.
  std::vector<std::function<void()>> take_held() {
    std::vector<std::function<void()>> result;
    if (held_)
      result = std::move(*held_);
    held_.reset();
    return result;
  }
  /// While it is leaving.
  std::vector<std::function<void()>>& held() noexcept { return *held_; }

  /// Of an order: this ticket was asked to draft for it, by this activation. Never forgotten by it;
  /// there are no more than the order has lines.
  void note_draft(const domain::uuid& ticket) {
    if (first_draft_.is_nil() || first_draft_ == ticket) {
      first_draft_ = ticket;
      return;
    }
    if (!more_drafts_)
      more_drafts_ = std::make_unique<std::vector<domain::uuid>>();
    if (std::find(more_drafts_->begin(), more_drafts_->end(), ticket) == more_drafts_->end())
      more_drafts_->push_back(ticket);
  }
  std::vector<domain::uuid> drafted() const {
    std::vector<domain::uuid> result;
    if (!first_draft_.is_nil())
      result.push_back(first_draft_);
    if (more_drafts_)
      result.insert(result.end(), more_drafts_->begin(), more_drafts_->end());
    return result;
  }

 private:
  domain::uuid first_draft_;
  std::unique_ptr<std::vector<domain::uuid>> more_drafts_;
  std::unique_ptr<std::vector<std::function<void()>>> held_;
};

class entity_directory {
 public:
  /// Messages that wait for one entity on its way out; more are answered with overload.
  static constexpr std::size_t held_max = 1024;

  live_entity* find(const persistence::entity_key& key) {
    const auto found = entities_.find(key);
    return found == entities_.end() ? nullptr : found->second.get();
  }

  /// `key` isn't in the directory. The entity stays at its address until it is removed.
  live_entity& add(const persistence::entity_key& key, caf::strong_actor_ptr actor,
                   domain::instant now) {
    auto entity = std::make_unique<live_entity>();
    entity->key = key;
    entity->actor = std::move(actor);
    entity->last_used = now;
    by_use_.push_back(*entity);
    by_actor_.emplace(entity->actor->id(), entity.get());
    return *entities_.emplace(key, std::move(entity)).first->second;
  }

  void touch(live_entity& entity, domain::instant now) {
    entity.last_used = now;
    by_use_.splice(by_use_.end(), by_use_, by_use_t::s_iterator_to(entity));
  }

  /// Takes out the entity of an actor that is gone. Null: there is none.
  std::unique_ptr<live_entity> remove(caf::actor_id actor) {
    const auto known = by_actor_.find(actor);
    if (known == by_actor_.end())
      return nullptr;
    const auto found = entities_.find(known->second->key);
    auto result = std::move(found->second);
    entities_.erase(found);
    by_actor_.erase(known);
    result->unlink();
    return result;
  }

  std::size_t size() const noexcept { return entities_.size(); }

  /// The entity that was idle longest, nullptr when there is none.
  live_entity* least_recently_used() { return by_use_.empty() ? nullptr : &by_use_.front(); }

  template <class Visitor>
  void for_each(Visitor visit) {
    for (auto& [key, entity] : entities_)
      visit(*entity);
  }

 private:
  using by_use_t = boost::intrusive::list<live_entity, boost::intrusive::constant_time_size<false>>;

  boost::unordered_flat_map<persistence::entity_key, std::unique_ptr<live_entity>,
                            std::hash<persistence::entity_key>>
      entities_;
  boost::unordered_flat_map<caf::actor_id, live_entity*> by_actor_;
  /// The front was used longest ago.
  by_use_t by_use_;
};

} // namespace holdfast::actors
