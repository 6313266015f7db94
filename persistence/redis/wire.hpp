// Redis's protocol: commands as bytes, and answers that are read strictly. Whatever is asked of an
// answer of another shape yields nothing, so a reader checks its values, never the shape first.
// Values; any thread.
#pragma once

#include <charconv>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

struct redisReply;

namespace holdfast::persistence::redis {

/// Appends one command to `out`, argument by argument, exactly as many as announced.
class command_writer {
 public:
  command_writer(std::string& out, std::size_t argument_count)
      : out_(out) {
    head('*', argument_count);
  }

  command_writer& text(std::string_view x) {
    head('$', x.size());
    out_.append(x).append("\r\n");
    return *this;
  }
  template <std::integral T>
  command_writer& number(T x) {
    char digits[24];
    const auto end = std::to_chars(digits, digits + sizeof digits, x).ptr;
    return text({digits, static_cast<std::size_t>(end - digits)});
  }
  /// The last argument of a command that was begun earlier.
  static void append_number(std::string& out, std::uint64_t x);
  /// An argument in three parts, for keys.
  command_writer& joined(std::string_view a, std::string_view b, std::string_view c);

 private:
  void head(char type, std::size_t count) { append_head(out_, type, count); }
  static void append_head(std::string& out, char type, std::size_t count);

  std::string& out_;
};

/// A command of texts alone.
std::string command(std::initializer_list<std::string_view> arguments);

struct reply_deleter {
  void operator()(redisReply* x) const noexcept;
};
using reply = std::unique_ptr<redisReply, reply_deleter>;

/// What Redis answered, or a part of it. Borrows the reply.
class answer {
 public:
  answer() = default;
  explicit answer(const redisReply* x) noexcept
      : reply_(x) {}

  bool is_nil() const noexcept;
  bool is_error() const noexcept;
  /// Of an error: all of it, such as "NOSCRIPT No matching script".
  std::string_view error() const noexcept;
  /// Of an array; 0 for anything else.
  std::size_t size() const noexcept;
  /// An element; nothing answers to anything if there is none.
  answer at(std::size_t i) const noexcept;
  std::optional<std::string_view> text() const noexcept;
  std::optional<std::int64_t> integer() const noexcept;
  /// A number sent as a number or as a text of plain digits.
  std::optional<std::uint64_t> number() const noexcept;

 private:
  const redisReply* reply_ = nullptr;
};

/// The whole text as a number in decimal digits.
template <std::integral T>
std::optional<T> parse_whole(std::string_view text) noexcept {
  T result = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), result);
  if (error != std::errc() || end != text.data() + text.size())
    return std::nullopt;
  return result;
}

/// An error that is answered before anything was written, whatever was asked: memory, a disk
/// error, a replica, a script that isn't loaded.
bool is_refusal(std::string_view error) noexcept;

/// An error that says that this connection, or this server, isn't the right one at present.
bool spoils_connection(std::string_view error) noexcept;

} // namespace holdfast::persistence::redis
