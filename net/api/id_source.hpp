// Draws ids: of new entities and of requests. Random bits come from OpenSSL's generator, fetched in
// blocks, so an id can't be guessed from others and costs no system call.
//
// One for each I/O thread; not to be shared between threads.
#pragma once

#include "domain/ids.hpp"

#include <array>
#include <cstdint>
#include <string>

namespace holdfast::net {

class id_source {
 public:
  id_source() = default;
  id_source(const id_source&) = delete;
  id_source& operator=(const id_source&) = delete;
  /// Wipes what is left of the random block.
  ~id_source();

  /// An id in a slot drawn at random: a new ticket's. `now`: the store's clock.
  domain::uuid draw(domain::instant now);
  /// An id in a given slot: an order takes its ticket's, an account its claim's, a session its
  /// account's.
  domain::uuid draw(domain::instant now, domain::slot_number slot);

  /// 64 random bits.
  std::uint64_t random();

 private:
  void refill();

  static constexpr std::size_t block_words = 256;
  std::array<std::uint64_t, block_words> block_{};
  std::size_t used_ = block_words;
};

} // namespace holdfast::net
