// Base64url without padding (RFC 4648 section 5, as JWTs use it), read strictly: one text for one
// value. OpenSSL's decoder takes blanks, padding and stray bits, so it can't be used on a
// stranger's text. Pure; any thread.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace holdfast::net {

std::string base64url_encode(std::string_view bytes);

/// Nothing for any character outside the alphabet (also '='), an impossible length, or bits behind
/// the last byte that aren't zero.
std::optional<std::string> base64url_decode(std::string_view text);

} // namespace holdfast::net
