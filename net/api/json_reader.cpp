#include "net/api/json_reader.hpp"

#include "config/limits.hpp"
#include "net/api/text.hpp"

#include <boost/json/basic_parser_impl.hpp>

#include <algorithm>

namespace holdfast::net {

namespace {

/// Objects of more members than this are searched for duplicates by sorting, so that a body of many
/// thousand keys costs no quadratic time.
constexpr std::size_t members_compared_pairwise_max = 16;

bool has_duplicate(const std::vector<json_member>& members) {
  if (members.size() <= members_compared_pairwise_max) {
    for (std::size_t i = 1; i < members.size(); ++i)
      for (std::size_t j = 0; j < i; ++j)
        if (members[i].name == members[j].name)
          return true;
    return false;
  }
  std::vector<std::string_view> names;
  names.reserve(members.size());
  for (const json_member& member : members)
    names.push_back(member.name);
  std::sort(names.begin(), names.end());
  return std::adjacent_find(names.begin(), names.end()) != names.end();
}

/// Builds the document from the parser's events. Faults that the parser doesn't know are remembered
/// and end the parse with the parser's own error for "somebody said stop".
class document_builder {
 public:
  using error_code = boost::json::error_code;
  using text_view = boost::json::string_view;

  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);

  json_document result;

  bool on_document_begin(error_code&) { return true; }
  bool on_document_end(error_code&) { return true; }

  bool on_object_begin(error_code&) {
    open(json_kind::object);
    return true;
  }
  bool on_object_end(std::size_t, error_code& error) {
    if (has_duplicate(path_.back()->members))
      return stop(json_fault::duplicate_key, error);
    path_.pop_back();
    return true;
  }
  bool on_array_begin(error_code& error) {
    if (path_.empty())
      return stop(json_fault::not_an_object, error);
    open(json_kind::array);
    return true;
  }
  bool on_array_end(std::size_t, error_code&) {
    path_.pop_back();
    return true;
  }

  bool on_key_part(text_view part, std::size_t, error_code&) { return keep(part); }
  bool on_key(text_view part, std::size_t, error_code&) {
    keep(part);
    json_member& member = path_.back()->members.emplace_back();
    member.name = std::move(pending_);
    pending_.clear();
    return true;
  }

  bool on_string_part(text_view part, std::size_t, error_code&) { return keep(part); }
  bool on_string(text_view part, std::size_t, error_code& error) {
    keep(part);
    return close_text(json_kind::string, error);
  }

  bool on_number_part(text_view part, error_code&) { return keep(part); }
  bool on_int64(std::int64_t, text_view part, error_code& error) {
    keep(part);
    return close_text(json_kind::number, error);
  }
  bool on_uint64(std::uint64_t, text_view part, error_code& error) {
    keep(part);
    return close_text(json_kind::number, error);
  }
  bool on_double(double, text_view part, error_code& error) {
    keep(part);
    return close_text(json_kind::number, error);
  }

  bool on_bool(bool truth, error_code& error) {
    if (path_.empty())
      return stop(json_fault::not_an_object, error);
    json_value& value = place();
    value.kind = json_kind::boolean;
    value.truth = truth;
    return true;
  }
  bool on_null(error_code& error) {
    if (path_.empty())
      return stop(json_fault::not_an_object, error);
    place().kind = json_kind::null;
    return true;
  }

  bool on_comment_part(text_view, error_code&) { return true; }
  bool on_comment(text_view, error_code&) { return true; }

 private:
  bool stop(json_fault why, error_code& error) {
    result.fault = why;
    error = boost::json::error::syntax;
    return false;
  }

  bool keep(text_view part) {
    pending_.append(part.data(), part.size());
    return true;
  }

  /// Where the next value goes. Pointers in path_ stay good: only the innermost container grows.
  json_value& place() {
    if (path_.empty())
      return result.root;
    json_value& parent = *path_.back();
    if (parent.kind == json_kind::array)
      return parent.elements.emplace_back();
    return parent.members.back().value;
  }

  void open(json_kind kind) {
    json_value& value = place();
    value.kind = kind;
    path_.push_back(&value);
  }

  bool close_text(json_kind kind, error_code& error) {
    if (path_.empty())
      return stop(json_fault::not_an_object, error);
    json_value& value = place();
    value.kind = kind;
    value.text = std::move(pending_);
    pending_.clear();
    return true;
  }

  std::string pending_;
  std::vector<json_value*> path_;
};

json_fault fault_of(const boost::json::error_code& error, std::string_view text) {
  if (error == boost::json::error::too_deep)
    return json_fault::too_deep;
  if (error == boost::json::error::illegal_leading_surrogate ||
      error == boost::json::error::illegal_trailing_surrogate)
    return json_fault::not_utf8;
  if (error == boost::json::error::exponent_overflow)
    return json_fault::absurd_number;
  // The parser calls both a syntax error.
  return is_utf8(text) ? json_fault::malformed : json_fault::not_utf8;
}

} // namespace

const json_value* json_value::find(std::string_view name) const noexcept {
  for (const json_member& member : members)
    if (member.name == name)
      return &member.value;
  return nullptr;
}

std::string_view explain(json_fault x) noexcept {
  switch (x) {
  case json_fault::none:
    return "The body is valid";
  case json_fault::malformed:
    return "The body is not valid JSON";
  case json_fault::not_utf8:
    return "The body is not valid UTF-8";
  case json_fault::too_deep:
    return "The body is nested too deeply";
  case json_fault::duplicate_key:
    return "The body has a member twice";
  case json_fault::absurd_number:
    return "The body has a number that is out of all range";
  case json_fault::not_an_object:
    return "The body must be a JSON object";
  }
  return "The body is not valid JSON";
}

json_document read_json_object(std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = config::limits::json_depth_max;
  boost::json::basic_parser<document_builder> parser{options};
  boost::json::error_code error;
  const std::size_t used = parser.write_some(false, text.data(), text.size(), error);
  json_document result = std::move(parser.handler().result);
  if (result.fault == json_fault::none && (error || used != text.size()))
    result.fault = fault_of(error, text);
  if (!result.ok())
    result.root = {};
  return result;
}

} // namespace holdfast::net
