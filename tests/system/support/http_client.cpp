#include "tests/system/support/http_client.hpp"

#include "tests/system/support/open_api.hpp"

#include <boost/json/parse.hpp>

#include <algorithm>
#include <charconv>

namespace holdfast::system_tests {

namespace {

bool equal_names(std::string_view a, std::string_view b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
    return std::tolower(static_cast<unsigned char>(x)) ==
           std::tolower(static_cast<unsigned char>(y));
  });
}

[[noreturn]] void malformed(std::string_view what) {
  throw std::runtime_error("the server's answer is malformed: " + std::string{what});
}

std::size_t parse_length(std::string_view text, int base) {
  std::size_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, base);
  if (error != std::errc{} || end != text.data() + text.size())
    malformed("length " + std::string{text});
  return value;
}

/// The status line and the headers, without the empty line.
http_answer parse_head(std::string_view head) {
  http_answer answer;
  const std::size_t line_end = std::min(head.find("\r\n"), head.size());
  const std::string_view first = head.substr(0, line_end);
  if (first.substr(0, 9) != "HTTP/1.1 " || first.size() < 13 || first[12] != ' ')
    malformed(first);
  answer.status = static_cast<int>(parse_length(first.substr(9, 3), 10));
  head.remove_prefix(std::min(line_end + 2, head.size()));
  while (!head.empty()) {
    const std::size_t end = std::min(head.find("\r\n"), head.size());
    const std::string_view line = head.substr(0, end);
    const std::size_t colon = line.find(": ");
    if (colon == std::string_view::npos)
      malformed(line);
    answer.headers.emplace_back(line.substr(0, colon), line.substr(colon + 2));
    head.remove_prefix(std::min(end + 2, head.size()));
  }
  return answer;
}

/// The body of chunks from `at` on; nothing while it isn't whole. Moves `at` behind it.
std::optional<std::string> take_chunks(std::string_view buffer, std::size_t& at) {
  std::string body;
  while (true) {
    const std::size_t line_end = buffer.find("\r\n", at);
    if (line_end == std::string_view::npos)
      return std::nullopt;
    const std::size_t size = parse_length(buffer.substr(at, line_end - at), 16);
    at = line_end + 2;
    if (buffer.size() < at + size + 2)
      return std::nullopt;
    body += buffer.substr(at, size);
    at += size + 2;
    if (size == 0)
      return body;
  }
}

} // namespace

std::optional<std::string> http_answer::header(std::string_view name) const {
  std::optional<std::string> found;
  for (const auto& [each, value] : headers)
    if (equal_names(each, name)) {
      if (found)
        malformed("two headers " + each);
      found = value;
    }
  return found;
}

boost::json::value http_answer::json() const {
  boost::json::error_code error;
  boost::json::value value = boost::json::parse(body, error);
  if (error)
    malformed("not JSON, status " + std::to_string(status) + ": " + body);
  return value;
}

std::string http_answer::code() const {
  if (body.empty())
    return {};
  const boost::json::value value = json();
  const boost::json::value* found =
      value.is_object() ? value.as_object().if_contains("errors") : nullptr;
  return found == nullptr ? "" : std::string{found->at(0).at("code").as_string()};
}

std::string http_answer::faults() const {
  std::string result;
  const boost::json::value value = json();
  for (const boost::json::value& each : value.at("errors").as_array()) {
    const auto& error = each.as_object();
    result += result.empty() ? "" : " ";
    if (const auto* field = error.if_contains("field"))
      result += std::string{field->as_string()} + ":";
    result += std::string{error.at("code").as_string()};
  }
  return result;
}

std::optional<http_answer> take_answer(std::string& buffer, bool is_head, bool ended) {
  const std::size_t head_end = buffer.find("\r\n\r\n");
  if (head_end == std::string::npos)
    return std::nullopt;
  http_answer answer = parse_head(std::string_view{buffer}.substr(0, head_end));
  std::size_t at = head_end + 4;
  const bool bodiless = is_head || answer.status == 204 || answer.status == 304 ||
                        (answer.status >= 100 && answer.status < 200);
  if (!bodiless) {
    if (const auto length = answer.header("Content-Length")) {
      const std::size_t size = parse_length(*length, 10);
      if (buffer.size() < at + size)
        return std::nullopt;
      answer.body = buffer.substr(at, size);
      at += size;
    } else if (answer.header("Transfer-Encoding") == "chunked") {
      auto body = take_chunks(buffer, at);
      if (!body)
        return std::nullopt;
      answer.body = std::move(*body);
    } else {
      if (!ended)
        return std::nullopt;
      answer.body = buffer.substr(at);
      at = buffer.size();
    }
  }
  buffer.erase(0, at);
  return answer;
}

std::string format_request(std::string_view method, std::string_view target,
                           const header_list& headers, const std::optional<std::string>& body) {
  std::string bytes;
  bytes += std::string{method} + " " + std::string{target} + " HTTP/1.1\r\n";
  const auto named = [&](std::string_view name) {
    return std::any_of(headers.begin(), headers.end(),
                       [&](const auto& each) { return equal_names(each.first, name); });
  };
  if (!named("Host"))
    bytes += "Host: 127.0.0.1\r\n";
  for (const auto& [name, value] : headers)
    bytes += name + ": " + value + "\r\n";
  if (body) {
    if (!named("Content-Type"))
      bytes += "Content-Type: application/json\r\n";
    bytes += "Content-Length: " + std::to_string(body->size()) + "\r\n";
  }
  bytes += "\r\n";
  if (body)
    bytes += *body;
  return bytes;
}

http_answer http_client::ask(std::string_view method, std::string_view target,
                             const header_list& headers, const std::optional<std::string>& body) {
  const steady_instant deadline = steady_clock::now() + limit_;
  if (!socket_.is_open() || socket_.is_stale())
    socket_ = tcp_socket{port_};
  try {
    socket_.send(format_request(method, target, headers, body), deadline);
    std::string buffer;
    bool open = true;
    while (true) {
      open = socket_.receive_into(buffer, deadline);
      if (auto answer = take_answer(buffer, method == "HEAD", !open)) {
        if (!buffer.empty())
          malformed("bytes behind it: " + buffer.substr(0, 200));
        if (!open || answer->header("Connection") == "close")
          socket_.close();
        open_api::observe(method, target, *answer);
        return std::move(*answer);
      }
      if (!open)
        throw connection_lost("closed before the answer was whole");
    }
  } catch (...) {
    socket_.close();
    throw;
  }
}

raw_exchange send_raw(std::uint16_t port, std::string_view bytes, std::size_t answers_max) {
  const steady_instant deadline = steady_clock::now() + usual_limit;
  tcp_socket socket{port};
  raw_exchange result;
  std::string buffer;
  try {
    socket.send(bytes, deadline);
  } catch (const connection_lost&) {
    result.closed = true; // it has heard enough; its answer may be there
  }
  while (true) {
    const bool open = socket.receive_into(buffer, deadline);
    while (auto answer = take_answer(buffer, false, !open))
      result.answers.push_back(std::move(*answer));
    if (!open) {
      result.closed = true;
      return result;
    }
    const bool closing =
        !result.answers.empty() && result.answers.back().header("Connection") == "close";
    if (result.answers.size() >= answers_max && !closing)
      return result;
  }
}

} // namespace holdfast::system_tests
