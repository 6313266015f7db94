#include "net/http/message.hpp"

#include "net/api/security_headers.hpp"
#include "net/api/text_writer.hpp"

#include <algorithm>
#include <array>
#include <span>

namespace holdfast::net {

namespace {

/// About what an answer's head takes.
constexpr std::size_t head_bytes_guess = 640;

void add_field(text_writer& out, std::string_view name, std::string_view value) {
  out.add(name);
  out.add(": ");
  out.add(value);
  out.add("\r\n");
}

std::string lines_of(std::span<const header_line> lines) {
  std::string result;
  for (const header_line& line : lines)
    result.append(line.name).append(": ").append(line.value).append("\r\n");
  return result;
}

/// The lines that are on every answer of a kind.
std::string_view security_lines(const answer& given, bool over_tls) {
  static const std::array<std::string, 6> all{
      lines_of(api_headers(false)),        lines_of(api_headers(true)),
      lines_of(page_headers(false)),       lines_of(page_headers(true)),
      lines_of(page_headers(false, true)), lines_of(page_headers(true, true))};
  const std::size_t kind = !given.is_page ? 0 : given.allows_stripe ? 2 : 1;
  return all[2 * kind + (over_tls ? 1U : 0U)];
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

void serialise(std::string& out, const answer& given, const request& asked, std::string_view date,
               bool keep_alive) {
  const bool without_content = is_without_content(given.status);
  const std::string_view body = given.content();
  out.reserve(out.size() + head_bytes_guess + (without_content ? 0 : body.size()));
  text_writer text{out};
  text.add("HTTP/1.1 ");
  text.add_number(given.status);
  text.add(' ');
  text.add(reason_phrase(static_cast<std::uint16_t>(given.status)));
  text.add("\r\nDate: ");
  text.add(date);
  text.add("\r\nX-Request-Id: ");
  text.add(asked.id);
  text.add("\r\n");
  if (!without_content) {
    add_field(text, "Content-Type", given.content_type);
    text.add("Content-Length: ");
    text.add_number(body.size());
    text.add("\r\n");
  }
  if (given.status != 101) {
    if (!has_field(given, "Cache-Control"))
      add_field(text, "Cache-Control", cache_control_private);
    text.add(security_lines(given, asked.over_tls));
    if (!keep_alive)
      text.add("Connection: close\r\n");
    else if (asked.head.version() == 10)
      text.add("Connection: keep-alive\r\n");
  }
  for (const auto& [name, value] : given.fields)
    add_field(text, name, value);
  text.add("\r\n");
  if (!without_content && asked.method() != http::verb::head)
    text.add(body);
}

} // namespace holdfast::net
