#include "net/flow/state_log.hpp"

#include <utility>

namespace holdfast::net {

bool state_log::publish(const domain::uuid& entity, std::uint64_t version, shared_frame frame) {
  const auto [place, is_new] = places_.try_emplace(entity, last_ + 1);
  if (!is_new) {
    const auto older = states_.find(place->second);
    if (older->second.version >= version)
      return false;
    states_.erase(older);
    place->second = last_ + 1;
  }
  ++last_;
  states_.emplace_hint(states_.end(), last_, state{entity, version, std::move(frame)});
  if (states_.size() > entities_max_) {
    const auto oldest = states_.begin();
    lost_ = oldest->first;
    places_.erase(oldest->second.entity);
    states_.erase(oldest);
  }
  return true;
}

std::size_t state_log::read(cursor& seen, std::size_t bytes_max, std::string& out) const {
  const std::size_t before = out.size();
  std::size_t count = 0;
  for (auto next = states_.upper_bound(seen); next != states_.end(); ++next) {
    const std::string& frame = *next->second.frame;
    if (count > 0 && out.size() - before + frame.size() > bytes_max)
      return count;
    out.append(frame);
    seen = next->first;
    ++count;
  }
  seen = last_;
  return count;
}

void state_log::trim(cursor seen_by_all) {
  const auto end = states_.upper_bound(seen_by_all);
  for (auto next = states_.begin(); next != end;) {
    places_.erase(next->second.entity);
    next = states_.erase(next);
  }
}

} // namespace holdfast::net
