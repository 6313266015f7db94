#include "net/api/id_source.hpp"

#include <catch2/catch.hpp>

#include <set>

using namespace holdfast;
using net::id_source;

TEST_CASE("a drawn id holds its time, its slot and randomness", "[net][ids]") {
  id_source source;
  const domain::instant now = 1'893'489'300'000;
  std::set<domain::uuid> drawn;
  std::set<domain::slot_number> slots;
  for (int i = 0; i < 2'000; ++i) {
    const domain::uuid id = source.draw(now);
    CHECK(id.created_at() == now);
    CHECK(id.slot() < domain::slot_count);
    CHECK(domain::parse_uuid(domain::to_string(id)) == id);
    slots.insert(id.slot());
    CHECK(drawn.insert(id).second);
    CHECK(source.draw(now, 4711).slot() == 4711);
  }
  CHECK(slots.size() > 1'000); // of 16,384; fewer by chance is out of the question
}

TEST_CASE("two sources draw differently", "[net][ids]") {
  id_source one;
  id_source other;
  std::set<std::uint64_t> seen;
  for (int i = 0; i < 1'000; ++i) {
    CHECK(seen.insert(one.random()).second);
    CHECK(seen.insert(other.random()).second);
  }
}
