// What a command comes to: a change, or a named refusal, or the statement that nothing is to be
// done.
#pragma once

#include "domain/feed_event.hpp"
#include "domain/ids.hpp"
#include "domain/refusal.hpp"

#include <utility>

namespace holdfast::domain {

/// The outcome of a pure decision about one record. Exactly one of: refused; unchanged (accepted,
/// but the record already is as wished, nothing to commit); changed (`next` is to be committed).
template <class Record>
struct decision {
  refusal refused = refusal::none;
  bool changed = false;
  Record next;
  feed_event_types events;

  bool accepted() const noexcept { return refused == refusal::none; }

  static decision refuse(refusal why) {
    decision result;
    result.refused = why;
    return result;
  }
  static decision unchanged() { return {}; }
  static decision change(Record next, feed_event_types events) {
    decision result;
    result.changed = true;
    result.next = std::move(next);
    result.events = events;
    return result;
  }
};

/// Who asks, as the front has established it.
struct requester {
  account_id id;
  bool is_admin = false;
};

template <class Inspector>
auto inspect(Inspector& f, requester& x) {
  return f(x.id, x.is_admin);
}

} // namespace holdfast::domain
