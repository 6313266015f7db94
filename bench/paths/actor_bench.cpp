#include "bench/paths/actor_bench.hpp"

#include "actors/protocol/errors.hpp"

#include <caf/actor_cast.hpp>
#include <caf/send.hpp>

namespace holdfast::bench {

namespace {

constexpr std::uint32_t shard_count = 2;
constexpr std::int64_t grace_ms = 180'000;

/// Always has the money.
class willing_provider final : public payments::provider {
 public:
  std::string_view name() const noexcept override { return "willing"; }
  std::int64_t answer_limit_ms() const noexcept override { return 5'000; }

  void charge(payments::charge_name, std::string, payments::charge_handler handler) override {
    handler(paid());
  }
  void lookup(payments::charge_name, payments::charge_handler handler) override { handler(paid()); }
  void cancel(payments::charge_name, payments::charge_handler handler) override { handler(paid()); }
  void refund(payments::refund_request, payments::refund_handler handler) override {
    handler({payments::refund_status::succeeded, "re_0123456789", {}});
  }

 private:
  static payments::charge_answer paid() {
    return {payments::charge_status::succeeded, "ch_0123456789", {}, {}};
  }
};

} // namespace

bench_system_config::bench_system_config() {
  actors::register_messages(*this);
  set("scheduler.policy", caf::atom("testing"));
}

actor_bench::actor_bench(std::size_t live_entities_max)
    : system_(config_)
    , scheduler_(dynamic_cast<caf::scheduler::test_coordinator&>(system_.scheduler())) {
  persistence::memory_store_options options;
  options.shard_count = shard_count;
  options.clock = clock_;
  store_ = std::make_shared<persistence::memory_store>(options);
  actors::actor_limits limits;
  limits.order_window_ms = order_window_ms;
  limits.payment_grace_ms = grace_ms;
  limits.live_entities_max = live_entities_max * shard_count;
  limits.reconcile_ms = 0;
  const std::vector<std::shared_ptr<payments::provider>> providers{
      std::make_shared<willing_provider>()};
  node_.emplace(system_, store_, std::make_shared<const payments::provider_set>(providers), limits);
  client_ = system_.spawn([this](caf::event_based_actor*) { return client_behavior(); });
  run();
  ask_actor<actors::feed_start>(gateway().catalog, actors::subscribe_feed{},
                                "the client hears the feed");
}

actor_bench::~actor_bench() {
  caf::anon_send_exit(client_, caf::exit_reason::user_shutdown);
  run();
  // Everything runs inside the calls meanwhile, since node::stop() blocks.
  scheduler_.inline_all_enqueues();
  node_->stop();
  node_.reset();
  scheduler_.after_next_enqueue(std::function<void()>{});
  run();
}

caf::behavior actor_bench::client_behavior() {
  return {[this](const actors::feed_advanced&) { ++updates_heard_; }};
}

void actor_bench::pass(std::int64_t milliseconds) {
  clock_.advance(milliseconds);
  scheduler_.advance_time(std::chrono::milliseconds(milliseconds));
  run();
}

domain::ticket actor_bench::list_ticket() {
  const domain::ticket_id id{next_id()};
  return ask<actors::ticket_written>(id, actors::create_ticket{as(seller()), id, sample_content()},
                                     "a ticket is listed")
      .ticket;
}

actors::place_order actor_bench::order_for(const domain::ticket& ticket) {
  return {as(buyer()), domain::order_id{next_id()}, {ticket.id}, {domain::any_version}};
}

domain::order actor_bench::place(const domain::ticket& ticket) {
  return ask<actors::order_written>(ticket.id, order_for(ticket), "a ticket is held").order;
}

void actor_bench::cancel(const domain::order& order) {
  const auto written = ask<actors::order_written>(
      order.id, actors::cancel_order{as(buyer()), order.id}, "an order is cancelled");
  demand(written.order.status == domain::order_status::cancelled, "the order is cancelled");
}

void actor_bench::read(const domain::order& order) {
  keep(ask<actors::order_written>(order.id, actors::read_order{as(buyer()), order.id},
                                  "an order is read"));
}

void actor_bench::pay(const domain::order& order) {
  const auto answered = ask<actors::payment_answered>(
      order.id,
      actors::pay_order{as(buyer()), order.id, domain::payment_id{next_id()}, "tok_visa", 10'000},
      "an order is paid");
  demand(answered.order.status == domain::order_status::complete, "the order is complete");
}

} // namespace holdfast::bench
