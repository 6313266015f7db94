// How a command that isn't answered with its result is answered: with a domain::refusal, or with a
// failure. Both travel between actors as caf::error; net/api turns them into statuses in one place.
#pragma once

#include "domain/refusal.hpp"

#include <caf/error.hpp>

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::actors {

/// What went wrong that isn't the command's fault.
enum class failure : std::uint8_t {
  none = 0,
  /// A bounded queue is full. Nothing was changed; trying again a little later is right.
  overload = 1,
  /// The store or the entity can't serve now. Nothing was changed.
  unavailable = 2,
  /// The command may or may not have taken effect. Asking for the entity tells.
  outcome_unknown = 3,
  /// The command's deadline had passed before anything was done.
  too_late = 4,
  /// This node doesn't hold the entity's shard, or not any more. Nothing was changed; its owner has
  /// to be asked.
  not_owner = 5,
};

std::string_view to_string(failure x) noexcept;

caf::error make_error(domain::refusal why);
caf::error make_error(failure what);

/// The refusal that an error carries; none if it carries something else.
domain::refusal refusal_of(const caf::error& x) noexcept;

/// The failure that an error stands for. CAF's own errors (time limit passed, receiver gone) say
/// nothing about the effect, so they are `outcome_unknown`. `none` for refusals.
failure failure_of(const caf::error& x) noexcept;

} // namespace holdfast::actors
