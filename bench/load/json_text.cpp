#include "bench/load/json_text.hpp"

#include <cstdio>

namespace holdfast::bench {

namespace {

/// Behind the closing quote of the string that begins at `at` (its opening quote).
std::size_t end_of_string(std::string_view text, std::size_t at) noexcept {
  for (++at; at < text.size() && text[at] != '"'; ++at)
    if (text[at] == '\\')
      ++at;
  return at + 1;
}

std::size_t skip_blanks(std::string_view text, std::size_t at) noexcept {
  while (at < text.size() &&
         (text[at] == ' ' || text[at] == '\n' || text[at] == '\r' || text[at] == '\t'))
    ++at;
  return at;
}

} // namespace

std::string_view json_string(std::string_view object, std::string_view name) noexcept {
  int depth = 0;
  for (std::size_t at = 0; at < object.size();) {
    const char character = object[at];
    if (character == '{' || character == '[')
      ++depth;
    if (character == '}' || character == ']')
      --depth;
    if (character != '"') {
      ++at;
      continue;
    }
    const std::size_t end = end_of_string(object, at);
    if (end > object.size())
      return {};
    const std::size_t colon = skip_blanks(object, end);
    const bool is_name = colon < object.size() && object[colon] == ':';
    if (depth == 1 && is_name && object.substr(at + 1, end - at - 2) == name) {
      const std::size_t value = skip_blanks(object, colon + 1);
      if (value >= object.size() || object[value] != '"')
        return {};
      const std::size_t value_end = end_of_string(object, value);
      return value_end > object.size() ? std::string_view{}
                                       : object.substr(value + 1, value_end - value - 2);
    }
    at = end;
  }
  return {};
}

void json_writer::member(std::string_view name) {
  if (!first_)
    out_ += ',';
  first_ = false;
  if (!name.empty()) {
    out_ += '"';
    out_ += name;
    out_ += "\":";
  }
}

json_writer& json_writer::open(std::string_view name) {
  member(name);
  out_ += '{';
  ++depth_;
  first_ = true;
  return *this;
}

json_writer& json_writer::close() {
  out_ += '}';
  --depth_;
  first_ = false;
  return *this;
}

json_writer& json_writer::text(std::string_view name, std::string_view value) {
  member(name);
  out_ += '"';
  for (const char character : value) {
    if (character == '"' || character == '\\')
      out_ += '\\';
    out_ += static_cast<unsigned char>(character) < 0x20 ? ' ' : character;
  }
  out_ += '"';
  return *this;
}

json_writer& json_writer::whole(std::string_view name, std::uint64_t value) {
  member(name);
  out_ += std::to_string(value);
  return *this;
}

json_writer& json_writer::number(std::string_view name, double value) {
  member(name);
  char digits[64];
  std::snprintf(digits, sizeof digits, "%.6f", value);
  std::string_view text = digits;
  while (text.ends_with('0'))
    text.remove_suffix(1);
  if (text.ends_with('.'))
    text.remove_suffix(1);
  out_ += text;
  return *this;
}

json_writer& json_writer::flag(std::string_view name, bool value) {
  member(name);
  out_ += value ? "true" : "false";
  return *this;
}

std::string json_writer::finish() {
  while (depth_ > 0)
    close();
  return std::move(out_);
}

} // namespace holdfast::bench
