#include "bench/load/response_reader.hpp"

#include <algorithm>
#include <charconv>
#include <strings.h>

namespace holdfast::bench {

namespace {

constexpr std::string_view head_end = "\r\n\r\n";

bool same_name(std::string_view a, std::string_view b) noexcept {
  return a.size() == b.size() && ::strncasecmp(a.data(), b.data(), a.size()) == 0;
}

std::string_view trimmed(std::string_view text) noexcept {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t\r") - begin + 1);
}

} // namespace

std::string_view http_response::field(std::string_view name, std::size_t* from) const noexcept {
  std::size_t at = from ? *from : 0;
  while (at < head.size()) {
    const std::size_t end = std::min(head.find('\n', at), head.size());
    const std::string_view line = head.substr(at, end - at);
    at = end + 1;
    const std::size_t colon = line.find(':');
    if (colon == name.size() && same_name(line.substr(0, colon), name)) {
      if (from)
        *from = at;
      return trimmed(line.substr(colon + 1));
    }
  }
  return {};
}

bool response_reader::read_head(std::string_view head) noexcept {
  if (head.size() < 12 || !head.starts_with("HTTP/1."))
    return false;
  if (std::from_chars(head.data() + 9, head.data() + 12, response_.status).ptr != head.data() + 12)
    return false;
  response_.head = head;
  response_.closes = same_name(response_.field("connection"), "close");
  const bool bodiless =
      response_.status < 200 || response_.status == 204 || response_.status == 304;
  const std::string_view length = response_.field("content-length");
  if (bodiless || length.empty())
    return bodiless;
  const auto parsed = std::from_chars(length.begin(), length.end(), body_length_);
  return parsed.ec == std::errc{} && parsed.ptr == length.end();
}

response_reader::progress response_reader::read(std::string_view received) noexcept {
  if (body_begin_ == 0) {
    const std::size_t end = received.find(head_end, searched_);
    if (end == std::string_view::npos) {
      searched_ = received.size() < head_end.size() ? 0 : received.size() - head_end.size() + 1;
      return progress::incomplete;
    }
    if (!read_head(received.substr(0, end)))
      return progress::malformed;
    body_begin_ = end + head_end.size();
  }
  if (received.size() < length())
    return progress::incomplete;
  // The buffer may have moved since the head was read.
  response_.head = received.substr(0, body_begin_ - head_end.size());
  response_.body = received.substr(body_begin_, body_length_);
  return progress::complete;
}

} // namespace holdfast::bench
