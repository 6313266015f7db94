// What every store promises, as one list of cases: each implementation runs all of them. A case
// gets a fresh, empty store and a way to let the store's time pass.
#pragma once

#include "persistence/store.hpp"

#include <functional>
#include <memory>
#include <span>

namespace holdfast::persistence::testing {

/// A store to be tested, and what belongs to it.
class store_setting {
 public:
  store_setting() = default;
  store_setting(const store_setting&) = delete;
  store_setting& operator=(const store_setting&) = delete;
  virtual ~store_setting() = default;

  /// At least four shards, empty, no lease taken.
  virtual store& get() = 0;
  /// Returns when the store's clock shows at least so much more.
  virtual void pass(std::int64_t milliseconds) = 0;
  /// Ends the store; get() isn't called after it.
  virtual void end() = 0;
};

using setting_factory = std::function<std::unique_ptr<store_setting>()>;

struct conformance_case {
  /// A sentence that holds for every store.
  const char* name;
  void (*run)(store_setting& setting);
};

std::span<const conformance_case> conformance_cases();
/// Those about leases, and about nodes that tell of each other.
std::span<const conformance_case> lease_conformance_cases();

/// Runs all cases as sections of the present test case.
void run_conformance(const setting_factory& make_setting);

} // namespace holdfast::persistence::testing
