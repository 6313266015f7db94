#include "net/api/json_writer.hpp"

#include "net/api/time_text.hpp"

#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

/// What a byte of a JSON string needs: 0 nothing, 'u' a \u00XX escape, '?' a look at what follows,
/// else the letter of its short escape.
constexpr std::array<char, 256> make_escapes() {
  std::array<char, 256> table{};
  for (std::size_t i = 0; i < 0x20; ++i)
    table[i] = 'u';
  table['\b'] = 'b';
  table['\f'] = 'f';
  table['\n'] = 'n';
  table['\r'] = 'r';
  table['\t'] = 't';
  table['"'] = '"';
  table['\\'] = '\\';
  table['<'] = 'u';
  table[0x7f] = 'u';
  table[0xe2] = '?'; // starts U+2028 and U+2029
  return table;
}
constexpr std::array<char, 256> escapes = make_escapes();

void append_byte_escape(std::string& out, unsigned char byte) {
  constexpr std::string_view digits = "0123456789abcdef";
  out += "\\u00";
  out += digits[byte >> 4];
  out += digits[byte & 0xf];
}

} // namespace

void append_json_string(std::string& out, std::string_view text) {
  out += '"';
  std::size_t run = 0; // start of what is to be copied as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const char escape = escapes[byte];
    if (escape == 0)
      continue;
    if (escape == '?') {
      const std::string_view three = text.substr(i, 3);
      if (three != "\u2028" && three != "\u2029")
        continue;
      out.append(text, run, i - run);
      out += three == "\u2028" ? "\\u2028" : "\\u2029";
      i += 2;
    } else {
      out.append(text, run, i - run);
      if (escape == 'u') {
        append_byte_escape(out, byte);
      } else {
        out += '\\';
        out += escape;
      }
    }
    run = i + 1;
  }
  out.append(text, run);
  out += '"';
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
