// The `Idempotency-Key` of a request: which texts are keys, and what a key stands for. A name is
// made from user, route and key, so that nobody can meet another's; what is wished for is known by
// a hash, so that bodies (which may hold a means of payment) are not kept. Pure; any thread.
#pragma once

#include "actors/protocol/context.hpp"
#include "domain/ids.hpp"
#include "net/api/json_reader.hpp"
#include "net/api/routes.hpp"

#include <string_view>

namespace holdfast::net {

/// 1 to config::limits::idempotency_key_characters_max visible ASCII characters.
bool is_idempotency_key(std::string_view text) noexcept;

/// `body`: bodies that differ only in white space and in the order of members wish for the same.
actors::request_name name_request(domain::account_id user, route asked, std::string_view key,
                                  const json_value& body);

} // namespace holdfast::net
