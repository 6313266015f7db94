// Takes the webhooks of payment providers: has the provider judge the signature, tells the order,
// and answers only when what follows from it is committed, so that a webhook that was answered
// needn't come again and one that wasn't does. Belongs to the node.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "actors/router.hpp"
#include "payments/provider.hpp"

#include <caf/stateful_actor.hpp>
#include <caf/typed_event_based_actor.hpp>
#include <caf/typed_response_promise.hpp>

#include <memory>
#include <string>
#include <unordered_map>

namespace holdfast::actors {

using webhook_impl = webhook_actor::extend<caf::reacts_to<webhook_judged>>;

class webhook_state;
using webhook_pointer = webhook_impl::stateful_pointer<webhook_state>;

class webhook_state {
 public:
  static inline const char* name = "webhooks";

  void start(webhook_pointer pointer, std::shared_ptr<const payments::provider_set> providers,
             router route);
  caf::typed_response_promise<webhook_taken> take(take_webhook& message);
  void on_judged(webhook_judged& message);

 private:
  struct pending {
    std::string provider;
    std::string request_name;
    caf::typed_response_promise<webhook_taken> promise;
  };

  void tell_order(const pending& webhook, const payments::webhook_answer& judged);

  webhook_pointer self_ = nullptr;
  std::shared_ptr<const payments::provider_set> providers_;
  router route_;
  std::uint64_t count_ = 0;
  std::unordered_map<std::uint64_t, pending> pending_;
};

webhook_impl::behavior_type webhooks(webhook_pointer self,
                                     std::shared_ptr<const payments::provider_set> providers,
                                     router route);

} // namespace holdfast::actors
