#include "persistence/sqlite/version_cache.hpp"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <new>

namespace holdfast::persistence::sqlite {

version_cache::version_cache(std::size_t size)
    : size_(std::bit_ceil(std::max(size, 2 * ways)))
    , shift_(64 - std::countr_zero(size_ / ways)) {
  clear();
}

void version_cache::freer::operator()(place* x) const noexcept {
  std::free(x);
}

std::size_t version_cache::first_place(const entity_key& key) const noexcept {
  // The hash's high bits are its good ones.
  return (std::hash<entity_key>{}(key) >> shift_) * ways;
}

std::optional<std::uint64_t> version_cache::find(const entity_key& key) const noexcept {
  const std::size_t first = first_place(key);
  for (std::size_t i = first; i < first + ways; ++i)
    if (places_[i].holds(key))
      return places_[i].version;
  return std::nullopt;
}

void version_cache::put(const entity_key& key, std::uint64_t version) noexcept {
  const std::size_t first = first_place(key);
  std::size_t chosen = first + turn_ % ways;
  for (std::size_t i = first; i < first + ways; ++i) {
    if (places_[i].holds(key)) {
      places_[i].version = version;
      return;
    }
    if (places_[i].kind == 0)
      chosen = i;
  }
  ++turn_;
  places_[chosen] = {key.id, version, static_cast<std::uint8_t>(key.kind)};
}

void version_cache::clear() {
  places_.reset(static_cast<place*>(std::calloc(size_, sizeof(place))));
  if (!places_)
    throw std::bad_alloc();
}

} // namespace holdfast::persistence::sqlite
