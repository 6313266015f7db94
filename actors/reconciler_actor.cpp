#include "actors/reconciler_actor.hpp"

#include "config/log.hpp"

#include <caf/send.hpp>

#include <algorithm>
#include <chrono>
#include <utility>

namespace holdfast::actors {

namespace {

/// The first pass after a start looks back so far: a node may have been away for a while.
constexpr std::int64_t first_pass_ms = 24LL * 3'600'000;
/// The provider's clock and ours may differ.
constexpr std::int64_t clocks_differ_ms = 600'000;

} // namespace

void reconciler_state::start(reconciler_pointer pointer,
                             std::shared_ptr<const payments::provider_set> providers,
                             std::shared_ptr<const persistence::store> clock, router route,
                             reconciler_options options) {
  self_ = pointer;
  providers_ = std::move(providers);
  clock_ = std::move(clock);
  route_ = std::move(route);
  options_ = std::move(options);
  for (const auto& provider : providers_->all())
    passes_[std::string{provider->name()}].since = clock_->now() - first_pass_ms;
  on_tick();
}

void reconciler_state::on_tick() {
  self_->delayed_send(self_, std::chrono::milliseconds(options_.pause_ms), reconcile_tick{});
  if (options_.is_in_charge && !options_.is_in_charge())
    return;
  for (const auto& provider : providers_->all()) {
    pass& next = passes_[std::string{provider->name()}];
    if (next.running)
      continue;
    next.running = true;
    next.began_at = clock_->now();
    next.charges = 0;
    ask(*provider, next, {});
  }
}

void reconciler_state::ask(payments::provider& provider, const pass& under_way, std::string after) {
  provider.list_charges(under_way.since, std::move(after),
                        [handle = reconciler_impl{self_},
                         name = std::string{provider.name()}](payments::charge_list list) {
                          caf::anon_send(handle, charges_listed{name, std::move(list)});
                        });
}

void reconciler_state::on_listed(const charges_listed& message) {
  pass& under_way = passes_[message.provider];
  if (!message.list.available) {
    // It has no list, or can't show it now: the next pass begins where this one did.
    under_way.running = false;
    return;
  }
  for (const payments::charge_notice& each : message.list.charges) {
    ++under_way.charges;
    if (!each.succeeded)
      continue;
    const payments::charge_name& charge = each.charge;
    caf::anon_send(route_.shard_of(charge.order),
                   notify_payment{charge.order, message.provider, charge.reference,
                                  charge.attempt_number, true, 0});
  }
  payments::provider* provider = providers_->find(message.provider);
  if (!message.list.next.empty() && provider != nullptr) {
    ask(*provider, under_way, message.list.next);
    return;
  }
  config::log::debug("charges_reconciled",
                     {{"provider", message.provider}, {"charges", under_way.charges}});
  under_way.running = false;
  under_way.since =
      std::max(under_way.since, under_way.began_at - options_.charge_lasts_ms - clocks_differ_ms);
}

reconciler_impl::behavior_type reconciler(reconciler_pointer self,
                                          std::shared_ptr<const payments::provider_set> providers,
                                          std::shared_ptr<const persistence::store> clock,
                                          router route, reconciler_options options) {
  self->state.start(self, std::move(providers), std::move(clock), std::move(route),
                    std::move(options));
  auto& state = self->state;
  return {
      [self](let_go) { self->quit(); },
      [&state](reconcile_tick) { state.on_tick(); },
      [&state](const charges_listed& x) { state.on_listed(x); },
  };
}

} // namespace holdfast::actors
