#include "config/log.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <chrono>
#include <cmath>
#include <ctime>
#include <unistd.h>

namespace holdfast::config {

std::string_view to_string(log_level level) {
  switch (level) {
  case log_level::debug:
    return "debug";
  case log_level::info:
    return "info";
  case log_level::warning:
    return "warning";
  case log_level::error:
    return "error";
  }
  return "unknown";
}

std::string_view to_string(log_format format) {
  return format == log_format::json ? "json" : "logfmt";
}

} // namespace holdfast::config

namespace holdfast::config::log {

namespace {

std::atomic<log_format> line_format{log_format::logfmt};

// The test sink. `capturing` keeps the mutex off the path of every line in production.
std::atomic<bool> capturing{false};
std::mutex capture_mutex;
capture* active_capture = nullptr;

/// Length in bytes of the well-formed UTF-8 sequence at the front of `text`, 0 if there is none.
std::size_t sequence_length(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  auto continues = [&](std::size_t i) { return i < text.size() && (byte(i) & 0xC0) == 0x80; };
  unsigned char first = byte(0);
  if (first < 0x80)
    return 1;
  if (first >= 0xC2 && first <= 0xDF)
    return continues(1) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    if (!continues(1) || !continues(2))
      return 0;
    bool overlong = first == 0xE0 && byte(1) < 0xA0;
    bool surrogate = first == 0xED && byte(1) >= 0xA0;
    return overlong || surrogate ? 0 : 3;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    if (!continues(1) || !continues(2) || !continues(3))
      return 0;
    bool overlong = first == 0xF0 && byte(1) < 0x90;
    bool beyond = first == 0xF4 && byte(1) >= 0x90;
    return overlong || beyond ? 0 : 4;
  }
  return 0;
}

void append_code_unit(std::string& line, unsigned code) {
  constexpr std::string_view digits = "0123456789abcdef";
  line += "\\u";
  for (int shift = 12; shift >= 0; shift -= 4)
    line += digits[(code >> shift) & 0xF];
}

/// Appends text as the inside of a JSON string; logfmt uses the same escapes.
void append_escaped(std::string& line, std::string_view text) {
  bool cut = text.size() > value_bytes_max;
  std::string_view rest = text.substr(0, value_bytes_max);
  while (!rest.empty()) {
    auto first = static_cast<unsigned char>(rest[0]);
    std::size_t length = sequence_length(rest);
    if (length == 0) {
      if (cut && rest.size() < 4)
        break; // the cut went through a character
      append_code_unit(line, 0xFFFD);
      rest.remove_prefix(1);
      continue;
    }
    // C1 controls (U+0080 to U+009F) steer terminals too.
    bool high_control = length == 2 && first == 0xC2 && static_cast<unsigned char>(rest[1]) < 0xA0;
    if (first == '"' || first == '\\')
      (line += '\\') += rest[0];
    else if (first == '\n')
      line += "\\n";
    else if (first == '\r')
      line += "\\r";
    else if (first == '\t')
      line += "\\t";
    else if (first < 0x20 || first == 0x7F)
      append_code_unit(line, first);
    else if (high_control)
      append_code_unit(line, static_cast<unsigned char>(rest[1]));
    else
      line += rest.substr(0, length);
    rest.remove_prefix(length);
  }
  if (cut)
    line += "...";
}

bool is_plain(std::string_view text) {
  if (text.empty() || text.size() > value_bytes_max)
    return false;
  for (char character : text) {
    auto byte = static_cast<unsigned char>(character);
    if (byte <= 0x20 || byte >= 0x7F || byte == '"' || byte == '=' || byte == '\\')
      return false;
  }
  return true;
}

void append_text(std::string& line, log_format format, std::string_view text) {
  if (format == log_format::logfmt && is_plain(text)) {
    line += text;
    return;
  }
  line += '"';
  append_escaped(line, text);
  line += '"';
}

template <class Number>
void append_number(std::string& line, Number number) {
  std::array<char, 32> buffer{};
  auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  line.append(buffer.data(), error == std::errc{} ? end : buffer.data());
}

struct value_writer {
  std::string& line;
  log_format format;

  void operator()(std::string_view text) const { append_text(line, format, text); }
  void operator()(std::int64_t number) const { append_number(line, number); }
  void operator()(std::uint64_t number) const { append_number(line, number); }
  void operator()(bool flag) const { line += flag ? "true" : "false"; }
  void operator()(double number) const {
    if (std::isfinite(number))
      append_number(line, number);
    else // JSON has no such numbers
      append_text(line, format, std::isnan(number) ? "nan" : number > 0 ? "inf" : "-inf");
  }
  void operator()(secret) const { append_text(line, format, "***"); }
};

void append_field(std::string& line, log_format format, std::string_view name,
                  const value& content) {
  if (format == log_format::json) {
    line += line.empty() ? "{\"" : ",\"";
    append_escaped(line, name);
    line += "\":";
  } else {
    if (!line.empty())
      line += ' ';
    line += name;
    line += '=';
  }
  std::visit(value_writer{line, format}, content.content());
}

std::string time_text(std::int64_t time_ms) {
  std::time_t seconds = static_cast<std::time_t>(time_ms / 1000);
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  std::array<char, 40> buffer{};
  std::size_t length = std::strftime(buffer.data(), buffer.size(), "%Y-%m-%dT%H:%M:%S", &parts);
  std::string text(buffer.data(), length);
  std::int64_t milliseconds = time_ms % 1000;
  text += '.';
  text += static_cast<char>('0' + milliseconds / 100);
  text += static_cast<char>('0' + milliseconds / 10 % 10);
  text += static_cast<char>('0' + milliseconds % 10);
  text += 'Z';
  return text;
}

void write_to_standard_error(std::string_view line) {
  while (!line.empty()) {
    ssize_t written = ::write(STDERR_FILENO, line.data(), line.size());
    if (written < 0 && errno == EINTR)
      continue;
    if (written <= 0)
      return; // standard error is gone: there is nowhere left to say so
    line.remove_prefix(static_cast<std::size_t>(written));
  }
}

} // namespace

std::string format_line(log_format format, std::int64_t time_ms, log_level level,
                        std::string_view event, fields values) {
  std::string line;
  line.reserve(256);
  append_field(line, format, "time", time_text(time_ms));
  append_field(line, format, "level", to_string(level));
  append_field(line, format, "event", event);
  for (const field& each : values)
    append_field(line, format, each.name, each.content);
  if (format == log_format::json)
    line += '}';
  line += '\n';
  return line;
}

void configure(log_level level, log_format format) {
  detail::level_min.store(level, std::memory_order_relaxed);
  line_format.store(format, std::memory_order_relaxed);
}

void detail::write_line(log_level level, std::string_view event, fields values) {
  using namespace std::chrono;
  auto now = duration_cast<milliseconds>(system_clock::now().time_since_epoch()).count();
  std::string line =
      format_line(line_format.load(std::memory_order_relaxed), now, level, event, values);
  if (capturing.load(std::memory_order_acquire)) {
    std::lock_guard guard(capture_mutex);
    if (active_capture != nullptr) {
      std::lock_guard line_guard(active_capture->mutex_);
      active_capture->lines_.push_back(std::move(line));
      return;
    }
  }
  write_to_standard_error(line);
}

capture::capture(log_level level, log_format format)
    : former_level_(detail::level_min.load())
    , former_format_(line_format.load()) {
  std::lock_guard guard(capture_mutex);
  active_capture = this;
  capturing.store(true, std::memory_order_release);
  configure(level, format);
}

capture::~capture() {
  std::lock_guard guard(capture_mutex);
  configure(former_level_, former_format_);
  capturing.store(false, std::memory_order_release);
  active_capture = nullptr;
}

std::vector<std::string> capture::lines() const {
  std::lock_guard guard(mutex_);
  return lines_;
}

bool capture::contains(std::string_view text) const {
  std::lock_guard guard(mutex_);
  for (const std::string& line : lines_)
    if (line.find(text) != std::string::npos)
      return true;
  return false;
}

} // namespace holdfast::config::log
