#include "net/http/message.hpp"

#include "net/api/security_headers.hpp"

#include <algorithm>
#include <array>
#include <charconv>

namespace holdfast::net {

namespace {

void append_number(std::string& out, std::size_t value) {
  std::array<char, 20> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

void append_field(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ").append(value).append("\r\n");
}

bool has_field(const answer& given, std::string_view name) {
  return std::any_of(given.fields.begin(), given.fields.end(),
                     [name](const auto& field) { return field.first == name; });
}

/// RFC 9110: these have no content, and no Content-Length either.
bool is_without_content(unsigned status) {
  return status < 200 || status == 204 || status == 304;
}

} // namespace

answer make_answer(error_answer error) {
  answer given;
  given.status = error.status;
  given.body = std::move(error.body);
  if (error.retry_after_seconds > 0)
    given.fields.emplace_back("Retry-After", std::to_string(error.retry_after_seconds));
  return given;
}

answer make_answer(problem what) {
  return make_answer(answer_for(what));
}

std::string serialise(const answer& given, const request& asked, std::string_view date,
                      bool keep_alive) {
  const bool without_content = is_without_content(given.status);
  const std::string_view body = given.content();
  std::string out;
  out.reserve(384 + (without_content ? 0 : body.size()));
  out.append("HTTP/1.1 ");
  append_number(out, given.status);
  out.append(" ").append(reason_phrase(static_cast<std::uint16_t>(given.status))).append("\r\n");
  append_field(out, "Date", date);
  append_field(out, "X-Request-Id", asked.id);
  if (!without_content) {
    append_field(out, "Content-Type", given.content_type);
    out.append("Content-Length: ");
    append_number(out, body.size());
    out.append("\r\n");
  }
  if (given.status != 101) {
    if (!has_field(given, "Cache-Control"))
      append_field(out, "Cache-Control", cache_control_private);
    for (const header_line& line :
         given.is_page ? page_headers(asked.over_tls) : api_headers(asked.over_tls))
      append_field(out, line.name, line.value);
    if (!keep_alive)
      append_field(out, "Connection", "close");
    else if (asked.message.version() == 10)
      append_field(out, "Connection", "keep-alive");
  }
  for (const auto& [name, value] : given.fields)
    append_field(out, name, value);
  out.append("\r\n");
  if (!without_content && asked.method() != http::verb::head)
    out.append(body);
  return out;
}

} // namespace holdfast::net
