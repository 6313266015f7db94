// Unicode helpers for validating what people type. Input is valid UTF-8 unless stated otherwise.
// Pure.
#pragma once

#include <cstddef>
#include <string_view>

namespace holdfast::net {

/// Whether `text` is UTF-8 without overlong forms, surrogates and values beyond U+10FFFF.
bool is_utf8(std::string_view text) noexcept;

std::size_t count_code_points(std::string_view text) noexcept;

/// Without the white space at both ends (what ECMAScript's `trim` takes away, so that browser and
/// server agree).
std::string_view trim(std::string_view text) noexcept;

/// Whether a control character (U+0000..U+001F, U+007F..U+009F), a line or paragraph separator
/// (U+2028, U+2029), or a control of the writing direction (U+202A..U+202E, U+2066..U+2069), which
/// would turn around what a page shows beside it, is in the text.
bool has_control_character(std::string_view text) noexcept;

} // namespace holdfast::net
