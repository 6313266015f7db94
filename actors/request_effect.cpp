#include "actors/request_effect.hpp"

#include <utility>

namespace holdfast::actors {

persistence::change effect_change(const request_name& name, persistence::request_effect effect,
                                  domain::slot_number slot, domain::instant now) {
  persistence::change change;
  change.key = request_key(name.id, slot);
  change.due = now + config::limits::request_kept_ms;
  change.record =
      persistence::encode(persistence::request_record{name.content, change.due, std::move(effect)});
  return change;
}

} // namespace holdfast::actors
