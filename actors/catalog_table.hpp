// Rows that are found by their id and named by a number of four bytes. Numbers count up from 0 and
// rows are never removed, so a number stays valid for ever, and growing moves no row.
//
// Ids are found by extendible hashing: the hash's high bits choose a page of fixed size, a full
// page is split in two. So adding never costs more than one page's split, however many rows there
// are. Belongs to the catalog; one thread.
#pragma once

#include "domain/ids.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <memory>
#include <vector>

namespace holdfast::actors {

/// `Row` has a member `id`.
template <class Row>
class catalog_table {
 public:
  using number = std::uint32_t;
  static constexpr number none = ~number{0};

  catalog_table() { pages_.push_back(std::make_unique<page>()); }

  std::size_t size() const noexcept { return size_; }
  Row& operator[](number at) noexcept { return rows_[at >> row_bits][at & row_mask]; }
  const Row& operator[](number at) const noexcept { return rows_[at >> row_bits][at & row_mask]; }

  /// none: unknown.
  number find(const domain::uuid& id) const noexcept {
    const std::uint64_t hash = hash_of(id);
    const page& in = *pages_[page_of(hash)];
    return in.slots[slot_of(in, hash, id)];
  }

  /// The row of this id; a new one but for its id if there was none.
  number find_or_add(const domain::uuid& id) {
    const std::uint64_t hash = hash_of(id);
    page* in = pages_[page_of(hash)].get();
    std::size_t slot = slot_of(*in, hash, id);
    if (in->slots[slot] != none)
      return in->slots[slot];
    if (in->count == page_rows_max) {
      do
        split(page_of(hash));
      while (pages_[page_of(hash)]->count == page_rows_max);
      in = pages_[page_of(hash)].get();
      slot = slot_of(*in, hash, id);
    }
    const number added = add_row(id);
    in->slots[slot] = added;
    in->tags[slot] = tag_of(hash);
    ++in->count;
    return added;
  }

 private:
  static constexpr unsigned row_bits = 9;
  static constexpr number row_mask = (1U << row_bits) - 1;
  static constexpr std::size_t page_slots = 256;
  /// Beyond it probing takes long.
  static constexpr std::size_t page_rows_max = page_slots * 7 / 8;

  struct page {
    page() { slots.fill(none); }
    std::array<number, page_slots> slots;
    /// Eight further bits of each row's hash: so that rows of other ids are hardly ever looked at.
    std::array<std::uint8_t, page_slots> tags;
    std::uint16_t count = 0;
    /// How many high bits of the hash all rows of this page share.
    std::uint8_t depth = 0;
  };

  static std::uint64_t hash_of(const domain::uuid& id) noexcept {
    std::uint64_t x = id.low ^ (id.high * 0x9e3779b97f4a7c15ULL);
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
    x = (x ^ (x >> 32)) * 0xd6e8feb86659fd93ULL;
    return x ^ (x >> 32);
  }

  std::size_t page_of(std::uint64_t hash) const noexcept {
    return directory_[depth_ == 0 ? 0 : hash >> (64 - depth_)];
  }

  static std::uint8_t tag_of(std::uint64_t hash) noexcept {
    return static_cast<std::uint8_t>(hash >> 8);
  }

  /// Where the id's row is, or where it would be.
  std::size_t slot_of(const page& in, std::uint64_t hash, const domain::uuid& id) const noexcept {
    std::size_t slot = hash % page_slots;
    while (in.slots[slot] != none &&
           (in.tags[slot] != tag_of(hash) || (*this)[in.slots[slot]].id != id))
      slot = (slot + 1) % page_slots;
    return slot;
  }

  void split(std::size_t which) {
    page& old = *pages_[which];
    if (old.depth == depth_)
      double_directory();
    const auto added = static_cast<std::uint32_t>(pages_.size());
    pages_.push_back(std::make_unique<page>());
    page& fresh = *pages_.back();
    page kept;
    kept.depth = fresh.depth = static_cast<std::uint8_t>(old.depth + 1);
    const unsigned bit = 63U - old.depth;
    std::uint64_t sample = 0;
    for (const number row : old.slots) {
      if (row == none)
        continue;
      const std::uint64_t hash = sample = hash_of((*this)[row].id);
      page& to = ((hash >> bit) & 1) != 0 ? fresh : kept;
      std::size_t slot = hash % page_slots;
      while (to.slots[slot] != none)
        slot = (slot + 1) % page_slots;
      to.slots[slot] = row;
      to.tags[slot] = tag_of(hash);
      ++to.count;
    }
    // The entries of the page are neighbours; their second half is the new page's.
    const unsigned shared = depth_ - old.depth;
    const std::size_t entries = std::size_t{1} << shared;
    const std::size_t first = (sample >> (64 - depth_)) & ~(entries - 1);
    std::fill_n(directory_.begin() + static_cast<std::ptrdiff_t>(first + entries / 2), entries / 2,
                added);
    old = kept;
  }

  void double_directory() {
    std::vector<std::uint32_t> doubled;
    doubled.reserve(directory_.size() * 2);
    for (const std::uint32_t each : directory_)
      doubled.insert(doubled.end(), 2, each);
    directory_ = std::move(doubled);
    ++depth_;
  }

  number add_row(const domain::uuid& id) {
    if ((size_ & row_mask) == 0)
      rows_.push_back(std::make_unique<Row[]>(std::size_t{1} << row_bits));
    const auto added = static_cast<number>(size_++);
    (*this)[added].id = decltype(Row::id){id};
    return added;
  }

  std::vector<std::unique_ptr<Row[]>> rows_;
  std::size_t size_ = 0;
  std::vector<std::unique_ptr<page>> pages_;
  /// The page of each prefix of `depth_` bits.
  std::vector<std::uint32_t> directory_{0};
  unsigned depth_ = 0;
};

} // namespace holdfast::actors
