// What every command carries beside its own fields.
#pragma once

#include "domain/decision.hpp"
#include "domain/ids.hpp"

namespace holdfast::actors {

/// Who asks, under which name, and until when an answer is of use.
struct command_context {
  domain::requester who;
  /// The front's name for this request; the same for a retry of it.
  domain::request_id request;
  /// Milliseconds since the epoch by the store's clock. An actor that meets the command later
  /// answers failure::too_late without doing anything. 0: no deadline.
  domain::instant deadline = 0;
};

template <class Inspector>
auto inspect(Inspector& f, command_context& x) {
  return f(x.who, x.request, x.deadline);
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
