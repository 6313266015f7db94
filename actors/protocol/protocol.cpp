#include "actors/protocol/errors.hpp"
#include "actors/protocol/interfaces.hpp"
#include "actors/protocol/type_ids.hpp"

#include <caf/actor_system_config.hpp>
#include <caf/atom.hpp>
#include <caf/message.hpp>

namespace holdfast::actors {

namespace {

constexpr auto refusal_category = caf::atom("refusal");
constexpr auto failure_category = caf::atom("failure");

} // namespace

std::string_view to_string(failure x) noexcept {
  switch (x) {
  case failure::none:
    return "none";
  case failure::overload:
    return "overload";
  case failure::unavailable:
    return "unavailable";
  case failure::outcome_unknown:
    return "outcome_unknown";
  case failure::too_late:
    return "too_late";
  case failure::not_owner:
    return "not_owner";
  }
  return "unknown";
}

std::string to_string(draft_wish x) {
  switch (x) {
  case draft_wish::reserve:
    return "reserve";
  case draft_wish::extend:
    return "extend";
  case draft_wish::release:
    return "release";
  case draft_wish::sell:
    return "sell";
  case draft_wish::take_back:
    return "take_back";
  }
  return "unknown";
}

std::string_view to_string(provider_call x) noexcept {
  switch (x) {
  case provider_call::prepare:
    return "prepare";
  case provider_call::charge:
    return "charge";
  case provider_call::lookup:
    return "lookup";
  case provider_call::cancel:
    return "cancel";
  case provider_call::late_lookup:
    return "late_lookup";
  }
  return "unknown";
}

std::string to_string(ticket_filter x) {
  switch (x) {
  case ticket_filter::available:
    return "available";
  case ticket_filter::reserved:
    return "reserved";
  case ticket_filter::sold:
    return "sold";
  case ticket_filter::all:
    return "all";
  }
  return "unknown";
}

caf::error make_error(domain::refusal why) {
  return {static_cast<std::uint8_t>(why), refusal_category};
}

caf::error make_error(failure what) {
  return {static_cast<std::uint8_t>(what), failure_category};
}

domain::refusal refusal_of(const caf::error& x) noexcept {
  return x.category() == refusal_category ? static_cast<domain::refusal>(x.code())
                                          : domain::refusal::none;
}

failure failure_of(const caf::error& x) noexcept {
  if (x.category() == failure_category)
    return static_cast<failure>(x.code());
  return x.category() == refusal_category ? failure::none : failure::outcome_unknown;
}

void register_messages(caf::actor_system_config& config) {
  config.add_message_types<caf::id_block::holdfast>();
  config.add_error_category(refusal_category,
                            [](std::uint8_t code, caf::atom_value, const caf::message&) {
                              return std::string{to_string(static_cast<domain::refusal>(code))};
                            });
  config.add_error_category(failure_category,
                            [](std::uint8_t code, caf::atom_value, const caf::message&) {
                              return std::string{to_string(static_cast<failure>(code))};
                            });
}

} // namespace holdfast::actors
