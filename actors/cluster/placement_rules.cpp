#include "actors/cluster/placement_rules.hpp"

#include <algorithm>
#include <map>

namespace holdfast::actors {

namespace {

using persistence::shard_number;

/// How many shards each taker has.
std::map<std::string, std::size_t> counts_of(const placement_table& table) {
  std::map<std::string, std::size_t> result;
  for (const std::string& each : table.takers)
    result[each] = 0;
  for (const std::string& owner : table.owners)
    if (const auto found = result.find(owner); found != result.end())
      ++found->second;
  return result;
}

/// A different place to begin for each node, so that nodes that start together don't reach for the
/// same shards: behind the shares of those before it.
std::size_t first_choice(const placement_table& table, const std::string& self) {
  std::size_t first = 0;
  for (const std::string& each : table.takers) {
    if (each == self)
      break;
    first += share_of(table, each);
  }
  return first;
}

std::vector<shard_number> choose_free(const placement_table& table, const std::string& self,
                                      std::size_t wanted) {
  std::vector<shard_number> result;
  const std::size_t count = table.owners.size();
  const std::size_t first = first_choice(table, self);
  for (std::size_t i = 0; i < count; ++i) {
    const std::size_t shard = (first + i) % count;
    const bool is_neglected = shard < table.neglected.size() && table.neglected[shard];
    if (table.owners[shard].empty() && (result.size() < wanted || is_neglected))
      result.push_back(static_cast<shard_number>(shard));
  }
  return result;
}

/// Everybody's surplus in the order of names, and of numbers from the highest; matched one by one
/// with everybody's deficit. The part that concerns `self`.
std::vector<std::pair<shard_number, std::string>>
match_surplus(const placement_table& table, const std::map<std::string, std::size_t>& counts,
              const std::string& self) {
  std::vector<std::string> receivers;
  for (const std::string& each : table.takers)
    for (std::size_t n = counts.at(each); n < share_of(table, each); ++n)
      receivers.push_back(each);
  std::vector<std::pair<shard_number, std::string>> result;
  std::size_t next = 0;
  for (const std::string& giver : table.takers) {
    const std::size_t share = share_of(table, giver);
    std::size_t surplus = counts.at(giver) > share ? counts.at(giver) - share : 0;
    for (std::size_t i = table.owners.size(); i-- > 0 && surplus > 0 && next < receivers.size();) {
      if (table.owners[i] != giver)
        continue;
      if (giver == self)
        result.emplace_back(static_cast<shard_number>(i), receivers[next]);
      ++next;
      --surplus;
    }
  }
  return result;
}

} // namespace

std::size_t share_of(const placement_table& table, const std::string& node) {
  const auto place = std::find(table.takers.begin(), table.takers.end(), node);
  if (place == table.takers.end())
    return 0;
  const auto rank = static_cast<std::size_t>(place - table.takers.begin());
  const std::size_t shards = table.owners.size();
  return shards / table.takers.size() + (rank < shards % table.takers.size() ? 1 : 0);
}

placement_plan plan_placement(const placement_table& table, const std::string& self) {
  placement_plan plan;
  const auto counts = counts_of(table);
  const auto mine = counts.find(self);
  if (mine == counts.end())
    return plan;
  const std::size_t share = share_of(table, self);
  plan.take = choose_free(table, self, mine->second < share ? share - mine->second : 0);
  // Free ones, and those of a node that leaves, come to somebody anyway; and two shards of which
  // one waits for the other had better not move at the same time.
  const bool any_moves =
      std::any_of(table.owners.begin(), table.owners.end(),
                  [&](const std::string& owner) { return !counts.contains(owner); });
  if (!any_moves)
    plan.give = match_surplus(table, counts, self);
  return plan;
}

std::vector<std::pair<shard_number, std::string>> plan_leaving(const placement_table& table,
                                                               const std::string& self) {
  auto counts = counts_of(table);
  counts.erase(self);
  std::vector<std::pair<shard_number, std::string>> result;
  if (counts.empty())
    return result;
  for (std::size_t i = 0; i < table.owners.size(); ++i) {
    if (table.owners[i] != self)
      continue;
    const auto fewest =
        std::min_element(counts.begin(), counts.end(),
                         [](const auto& x, const auto& y) { return x.second < y.second; });
    ++fewest->second;
    result.emplace_back(static_cast<shard_number>(i), fewest->first);
  }
  return result;
}

} // namespace holdfast::actors
