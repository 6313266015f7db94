// What must hold between what was acknowledged, the feed, the states that are read and the
// provider's ledger, whenever the server is asked.
#pragma once

#include "tests/system/crash/feed_replay.hpp"
#include "tests/system/crash/load.hpp"
#include "tests/system/crash/payment_ledger.hpp"

#include <string>
#include <vector>

namespace holdfast::system_tests {

using faults = std::vector<std::string>;

/// Every acknowledged answer against the feed.
faults check_acknowledged(const std::vector<acknowledgement>& said, const feed_replay& feed);

/// The entities' states as they are read now against the feed; `admin` may read everything.
faults check_states(person& admin, feed_replay& feed, const std::vector<std::string>& entities);

/// Money against orders: nobody is charged twice, who has paid was charged, who has nothing was
/// not. Orders whose payment is under way may be either.
faults check_money(const std::vector<charge>& ledger, const feed_replay& feed);

/// The lines, one below the other, for a test's message; at most a few.
std::string join(const faults& lines);

} // namespace holdfast::system_tests
