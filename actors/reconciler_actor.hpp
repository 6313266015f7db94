// The sweep that no webhook and no memory of ours is needed for: asks each provider for its own
// list of charges, again and again, and tells the orders of what has succeeded. The provider's list
// is the truth about money; the order that hears of it asks the provider itself and settles.
// Belongs to the node; one for each.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "actors/router.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>

#include <functional>
#include <map>
#include <memory>
#include <string>

namespace holdfast::actors {

struct reconciler_options {
  /// The pause between two passes.
  std::int64_t pause_ms = 300'000;
  /// How long after it was made a charge may still succeed.
  std::int64_t charge_lasts_ms = 1'080'000;
  /// Whether it is this node's turn to read the lists; empty: always.
  std::function<bool()> is_in_charge;
};

using reconciler_impl =
    reconciler_actor::extend<caf::reacts_to<reconcile_tick>, caf::reacts_to<charges_listed>>;

class reconciler_state;
using reconciler_pointer = reconciler_impl::stateful_pointer<reconciler_state>;

class reconciler_state {
 public:
  static inline const char* name = "reconciler";

  void start(reconciler_pointer pointer, std::shared_ptr<const payments::provider_set> providers,
             std::shared_ptr<const persistence::store> clock, router route,
             reconciler_options options);
  void on_tick();
  void on_listed(const charges_listed& message);

 private:
  struct pass {
    /// The list is read from here.
    domain::instant since = 0;
    /// The next pass reads from here, if this one comes to its end.
    domain::instant began_at = 0;
    bool running = false;
    std::uint64_t charges = 0;
  };

  void ask(payments::provider& provider, const pass& under_way, std::string after);

  reconciler_pointer self_ = nullptr;
  std::shared_ptr<const payments::provider_set> providers_;
  std::shared_ptr<const persistence::store> clock_;
  router route_;
  reconciler_options options_;
  std::map<std::string, pass, std::less<>> passes_;
};

/// The first pass begins at once.
reconciler_impl::behavior_type reconciler(reconciler_pointer self,
                                          std::shared_ptr<const payments::provider_set> providers,
                                          std::shared_ptr<const persistence::store> clock,
                                          router route, reconciler_options options);

} // namespace holdfast::actors
