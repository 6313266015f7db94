#include "actors/cluster/caf_peers.hpp"

#include "config/log.hpp"

#include <caf/event_based_actor.hpp>
#include <caf/io/middleman.hpp>
#include <caf/node_id.hpp>
#include <caf/openssl/manager.hpp>
#include <caf/openssl/publish.hpp>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <chrono>
#include <memory>
#include <set>
#include <stdexcept>

namespace holdfast::actors {

namespace {

/// CAF's own check of silent connections closes them, and with them what is still on its way. One
/// second is the shortest that doesn't close connections in the middle of their beginning.
constexpr auto heartbeat = std::chrono::seconds(1);
constexpr auto silence_max = std::chrono::seconds(4);
constexpr auto connect_wait = std::chrono::milliseconds(2'500);
/// Nodes of other protocols than this don't get past the handshake.
constexpr const char* protocol_name = "holdfast.v1";

std::string openssl_error() {
  char text[256] = "unknown error";
  if (const unsigned long code = ERR_get_error(); code != 0)
    ERR_error_string_n(code, text, sizeof text);
  ERR_clear_error();
  return text;
}

void check_files(const peer_tls& tls) {
  const auto fail = [](const std::string& what, const std::string& file) {
    throw std::runtime_error("TLS between nodes: " + what + " " + file + ": " + openssl_error());
  };
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_method()),
                                                                  &SSL_CTX_free};
  if (!context)
    fail("no context for", tls.certificate);
  if (SSL_CTX_use_certificate_chain_file(context.get(), tls.certificate.c_str()) != 1)
    fail("can't use the certificate", tls.certificate);
  if (SSL_CTX_use_PrivateKey_file(context.get(), tls.key.c_str(), SSL_FILETYPE_PEM) != 1)
    fail("can't use the key", tls.key);
  if (SSL_CTX_check_private_key(context.get()) != 1)
    fail("the key doesn't belong to the certificate", tls.key);
  if (SSL_CTX_load_verify_locations(context.get(), tls.authority.c_str(), nullptr) != 1)
    fail("can't use the authority", tls.authority);
  if (SSL_CTX_build_cert_chain(context.get(), SSL_BUILD_CHAIN_FLAG_NO_ROOT) != 1)
    fail("the authority hasn't signed the certificate", tls.certificate);
}

caf::io::middleman_actor middleman_of(caf::actor_system& system, bool uses_tls) {
  return uses_tls ? system.openssl_manager().actor_handle() : system.middleman().actor_handle();
}

} // namespace

void use_peers(caf::actor_system_config& config, const peer_tls& tls, domain::uuid incarnation) {
  config.load<caf::io::middleman>();
  config.set("middleman.heartbeat-interval", caf::timespan{heartbeat});
  config.set("middleman.connection-timeout", caf::timespan{silence_max});
  config.set("middleman.app-identifiers", std::vector<std::string>{protocol_name});
  if (tls.is_used()) {
    check_files(tls);
    config.load<caf::openssl::manager>();
    config.openssl_certificate = tls.certificate;
    config.openssl_key = tls.key;
    config.openssl_cafile = tls.authority;
  }
  // CAF names a node by its network cards and process number, which two containers may share; each
  // call changes the last byte of the name. The greeting finds out the one case in 256 that is
  // left.
  for (std::uint64_t i = incarnation.low % 256; i > 0; --i)
    (void)caf::node_id::default_data::local(config);
}

std::uint16_t publish_peer(caf::actor_system& system, const node_peer_actor& peer,
                           const std::string& address, std::uint16_t port, bool uses_tls) {
  const auto bound = uses_tls ? caf::openssl::publish(peer, port, address.c_str(), true)
                              : system.middleman().publish(peer, port, address.c_str(), true);
  if (!bound)
    throw std::runtime_error("can't listen for other nodes at " + address + ":" +
                             std::to_string(port) + ": " + system.render(bound.error()));
  return *bound;
}

peer_connector connect_over_caf(caf::actor_system& system, bool uses_tls) {
  return [&system, uses_tls](const persistence::node_announcement& to, peer_handler done) {
    system.spawn([uses_tls, to, done = std::move(done)](caf::event_based_actor* self) {
      self->request(middleman_of(self->system(), uses_tls), connect_wait, caf::connect_atom::value,
                    to.address, to.port)
          .then([done](const caf::node_id&, const caf::strong_actor_ptr& peer,
                       const std::set<std::string>&) { done(peer); },
                [done, to, self](const caf::error& why) {
                  config::log::debug("peer_not_reached", {{"peer", to.name},
                                                          {"address", to.address},
                                                          {"port", to.port},
                                                          {"reason", self->system().render(why)}});
                  done(nullptr);
                });
    });
  };
}

} // namespace holdfast::actors
