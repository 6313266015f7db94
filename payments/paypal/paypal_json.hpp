// Reading PayPal's JSON, which is input like any other: bounded depth, nothing thrown, what is
// missing or of another type reads as absent. Pure; any thread.
#pragma once

#include "domain/money.hpp"

#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

namespace holdfast::payments::paypal {

/// Deeper bodies are refused; PayPal's own stay below ten.
inline constexpr std::size_t json_depth_max = 32;

/// The whole text as one object, or nothing.
std::optional<boost::json::object> parse_object(std::string_view text) noexcept;

/// The member of this name, or null; also for a null object.
const boost::json::value* member(const boost::json::object* from, std::string_view name) noexcept;
/// Goes down through objects, and through the first element of arrays, where an object is meant.
const boost::json::object* object_at(const boost::json::object* from,
                                     std::initializer_list<std::string_view> path) noexcept;
/// Empty unless it is a string.
std::string_view text_of(const boost::json::object* from, std::string_view name) noexcept;

/// `{"currency_code":"USD","value":"19.99"}`; nothing if it is anything else.
std::optional<domain::money> read_money(const boost::json::object* from) noexcept;

/// Whether this may stand in a path: 1 to 64 letters, digits and dashes.
bool is_identifier(std::string_view text) noexcept;

/// PayPal's "INSTRUMENT_DECLINED" as our "instrument_declined"; empty for anything that is no word.
std::string lower_word(std::string_view text);

} // namespace holdfast::payments::paypal
