// When which entity of a shard has to be woken, ordered by time. Filled from the store when the
// shard is taken, without making actors, and kept current by what the entities report, so a million
// pending orders cost an entry each. One due time for each entity. Belongs to one shard actor.
//
// A binary heap of times beside a hash map of the present one of each entity. What is set anew or
// taken out leaves its old place in the heap behind, to be skipped when its time comes; the heap is
// made anew when more than half of it is of that kind. So setting costs a push, nine in ten orders
// that are paid in time cost nothing more, and no entry has an allocation of its own.
#pragma once

#include "persistence/store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <algorithm>
#include <vector>

namespace holdfast::actors {

class due_index {
 public:
  /// Sets an entity's due time in place of its former one; 0 takes it out.
  void set(const persistence::entity_key& key, domain::instant due) {
    if (due == 0) {
      due_of_.erase(key);
    } else {
      const auto [known, added] = due_of_.try_emplace(key, due);
      if (!added && known->second == due)
        return;
      known->second = due;
      heap_.push_back({due, key});
      std::push_heap(heap_.begin(), heap_.end(), later);
    }
    drop_former();
  }

  /// As set, unless the entity has a due time already: what it reported itself is newer.
  void set_if_absent(const persistence::entity_key& key, domain::instant due) {
    if (due != 0 && !due_of_.contains(key))
      set(key, due);
  }

  /// The earliest due time, 0 when there is none.
  domain::instant earliest() const noexcept { return heap_.empty() ? 0 : heap_.front().due; }

  /// Up to `count_max` entities whose time has come, each of them set to `again_at` (in case that
  /// the one who is woken doesn't report).
  std::vector<persistence::entity_key> take_due(domain::instant now, domain::instant again_at,
                                                std::size_t count_max) {
    std::vector<persistence::entity_key> result;
    while (!heap_.empty() && heap_.front().due <= now && result.size() < count_max) {
      result.push_back(heap_.front().key);
      set(result.back(), again_at);
    }
    return result;
  }

  std::size_t size() const noexcept { return due_of_.size(); }

 private:
  struct place {
    domain::instant due = 0;
    persistence::entity_key key;
  };
  static bool later(const place& x, const place& y) noexcept { return x.due > y.due; }

  bool is_former(const place& x) const {
    const auto known = due_of_.find(x.key);
    return known == due_of_.end() || known->second != x.due;
  }

  /// The first place is a present one afterwards, and at least half of all.
  void drop_former() {
    if (heap_.size() > 2 * due_of_.size() + kept_former_max) {
      std::erase_if(heap_, [this](const place& x) { return is_former(x); });
      std::make_heap(heap_.begin(), heap_.end(), later);
    }
    while (!heap_.empty() && is_former(heap_.front())) {
      std::pop_heap(heap_.begin(), heap_.end(), later);
      heap_.pop_back();
    }
  }

  /// A heap this small isn't worth the work.
  static constexpr std::size_t kept_former_max = 64;

  std::vector<place> heap_;
  boost::unordered_flat_map<persistence::entity_key, domain::instant,
                            std::hash<persistence::entity_key>>
      due_of_;
};

} // namespace holdfast::actors
