#include "persistence/member_table.hpp"

namespace holdfast::persistence {

announce_outcome member_table::announce(const node_announcement& announcement,
                                        std::int64_t duration_ms, domain::instant now) {
  std::erase_if(members_, [now](const auto& x) { return x.second.until <= now; });
  announce_outcome outcome;
  const auto known = members_.find(announcement.name);
  const bool is_taken =
      known != members_.end() && known->second.announced.incarnation != announcement.incarnation;
  outcome.status = is_taken ? announce_status::name_taken : announce_status::announced;
  if (!is_taken && duration_ms > 0)
    members_[announcement.name] = {announcement, now + duration_ms};
  else if (!is_taken)
    members_.erase(announcement.name);
  for (const auto& [name, x] : members_)
    outcome.members.push_back({x.announced, x.until - now});
  return outcome;
}

} // namespace holdfast::persistence
