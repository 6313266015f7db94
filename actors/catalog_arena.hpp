// Short byte strings packed into large chunks: two bytes of overhead for each, a handle of four
// bytes instead of a pointer, and no allocation for most. What is freed is used again by strings of
// the same size first; chunks are never given back. Belongs to the catalog; one thread.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace holdfast::actors {

class catalog_arena {
 public:
  /// Names a stored string; `none` names none.
  using handle = std::uint32_t;
  static constexpr handle none = 0;
  static constexpr std::size_t bytes_max = 32 * 1024;

  /// At most bytes_max.
  handle add(std::string_view bytes) {
    assert(bytes.size() <= bytes_max);
    const handle at = take_units(units_for(bytes.size()));
    const auto size = static_cast<std::uint16_t>(bytes.size());
    std::memcpy(address(at), &size, sizeof size);
    std::memcpy(address(at) + sizeof size, bytes.data(), bytes.size());
    return at;
  }

  /// Valid until this string is removed.
  std::string_view at(handle which) const noexcept {
    std::uint16_t size = 0;
    std::memcpy(&size, address(which), sizeof size);
    return {address(which) + sizeof size, size};
  }

  void remove(handle which) { give_back(which, units_for(at(which).size())); }

  /// Replaces what `which` names (it may be none) and gives the new handle.
  handle replace(handle which, std::string_view bytes) {
    if (which == none)
      return add(bytes);
    const std::string_view old = at(which);
    if (old == bytes)
      return which;
    remove(which);
    return add(bytes);
  }

 private:
  static constexpr std::size_t unit_bytes = 4;
  static constexpr std::uint32_t chunk_bits = 14;
  static constexpr std::uint32_t chunk_units = 1U << chunk_bits;
  /// The largest string with its size, in units.
  static constexpr std::uint32_t units_max = (bytes_max + 2 + unit_bytes - 1) / unit_bytes;
  static_assert(units_max < chunk_units);

  static std::uint32_t units_for(std::size_t bytes) noexcept {
    return static_cast<std::uint32_t>((bytes + 2 + unit_bytes - 1) / unit_bytes);
  }

  char* address(handle which) const noexcept {
    return chunks_[which >> chunk_bits].get() + (which & (chunk_units - 1)) * unit_bytes;
  }

  handle take_units(std::uint32_t count) {
    if (free_[count] != none)
      return take_free(count);
    if (end_ - next_ < count) {
      if (const std::uint32_t larger = larger_free(count); larger != 0) {
        const handle at = take_free(larger);
        give_back(at + count, larger - count);
        return at;
      }
      add_chunk();
    }
    const handle at = next_;
    next_ += count;
    return at;
  }

  handle take_free(std::uint32_t count) {
    const handle at = free_[count];
    std::memcpy(&free_[count], address(at), sizeof(handle));
    if (free_[count] == none)
      has_free_[count / 64] &= ~(std::uint64_t{1} << (count % 64));
    return at;
  }

  void give_back(handle at, std::uint32_t count) {
    std::memcpy(address(at), &free_[count], sizeof(handle));
    free_[count] = at;
    has_free_[count / 64] |= std::uint64_t{1} << (count % 64);
  }

  /// The smallest size above `count` of which something is free; 0: none.
  std::uint32_t larger_free(std::uint32_t count) const noexcept {
    const std::uint32_t from = count + 1;
    std::uint64_t bits = from / 64 < has_free_.size()
                             ? has_free_[from / 64] & (~std::uint64_t{0} << (from % 64))
                             : 0;
    for (std::size_t word = from / 64; word < has_free_.size();) {
      if (bits != 0)
        return static_cast<std::uint32_t>(word * 64) +
               static_cast<std::uint32_t>(std::countr_zero(bits));
      if (++word < has_free_.size())
        bits = has_free_[word];
    }
    return 0;
  }

  void add_chunk() {
    // What is left of the chunk before is free in whole pieces that strings can have.
    while (next_ < end_) {
      const std::uint32_t piece = std::min(end_ - next_, units_max);
      give_back(next_, piece);
      next_ += piece;
    }
    next_ = static_cast<handle>(chunks_.size()) << chunk_bits;
    end_ = next_ + chunk_units;
    if (chunks_.empty())
      ++next_; // Handle 0 is none.
    chunks_.push_back(std::make_unique_for_overwrite<char[]>(chunk_units * unit_bytes));
  }

  std::vector<std::unique_ptr<char[]>> chunks_;
  /// What is unused of the newest chunk.
  handle next_ = 0;
  handle end_ = 0;
  /// The first free piece of each size in units; each holds the handle of the next one.
  std::vector<handle> free_ = std::vector<handle>(units_max + 1, none);
  std::array<std::uint64_t, units_max / 64 + 1> has_free_{};
};

} // namespace holdfast::actors
