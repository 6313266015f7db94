#include "tests/system/support/open_api.hpp"

#include "tests/system/support/json_schema.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace holdfast::system_tests::open_api {

namespace json = boost::json;

namespace {

/// "/api/orders/{id}/refunds" takes one segment of any text at the braces.
bool path_fits(std::string_view pattern, std::string_view path) {
  const std::size_t brace = pattern.find('{');
  if (brace == std::string_view::npos)
    return pattern == path;
  const std::string_view tail = pattern.substr(pattern.find('}') + 1);
  return path.size() > brace + tail.size() && path.substr(0, brace) == pattern.substr(0, brace) &&
         path.substr(path.size() - tail.size()) == tail &&
         path.substr(brace, path.size() - tail.size() - brace).find('/') == std::string_view::npos;
}

struct operation {
  std::string path;
  std::string method;
  const json::value* description = nullptr;
};

/// HEAD is documented as GET.
operation find_operation(std::string_view method, std::string_view target) {
  const std::string_view path = target.substr(0, target.find('?'));
  std::string lower = method == "HEAD" ? "get" : std::string{method};
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](char c) { return static_cast<char>(std::tolower(c)); });
  for (const auto& [pattern, item] : document().at("paths").as_object())
    if (path_fits(pattern, path))
      if (const json::value* found = item.as_object().if_contains(lower))
        return {std::string{pattern}, lower, found};
  return {};
}

const json::value* content_schema(const json::value& response) {
  const json::value* content = response.as_object().if_contains("content");
  if (content == nullptr)
    return nullptr;
  const json::value* kind = content->as_object().if_contains("application/json");
  return kind == nullptr ? nullptr : kind->as_object().if_contains("schema");
}

/// The codes that a response's schema admits, gathered from every `code` in it.
void gather_codes(const json::value& schema, std::set<std::string>& codes) {
  if (schema.is_array())
    for (const json::value& each : schema.get_array())
      gather_codes(each, codes);
  if (!schema.is_object())
    return;
  for (const auto& [name, member] : schema.get_object()) {
    if (name == "code" && member.is_object())
      if (const json::value* words = member.get_object().if_contains("enum"))
        for (const json::value& each : words->as_array())
          codes.emplace(each.as_string());
    if (name != "examples")
      gather_codes(member, codes);
  }
}

std::string header_fault(const json::value& response, const http_answer& answer) {
  if (const json::value* headers = response.as_object().if_contains("headers"))
    for (const auto& [name, description] : headers->as_object())
      // A last page has no Link, and signing out without a session writes nothing.
      if (name != "Link" && name != "Idempotent-Replayed" &&
          !(name == "X-Position" && answer.body == "{}") && !answer.header(name))
        return "no header " + std::string{name};
  if (!answer.header("X-Request-Id"))
    return "no header X-Request-Id";
  return {};
}

} // namespace

const json::value& document() {
  static const json::value loaded = [] {
    std::ifstream file{HOLDFAST_SOURCE_DIR "/docs/openapi.json"};
    const std::string text{std::istreambuf_iterator<char>{file}, {}};
    if (text.empty())
      throw std::runtime_error("docs/openapi.json can't be read");
    return json::parse(text);
  }();
  return loaded;
}

std::string answer_fault(std::string_view method, std::string_view target,
                         const http_answer& answer) {
  const operation asked = find_operation(method, target);
  if (asked.description == nullptr)
    return {};
  const json::object& responses = asked.description->at("responses").as_object();
  const json::value* response = responses.if_contains(std::to_string(answer.status));
  if (response == nullptr)
    return "the status isn't documented";
  response = &resolve(*response, document());
  if (std::string fault = header_fault(*response, answer); !fault.empty())
    return fault;
  const json::value* schema = content_schema(*response);
  if (method == "HEAD" || schema == nullptr)
    return {};
  if (const auto kind = answer.header("Content-Type");
      !kind || kind->substr(0, 16) != "application/json")
    return "the body isn't declared as JSON";
  return schema_fault(answer.json(), *schema, document());
}

void observe(std::string_view method, std::string_view target, const http_answer& answer) {
  if (const std::string fault = answer_fault(method, target, answer); !fault.empty())
    throw std::runtime_error("the answer isn't as docs/openapi.json says: " + std::string{method} +
                             " " + std::string{target} + " " + std::to_string(answer.status) +
                             ": " + fault + "\n" + answer.body.substr(0, 2000));
}

void check_live_frame(const json::value& frame) {
  const json::value& schema = document().at_pointer("/components/schemas/LiveFrame");
  if (const std::string fault = schema_fault(frame, schema, document()); !fault.empty())
    throw std::runtime_error("the live frame isn't as docs/openapi.json says: " + fault + "\n" +
                             json::serialize(frame));
}

std::set<std::string> documented_answers() {
  std::set<std::string> names;
  for (const auto& [path, item] : document().at("paths").as_object())
    for (const auto& [method, description] : item.as_object()) {
      if (method == "parameters")
        continue;
      for (const auto& [status, reference] : description.at("responses").as_object()) {
        std::set<std::string> codes;
        const json::value& response = resolve(reference, document());
        if (const json::value* schema = content_schema(response))
          gather_codes(*schema, codes);
        const std::string name =
            std::string{method} + " " + std::string{path} + " " + std::string{status};
        if (codes.empty())
          names.insert(name);
        for (const std::string& code : codes)
          names.insert(name + " " + code);
      }
    }
  return names;
}

std::string name_of(std::string_view method, std::string_view target, const http_answer& answer) {
  const operation asked = find_operation(method, target);
  if (asked.description == nullptr)
    return {};
  const std::string code = answer.status >= 400 ? answer.code() : "";
  return asked.method + " " + asked.path + " " + std::to_string(answer.status) +
         (code.empty() ? "" : " " + code);
}

} // namespace holdfast::system_tests::open_api
