// The stores of this folder, made for the conformance cases: with a clock that stands until it is
// moved.
#pragma once

#include "persistence/fault_store.hpp"
#include "persistence/memory/manual_clock.hpp"
#include "persistence/memory/memory_store.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "tests/persistence/store_conformance.hpp"
#include "tests/persistence/store_helpers.hpp"

namespace holdfast::persistence::testing {

/// Whether the store is to stand behind a fault_store that has no rules.
enum class behind : std::uint8_t { nothing, fault_store };

inline std::unique_ptr<store> put_behind(behind what, std::unique_ptr<store> x) {
  if (what == behind::nothing)
    return x;
  return std::make_unique<fault_store>(std::move(x));
}

class memory_setting final : public store_setting {
 public:
  explicit memory_setting(behind what = behind::nothing)
      : store_(put_behind(what, std::make_unique<memory_store>(memory_store_options{64, clock_}))) {
  }
  store& get() override { return *store_; }
  void pass(std::int64_t milliseconds) override { clock_.advance(milliseconds); }
  void end() override { store_.reset(); }

 private:
  manual_clock clock_;
  std::unique_ptr<store> store_;
};

class sqlite_setting final : public store_setting {
 public:
  /// A short `fold_delay` makes the cases meet folded records; a long one, unfolded ones.
  explicit sqlite_setting(std::chrono::milliseconds fold_delay, behind what = behind::nothing) {
    sqlite_store_options options;
    options.directory = directory_.path() + "/data";
    options.clock = clock_;
    options.fold_delay = fold_delay;
    store_ = put_behind(what, std::make_unique<sqlite_store>(std::move(options)));
  }
  store& get() override { return *store_; }
  void pass(std::int64_t milliseconds) override { clock_.advance(milliseconds); }
  void end() override { store_.reset(); }

 private:
  temporary_directory directory_;
  manual_clock clock_;
  std::unique_ptr<store> store_;
};

} // namespace holdfast::persistence::testing
