// Several nodes over one store in memory, on one stage: time, network, store connections and whose
// turn it is belong to the test. A node can be killed (nothing of it runs any more, nobody is
// told), paused (as by SIGSTOP: it goes on later and finds that time has passed), cut off from the
// store or from other nodes.
#pragma once

#include "actors/node.hpp"
#include "actors/protocol/errors.hpp"
#include "persistence/memory/memory_store.hpp"
#include "tests/actors/actor_fixture.hpp"
#include "tests/actors/cluster/stage.hpp"
#include "tests/actors/cluster/store_view.hpp"
#include "tests/actors/cluster/wire.hpp"

#include <caf/event_based_actor.hpp>

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace holdfast::tests {

struct cluster_setup {
  std::uint32_t shard_count = 8;
  std::int64_t lease_ms = 3'000;
  std::int64_t window_ms = 900'000;
  std::int64_t grace_ms = 180'000;
  /// 0: everything in order, the network and the store take no time.
  std::uint64_t seed = 0;
};

class cluster_fixture {
 public:
  using place = stage::owner;
  /// Longer than anything takes: the gates' own limits are what is tested.
  static constexpr std::chrono::seconds answer_wait{86'400};
  enum class condition : std::uint8_t { running, paused, dead, stopped };

  explicit cluster_fixture(const cluster_setup& setup = {});
  ~cluster_fixture();

  // -- nodes

  /// A new one; the network and the store don't delay it unless the setup has a seed.
  place start(const std::string& name);
  void kill(place node);
  void pause(place node);
  void resume(place node);
  /// As SIGTERM does: its shards are handed over. Answered in the variable once that is done.
  std::shared_ptr<std::optional<actors::cluster_left>> leave(place node);
  /// Ends it in good order, after it has left or not.
  void stop(place node);

  struct member {
    std::string name;
    domain::uuid incarnation;
    std::shared_ptr<store_view> store;
    std::optional<actors::node> node;
    caf::strong_actor_ptr peer;
    condition is = condition::running;
    bool is_serving = false;
    domain::instant paused_at = 0;
    /// How much its own clock is behind the machine's.
    std::int64_t behind_ms = 0;
  };
  member& at(place node) { return *members_[node]; }
  std::size_t node_count() const { return members_.size(); }
  bool runs(place node) const { return members_[node]->is == condition::running; }

  // -- what is so

  actors::cluster_view view_of(place node);
  /// The name of the node that has the shard, by the store; empty: nobody.
  std::string owner_of(persistence::shard_number shard);
  std::size_t shards_of(place node);
  persistence::shard_number shard_of(const domain::uuid& id) const {
    return persistence::shard_of_slot(id.slot(), setup.shard_count);
  }
  /// The node that has the entity's shard, by the store.
  place home_of(const domain::uuid& id);
  /// An id in this shard.
  domain::uuid new_id_in(persistence::shard_number shard);

  // -- time

  void pass(std::int64_t milliseconds) { stage_.pass(milliseconds); }
  /// Until it `holds`; false after so many milliseconds.
  bool pass_until(std::int64_t milliseconds_max, const std::function<bool()>& holds);
  domain::instant now() const { return stage_.now(); }

  // -- commands

  /// Asks through a node's gates; the answer comes in `then`, unless the node dies.
  template <class Answer, class Message>
  void send(place node, const domain::uuid& id, Message message,
            std::function<void(reply<Answer>)> then) {
    send_to<Answer>(at(node).node->front_gateway().route.shard_of(id), std::move(message),
                    std::move(then));
  }

  template <class Answer, class Handle, class Message>
  void send_to(const Handle& to, Message message, std::function<void(reply<Answer>)> then) {
    auto shared = std::make_shared<std::function<void(reply<Answer>)>>(std::move(then));
    asker()
        ->request(to, answer_wait, std::move(message))
        .then(
            [shared](Answer& answer) {
              reply<Answer> result;
              result.value = std::move(answer);
              (*shared)(std::move(result));
            },
            [shared](caf::error& why) {
              reply<Answer> result;
              result.error = std::move(why);
              (*shared)(std::move(result));
            });
  }

  template <class Answer>
  using pending = std::shared_ptr<std::optional<reply<Answer>>>;

  template <class Answer, class Message>
  pending<Answer> send(place node, const domain::uuid& id, Message message) {
    auto result = std::make_shared<std::optional<reply<Answer>>>();
    send<Answer>(node, id, std::move(message),
                 [result](reply<Answer> answer) { *result = std::move(answer); });
    return result;
  }

  /// Lets time pass until there is an answer. Throws after `limit_ms`.
  template <class Answer>
  reply<Answer> receive(const pending<Answer>& answer, std::int64_t limit_ms = 60'000) {
    if (!pass_until(limit_ms, [&] { return answer->has_value(); }))
      throw std::runtime_error("no answer has come");
    return **answer;
  }

  /// As another node would ask this one.
  template <class Answer, class Message>
  reply<Answer> ask_peer(place node, Message message) {
    auto result = std::make_shared<std::optional<reply<Answer>>>();
    send_to<Answer>(caf::actor_cast<actors::node_peer_actor>(at(node).peer), std::move(message),
                    [result](reply<Answer> answer) { *result = std::move(answer); });
    return receive<Answer>(result);
  }

  template <class Answer, class Message>
  reply<Answer> ask(place node, const domain::uuid& id, Message message) {
    return receive<Answer>(send<Answer>(node, id, std::move(message)));
  }

  // -- people and what they do

  /// What is asked now is of use for so long.
  actors::command_context as(domain::account_id who, std::int64_t useful_ms = 5'000,
                             bool is_admin = false) const {
    return {{who, is_admin}, {}, now() + useful_ms};
  }
  domain::account_id new_account() { return domain::account_id{new_id_in(0)}; }

  actors::create_ticket listing(domain::account_id seller, persistence::shard_number shard);
  /// Listed through `node`.
  domain::ticket list_ticket(place node, persistence::shard_number shard);
  actors::place_order order_for(domain::account_id buyer, const domain::ticket& ticket);
  actors::pay_order payment_of(const domain::order& order);
  reply<actors::order_written> read(place node, const domain::order& order);
  /// The records as the store has them.
  std::optional<domain::ticket> stored(domain::ticket_id id);
  std::optional<domain::order> stored(domain::order_id id);

  /// A planted fault: a node's own clock stands still while it is paused, so that its leases seem
  /// to go on.
  bool clocks_stand_in_pauses = false;

  const cluster_setup setup;
  persistence::manual_clock clock;
  test_system_config config;
  caf::actor_system system;
  stage stage_;
  network net;
  std::shared_ptr<persistence::memory_store> store;
  std::shared_ptr<scripted_provider> provider;

 private:
  actors::cluster_options options_of(place node);
  /// The client, outside of its turns: what it sends is scheduled like everything else.
  caf::event_based_actor* asker() {
    client_->context(nullptr);
    return client_;
  }
  void end_actors(member& of);

  std::vector<std::unique_ptr<member>> members_;
  caf::actor client_handle_;
  caf::event_based_actor* client_ = nullptr;
  std::uint64_t id_count_ = 0;
};

/// As many nodes as there are names, which have shared all shards.
void start_together(cluster_fixture& cluster, const std::vector<std::string>& names);

} // namespace holdfast::tests
