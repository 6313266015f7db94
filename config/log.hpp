#pragma once
// The log: one line per event on standard error, in logfmt (the default) or JSON.
//
//   log::info("listening", {{"url", url}, {"connections", 3}});
//   time=2026-03-01T12:00:00.000Z level=info event=listening url=http://127.0.0.1:8080
//   connections=3
//
// Owner: the process; there is one log, set up by main with configure() before threads start.
// Thread: any. A line is formatted on the caller's stack and leaves with one write(2), so lines of
// different threads do not mix and no lock is taken. What the level filters out is not formatted.
//
// Values come from strangers: line breaks, control bytes, quotes and broken UTF-8 are escaped, and
// what is longer than value_bytes_max is cut. Secrets are handed over as log::secret and print as
// "***"; passwords, tokens, cookies, keys and webhook bodies are never handed over at all.
#include <atomic>
#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>
#include <vector>

namespace holdfast::config {

/// How much is logged; a level includes all that are more severe.
enum class log_level : std::uint8_t { debug, info, warning, error };

/// The shape of a line.
enum class log_format : std::uint8_t { logfmt, json };

std::string_view to_string(log_level level);
std::string_view to_string(log_format format);

} // namespace holdfast::config

namespace holdfast::config::log {

/// Bytes of one value that are logged; the rest is cut and "..." says so. Keeps a whole line in a
/// pipe's atomic write (PIPE_BUF, 4096 bytes) for events of usual size.
inline constexpr std::size_t value_bytes_max = 1024;

/// Marks a value that must never be readable in a log; it prints as "***".
struct secret {
  secret() = default;
  /// Takes anything and keeps nothing of it.
  template <class T>
  explicit secret(const T& /*value*/) {}
};

/// One field's value. Borrows text: it lives until the end of the logging call's full expression.
class value {
 public:
  template <std::convertible_to<std::string_view> T>
  value(const T& text)
      : content_(std::string_view(text)) {} // NOLINT: meant to be implicit
  template <std::integral T>
  value(T number) { // NOLINT: meant to be implicit
    if constexpr (std::same_as<T, bool>)
      content_ = number;
    else if constexpr (std::is_signed_v<T>)
      content_ = static_cast<std::int64_t>(number);
    else
      content_ = static_cast<std::uint64_t>(number);
  }
  value(double number)
      : content_(number) {} // NOLINT: meant to be implicit
  value(secret /*hidden*/)
      : content_(secret{}) {} // NOLINT: meant to be implicit

  using content_type =
      std::variant<std::string_view, std::int64_t, std::uint64_t, bool, double, secret>;
  const content_type& content() const { return content_; }

 private:
  content_type content_;
};

/// A named value; the name is snake_case and ends in its unit where it has one.
struct field {
  std::string_view name;
  value content;
};

using fields = std::initializer_list<field>;

namespace detail {
inline std::atomic<log_level> level_min{log_level::info};
void write_line(log_level level, std::string_view event, fields values);
} // namespace detail

/// Sets level and format for the whole process.
void configure(log_level level, log_format format);

/// Whether events of this level are logged: ask before computing a costly value.
inline bool enabled(log_level level) {
  return level >= detail::level_min.load(std::memory_order_relaxed);
}

/// Logs an event. `event` is a snake_case name that stays the same for ever, e.g. "listening".
inline void write(log_level level, std::string_view event, fields values = {}) {
  if (enabled(level))
    detail::write_line(level, event, values);
}

inline void debug(std::string_view event, fields values = {}) {
  write(log_level::debug, event, values);
}
inline void info(std::string_view event, fields values = {}) {
  write(log_level::info, event, values);
}
inline void warning(std::string_view event, fields values = {}) {
  write(log_level::warning, event, values);
}
inline void error(std::string_view event, fields values = {}) {
  write(log_level::error, event, values);
}

/// For tests: while one lives, lines go to it instead of standard error, at every level given.
/// One at a time per process; the former level and format come back when it ends.
class capture {
 public:
  explicit capture(log_level level = log_level::debug, log_format format = log_format::logfmt);
  ~capture();
  capture(const capture&) = delete;
  capture& operator=(const capture&) = delete;

  /// The lines so far, each with its line break.
  std::vector<std::string> lines() const;
  /// Whether any line so far contains the text.
  bool contains(std::string_view text) const;

 private:
  friend void detail::write_line(log_level, std::string_view, fields);
  log_level former_level_;
  log_format former_format_;
  mutable std::mutex mutex_;
  std::vector<std::string> lines_;
};

/// Formats one line without writing it; `time_ms` is milliseconds since the epoch.
std::string format_line(log_format format, std::int64_t time_ms, log_level level,
                        std::string_view event, fields values);

} // namespace holdfast::config::log

namespace holdfast {
namespace log = config::log;
} // namespace holdfast
