#include "tests/system/support/json_schema.hpp"

#include <boost/json/serialize.hpp>

#include <cmath>
#include <map>
#include <regex>
#include <stdexcept>

namespace holdfast::system_tests {

namespace json = boost::json;

namespace {

class check {
 public:
  explicit check(const json::value& document)
      : document_(document) {}

  std::string run(const json::value& value, const json::value& schema,
                  const std::string& at) const {
    for (const auto& [keyword, demand] : schema.as_object())
      if (std::string fault = one(keyword, value, demand, schema, at); !fault.empty())
        return fault;
    return {};
  }

 private:
  std::string one(json::string_view keyword, const json::value& value, const json::value& demand,
                  const json::value& schema, const std::string& at) const {
    const auto wrong = [&] {
      return at + " is " + json::serialize(value) + ", which breaks " + std::string{keyword} + " " +
             json::serialize(demand);
    };
    if (keyword == "description" || keyword == "examples" || keyword == "default" ||
        keyword == "format" || keyword == "example")
      return {};
    if (keyword == "$ref")
      return run(value, resolve(schema, document_), at);
    if (keyword == "type")
      return has_type(value, demand) ? "" : wrong();
    if (keyword == "const")
      return value == demand ? "" : wrong();
    if (keyword == "enum") {
      for (const json::value& each : demand.as_array())
        if (each == value)
          return {};
      return wrong();
    }
    if (keyword == "allOf") {
      for (const json::value& each : demand.as_array())
        if (std::string fault = run(value, each, at); !fault.empty())
          return fault;
      return {};
    }
    if (keyword == "oneOf")
      return exactly_one(value, demand, at);
    if (std::string fault; of_object(keyword, value, demand, schema, at, fault))
      return fault;
    bool holds = true;
    if (of_array(keyword, value, demand, holds) || of_string(keyword, value, demand, holds) ||
        of_number(keyword, value, demand, holds))
      return holds ? "" : wrong();
    if (keyword == "items") {
      if (value.is_array())
        for (std::size_t i = 0; i < value.get_array().size(); ++i)
          if (std::string fault = run(value.get_array()[i], demand, at + "/" + std::to_string(i));
              !fault.empty())
            return fault;
      return {};
    }
    throw std::logic_error("this schema keyword is not checked: " + std::string{keyword});
  }

  static bool is_type(const json::value& value, json::string_view name) {
    if (name == "integer")
      return value.is_int64() || value.is_uint64();
    if (name == "number")
      return value.is_number();
    return (name == "object" && value.is_object()) || (name == "array" && value.is_array()) ||
           (name == "string" && value.is_string()) || (name == "boolean" && value.is_bool()) ||
           (name == "null" && value.is_null());
  }

  static bool has_type(const json::value& value, const json::value& demand) {
    if (demand.is_string())
      return is_type(value, demand.get_string());
    for (const json::value& each : demand.as_array())
      if (is_type(value, each.as_string()))
        return true;
    return false;
  }

  std::string exactly_one(const json::value& value, const json::value& demand,
                          const std::string& at) const {
    int fits = 0;
    std::string faults;
    for (const json::value& each : demand.as_array()) {
      const std::string fault = run(value, each, at);
      fits += fault.empty() ? 1 : 0;
      faults += fault.empty() ? "" : "; " + fault;
    }
    return fits == 1 ? "" : at + " fits " + std::to_string(fits) + " of oneOf" + faults;
  }

  /// Whether the keyword is one of objects; then `fault` tells.
  bool of_object(json::string_view keyword, const json::value& value, const json::value& demand,
                 const json::value& schema, const std::string& at, std::string& fault) const {
    if (keyword != "required" && keyword != "properties" && keyword != "additionalProperties" &&
        keyword != "minProperties" && keyword != "maxProperties")
      return false;
    if (!value.is_object())
      return true;
    const json::object& members = value.get_object();
    if (keyword == "required") {
      for (const json::value& each : demand.as_array())
        if (!members.contains(each.as_string()))
          fault = at + " has no " + std::string{each.as_string()};
    } else if (keyword == "properties") {
      for (const auto& [name, of_member] : demand.as_object())
        if (const json::value* found = members.if_contains(name); found != nullptr && fault.empty())
          fault = run(*found, of_member, at + "/" + std::string{name});
    } else if (keyword == "minProperties") {
      if (members.size() < demand.to_number<std::size_t>())
        fault = at + " has too few members";
    } else if (keyword == "maxProperties") {
      if (members.size() > demand.to_number<std::size_t>())
        fault = at + " has too many members";
    } else {
      if (!demand.is_bool() || demand.get_bool())
        throw std::logic_error("additionalProperties is only checked as false");
      const json::object& known = schema.at("properties").as_object();
      for (const auto& [name, member] : members)
        if (!known.contains(name))
          fault = at + " has a member " + std::string{name} + " that isn't documented";
    }
    return true;
  }

  static bool of_array(json::string_view keyword, const json::value& value,
                       const json::value& demand, bool& holds) {
    if (keyword != "minItems" && keyword != "maxItems")
      return false;
    if (value.is_array()) {
      const auto limit = demand.to_number<std::size_t>();
      const std::size_t size = value.get_array().size();
      holds = keyword == "minItems" ? size >= limit : size <= limit;
    }
    return true;
  }

  static bool of_string(json::string_view keyword, const json::value& value,
                        const json::value& demand, bool& holds) {
    if (keyword != "minLength" && keyword != "maxLength" && keyword != "pattern")
      return false;
    if (!value.is_string())
      return true;
    const std::string text{value.get_string()};
    if (keyword == "pattern") {
      thread_local std::map<std::string, std::regex> compiled;
      const std::string pattern{demand.as_string()};
      const auto found = compiled.try_emplace(pattern, pattern).first;
      holds = std::regex_search(text, found->second);
      return true;
    }
    std::size_t code_points = 0;
    for (const char c : text)
      code_points += (static_cast<unsigned char>(c) & 0xc0) != 0x80 ? 1 : 0;
    const auto limit = demand.to_number<std::size_t>();
    holds = keyword == "minLength" ? code_points >= limit : code_points <= limit;
    return true;
  }

  static bool of_number(json::string_view keyword, const json::value& value,
                        const json::value& demand, bool& holds) {
    if (keyword != "minimum" && keyword != "maximum" && keyword != "exclusiveMinimum" &&
        keyword != "multipleOf")
      return false;
    if (!value.is_number())
      return true;
    const auto number = value.to_number<double>();
    const auto limit = demand.to_number<double>();
    if (keyword == "minimum")
      holds = number >= limit;
    else if (keyword == "maximum")
      holds = number <= limit;
    else if (keyword == "exclusiveMinimum")
      holds = number > limit;
    else // 0.01 has no exact double: the quotient may be off by its rounding
      holds = std::abs(number / limit - std::round(number / limit)) < 1e-6;
    return true;
  }

  const json::value& document_;
};

} // namespace

const json::value& resolve(const json::value& schema, const json::value& document) {
  const json::value* found = schema.as_object().if_contains("$ref");
  if (found == nullptr)
    return schema;
  const json::string& reference = found->as_string();
  if (!reference.starts_with("#/"))
    throw std::logic_error("a $ref leads outside the document: " + std::string{reference});
  return resolve(document.at_pointer(json::string_view{reference}.substr(1)), document);
}

std::string schema_fault(const json::value& value, const json::value& schema,
                         const json::value& document) {
  return check{document}.run(value, schema, "");
}

} // namespace holdfast::system_tests
