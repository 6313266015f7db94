// A node in one thread: the real actors on CAF's deterministic scheduler, over the store in memory,
// with a clock that stands still, a provider that answers inside the call, and a client that asks
// as the front's I/O actors do and hears the feed as they do.
#pragma once

#include "bench/paths/path.hpp"
#include "bench/paths/samples.hpp"

#include "actors/node.hpp"
#include "persistence/memory/manual_clock.hpp"
#include "persistence/memory/memory_store.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/error.hpp>
#include <caf/event_based_actor.hpp>
#include <caf/scheduler/test_coordinator.hpp>

#include <optional>

namespace holdfast::bench {

struct bench_system_config : caf::actor_system_config {
  bench_system_config();
};

class actor_bench {
 public:
  /// `live_entities_max`: for each of the two shards.
  explicit actor_bench(std::size_t live_entities_max = 1'000'000);
  ~actor_bench();
  actor_bench(const actor_bench&) = delete;
  actor_bench& operator=(const actor_bench&) = delete;

  /// Runs actors until nobody has a message left.
  void run() { scheduler_.run(); }
  /// Lets the clocks go on at once, then runs.
  void pass(std::int64_t milliseconds);

  /// The answer of a shard, after everything that the request has set off is done too. Throws
  /// std::runtime_error with `what` when it is refused.
  template <class Answer, class Message>
  Answer ask(const domain::uuid& id, Message message, const char* what) {
    return ask_actor<Answer>(node_->front_gateway().route.shard_of(id), std::move(message), what);
  }

  template <class Answer, class Handle, class Message>
  Answer ask_actor(const Handle& to, Message message, const char* what) {
    std::optional<Answer> answer = try_ask<Answer>(to, std::move(message));
    demand(answer.has_value(), what);
    return std::move(*answer);
  }

  /// Nothing: it was refused.
  template <class Answer, class Handle, class Message>
  std::optional<Answer> try_ask(const Handle& to, Message message) {
    std::optional<Answer> result;
    client()
        .request(to, caf::infinite, std::move(message))
        .then([&result](Answer& answer) { result.emplace(std::move(answer)); },
              [](const caf::error&) {});
    run();
    return result;
  }

  const actors::gateway& gateway() const { return node_->front_gateway(); }
  persistence::memory_store& store() { return *store_; }
  /// Updates of the feed that the client has heard of.
  std::size_t updates_heard() const noexcept { return updates_heard_; }

  // -- people and what they do

  domain::uuid next_id() { return sample_id(++last_id_); }
  static actors::command_context as(domain::account_id who) { return {{who, false}, {}, 0}; }

  domain::ticket list_ticket();
  actors::place_order order_for(const domain::ticket& ticket);
  domain::order place(const domain::ticket& ticket);
  void cancel(const domain::order& order);
  void read(const domain::order& order);
  void pay(const domain::order& order);

 private:
  /// To ask from outside of a handler: the scheduler's worker of its last turn is gone.
  caf::event_based_actor& client() {
    auto& self = *caf::actor_cast<caf::event_based_actor*>(client_);
    self.context(nullptr);
    return self;
  }
  caf::behavior client_behavior();

  bench_system_config config_;
  caf::actor_system system_;
  caf::scheduler::test_coordinator& scheduler_;
  persistence::manual_clock clock_{sample_now};
  std::shared_ptr<persistence::memory_store> store_;
  std::optional<actors::node> node_;
  caf::actor client_;
  std::uint64_t last_id_ = 10'000;
  std::size_t updates_heard_ = 0;
};

} // namespace holdfast::bench
