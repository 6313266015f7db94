#include "actors/cluster/link_graph.hpp"

#include <algorithm>
#include <set>

namespace holdfast::actors {

namespace {

using persistence::node_announcement;
using persistence::node_member;

bool names(const node_announcement& x, const std::string& other) {
  return std::find(x.linked_to.begin(), x.linked_to.end(), other) != x.linked_to.end();
}

bool are_linked(const node_announcement& x, const node_announcement& y) {
  return names(x, y.name) && names(y, x.name);
}

/// Everybody whom `first` reaches, itself included.
std::set<std::string> component_of(const std::vector<node_member>& members, std::size_t first) {
  std::set<std::string> reached{members[first].announced.name};
  std::vector<std::size_t> to_visit{first};
  while (!to_visit.empty()) {
    const node_announcement& from = members[to_visit.back()].announced;
    to_visit.pop_back();
    for (std::size_t i = 0; i < members.size(); ++i)
      if (are_linked(from, members[i].announced) &&
          reached.insert(members[i].announced.name).second)
        to_visit.push_back(i);
  }
  return reached;
}

} // namespace

std::vector<std::string> main_component(const std::vector<node_member>& members) {
  std::set<std::string> best;
  for (std::size_t i = 0; i < members.size(); ++i) {
    auto found = component_of(members, i);
    const bool is_better = found.size() > best.size() ||
                           (found.size() == best.size() && *found.begin() < *best.begin());
    if (is_better)
      best = std::move(found);
  }
  return {best.begin(), best.end()};
}

} // namespace holdfast::actors
