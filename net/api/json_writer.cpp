#include "net/api/json_writer.hpp"

#include "net/api/text_writer.hpp"
#include "net/api/time_text.hpp"

namespace holdfast::net {

void append_json_string(std::string& out, std::string_view text) {
  text_writer writer{out};
  writer.add('"');
  writer.add_escaped(text);
  writer.add('"');
}

void append_number(std::string& out, std::uint64_t x) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  out.append(digits.data(), end);
}

void append_id(std::string& out, const domain::uuid& x) {
  out += '"';
  domain::append_to(out, x);
  out += '"';
}

void append_word(std::string& out, std::string_view x) {
  out += '"';
  out += x;
  out += '"';
}

void append_quoted_time(std::string& out, domain::instant x) {
  out += '"';
  append_time(out, x);
  out += '"';
}

} // namespace holdfast::net
