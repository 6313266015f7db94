#include "bench/load/prepared_request.hpp"

namespace holdfast::bench {

std::string request_bytes(std::string_view method, std::string_view target, std::string_view host,
                          std::string_view cookie, std::string_view body) {
  std::string bytes;
  bytes.append(method).append(" ").append(target).append(" HTTP/1.1\r\nHost: ").append(host);
  if (!cookie.empty())
    bytes.append("\r\nCookie: ").append(cookie);
  if (!body.empty())
    bytes.append("\r\nContent-Type: application/json\r\nContent-Length: ")
        .append(std::to_string(body.size()));
  bytes.append("\r\n\r\n").append(body);
  return bytes;
}

} // namespace holdfast::bench
