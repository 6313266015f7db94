// The smallest pieces of JSON text, appended to a string that the caller owns. For the encoders of
// this folder and of the front's own small answers. Pure; any thread.
#pragma once

#include "domain/ids.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace holdfast::net {

/// A JSON string with its quotes. Also escapes '<', U+2028 and U+2029, so that the text is safe
/// inside a script element.
void append_json_string(std::string& out, std::string_view text);

/// Text that is known to need no escape, with quotes.
void append_word(std::string& out, std::string_view x);
void append_number(std::string& out, std::uint64_t x);
/// Quoted.
void append_id(std::string& out, const domain::uuid& x);
/// Quoted, see time_text.hpp.
void append_quoted_time(std::string& out, domain::instant x);

} // namespace holdfast::net
