#include "actors/cluster/node_peer.hpp"

#include "actors/protocol/errors.hpp"
#include "config/log.hpp"

#include <caf/actor_cast.hpp>

namespace holdfast::actors {

void node_peer_state::start(node_peer_pointer pointer, peer_environment environment) {
  self_ = pointer;
  environment_ = std::move(environment);
  shards_.resize(environment_.leases.size());
}

template <class Answer, class Command>
caf::result<Answer> node_peer_state::pass(Command& command, const domain::uuid& entity) {
  const auto number =
      persistence::shard_of_slot(entity.slot(), static_cast<std::uint32_t>(shards_.size()));
  const local_shard& local = shards_[number];
  bool is_meant = !local.is_closing;
  if constexpr (requires { command.context.epoch; })
    is_meant = (command.context.epoch == 0 || command.context.epoch == local.epoch) &&
               (!local.is_closing || command.context.request.is_passed_on());
  if (local.port && is_meant && environment_.leases[number]->covers(environment_.monotonic_ms()))
    return self_->delegate(local.port, std::move(command));
  auto promise = self_->make_response_promise<Answer>();
  promise.deliver(make_error(failure::not_owner));
  return promise;
}

void node_peer_state::on_route(const shard_route& route) {
  placement_ = caf::actor_cast<placement_actor>(self_->current_sender());
  shards_[route.number] = {route.is_local ? caf::actor_cast<shard_port>(route.target)
                                          : shard_port{},
                           route.is_closing, route.epoch};
}

node_greeted node_peer_state::greet(const greet_node& question) const {
  if (question.protocol != cluster_protocol)
    config::log::warning("peer_speaks_otherwise",
                         {{"peer", question.from},
                          {"its_protocol", question.protocol},
                          {"our_protocol", cluster_protocol},
                          {"advice", "run nodes of neighbouring versions only"}});
  return {cluster_protocol, environment_.name, environment_.incarnation};
}

caf::result<shard_taken> node_peer_state::take(const take_shard& message) {
  if (placement_ && message.shard < shards_.size())
    return self_->delegate(placement_, message);
  auto promise = self_->make_response_promise<shard_taken>();
  promise.deliver(shard_taken{});
  return promise;
}

node_peer_impl::behavior_type node_peer(node_peer_pointer self, peer_environment environment) {
  auto& state = self->state;
  state.start(self, std::move(environment));
  return {
      [&state](place_order& x) {
        return state.pass<order_written>(x, x.context.first_stop(x.tickets.front()));
      },
      [&state](create_ticket& x) {
        return state.pass<ticket_written>(x, x.context.first_stop(x.id));
      },
      [&state](read_order& x) { return state.pass<order_written>(x, x.id); },
      [&state](pay_order& x) {
        return state.pass<payment_answered>(x, x.context.first_stop(x.id));
      },
      [&state](cancel_order& x) { return state.pass<order_written>(x, x.id); },
      [&state](revise_ticket& x) { return state.pass<ticket_written>(x, x.id); },
      [&state](remove_ticket& x) { return state.pass<ticket_written>(x, x.id); },
      [&state](refund_order& x) { return state.pass<order_written>(x, x.id); },
      [&state](notify_payment& x) { return state.pass<order_written>(x, x.id); },
      [&state](find_account& x) { return state.pass<account_written>(x, x.claim); },
      [&state](read_account& x) { return state.pass<account_written>(x, x.id); },
      [&state](end_session& x) { return state.pass<session_ended>(x, x.account); },
      [&state](sign_up& x) { return state.pass<account_written>(x, x.claim); },
      [&state](take_over_account& x) { return state.pass<account_written>(x, x.account); },
      [&state](renew_password_hash& x) { return state.pass<account_written>(x, x.account); },
      [&state](const greet_node& x) { return state.greet(x); },
      [&state](const take_shard& x) { return state.take(x); },
      [&state](const shard_route& x) { state.on_route(x); },
  };
}

} // namespace holdfast::actors
