// Opaque texts that come back from clients: positions, feed event ids, cursors, times.
#include "net/api/positions.hpp"
#include "net/api/time_text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace holdfast;
using namespace holdfast::net;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

void check_set(std::string_view text) {
  const auto set = position_set::parse(text);
  if (!set)
    return;
  require(!set->empty() && set->entries().size() <= position_set::streams_max);
  require(set->to_text() == text); // one text for a set
  position_set merged = *set;
  merged.merge(*set);
  require(merged.to_text() == text);
}

void check_feed(std::string_view text) {
  const auto position = parse_feed_position(text);
  if (!position)
    return;
  std::string written;
  append_to(written, *position);
  require(written == text);
  const actors::read_feed question = read_after(*position, 10);
  require(position->stream < question.after.size() && question.skip == position->index + 1);
}

void check_cursor(cursor_kind kind, std::string_view text) {
  const auto id = parse_cursor(kind, text);
  if (id)
    require(make_cursor(kind, *id) == text && domain::parse_uuid(domain::to_string(*id)) == id);
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  check_set(text);
  check_feed(text);
  check_cursor(cursor_kind::ticket, text);
  check_cursor(cursor_kind::order, text);
  if (const auto time = parse_time(text)) {
    std::string written;
    append_time(written, *time);
    require(parse_time(written) == time);
  }
  return 0;
}
