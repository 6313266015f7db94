// Tickets for somebody who wants to look around: listed in an empty store when the operator asks
// for it.
#pragma once

#include "actors/gateway.hpp"

#include <caf/actor_system.hpp>

#include <string>

namespace holdfast::actors {

/// Lists the demo tickets under a seller of their own, whom nobody can sign in as, unless the store
/// knows any ticket. Blocks the calling thread (main). Returns how many it listed; logs what
/// failed.
std::size_t list_demo_tickets(caf::actor_system& system, const gateway& to,
                              const std::string& currency);

} // namespace holdfast::actors
