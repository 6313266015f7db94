// What is said in two rooms must be the same: domain/ may include nothing, so it has its own copy.
#include "config/limits.hpp"

#include "domain/account.hpp"
#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <catch2/catch.hpp>

namespace limits = holdfast::config::limits;
namespace domain = holdfast::domain;

TEST_CASE("limits agree with the rules of the domain", "[config]") {
  STATIC_REQUIRE(limits::slot_count == domain::slot_count);
  STATIC_REQUIRE(limits::email_bytes_max == domain::email_bytes_max);
  STATIC_REQUIRE(limits::price_minor_max == domain::amount_minor_max);
}

TEST_CASE("at least 1,024 orders may wait for one ticket", "[config]") {
  STATIC_REQUIRE(limits::orders_queued_per_ticket_max >= 1024);
}
