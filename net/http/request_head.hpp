// A request's line and fields, in one piece of memory. Beast's own container takes an allocation
// and a place in a tree for each field; a head has a dozen of them, and is asked for six.
//
// Owner: the request. What it gives points into it. Texts of usual size need no memory of their
// own.
#pragma once

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/field.hpp>
#include <boost/beast/http/verb.hpp>
#include <boost/container/small_vector.hpp>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace holdfast::net {

namespace http = boost::beast::http;

class request_head {
 public:
  struct field_view {
    /// unknown: Beast has no name for it.
    http::field name = http::field::unknown;
    std::string_view name_text;
    std::string_view value;
  };

  request_head() = default;
  request_head(const request_head&) = delete;
  request_head& operator=(const request_head&) = delete;

  http::verb method() const noexcept { return method_; }
  /// As sent; empty before a request line was read.
  std::string_view method_text() const noexcept { return {text_.data(), method_size_}; }
  std::string_view target() const noexcept { return {text_.data() + method_size_, target_size_}; }
  /// 10 or 11.
  unsigned version() const noexcept { return version_; }

  std::size_t field_count() const noexcept { return fields_.size(); }
  field_view field_at(std::size_t i) const noexcept { return view(fields_[i]); }
  /// The value of the first such field; nothing: there is none.
  std::optional<std::string_view> find(http::field name) const noexcept;
  std::optional<std::string_view> find(std::string_view name) const noexcept;
  std::size_t count(http::field name) const noexcept;

  void set_line(http::verb method, std::string_view method_text, std::string_view target,
                unsigned version);
  /// At most 64 KiB of name, 4 GiB of text in all; Beast's limit of a head is far below.
  void add_field(http::field name, std::string_view name_text, std::string_view value);
  /// All of it, or all but the method.
  void clear() noexcept;
  void forget_all_but_method() noexcept;

 private:
  static constexpr std::size_t usual_bytes = 1536;
  static constexpr std::size_t usual_fields = 24;

  struct place {
    std::uint32_t name_at = 0;
    std::uint32_t value_size = 0;
    std::uint16_t name_size = 0;
    http::field name = http::field::unknown;
  };

  std::string_view name_of(const place& x) const noexcept {
    return {text_.data() + x.name_at, x.name_size};
  }
  std::string_view value_of(const place& x) const noexcept {
    return {text_.data() + x.name_at + x.name_size, x.value_size};
  }
  field_view view(const place& x) const noexcept { return {x.name, name_of(x), value_of(x)}; }
  void append(std::string_view text) { text_.insert(text_.end(), text.begin(), text.end()); }

  /// Method, target, then the name and the value of each field.
  boost::container::small_vector<char, usual_bytes> text_;
  boost::container::small_vector<place, usual_fields> fields_;
  std::size_t method_size_ = 0;
  std::size_t target_size_ = 0;
  http::verb method_ = http::verb::unknown;
  unsigned version_ = 11;
};

} // namespace holdfast::net
