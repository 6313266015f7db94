// Finds the number of an id of 36 characters: open addressing without allocation per id, because it
// is asked for every message that every watcher receives.
//
// Owner: a scenario. Thread: one.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <limits>
#include <string_view>
#include <vector>

namespace holdfast::bench {

class id_index {
 public:
  static constexpr std::size_t none = std::numeric_limits<std::size_t>::max();

  /// For at most `count_max` ids.
  explicit id_index(std::size_t count_max)
      : cells_(std::bit_ceil(2 * count_max + 2)) {}

  /// `id`: a view that outlives the index, not yet in it.
  void add(std::string_view id, std::size_t number) noexcept {
    std::size_t at = place_of(id);
    while (cells_[at].id)
      at = (at + 1) & (cells_.size() - 1);
    cells_[at] = {id.data(), number};
  }
  /// The number of that id, or `none`; `id` has 36 characters.
  std::size_t find(std::string_view id) const noexcept {
    for (std::size_t at = place_of(id); cells_[at].id; at = (at + 1) & (cells_.size() - 1))
      if (std::memcmp(cells_[at].id, id.data(), id.size()) == 0)
        return cells_[at].number;
    return none;
  }

 private:
  struct cell {
    const char* id = nullptr;
    std::size_t number = 0;
  };

  std::size_t place_of(std::string_view id) const noexcept {
    return std::hash<std::string_view>{}(id) & (cells_.size() - 1);
  }

  std::vector<cell> cells_;
};

} // namespace holdfast::bench
