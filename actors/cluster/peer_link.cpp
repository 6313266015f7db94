#include "actors/cluster/peer_link.hpp"

#include "config/log.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

#include <algorithm>
#include <chrono>

namespace holdfast::actors {

namespace {

/// How long a connection may take, and an answer to a greeting.
constexpr std::int64_t connect_ms_max = 3'000;
constexpr auto greet_wait = std::chrono::milliseconds(1'500);
/// How often a linked peer is asked whether it is there; it is lost after so many silences in a
/// row.
constexpr std::int64_t greet_pause_ms = 700;
constexpr std::uint32_t silences_max = 2;
/// Pauses between attempts, doubling, each shortened by chance.
constexpr std::int64_t retry_ms_min = 50;
constexpr std::int64_t retry_ms_max = 1'000;

} // namespace

void link_state::start(link_pointer pointer, link_options options) {
  self_ = pointer;
  options_ = std::move(options);
  random_.seed(static_cast<std::minstd_rand::result_type>(options_.seed));
  connect();
}

void link_state::connect() {
  const std::uint64_t attempt = ++attempt_;
  options_.connect(options_.peer, [handle = link_impl{self_}, attempt](caf::strong_actor_ptr peer) {
    caf::anon_send(handle, peer_found{attempt, std::move(peer)});
  });
  arm(connect_ms_max);
}

void link_state::on_found(const peer_found& message) {
  if (message.attempt != attempt_ || peer_)
    return;
  if (!message.peer) {
    begin_anew();
    return;
  }
  peer_ = caf::actor_cast<node_peer_actor>(message.peer);
  self_->monitor(peer_.address());
  // From here on the greeting's own time limit counts.
  ++armed_;
  greet();
}

void link_state::greet() {
  const std::uint64_t attempt = attempt_;
  self_
      ->request(peer_, greet_wait,
                greet_node{cluster_protocol, options_.name, options_.incarnation})
      .then(
          [this, attempt](const node_greeted& answer) {
            if (attempt == attempt_)
              on_greeted(answer);
          },
          [this, attempt](const caf::error&) {
            if (attempt == attempt_)
              on_no_answer();
          });
}

void link_state::on_greeted(const node_greeted& answer) {
  // The place may have been taken by another node, or by a later life of the same.
  if (answer.incarnation != options_.peer.incarnation || answer.protocol != cluster_protocol) {
    begin_anew();
    return;
  }
  silences_ = 0;
  failures_ = 0;
  if (!is_linked_) {
    is_linked_ = true;
    self_->send(options_.placement, peer_linked{options_.peer.name, options_.peer.incarnation,
                                                caf::actor_cast<caf::strong_actor_ptr>(peer_)});
  }
  arm(greet_pause_ms);
}

void link_state::on_no_answer() {
  if (is_linked_ && ++silences_ < silences_max)
    greet();
  else
    begin_anew();
}

void link_state::on_down() {
  if (peer_)
    begin_anew();
}

void link_state::begin_anew() {
  if (peer_)
    self_->demonitor(peer_.address());
  peer_ = nullptr;
  ++attempt_;
  silences_ = 0;
  if (is_linked_) {
    is_linked_ = false;
    self_->send(options_.placement, peer_lost{options_.peer.name, options_.peer.incarnation});
  }
  const std::int64_t pause =
      std::min(retry_ms_max, retry_ms_min << std::min<std::uint32_t>(failures_++, 8));
  arm(pause / 2 + static_cast<std::int64_t>(random_()) % (pause / 2 + 1));
}

void link_state::arm(std::int64_t pause_ms) {
  self_->delayed_send(self_, std::chrono::milliseconds(pause_ms), link_tick{++armed_});
}

void link_state::on_tick(std::uint64_t armed) {
  if (armed != armed_)
    return;
  if (is_linked_)
    greet();
  else
    connect();
}

link_impl::behavior_type peer_link(link_pointer self, link_options options) {
  self->set_down_handler([self](const caf::down_msg&) { self->state.on_down(); });
  self->state.start(self, std::move(options));
  return {
      [self](let_go) { self->quit(caf::exit_reason::user_shutdown); },
      [self](const link_tick& x) { self->state.on_tick(x.armed); },
      [self](const peer_found& x) { self->state.on_found(x); },
  };
}

} // namespace holdfast::actors
