// What the front needs to talk to this node's actors. A value that is copied to each I/O thread.
#pragma once

#include "actors/protocol/interfaces.hpp"
#include "actors/router.hpp"
#include "payments/provider.hpp"
#include "persistence/store.hpp"

#include <atomic>
#include <memory>

namespace holdfast::actors {

struct gateway {
  /// From an id to the shard that hosts it.
  router route;
  catalog_actor catalog;
  feed_actor feed;
  webhook_actor webhooks;
  cluster_reader_actor cluster;
  /// For the clock (now()) and the log's end (log_end()) only.
  std::shared_ptr<const persistence::store> clock;
  /// Whom payments may go to. Commands about money go through the orders' actors all the same.
  std::shared_ptr<const payments::provider_set> providers;
  /// Counts the catalog's changes: what was read from it under the same number is still right.
  std::shared_ptr<const std::atomic<std::uint64_t>> catalog_revision;
};

} // namespace holdfast::actors
