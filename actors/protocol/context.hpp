// What every command carries beside its own fields.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"

namespace holdfast::actors {

/// How a client names one wish of his (`Idempotency-Key`), so that repeating it is recognised and
/// has no second effect. Commands that carry one are sent to the shard of its id.
struct request_name {
  /// From the user, the route and his key; nil: the wish has no name.
  domain::request_id id;
  /// A hash of what is wished for: the same name for something else is refused.
  domain::uuid content;
  /// The wish's actor has looked for an earlier effect and found none: whoever commits the effect
  /// remembers it in the same commit.
  bool is_new = false;

  bool is_named() const noexcept { return !id.is_nil(); }
  /// The wish's actor has passed it on, and waits for it.
  bool is_passed_on() const noexcept { return is_named() && is_new; }
};

template <class Inspector>
auto inspect(Inspector& f, request_name& x) {
  return f(x.id, x.content, x.is_new);
}

/// Who asks, under which name, and until when an answer is of use.
struct command_context {
  domain::requester who;
  request_name request;
  /// Milliseconds since the epoch by the store's clock. An actor that meets the command later
  /// answers failure::too_late without doing anything. 0: no deadline.
  domain::instant deadline = 0;
  /// It was sent before and its answer got lost, so its effect may be there already: whoever finds
  /// it so answers as if it had just been made.
  bool is_repeated = false;
  /// On its way to another node: the epoch of the shard's ownership that it is meant for. Who finds
  /// it under a later one leaves it, since it may have been sent to somebody else meanwhile. 0:
  /// any.
  std::uint64_t epoch = 0;

  /// Whose shard the command is sent to: that of its name, or, once that has been asked, of its
  /// entity.
  const domain::uuid& first_stop(const domain::uuid& entity) const noexcept {
    return request.is_named() && !request.is_passed_on() ? request.id : entity;
  }
};

template <class Inspector>
auto inspect(Inspector& f, command_context& x) {
  return f(x.who, x.request, x.deadline, x.is_repeated, x.epoch);
}

/// Where a write landed in the store's log, for read-your-writes (`X-Position`).
struct write_position {
  std::uint32_t stream = 0;
  /// 0: nothing had to be written.
  std::uint64_t sequence = 0;
};

template <class Inspector>
auto inspect(Inspector& f, write_position& x) {
  return f(x.stream, x.sequence);
}

} // namespace holdfast::actors
