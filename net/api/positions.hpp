// Opaque texts that travel to clients and come back: positions in the store's log (X-Position,
// X-After-Position, the live feed's `position`, feed event ids) and list cursors (`after`). Clients
// must not look inside; what comes back is parsed as a stranger's text. Values; any thread.
#pragma once

#include "actors/protocol/catalog_messages.hpp"
#include "actors/protocol/context.hpp"
#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

/// How far each of some streams of the log has been seen: a client's knowledge. A write's answer
/// carries the request's own positions merged with where the write landed, so that a client only
/// ever has to keep and send back the last text it got.
class position_set {
 public:
  /// Streams in one text at most; a longer text is refused.
  static constexpr std::size_t streams_max = 1024;

  position_set() = default;

  /// One number for each stream from 0 on, as the catalog says it. Zeros are left out.
  static position_set from_applied(std::span<const std::uint64_t> applied);

  /// "0-123_7-42". Nothing: not such a text.
  static std::optional<position_set> parse(std::string_view text);

  /// Raises the stream's number to `at`; sequence 0 (nothing was written) changes nothing.
  void merge(actors::write_position at);
  void merge(const position_set& other);

  /// Those of its entries that a log with these ends can have given. Others are a stranger's
  /// invention, or come from what a restored backup doesn't hold any more; repeating them would
  /// make their client wait for what never comes.
  position_set within(std::span<const std::uint64_t> ends) const;

  bool empty() const noexcept { return entries_.empty(); }
  /// Streams ascending, sequences above 0.
  std::span<const actors::write_position> entries() const noexcept { return entries_; }
  /// Whether a node that has applied this much (one number for each stream) has reached the set.
  bool reached_by(std::span<const std::uint64_t> applied) const noexcept;

  /// Empty text for the empty set.
  std::string to_text() const;
  void append_to(std::string& out) const;

 private:
  std::vector<actors::write_position> entries_;
};

/// A feed event's id: everything up to and including it has been read. `reached` holds its commit's
/// own position too.
struct feed_position {
  position_set reached;
  /// The event's stream, and its place among the feed events of its commit.
  std::uint32_t stream = 0;
  std::uint32_t index = 0;
};

/// "0-123.0.1"
void append_to(std::string& out, const feed_position& x);
std::optional<feed_position> parse_feed_position(std::string_view text);

/// The question that reads on behind a position.
actors::read_feed read_after(const feed_position& x, std::uint32_t limit);

/// What a list cursor points at, so that an order's cursor isn't taken for a ticket's.
enum class cursor_kind : std::uint8_t { ticket = 't', order = 'o' };

/// URL-safe, 23 characters.
std::string make_cursor(cursor_kind kind, const domain::uuid& last);
std::optional<domain::uuid> parse_cursor(cursor_kind kind, std::string_view text);

/// The value of a `Link` header to the next page: the same path and query with `after` replaced.
/// "</api/tickets?status=all&after=...>; rel=\"next\"".
std::string next_page_link(std::string_view path, std::string_view query, std::string_view after);

} // namespace holdfast::net
