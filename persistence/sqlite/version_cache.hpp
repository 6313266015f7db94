// The versions of entities that were committed or looked up lately, in a fixed amount of memory.
// What it says is always the present version: whoever commits says so. Forgetting is allowed.
// Owned by the writer's thread.
#pragma once

#include "persistence/store.hpp"

#include <memory>
#include <optional>

namespace holdfast::persistence::sqlite {

class version_cache {
 public:
  /// 32 bytes each; a power of two, at least 4.
  explicit version_cache(std::size_t size);

  /// no_version: there is no such entity. Nothing: not known here.
  std::optional<std::uint64_t> find(const entity_key& key) const noexcept;
  void put(const entity_key& key, std::uint64_t version) noexcept;
  void clear();

 private:
  /// An entity is in one of so many places that follow each other.
  static constexpr std::size_t ways = 4;

  struct place {
    domain::uuid id;
    std::uint64_t version = 0;
    /// 0: empty.
    std::uint8_t kind = 0;

    bool holds(const entity_key& key) const noexcept {
      return kind == static_cast<std::uint8_t>(key.kind) && id == key.id;
    }
  };

  std::size_t first_place(const entity_key& key) const noexcept;

  struct freer {
    void operator()(place* x) const noexcept;
  };

  std::size_t size_;
  int shift_;
  /// Zeroed pages that cost nothing before they are used.
  std::unique_ptr<place[], freer> places_;
  /// Which of the ways gives way next.
  std::size_t turn_ = 0;
};

} // namespace holdfast::persistence::sqlite
