#include "net/api/positions.hpp"

#include "net/api/query.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

constexpr char pair_joint = '-';
constexpr char entry_joint = '_';
constexpr char feed_joint = '.';

template <class Number>
void append_number(std::string& out, Number x) {
  std::array<char, 20> digits{};
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), x).ptr;
  out.append(digits.data(), end);
}

/// A decimal number without sign, blanks or leading zeros, as we write it ourselves.
template <class Number>
std::optional<Number> parse_number(std::string_view text) noexcept {
  if (text.empty() || (text.size() > 1 && text.front() == '0'))
    return std::nullopt;
  Number result = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, result);
  if (error != std::errc{} || stop != end)
    return std::nullopt;
  return result;
}

/// "0-123"
std::optional<actors::write_position> parse_entry(std::string_view text) noexcept {
  const std::size_t joint = text.find(pair_joint);
  if (joint == std::string_view::npos)
    return std::nullopt;
  const auto stream = parse_number<std::uint32_t>(text.substr(0, joint));
  const auto sequence = parse_number<std::uint64_t>(text.substr(joint + 1));
  if (!stream || !sequence || *sequence == 0 || *stream >= position_set::streams_max)
    return std::nullopt;
  return actors::write_position{*stream, *sequence};
}

bool stream_less(const actors::write_position& a, std::uint32_t stream) noexcept {
  return a.stream < stream;
}

// -- base64url, of whole groups of three bytes but for the last two -------------------------------

constexpr std::string_view base64_digits =
    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
/// The kind and the id.
constexpr std::size_t cursor_bytes = 17;
constexpr std::size_t cursor_characters = 23;
using cursor_block = std::array<unsigned char, cursor_bytes + 1>; // padded to whole groups

int digit_value(char c) noexcept {
  const std::size_t found = base64_digits.find(c);
  return found == std::string_view::npos ? -1 : static_cast<int>(found);
}

void put_word(unsigned char* to, std::uint64_t x) noexcept {
  for (std::size_t i = 0; i < 8; ++i)
    to[i] = static_cast<unsigned char>(x >> (56 - 8 * i));
}

std::uint64_t get_word(const unsigned char* from) noexcept {
  std::uint64_t x = 0;
  for (std::size_t i = 0; i < 8; ++i)
    x = (x << 8) | from[i];
  return x;
}

} // namespace

// -- position_set ---------------------------------------------------------------------------------

position_set position_set::from_applied(std::span<const std::uint64_t> applied) {
  position_set result;
  for (std::size_t i = 0; i < applied.size() && i < streams_max; ++i)
    if (applied[i] != 0)
      result.entries_.push_back({static_cast<std::uint32_t>(i), applied[i]});
  return result;
}

std::optional<position_set> position_set::parse(std::string_view text) {
  position_set result;
  while (true) {
    const std::size_t joint = text.find(entry_joint);
    const auto entry = parse_entry(text.substr(0, joint));
    if (!entry)
      return std::nullopt;
    // Ascending, as we write them: so there is one text for a set, and no stream twice.
    if (!result.entries_.empty() && entry->stream <= result.entries_.back().stream)
      return std::nullopt;
    result.entries_.push_back(*entry);
    if (joint == std::string_view::npos)
      return result;
    text.remove_prefix(joint + 1);
  }
}

void position_set::merge(actors::write_position at) {
  if (at.sequence == 0)
    return;
  const auto place = std::lower_bound(entries_.begin(), entries_.end(), at.stream, stream_less);
  if (place == entries_.end() || place->stream != at.stream)
    entries_.insert(place, at);
  else
    place->sequence = std::max(place->sequence, at.sequence);
}

void position_set::merge(const position_set& other) {
  for (const actors::write_position& entry : other.entries_)
    merge(entry);
}

position_set position_set::within(std::span<const std::uint64_t> ends) const {
  position_set result;
  for (const actors::write_position& entry : entries_)
    if (entry.stream < ends.size() && entry.sequence <= ends[entry.stream])
      result.entries_.push_back(entry);
  return result;
}

bool position_set::reached_by(std::span<const std::uint64_t> applied) const noexcept {
  return std::all_of(entries_.begin(), entries_.end(), [&](const actors::write_position& entry) {
    return entry.stream < applied.size() && applied[entry.stream] >= entry.sequence;
  });
}

std::string position_set::to_text() const {
  std::string result;
  append_to(result);
  return result;
}

void position_set::append_to(std::string& out) const {
  bool first = true;
  for (const actors::write_position& entry : entries_) {
    if (!first)
      out += entry_joint;
    first = false;
    append_number(out, entry.stream);
    out += pair_joint;
    append_number(out, entry.sequence);
  }
}

// -- feed_position --------------------------------------------------------------------------------

void append_to(std::string& out, const feed_position& x) {
  x.reached.append_to(out);
  out += feed_joint;
  append_number(out, x.stream);
  out += feed_joint;
  append_number(out, x.index);
}

std::optional<feed_position> parse_feed_position(std::string_view text) {
  const std::size_t first = text.find(feed_joint);
  if (first == std::string_view::npos)
    return std::nullopt;
  const std::size_t second = text.find(feed_joint, first + 1);
  if (second == std::string_view::npos)
    return std::nullopt;
  auto reached = position_set::parse(text.substr(0, first));
  const auto stream = parse_number<std::uint32_t>(text.substr(first + 1, second - first - 1));
  const auto index = parse_number<std::uint32_t>(text.substr(second + 1));
  if (!reached || !stream || !index)
    return std::nullopt;
  const auto entries = reached->entries();
  const bool knows_stream = std::any_of(entries.begin(), entries.end(),
                                        [&](const auto& entry) { return entry.stream == *stream; });
  // One commit has few feed events; a huge number is none of ours.
  constexpr std::uint32_t index_max = 1'000'000;
  if (!knows_stream || *index > index_max)
    return std::nullopt;
  return feed_position{std::move(*reached), *stream, *index};
}

actors::read_feed read_after(const feed_position& x, std::uint32_t limit) {
  actors::read_feed result;
  result.limit = limit;
  const auto entries = x.reached.entries();
  if (entries.empty())
    return result;
  result.after.resize(entries.back().stream + 1);
  for (const actors::write_position& entry : entries)
    result.after[entry.stream] = entry.sequence;
  // The event's own commit is read again, and what was seen of it skipped.
  --result.after[x.stream];
  result.skip = x.index + 1;
  result.skip_in = x.stream;
  return result;
}

// -- cursors --------------------------------------------------------------------------------------

std::string make_cursor(cursor_kind kind, const domain::uuid& last) {
  cursor_block block{};
  block[0] = static_cast<unsigned char>(kind);
  put_word(&block[1], last.high);
  put_word(&block[9], last.low);
  std::string result;
  for (std::size_t i = 0; i < block.size(); i += 3) {
    const std::uint32_t group = (static_cast<std::uint32_t>(block[i]) << 16) |
                                (static_cast<std::uint32_t>(block[i + 1]) << 8) | block[i + 2];
    for (int shift = 18; shift >= 0; shift -= 6)
      result += base64_digits[(group >> shift) & 0x3f];
  }
  result.resize(cursor_characters); // the last digit only stands for the padding
  return result;
}

std::optional<domain::uuid> parse_cursor(cursor_kind kind, std::string_view text) {
  if (text.size() != cursor_characters)
    return std::nullopt;
  cursor_block block{};
  for (std::size_t i = 0; i < block.size() / 3; ++i) {
    std::uint32_t group = 0;
    for (std::size_t j = 0; j < 4; ++j) {
      const std::size_t place = 4 * i + j;
      const int value = place < text.size() ? digit_value(text[place]) : 0;
      if (value < 0)
        return std::nullopt;
      group = (group << 6) | static_cast<std::uint32_t>(value);
    }
    block[3 * i] = static_cast<unsigned char>(group >> 16);
    block[3 * i + 1] = static_cast<unsigned char>(group >> 8);
    block[3 * i + 2] = static_cast<unsigned char>(group);
  }
  const bool clean_padding = block[cursor_bytes] == 0;
  if (block[0] != static_cast<unsigned char>(kind) || !clean_padding)
    return std::nullopt;
  domain::uuid id;
  id.high = get_word(&block[1]);
  id.low = get_word(&block[9]);
  // Only what is an id: it goes to the catalog as one.
  if (!domain::parse_uuid(domain::to_string(id)))
    return std::nullopt;
  return id;
}

std::string next_page_link(std::string_view path, std::string_view query, std::string_view after) {
  std::string result = "<";
  result += path;
  char joint = '?';
  while (!query.empty()) {
    const std::size_t end = query.find('&');
    const std::string_view parameter = query.substr(0, end);
    query = end == std::string_view::npos ? std::string_view{} : query.substr(end + 1);
    if (parameter.empty() || percent_decode(parameter.substr(0, parameter.find('='))) == "after")
      continue;
    result += joint;
    joint = '&';
    // What would end the reference inside the header's angle brackets is escaped.
    for (const char c : parameter) {
      if (c == '<')
        result += "%3C";
      else if (c == '>')
        result += "%3E";
      else if (c == '"')
        result += "%22";
      else
        result += c;
    }
  }
  result += joint;
  result += "after=";
  result += after;
  result += ">; rel=\"next\"";
  return result;
}

} // namespace holdfast::net
