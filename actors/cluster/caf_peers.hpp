// Connections between nodes over CAF's own protocol: publishes this node's peer actor, and looks
// for those of others. In plain text on a private network, or with mutual TLS.
#pragma once

#include "actors/cluster/peer_link.hpp"
#include "actors/protocol/interfaces.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>

#include <cstdint>
#include <string>

namespace holdfast::actors {

/// PEM files, all three or none: this node's certificate and key, and the authority that has signed
/// those of all nodes, and of nodes only: any certificate of it is let in.
struct peer_tls {
  std::string certificate;
  std::string key;
  std::string authority;

  bool is_used() const noexcept { return !certificate.empty(); }
};

/// Has actor systems of this configuration speak to other nodes. With `tls` the files are read and
/// checked here; throws std::runtime_error saying which of them is wrong and why. (CAF itself would
/// speak without any authentication where a file is missing, and end the process at the first
/// connection where one is damaged.) `incarnation`: random; tells nodes apart whose machines look
/// the same to CAF, as containers do.
void use_peers(caf::actor_system_config& config, const peer_tls& tls, domain::uuid incarnation);

/// Listens at the address; `port` 0: any that is free. The port. Throws std::runtime_error.
std::uint16_t publish_peer(caf::actor_system& system, const node_peer_actor& peer,
                           const std::string& address, std::uint16_t port, bool uses_tls);

/// The connector of this actor system, which must outlive all calls of it.
peer_connector connect_over_caf(caf::actor_system& system, bool uses_tls);

} // namespace holdfast::actors
