// A node whose time and threads belong to the test: CAF's deterministic scheduler, a store in
// memory behind one that fails on demand, a manual clock, a scripted payment provider.
#pragma once

#include "actors/node.hpp"
#include "actors/protocol/errors.hpp"
#include "persistence/fault_store.hpp"
#include "persistence/memory/manual_clock.hpp"
#include "persistence/memory/memory_store.hpp"
#include "tests/actors/scripted_provider.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scheduler/test_coordinator.hpp>
#include <caf/scoped_actor.hpp>

#include <chrono>
#include <memory>
#include <optional>

namespace holdfast::tests {

/// What a request came to.
template <class Answer>
struct reply {
  std::optional<Answer> value;
  caf::error error;
  /// The actor that answered.
  caf::strong_actor_ptr from;

  domain::refusal refused() const { return actors::refusal_of(error); }
  actors::failure failed() const { return actors::failure_of(error); }
  const Answer* operator->() const { return &value.value(); }
  explicit operator bool() const { return value.has_value(); }
};

struct test_system_config : caf::actor_system_config {
  test_system_config() {
    actors::register_messages(*this);
    set("scheduler.policy", caf::atom("testing"));
  }
};

class actor_fixture {
 public:
  static constexpr std::int64_t window_ms = 900'000;
  static constexpr std::int64_t grace_ms = 180'000;

  explicit actor_fixture(std::size_t live_entities_max = 400)
      : system(config)
      , scheduler(dynamic_cast<caf::scheduler::test_coordinator&>(system.scheduler()))
      , provider(std::make_shared<scripted_provider>()) {
    persistence::memory_store_options options;
    options.shard_count = 4;
    options.clock = clock;
    auto memory = std::make_unique<persistence::memory_store>(options);
    store = std::make_shared<persistence::fault_store>(std::move(memory));
    limits.order_window_ms = window_ms;
    limits.payment_grace_ms = grace_ms;
    // A test that wants the sweep says so.
    limits.reconcile_ms = 0;
    limits.live_entities_max = live_entities_max;
    self.emplace(system);
    start_node();
  }

  ~actor_fixture() {
    store->clear_rules();
    store->release();
    stop_node();
  }

  /// Everything runs inside the calls meanwhile, since node::stop() blocks.
  void stop_node() {
    if (!node)
      return;
    scheduler.inline_all_enqueues();
    node->stop();
    node.reset();
    scheduler.after_next_enqueue(std::function<void()>{});
    run();
  }

  /// A new node on the same store, as after a restart: nothing in memory survives.
  void restart() {
    stop_node();
    start_node();
  }

  void start_node() {
    const std::vector<std::shared_ptr<payments::provider>> all{provider};
    node.emplace(system, store, std::make_shared<const payments::provider_set>(all), limits);
    run();
  }

  void run() { scheduler.run(); }

  /// Lets time pass in small steps, so that a timer that arms itself again fires each time.
  void pass(std::int64_t milliseconds) {
    constexpr std::int64_t step_max = 250;
    while (milliseconds > 0) {
      const std::int64_t step = std::min(step_max, milliseconds);
      clock.advance(step);
      scheduler.advance_time(std::chrono::milliseconds(step));
      run();
      milliseconds -= step;
    }
  }

  domain::instant now() const { return clock(); }

  /// Sends a request without waiting for its answer.
  template <class Handle, class Message>
  auto send(const Handle& to, Message message) {
    return (*self)->request(to, std::chrono::seconds(86'400), std::move(message));
  }

  template <class Answer, class Pending>
  reply<Answer> receive(Pending&& pending) {
    run();
    if ((*self)->mailbox().empty())
      throw std::runtime_error("no answer has come");
    reply<Answer> result;
    pending.receive(
        [&](Answer& answer) {
          result.value = std::move(answer);
          result.from = (*self)->current_sender();
        },
        [&](caf::error& error) { result.error = std::move(error); });
    return result;
  }

  bool has_answer() const { return !(*self)->mailbox().empty(); }

  template <class Answer, class Handle, class Message>
  reply<Answer> ask(const Handle& to, Message message) {
    return receive<Answer>(send(to, std::move(message)));
  }

  const actors::shard_port& shard_of(const domain::uuid& id) const {
    return node->front_gateway().route.shard_of(id);
  }

  // -- people and what they do

  domain::uuid new_id(domain::slot_number slot = 7) {
    return domain::make_uuid(now(), slot, ++id_count);
  }
  domain::account_id new_account() { return domain::account_id{new_id()}; }

  static actors::command_context as(domain::account_id who, bool is_admin = false) {
    return {{who, is_admin}, {}, 0};
  }

  domain::ticket list_ticket(domain::account_id seller, domain::slot_number slot = 7) {
    const domain::ticket_id id{new_id(slot)};
    const domain::ticket_content content{"Front row", {2050, {}}, {}};
    return ask<actors::ticket_written>(shard_of(id), actors::create_ticket{as(seller), id, content})
        ->ticket;
  }

  actors::place_order order_for(domain::account_id buyer, const domain::ticket& ticket) {
    return {
        as(buyer), domain::order_id{new_id(ticket.id.slot())}, {ticket.id}, {domain::any_version}};
  }

  reply<actors::order_written> place(domain::account_id buyer, const domain::ticket& ticket) {
    return ask<actors::order_written>(shard_of(ticket.id), order_for(buyer, ticket));
  }

  reply<actors::order_written> read(const domain::order& order) {
    return ask<actors::order_written>(shard_of(order.id),
                                      actors::read_order{as(order.buyer), order.id});
  }

  reply<actors::order_written> cancel(const domain::order& order) {
    return ask<actors::order_written>(shard_of(order.id),
                                      actors::cancel_order{as(order.buyer), order.id});
  }

  actors::pay_order payment_of(const domain::order& order, std::string token = "tok_visa") {
    return {as(order.buyer),
            order.id,
            domain::payment_id{new_id(order.id.slot())},
            std::move(token),
            10'000,
            {},
            false};
  }

  reply<actors::payment_answered> pay(const domain::order& order, std::string token = "tok_visa") {
    return ask<actors::payment_answered>(shard_of(order.id), payment_of(order, std::move(token)));
  }

  /// The buyer has acted.
  reply<actors::payment_answered> resume(const domain::order& order, std::string token = {}) {
    auto command = payment_of(order, std::move(token));
    command.resume = true;
    return ask<actors::payment_answered>(shard_of(order.id), std::move(command));
  }

  reply<actors::order_written> refund(const domain::order& order, std::int64_t minor = 0,
                                      bool releases = false) {
    return ask<actors::order_written>(
        shard_of(order.id),
        actors::refund_order{as(new_account(), true),
                             order.id,
                             {domain::refund_id{new_id(order.id.slot())}, minor, releases}});
  }

  /// The provider says that something happened to an attempt's charge.
  actors::notify_payment notice_of(const domain::order& order, std::uint32_t attempt,
                                   bool succeeded = true) const {
    return {order.id, provider->own_name, "reference", attempt, succeeded, 0};
  }
  reply<actors::order_written> notify(const domain::order& order, std::uint32_t attempt) {
    return ask<actors::order_written>(shard_of(order.id), notice_of(order, attempt));
  }

  /// As an admin sees them.
  std::vector<domain::order> unsettled() {
    return ask<actors::order_page>(node->front_gateway().catalog, actors::list_unsettled{})->orders;
  }

  /// As the catalog sees it.
  domain::ticket seen(const domain::ticket& ticket) {
    return *ask<domain::ticket>(node->front_gateway().catalog, actors::find_ticket{ticket.id})
                .value;
  }
  domain::ticket_status status_of(const domain::ticket& ticket) { return seen(ticket).status; }

  test_system_config config;
  caf::actor_system system;
  caf::scheduler::test_coordinator& scheduler;
  persistence::manual_clock clock;
  std::shared_ptr<persistence::fault_store> store;
  std::shared_ptr<scripted_provider> provider;
  actors::actor_limits limits;
  std::optional<caf::scoped_actor> self;
  std::optional<actors::node> node;
  std::uint64_t id_count = 0;
};

} // namespace holdfast::tests
