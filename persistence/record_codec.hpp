// Records as bytes and back. The first byte is the format's version of that kind of record; numbers
// are little-endian fixed or variable length, strings carry their length. Decoding never reads
// beyond its input and refuses anything it doesn't understand, since files may be damaged.
#pragma once

#include "domain/account.hpp"
#include "domain/order.hpp"
#include "domain/ticket.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::persistence {

std::string encode(const domain::ticket& x);
std::string encode(const domain::order& x);
std::string encode(const domain::account& x);
std::string encode(const domain::email_claim_record& x);
std::string encode(const domain::session_revocation& x);

/// Nothing, if the bytes are no record of this kind.
std::optional<domain::ticket> decode_ticket(std::string_view bytes);
std::optional<domain::order> decode_order(std::string_view bytes);
std::optional<domain::account> decode_account(std::string_view bytes);
std::optional<domain::email_claim_record> decode_email_claim(std::string_view bytes);
std::optional<domain::session_revocation> decode_session_revocation(std::string_view bytes);

} // namespace holdfast::persistence
