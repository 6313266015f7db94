// Collects the small pieces of a text in a buffer on the stack and hands them on in large ones:
// appending forty pieces to a std::string costs more than all that is in them. What the JSON
// encoders write with.
//
// Owner: the function that writes. Thread: any one.
#pragma once

#include "domain/ids.hpp"

#include <array>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>

namespace holdfast::net {

class text_writer {
 public:
  /// `out` is complete when the writer is gone; nobody else appends to it before.
  explicit text_writer(std::string& out) noexcept
      : out_(out) {}
  text_writer(const text_writer&) = delete;
  text_writer& operator=(const text_writer&) = delete;
  ~text_writer() { flush(); }

  /// Text that needs no escape.
  template <std::size_t Size>
  void add(const char (&literal)[Size]) {
    static_assert(Size - 1 <= piece_bytes_max);
    make_room(Size - 1);
    std::memcpy(at_, literal, Size - 1);
    at_ += Size - 1;
  }
  void add(std::string_view text) {
    if (text.size() > piece_bytes_max)
      return add_long(text);
    make_room(text.size());
    std::memcpy(at_, text.data(), text.size());
    at_ += text.size();
  }
  void add(char c) {
    make_room(1);
    *at_++ = c;
  }
  void add_number(std::uint64_t x) {
    make_room(number_bytes_max);
    at_ = std::to_chars(at_, at_ + number_bytes_max, x).ptr;
  }
  /// See domain::format_amount.
  void add_amount(std::int64_t minor);
  /// 36 characters.
  void add_id(const domain::uuid& x) {
    make_room(domain::uuid_characters);
    at_ = domain::write_to(at_, x);
  }
  /// 24 characters, see time_text.hpp.
  void add_time(domain::instant x);
  /// With everything escaped that a JSON string escapes, see append_json_string(); without quotes.
  void add_escaped(std::string_view text);

 private:
  static constexpr std::size_t buffer_bytes = 1024;
  static constexpr std::size_t piece_bytes_max = 256;
  static constexpr std::size_t number_bytes_max = 20;

  void make_room(std::size_t bytes) {
    if (static_cast<std::size_t>(buffer_.data() + buffer_.size() - at_) < bytes)
      flush();
  }
  void flush();
  void add_long(std::string_view text);
  void add_escaped_byte(char c);
  void add_escaped_slowly(std::string_view text);

  std::string& out_;
  std::array<char, buffer_bytes> buffer_; // NOLINT: written before it is read
  char* at_ = buffer_.data();
};

} // namespace holdfast::net
