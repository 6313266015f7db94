// Two nodes as far as CAF can tell: two actor systems that speak over loopback.

#include "actors/cluster/caf_peers.hpp"
#include "actors/cluster/node_peer.hpp"
#include "actors/node.hpp"
#include "actors/protocol/errors.hpp"
#include "tests/actors/test_certificates.hpp"

#include <catch2/catch.hpp>

#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <fstream>
#include <future>
#include <memory>

using namespace holdfast;
using namespace holdfast::actors;
using namespace holdfast::tests;

namespace {

constexpr auto limit = std::chrono::seconds(10);

struct peer_config : caf::actor_system_config {
  explicit peer_config(const peer_tls& tls) {
    register_messages(*this);
    config_file_path.clear();
    set("scheduler.max-threads", std::size_t{1});
    use_peers(*this, tls, random_incarnation());
  }
};

/// A node's part that others see.
struct peer_node {
  explicit peer_node(const peer_tls& tls)
      : config(tls)
      , system(config)
      , incarnation(random_incarnation())
      , peer(system.spawn(node_peer, peer_environment{"a node",
                                                      incarnation,
                                                      [] { return 1; },
                                                      {std::make_shared<lease_validity>()}}))
      , port(publish_peer(system, peer, "127.0.0.1", 0, tls.is_used())) {}
  ~peer_node() { caf::anon_send_exit(peer, caf::exit_reason::user_shutdown); }

  peer_config config;
  caf::actor_system system;
  domain::uuid incarnation;
  node_peer_impl peer;
  std::uint16_t port;
};

/// Somebody who wants to speak to it.
struct visitor {
  explicit visitor(const peer_tls& tls)
      : config(tls)
      , system(config)
      , uses_tls(tls.is_used()) {}

  node_peer_actor find(std::uint16_t port) {
    persistence::node_announcement where;
    where.address = "127.0.0.1";
    where.port = port;
    auto found = std::make_shared<std::promise<caf::strong_actor_ptr>>();
    auto future = found->get_future();
    connect_over_caf(system, uses_tls)(
        where, [found](caf::strong_actor_ptr x) { found->set_value(std::move(x)); });
    REQUIRE(future.wait_for(limit) == std::future_status::ready);
    return caf::actor_cast<node_peer_actor>(future.get());
  }

  template <class Answer, class Message>
  caf::error ask(const node_peer_actor& peer, Message message, Answer& answer) {
    caf::scoped_actor self{system};
    caf::error failed;
    self->request(peer, limit, std::move(message))
        .receive([&](Answer& x) { answer = std::move(x); },
                 [&](caf::error& why) { failed = std::move(why); });
    return failed;
  }

  peer_config config;
  caf::actor_system system;
  bool uses_tls;
};

/// Whether the visitor is let in as far as to be greeted.
bool is_greeted(visitor& from, const peer_node& node) {
  const node_peer_actor peer = from.find(node.port);
  node_greeted answer;
  return peer && !from.ask(peer, greet_node{}, answer) && answer.incarnation == node.incarnation;
}

} // namespace

TEST_CASE("a node answers another over the network with what it would answer at home",
          "[cluster][network]") {
  const peer_node node{{}};
  visitor from{{}};
  const node_peer_actor peer = from.find(node.port);
  REQUIRE(peer);
  node_greeted greeted;
  REQUIRE(!from.ask(peer, greet_node{}, greeted));
  CHECK(greeted.name == "a node");
  CHECK(greeted.incarnation == node.incarnation);
  order_written order;
  const auto id = domain::make_uuid(1, 7, 1);
  const auto refused = from.ask(peer, read_order{{}, domain::order_id{id}}, order);
  CHECK(failure_of(refused) == failure::not_owner);
}

TEST_CASE("nobody answers where nobody listens", "[cluster][network]") {
  std::uint16_t port = 0;
  {
    const peer_node node{{}};
    port = node.port;
  }
  visitor from{{}};
  CHECK(!from.find(port));
}

TEST_CASE("nodes with certificates speak to nodes of the same authority only",
          "[cluster][network][tls]") {
  const certificate_set ours;
  const certificate_set theirs;
  const peer_node node{ours.files("node")};
  SECTION("the same authority") {
    visitor from{ours.files("visitor")};
    CHECK(is_greeted(from, node));
  }
  SECTION("another authority") {
    visitor from{theirs.files("visitor")};
    CHECK(!is_greeted(from, node));
  }
  SECTION("plain text") {
    visitor from{{}};
    CHECK(!is_greeted(from, node));
  }
}

TEST_CASE("a file that TLS between nodes can't use is named at start", "[cluster][tls]") {
  const certificate_set ours;
  const certificate_set theirs;
  caf::actor_system_config config;
  auto files = ours.files("node");
  using Catch::Matchers::Contains;
  SECTION("no certificate") {
    files.certificate = "/nowhere/node.pem";
    CHECK_THROWS_WITH(use_peers(config, files, {}), Contains("/nowhere/node.pem"));
  }
  SECTION("a damaged key") {
    std::ofstream{files.key} << "no key";
    CHECK_THROWS_WITH(use_peers(config, files, {}), Contains(files.key));
  }
  SECTION("another one's key") {
    files.key = theirs.files("node").key;
    CHECK_THROWS_WITH(use_peers(config, files, {}), Contains(files.key));
  }
  SECTION("another authority") {
    files.authority = theirs.files("node").authority;
    CHECK_THROWS_WITH(use_peers(config, files, {}), Contains(files.certificate));
  }
  SECTION("no authority") {
    files.authority = "/nowhere/ca.pem";
    CHECK_THROWS_WITH(use_peers(config, files, {}), Contains("/nowhere/ca.pem"));
  }
}
