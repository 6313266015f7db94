// Reads a stranger's JSON strictly: one object, valid UTF-8, no duplicate keys, no lone surrogates,
// a bounded depth, nothing behind the end. The size is bounded by the caller before. Numbers keep
// their source text, since money must never pass through a floating point number. Values; any
// thread.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::net {

enum class json_kind : std::uint8_t { null, boolean, number, string, array, object };

struct json_member;

struct json_value {
  json_kind kind = json_kind::null;
  bool truth = false;
  /// Of a string: its characters. Of a number: its text as it stood in the source ("1e2").
  std::string text;
  /// Of an array.
  std::vector<json_value> elements;
  /// Of an object, in source order, no name twice.
  std::vector<json_member> members;

  /// The member of this name; null pointer if there is none, or this is no object.
  const json_value* find(std::string_view name) const noexcept;
};

struct json_member {
  std::string name;
  json_value value;
};

/// Why a text isn't accepted.
enum class json_fault : std::uint8_t {
  none,
  malformed,
  not_utf8,
  too_deep,
  duplicate_key,
  /// A number whose exponent has nine digits and more: JSON, but nobody's amount.
  absurd_number,
  not_an_object
};

/// A sentence for the person: "The body is not valid JSON".
std::string_view explain(json_fault x) noexcept;

struct json_document {
  json_value root;
  json_fault fault = json_fault::none;

  bool ok() const noexcept { return fault == json_fault::none; }
};

/// Nesting at most config::limits::json_depth_max.
json_document read_json_object(std::string_view text);

} // namespace holdfast::net
