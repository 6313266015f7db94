// Keeps up the connection to one other node: connects, asks who answers there, tells the placement,
// asks again and again whether the node is still there, and begins anew when it isn't. A connection
// that has died without a word is noticed by its silence.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <cstdint>
#include <functional>
#include <random>
#include <string>

namespace holdfast::actors {

/// Called once, on any thread, with the published actor of a node; null if there is none at
/// present.
using peer_handler = std::function<void(caf::strong_actor_ptr)>;
/// Looks for a node where it says that it is.
using peer_connector = std::function<void(const persistence::node_announcement&, peer_handler)>;

struct link_options {
  /// This node.
  std::string name;
  domain::uuid incarnation;
  /// The other one.
  persistence::node_announcement peer;
  placement_actor placement;
  peer_connector connect;
  /// For the pauses between attempts.
  std::uint64_t seed = 0;
};

using link_impl = peer_link_actor::extend<caf::reacts_to<link_tick>, caf::reacts_to<peer_found>>;

class link_state;
using link_pointer = link_impl::stateful_pointer<link_state>;

class link_state {
 public:
  static inline const char* name = "peer_link";

  void start(link_pointer pointer, link_options options);
  void on_found(const peer_found& message);
  void on_tick(std::uint64_t armed);
  void on_down();

 private:
  void connect();
  void greet();
  void on_greeted(const node_greeted& answer);
  void on_no_answer();
  /// Gives this connection up, and tries again a little later.
  void begin_anew();
  void arm(std::int64_t pause_ms);

  link_pointer self_ = nullptr;
  link_options options_;
  std::minstd_rand random_;
  node_peer_actor peer_;
  bool is_linked_ = false;
  std::uint64_t attempt_ = 0;
  std::uint64_t armed_ = 0;
  std::uint32_t failures_ = 0;
  std::uint32_t silences_ = 0;
};

link_impl::behavior_type peer_link(link_pointer self, link_options options);

} // namespace holdfast::actors
