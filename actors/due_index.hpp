// When which entity of a shard has to be woken, ordered by time. Filled from the store when the
// shard is taken, without making actors, and kept current by what the entities report, so a million
// pending orders cost an entry each. One due time for each entity. Belongs to one shard actor.
#pragma once

#include "persistence/store.hpp"

#include <set>
#include <unordered_map>
#include <utility>
#include <vector>

namespace holdfast::actors {

class due_index {
 public:
  /// Sets an entity's due time in place of its former one; 0 takes it out.
  void set(const persistence::entity_key& key, domain::instant due) {
    auto [known, added] = due_of_.try_emplace(key, due);
    if (!added) {
      ordered_.erase({known->second, key});
      known->second = due;
    }
    if (due == 0)
      due_of_.erase(known);
    else
      ordered_.insert({due, key});
  }

  /// As set, unless the entity has a due time already: what it reported itself is newer.
  void set_if_absent(const persistence::entity_key& key, domain::instant due) {
    if (due != 0 && !due_of_.contains(key))
      set(key, due);
  }

  /// The earliest due time, 0 when there is none.
  domain::instant earliest() const noexcept {
    return ordered_.empty() ? 0 : ordered_.begin()->first;
  }

  /// Up to `count_max` entities whose time has come, each of them set to `again_at` (in case that
  /// the one who is woken doesn't report).
  std::vector<persistence::entity_key> take_due(domain::instant now, domain::instant again_at,
                                                std::size_t count_max) {
    std::vector<persistence::entity_key> result;
    while (!ordered_.empty() && ordered_.begin()->first <= now && result.size() < count_max) {
      const persistence::entity_key key = ordered_.begin()->second;
      result.push_back(key);
      set(key, again_at);
    }
    return result;
  }

  std::size_t size() const noexcept { return ordered_.size(); }

 private:
  std::set<std::pair<domain::instant, persistence::entity_key>> ordered_;
  std::unordered_map<persistence::entity_key, domain::instant> due_of_;
};

} // namespace holdfast::actors
