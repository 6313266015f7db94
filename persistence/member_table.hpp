// Which nodes live, for the stores whose nodes all live in one process (see lease_table.hpp). Time
// is an argument. Guarded by its owner: one thread at a time.
#pragma once

#include "persistence/store.hpp"

#include <map>
#include <string>

namespace holdfast::persistence {

class member_table {
 public:
  /// See store::announce.
  announce_outcome announce(const node_announcement& announcement, std::int64_t duration_ms,
                            domain::instant now);

 private:
  struct member {
    node_announcement announced;
    domain::instant until = 0;
  };

  std::map<std::string, member> members_;
};

} // namespace holdfast::persistence
