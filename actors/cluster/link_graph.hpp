// Who can reach whom, as the nodes say it in the store. Pure: every node draws the same conclusion
// from the same announcements.
#pragma once

#include "persistence/store.hpp"

#include <string>
#include <vector>

namespace holdfast::actors {

/// The nodes that stay when the nodes can't all reach each other: the largest set whose members are
/// connected (a link counts if both ends announce it); of two equal ones that with the smallest
/// name. Ascending names. A node outside can't serve clients, since it reaches few of the shards,
/// and its own shards are reached by few.
std::vector<std::string> main_component(const std::vector<persistence::node_member>& members);

} // namespace holdfast::actors
