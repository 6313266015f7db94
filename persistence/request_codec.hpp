// The record of a named request (entity_kind::request): what it came to, so that its repetition is
// answered alike and has no second effect. Bytes as in record_codec.hpp. Values; any thread.
//
// A request's record lies in the slot of its name, or in two parts: where its effect lies, written
// in the same commit, and in the slot of its name the word where that is. So a name is recognised
// whatever the repetition wishes for, though the effect may belong to any shard.
#pragma once

#include "domain/ids.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace holdfast::persistence {

/// The effect's part is that of the name in this slot.
struct effect_elsewhere {
  domain::slot_number slot = 0;

  friend bool operator==(const effect_elsewhere&, const effect_elsewhere&) = default;
};

/// The order as the attempt has left it; while that is unsettled the order itself tells.
struct payment_made {
  domain::order order;
  domain::payment_id payment;

  friend bool operator==(const payment_made&, const payment_made&) = default;
};

using request_effect = std::variant<effect_elsewhere, domain::ticket, domain::order, payment_made>;

struct request_record {
  /// A hash of what was wished for.
  domain::uuid content;
  domain::instant kept_until = 0;
  request_effect effect;

  friend bool operator==(const request_record&, const request_record&) = default;
};

std::string encode(const request_record& x);

/// Nothing, if the bytes are no such record.
std::optional<request_record> decode_request(std::string_view bytes);

} // namespace holdfast::persistence
