// What the catalog is made of, each part against the standard library's.
#include "actors/catalog_arena.hpp"
#include "actors/catalog_order.hpp"
#include "actors/catalog_table.hpp"

#include <catch2/catch.hpp>

#include <algorithm>
#include <numeric>
#include <random>
#include <set>
#include <string>
#include <vector>

using namespace holdfast;

namespace {

/// Numbers in an order that has nothing to do with them.
class tested_order {
 public:
  tested_order(std::size_t numbers, std::uint64_t seed)
      : ranks_(numbers) {
    std::iota(ranks_.begin(), ranks_.end(), 0U);
    std::shuffle(ranks_.begin(), ranks_.end(), std::mt19937_64{seed});
  }

  auto before(std::uint32_t number) const {
    return [this, rank = ranks_[number]](std::uint32_t other) { return ranks_[other] < rank; };
  }

  void insert(std::uint32_t number) {
    order.insert(number, before(number));
    truth.emplace(ranks_[number], number);
  }
  void erase(std::uint32_t number) {
    order.erase(number, before(number));
    truth.erase({ranks_[number], number});
  }
  bool contains(std::uint32_t number) const { return truth.contains({ranks_[number], number}); }

  void assign(const std::vector<std::uint32_t>& numbers) {
    truth.clear();
    for (const std::uint32_t each : numbers)
      truth.emplace(ranks_[each], each);
    order.assign(in_order());
  }

  std::vector<std::uint32_t> in_order() const {
    std::vector<std::uint32_t> result;
    for (const auto& [rank, number] : truth)
      result.push_back(number);
    return result;
  }

  void compare() const {
    REQUIRE(order.size() == truth.size());
    auto expected = in_order();
    std::vector<std::uint32_t> found;
    auto at = order.seek([](std::uint32_t) { return false; });
    for (auto next = order.step_on(at); next != order.none; next = order.step_on(at))
      found.push_back(next);
    REQUIRE(found == expected);
    found.clear();
    for (auto next = order.step_back(at); next != order.none; next = order.step_back(at))
      found.push_back(next);
    std::reverse(expected.begin(), expected.end());
    REQUIRE(found == expected);
  }

  /// From a number that may be in it or not.
  void compare_place(std::uint32_t number) const {
    const auto expected = truth.lower_bound({ranks_[number], 0});
    auto at = order.seek(before(number));
    REQUIRE(order.step_on(at) == (expected == truth.end() ? order.none : expected->second));
    at = order.seek(before(number));
    REQUIRE(order.step_back(at) ==
            (expected == truth.begin() ? order.none : std::prev(expected)->second));
  }

  actors::catalog_order order;
  std::set<std::pair<std::uint32_t, std::uint32_t>> truth;

 private:
  std::vector<std::uint32_t> ranks_;
};

} // namespace

TEST_CASE("an order keeps numbers as a sorted set does, growing and shrinking",
          "[actors][catalog]") {
  constexpr std::size_t numbers = 30'000;
  const auto seed = GENERATE(1U, 2U);
  tested_order tested{numbers, seed};
  std::mt19937_64 random{seed};
  const auto toggle = [&](unsigned insert_in_ten) {
    const auto number = static_cast<std::uint32_t>(random() % numbers);
    if (tested.contains(number)) {
      if (random() % 10 >= insert_in_ten)
        tested.erase(number);
    } else if (random() % 10 < insert_in_ten) {
      tested.insert(number);
    }
    if (random() % 64 == 0)
      tested.compare_place(static_cast<std::uint32_t>(random() % numbers));
  };
  for (const unsigned insert_in_ten : {9U, 5U, 1U, 0U, 8U}) {
    for (std::size_t i = 0; i < numbers * 2; ++i)
      toggle(insert_in_ten);
    tested.compare();
  }
  while (!tested.truth.empty())
    tested.erase(tested.truth.begin()->second);
  tested.compare();
  tested.insert(7);
  tested.compare();
}

TEST_CASE("an order that was given all its numbers at once can be changed like any other",
          "[actors][catalog]") {
  constexpr std::size_t numbers = 20'000;
  const std::size_t given = GENERATE(0U, 1U, 124U, 125U, 7'688U, 7'689U, 20'000U);
  tested_order tested{numbers, 3};
  tested.insert(5);
  std::vector<std::uint32_t> first(given);
  std::iota(first.begin(), first.end(), 0U);
  tested.assign(first);
  tested.compare();
  std::mt19937_64 random{given};
  for (std::size_t i = 0; i < 20'000; ++i) {
    const auto number = static_cast<std::uint32_t>(random() % numbers);
    if (tested.contains(number))
      tested.erase(number);
    else
      tested.insert(number);
  }
  tested.compare();
}

TEST_CASE("a table finds each row by its id, and rows stay where they are", "[actors][catalog]") {
  struct row {
    domain::uuid id;
    int content = 0;
  };
  actors::catalog_table<row> table;
  const auto id_of = [](std::uint64_t i) {
    return domain::make_uuid(1'790'000'000'000 + static_cast<domain::instant>(i / 8),
                             static_cast<domain::slot_number>(i % 16), i);
  };
  constexpr std::uint64_t count = 50'000;
  row* first = nullptr;
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(table.find(id_of(i)) == table.none);
    const auto number = table.find_or_add(id_of(i));
    REQUIRE(number == i);
    table[number].content = static_cast<int>(i);
    if (i == 0)
      first = &table[number];
  }
  CHECK(&table[0] == first);
  CHECK(table.size() == count);
  for (std::uint64_t i = 0; i < count; ++i) {
    REQUIRE(table.find(id_of(i)) == i);
    REQUIRE(table.find_or_add(id_of(i)) == i);
    REQUIRE(table[static_cast<std::uint32_t>(i)].content == static_cast<int>(i));
  }
}

TEST_CASE("an arena gives back every string as it was, whatever came and went",
          "[actors][catalog]") {
  actors::catalog_arena arena;
  std::mt19937_64 random{1};
  std::vector<std::pair<actors::catalog_arena::handle, std::string>> kept;
  const auto new_text = [&] {
    const std::size_t max = random() % 50 == 0 ? actors::catalog_arena::bytes_max : 120;
    return std::string(random() % (max + 1), static_cast<char>('a' + random() % 26));
  };
  for (int i = 0; i < 20'000; ++i) {
    const std::size_t which = random() % (kept.size() + 1);
    if (which == kept.size() || kept.size() < 100) {
      std::string text = new_text();
      const auto at = arena.add(text);
      REQUIRE(at != arena.none);
      kept.emplace_back(at, std::move(text));
    } else if (random() % 2 == 0) {
      arena.remove(kept[which].first);
      kept[which] = kept.back();
      kept.pop_back();
    } else {
      kept[which].second = new_text();
      kept[which].first = arena.replace(kept[which].first, kept[which].second);
    }
    if (i % 1'000 == 0)
      for (const auto& [at, text] : kept)
        REQUIRE(arena.at(at) == text);
  }
  for (const auto& [at, text] : kept)
    REQUIRE(arena.at(at) == text);
}
