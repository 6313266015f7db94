#include "tests/actors/cluster/cluster_fixture.hpp"

#include "persistence/record_codec.hpp"

#include <caf/send.hpp>

#include <algorithm>

namespace holdfast::tests {

namespace {

/// Where ways take time: what a switch in the same room and a busy disk do.
constexpr std::int64_t network_ms_max = 3;
constexpr std::int64_t store_ms_max = 5;

caf::behavior asking(caf::event_based_actor*) {
  return {[](std::uint8_t) {}};
}

} // namespace

cluster_fixture::cluster_fixture(const cluster_setup& chosen)
    : setup(chosen)
    , system(config)
    , stage_(system, clock)
    , net(stage_)
    , provider(std::make_shared<scripted_provider>()) {
  persistence::memory_store_options options;
  options.shard_count = setup.shard_count;
  options.clock = clock;
  store = std::make_shared<persistence::memory_store>(options);
  client_handle_ = system.spawn(asking);
  client_ = caf::actor_cast<caf::event_based_actor*>(client_handle_);
  if (setup.seed != 0) {
    stage_.draw_turns(setup.seed);
    net.take_time(0, network_ms_max, setup.seed + 1);
  }
  stage_.run();
}

cluster_fixture::~cluster_fixture() {
  for (place each = 0; each < members_.size(); ++each)
    if (at(each).node) {
      net.remove(each);
      at(each).store->end();
      stage_.let_go(each);
    }
  for (auto& each : members_)
    each->store->give_up();
  stage_.run();
  for (auto& each : members_)
    end_actors(*each);
  caf::anon_send_exit(client_handle_, caf::exit_reason::user_shutdown);
  stage_.run();
}

/// Everything runs inside the calls meanwhile, since node::stop() blocks.
void cluster_fixture::end_actors(member& of) {
  if (!of.node)
    return;
  stage_.run();
  stage_.scheduler().inline_all_enqueues();
  of.node->stop();
  stage_.scheduler().after_next_enqueue(std::function<void()>{});
  stage_.run();
  of.node.reset();
  stage_.run();
}

actors::cluster_options cluster_fixture::options_of(place node) {
  actors::cluster_options options;
  options.name = at(node).name;
  options.incarnation = at(node).incarnation;
  options.address = "127.0.0.1";
  options.lease_ms = setup.lease_ms;
  options.monotonic_ms = [this, node] {
    return now() - at(node).behind_ms - persistence::manual_clock::default_start + 1'000;
  };
  options.publish = [this, node](const actors::node_peer_actor& peer) {
    at(node).peer = caf::actor_cast<caf::strong_actor_ptr>(peer);
    return net.publish(node, peer);
  };
  options.connect = [this, node](const persistence::node_announcement& to,
                                 actors::peer_handler done) {
    net.connect(node, to, std::move(done));
  };
  options.on_serving = [this, node](bool is_serving) { at(node).is_serving = is_serving; };
  return options;
}

cluster_fixture::place cluster_fixture::start(const std::string& name) {
  const place node = members_.size();
  members_.push_back(std::make_unique<member>());
  member& made = at(node);
  made.name = name;
  made.incarnation = {0xfeed0000 + node, 0x9e3779b97f4a7c15ULL * (node + 1) + setup.seed};
  made.store = std::make_shared<store_view>(store, stage_, setup.seed + 100 + node);
  if (setup.seed != 0)
    made.store->take_time(0, store_ms_max);
  actors::actor_limits limits;
  limits.order_window_ms = setup.window_ms;
  limits.payment_grace_ms = setup.grace_ms;
  limits.reconcile_ms = 0;
  limits.live_entities_max = 100 * setup.shard_count;
  const std::vector<std::shared_ptr<payments::provider>> all{provider};
  stage_.play(node, [&] {
    made.node.emplace(system, made.store, std::make_shared<const payments::provider_set>(all),
                      limits, options_of(node));
  });
  stage_.run();
  return node;
}

void cluster_fixture::kill(place node) {
  stage_.hold(node);
  at(node).store->end();
  net.remove(node);
  at(node).is = condition::dead;
  at(node).is_serving = false;
}

void cluster_fixture::pause(place node) {
  stage_.hold(node);
  at(node).is = condition::paused;
  at(node).paused_at = now();
}

void cluster_fixture::resume(place node) {
  at(node).is = condition::running;
  if (clocks_stand_in_pauses)
    at(node).behind_ms += now() - at(node).paused_at;
  stage_.let_go(node);
  stage_.run();
}

std::shared_ptr<std::optional<actors::cluster_left>> cluster_fixture::leave(place node) {
  auto left = std::make_shared<std::optional<actors::cluster_left>>();
  const auto placement = caf::actor_cast<actors::placement_actor>(
      caf::actor_cast<caf::strong_actor_ptr>(at(node).node->front_gateway().cluster));
  asker()
      ->request(placement, answer_wait, actors::leave_cluster{})
      .then([left](const actors::cluster_left& answer) { *left = answer; },
            [](const caf::error&) {});
  return left;
}

void cluster_fixture::stop(place node) {
  member& leaving = at(node);
  stage_.run();
  // It waits for the answer to its goodbye, while the time stands.
  leaving.store->take_time(0, 0);
  end_actors(leaving);
  net.remove(node);
  leaving.is = condition::stopped;
  leaving.is_serving = false;
}

actors::cluster_view cluster_fixture::view_of(place node) {
  auto view = std::make_shared<std::optional<actors::cluster_view>>();
  asker()
      ->request(at(node).node->front_gateway().cluster, answer_wait, actors::read_cluster{})
      .then([view](actors::cluster_view& answer) { *view = std::move(answer); },
            [](const caf::error&) {});
  stage_.run();
  return view->value();
}

std::string cluster_fixture::owner_of(persistence::shard_number shard) {
  std::string name;
  store->list_leases([&](const persistence::leases_outcome& leases) {
    if (leases.entries[shard].remaining_ms > 0)
      name = leases.entries[shard].node;
  });
  return name;
}

std::size_t cluster_fixture::shards_of(place node) {
  std::size_t count = 0;
  for (std::uint32_t shard = 0; shard < setup.shard_count; ++shard)
    count += owner_of(static_cast<persistence::shard_number>(shard)) == at(node).name ? 1 : 0;
  return count;
}

cluster_fixture::place cluster_fixture::home_of(const domain::uuid& id) {
  const std::string name = owner_of(shard_of(id));
  for (place each = 0; each < members_.size(); ++each)
    if (at(each).name == name)
      return each;
  throw std::runtime_error("nobody has this shard");
}

domain::uuid cluster_fixture::new_id_in(persistence::shard_number shard) {
  const auto slot = static_cast<domain::slot_number>(
      (shard * domain::slot_count + domain::slot_count / 2) / setup.shard_count);
  return domain::make_uuid(now(), slot, ++id_count_);
}

bool cluster_fixture::pass_until(std::int64_t milliseconds_max,
                                 const std::function<bool()>& holds) {
  stage_.run();
  constexpr std::int64_t step_ms = 5;
  for (std::int64_t waited = 0; !holds(); waited += step_ms) {
    if (waited >= milliseconds_max)
      return false;
    stage_.pass(step_ms);
  }
  return true;
}

actors::create_ticket cluster_fixture::listing(domain::account_id seller,
                                               persistence::shard_number shard) {
  return {as(seller), domain::ticket_id{new_id_in(shard)}, {"Front row", {2050, {}}, {}}};
}

domain::ticket cluster_fixture::list_ticket(place node, persistence::shard_number shard) {
  const auto command = listing(new_account(), shard);
  return ask<actors::ticket_written>(node, command.id, command)->ticket;
}

actors::place_order cluster_fixture::order_for(domain::account_id buyer,
                                               const domain::ticket& ticket) {
  return {as(buyer),
          domain::order_id{new_id_in(shard_of(ticket.id))},
          {ticket.id},
          {domain::any_version}};
}

actors::pay_order cluster_fixture::payment_of(const domain::order& order) {
  return {as(order.buyer),
          order.id,
          domain::payment_id{new_id_in(shard_of(order.id))},
          "tok_visa",
          3'000,
          {},
          false};
}

reply<actors::order_written> cluster_fixture::read(place node, const domain::order& order) {
  return ask<actors::order_written>(node, order.id, actors::read_order{as(order.buyer), order.id});
}

std::optional<domain::ticket> cluster_fixture::stored(domain::ticket_id id) {
  std::optional<domain::ticket> result;
  store->load(shard_of(id), {persistence::entity_kind::ticket, id},
              [&](const persistence::load_outcome& outcome) {
                if (outcome.status == persistence::load_status::found)
                  result = persistence::decode_ticket(outcome.record);
              });
  return result;
}

std::optional<domain::order> cluster_fixture::stored(domain::order_id id) {
  std::optional<domain::order> result;
  store->load(shard_of(id), {persistence::entity_kind::order, id},
              [&](const persistence::load_outcome& outcome) {
                if (outcome.status == persistence::load_status::found)
                  result = persistence::decode_order(outcome.record);
              });
  return result;
}

void start_together(cluster_fixture& cluster, const std::vector<std::string>& names) {
  for (const std::string& name : names)
    cluster.start(name);
  const auto is_shared = [&] {
    for (std::uint32_t shard = 0; shard < cluster.setup.shard_count; ++shard)
      if (cluster.owner_of(static_cast<persistence::shard_number>(shard)).empty())
        return false;
    const std::size_t share = cluster.setup.shard_count / names.size();
    for (cluster_fixture::place each = 0; each < names.size(); ++each)
      if (cluster.shards_of(each) < share || !cluster.at(each).is_serving)
        return false;
    return true;
  };
  if (!cluster.pass_until(30'000, is_shared))
    throw std::runtime_error("the nodes don't come to share the shards");
}

} // namespace holdfast::tests
