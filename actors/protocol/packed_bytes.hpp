// Values packed into bytes for as long as the process lives: what the catalog keeps in memory and
// what it hands out as lists. Not a file format; see persistence/record_codec.hpp for that one.
#pragma once

#include "domain/ids.hpp"
#include "domain/money.hpp"

#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

namespace holdfast::actors {

/// Appends to a string that the caller owns.
class packed_writer {
 public:
  explicit packed_writer(std::string& out)
      : out_(out) {}

  void byte(std::uint8_t x) { out_ += static_cast<char>(x); }
  /// Seven bits a byte, lowest first.
  void number(std::uint64_t x) {
    for (; x >= 0x80; x >>= 7)
      byte(static_cast<std::uint8_t>(x | 0x80));
    byte(static_cast<std::uint8_t>(x));
  }
  /// Small magnitudes stay short whatever their sign.
  void signed_number(std::int64_t x) {
    number((static_cast<std::uint64_t>(x) << 1) ^ (x < 0 ? ~std::uint64_t{0} : 0));
  }
  void text(std::string_view x) {
    number(x.size());
    out_ += x;
  }
  void id(const domain::uuid& x) { plain(x); }
  void currency(const domain::currency_code& x) { plain(x.letters); }
  /// As it lies in memory.
  template <class Plain>
  void plain(const Plain& x) {
    static_assert(std::is_trivially_copyable_v<Plain>);
    out_.append(reinterpret_cast<const char*>(&x), sizeof x);
  }

 private:
  std::string& out_;
};

/// Reads what a packed_writer wrote, in the same order. Beyond the end there are only zeros.
class packed_reader {
 public:
  explicit packed_reader(std::string_view in)
      : in_(in) {}

  bool at_end() const noexcept { return in_.empty(); }

  std::uint8_t byte() noexcept {
    if (in_.empty())
      return 0;
    const auto result = static_cast<std::uint8_t>(in_.front());
    in_.remove_prefix(1);
    return result;
  }
  std::uint64_t number() noexcept {
    std::uint64_t result = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      const std::uint8_t part = byte();
      result |= static_cast<std::uint64_t>(part & 0x7f) << shift;
      if ((part & 0x80) == 0)
        break;
    }
    return result;
  }
  std::int64_t signed_number() noexcept {
    const std::uint64_t bits = number();
    return static_cast<std::int64_t>((bits >> 1) ^ ((bits & 1) != 0 ? ~std::uint64_t{0} : 0));
  }
  /// Points into what is read.
  std::string_view text() noexcept { return take(number()); }
  domain::uuid id() noexcept { return plain<domain::uuid>(); }
  domain::currency_code currency() noexcept {
    return {plain<decltype(domain::currency_code::letters)>()};
  }
  template <class Plain>
  Plain plain() noexcept {
    static_assert(std::is_trivially_copyable_v<Plain>);
    Plain result{};
    const std::string_view bytes = take(sizeof result);
    std::memcpy(&result, bytes.data(), bytes.size());
    return result;
  }

 private:
  std::string_view take(std::uint64_t count) noexcept {
    const std::string_view result = in_.substr(0, static_cast<std::size_t>(count));
    in_.remove_prefix(result.size());
    return result;
  }

  std::string_view in_;
};

} // namespace holdfast::actors
