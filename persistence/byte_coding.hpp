// The alphabet of everything that the store writes: bytes, variable-length numbers, ids, texts. A
// reader never looks beyond its input: once something doesn't fit it has failed, yields zeros, and
// whoever decodes asks ok() or at_end() once at the end. A value has exactly one encoding, so that
// what decodes also encodes to the same bytes. Values; any thread.
#pragma once

#include "domain/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::persistence {

class byte_writer {
 public:
  explicit byte_writer(std::string& out)
      : out_(out) {}

  void byte(std::uint8_t x) { out_.push_back(static_cast<char>(x)); }
  /// Seven bits a byte, lowest first, the high bit says "more".
  void number(std::uint64_t x);
  /// Small magnitudes stay short whatever their sign.
  void signed_number(std::int64_t x);
  /// 16 bytes, high to low, so that bytes sort as ids do.
  void id(const domain::uuid& x);
  /// Its length in bytes, then the bytes.
  void text(std::string_view x);

 private:
  std::string& out_;
};

class byte_reader {
 public:
  explicit byte_reader(std::string_view in)
      : in_(in) {}

  std::uint8_t byte();
  std::uint64_t number();
  std::int64_t signed_number();
  domain::uuid id();
  std::string_view text();

  /// Marks the input as not understood.
  void fail() noexcept { ok_ = false; }
  bool ok() const noexcept { return ok_; }
  /// Everything was read and understood.
  bool at_end() const noexcept { return ok_ && in_.empty(); }
  std::size_t remaining() const noexcept { return in_.size(); }

 private:
  std::string_view take(std::size_t count);

  std::string_view in_;
  bool ok_ = true;
};

/// The 16 bytes of an id, as a key in a file.
std::string id_bytes(const domain::uuid& x);

/// CRC-32C of `bytes`, continuing from `seed` (0 to start).
std::uint32_t checksum(std::string_view bytes, std::uint32_t seed = 0) noexcept;

} // namespace holdfast::persistence
