// Who owns which shard, for the stores whose nodes all live in one process: SQLite (one node, its
// ownership guarded by the lock on the data directory) and memory (tests). Redis keeps the same
// state in its own keys. Time is an argument. Guarded by its owner: one thread at a time.
#pragma once

#include "persistence/store.hpp"

#include <vector>

namespace holdfast::persistence {

class lease_table {
 public:
  /// Epochs given out are greater than `epoch_base`, so that they grow from one run to the next.
  lease_table(std::uint32_t shard_count, std::uint64_t epoch_base);

  /// Takes or renews. The epoch grows unless the lease is already, and still, the asking
  /// incarnation's.
  lease_outcome acquire(const lease_request& request, domain::instant now);

  /// Ends the lease at once if `token` is the shard's; else says who holds it. The epoch stays.
  lease_outcome release(shard_number shard, const shard_token& token, domain::instant now);

  /// All leases, ascending by shard.
  leases_outcome list(domain::instant now) const;

  /// Whether a commit with `token` may be written. Time plays no part: an owner whose lease ran out
  /// but whom nobody replaced is still the only one.
  bool admits(shard_number shard, const shard_token& token) const noexcept;

 private:
  struct lease {
    std::string node;
    shard_token token;
    domain::instant until = 0;
    /// Somebody took it since the start; before that no token is right.
    bool was_taken = false;
  };

  std::vector<lease> leases_;
};

} // namespace holdfast::persistence
