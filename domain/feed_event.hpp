// The facts that a change produces, as the feed carries them. A feed event is committed with the
// record that it describes and its data is that record as of the same version, so a type is all it
// needs.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <string_view>

namespace holdfast::domain {

/// Stored as numbers: never renumber, only add.
enum class feed_event_type : std::uint8_t {
  ticket_created = 1,
  ticket_updated = 2,
  ticket_deleted = 3,
  order_created = 10,
  order_awaitingpayment = 11,
  order_cancelled = 12,
  order_expired = 13,
  order_completed = 14,
  /// The order is payable again: its payment was declined before the deadline.
  order_updated = 15,
  payment_created = 20,
  payment_refunded = 21,
  session_revoked = 30,
};

/// The name in the feed: "ticket:created".
std::string_view to_string(feed_event_type x) noexcept;

/// The few feed events of one change, without an allocation.
class feed_event_types {
 public:
  static constexpr std::size_t count_max = 3;

  feed_event_types() = default;
  feed_event_types(std::initializer_list<feed_event_type> types) {
    for (const feed_event_type type : types)
      push_back(type);
  }

  /// At most count_max; more are a bug, and asserted.
  void push_back(feed_event_type type);

  const feed_event_type* begin() const noexcept { return types_.data(); }
  const feed_event_type* end() const noexcept { return types_.data() + count_; }
  std::size_t size() const noexcept { return count_; }
  bool empty() const noexcept { return count_ == 0; }
  feed_event_type operator[](std::size_t i) const noexcept { return types_[i]; }
  friend bool operator==(const feed_event_types&, const feed_event_types&) = default;

  template <class Inspector>
  friend auto inspect(Inspector& f, feed_event_types& x) {
    return f(x.types_, x.count_);
  }

 private:
  std::array<feed_event_type, count_max> types_{};
  std::uint8_t count_ = 0;
};

} // namespace holdfast::domain
