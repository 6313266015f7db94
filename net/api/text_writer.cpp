#include "net/api/text_writer.hpp"

#include "net/api/time_text.hpp"

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

/// Sixteen bytes that are looked at together, by the compiler's own vectors.
constexpr std::size_t block_bytes = 16;
using block = unsigned char __attribute__((vector_size(block_bytes)));
using block_words = std::uint64_t __attribute__((vector_size(block_bytes)));

template <class Word>
Word load(const char* from) noexcept {
  Word result;
  std::memcpy(&result, from, sizeof(Word));
  return result;
}

block join(std::uint64_t first, std::uint64_t last) noexcept {
  return reinterpret_cast<block>(block_words{first, last});
}

/// Whether each byte stands for itself, as nearly all of them do.
bool is_plain(block x) noexcept {
  const auto special =
      (x < 0x20) | (x == '"') | (x == '\\') | (x == '<') | (x == 0x7f) | (x == 0xe2);
  const auto words = reinterpret_cast<block_words>(special);
  return (words[0] | words[1]) == 0;
}

/// Of at most a block.
bool is_plain_short(std::string_view text) noexcept {
  if (text.size() == block_bytes)
    return is_plain(load<block>(text.data()));
  // The second of two words may overlap the first.
  const char* const end = text.data() + text.size();
  if (text.size() >= 8)
    return is_plain(join(load<std::uint64_t>(text.data()), load<std::uint64_t>(end - 8)));
  if (text.size() >= 4) {
    const std::uint64_t both =
        std::uint64_t{load<std::uint32_t>(text.data())} << 32 | load<std::uint32_t>(end - 4);
    return is_plain(join(both, both));
  }
  for (const char c : text)
    if (escapes[static_cast<unsigned char>(c)] != 0)
      return false;
  return true;
}

bool is_plain_text(std::string_view text) noexcept {
  if (text.size() <= block_bytes)
    return is_plain_short(text);
  // The last block may overlap the one before.
  const char* const last = text.data() + text.size() - block_bytes;
  for (const char* at = text.data(); at < last; at += block_bytes)
    if (!is_plain(load<block>(at)))
      return false;
  return is_plain(load<block>(last));
}

} // namespace

void text_writer::flush() {
  out_.append(buffer_.data(), at_);
  at_ = buffer_.data();
}

void text_writer::add_long(std::string_view text) {
  flush();
  out_.append(text);
}

void text_writer::add_amount(std::int64_t minor) {
  std::uint64_t magnitude = static_cast<std::uint64_t>(minor);
  if (minor < 0) {
    add('-');
    magnitude = 0 - magnitude;
  }
  add_number(magnitude / 100);
  const std::uint64_t cents = magnitude % 100;
  if (cents == 0)
    return;
  add('.');
  add(static_cast<char>('0' + cents / 10));
  if (cents % 10 != 0)
    add(static_cast<char>('0' + cents % 10));
}

void text_writer::add_time(domain::instant x) {
  make_room(time_characters);
  at_ = write_time(at_, x);
}

void text_writer::add_escaped(std::string_view text) {
  if (is_plain_text(text))
    add(text);
  else
    add_escaped_slowly(text);
}

void text_writer::add_escaped_byte(char c) {
  constexpr std::string_view digits = "0123456789abcdef";
  const auto byte = static_cast<unsigned char>(c);
  const char escape = escapes[byte];
  add('\\');
  add(escape);
  if (escape != 'u')
    return;
  add("00");
  add(digits[byte >> 4]);
  add(digits[byte & 0xf]);
}

void text_writer::add_escaped_slowly(std::string_view text) {
  std::size_t run = 0; // start of what is to be copied as it is
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char escape = escapes[static_cast<unsigned char>(text[i])];
    if (escape == 0)
      continue;
    if (escape == '?') {
      const std::string_view three = text.substr(i, 3);
      if (three != "\u2028" && three != "\u2029")
        continue;
      add(text.substr(run, i - run));
      add(three == "\u2028" ? "\\u2028" : "\\u2029");
      i += 2;
    } else {
      add(text.substr(run, i - run));
      add_escaped_byte(text[i]);
    }
    run = i + 1;
  }
  add(text.substr(run));
}

} // namespace holdfast::net
