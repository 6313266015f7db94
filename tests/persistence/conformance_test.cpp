#include "tests/persistence/store_settings.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::persistence::testing;
using namespace std::chrono_literals;

TEST_CASE("the memory store keeps every promise of a store", "[persistence][memory]") {
  run_conformance([] { return std::make_unique<memory_setting>(); });
}

TEST_CASE("the SQLite store keeps every promise of a store, folding at once",
          "[persistence][sqlite]") {
  run_conformance([] { return std::make_unique<sqlite_setting>(0ms); });
}

TEST_CASE("the SQLite store keeps every promise of a store before anything is folded",
          "[persistence][sqlite]") {
  run_conformance([] { return std::make_unique<sqlite_setting>(1h); });
}

TEST_CASE("a fault store without rules changes nothing of a store's promises",
          "[persistence][fault]") {
  SECTION("over memory") {
    run_conformance([] { return std::make_unique<memory_setting>(behind::fault_store); });
  }
  SECTION("over SQLite") {
    run_conformance([] { return std::make_unique<sqlite_setting>(1ms, behind::fault_store); });
  }
}
