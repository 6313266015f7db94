// Heads of HTTP requests, as a stranger writes them: what is accepted can be framed in one way
// only.
#include "net/http/framing.hpp"
#include "net/http/request_parser.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/core/string.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace http = boost::beast::http;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

boost::beast::string_view as_beast(std::string_view text) {
  return {text.data(), text.size()};
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  holdfast::net::request_head head;
  std::string body;
  holdfast::net::request_parser parser(head, body);
  parser.header_limit(8192);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(data, size), error);
  if (!parser.is_header_done())
    return 0;
  if (holdfast::net::check_framing(head))
    return 0;
  require(head.count(http::field::host) == 1);
  require(head.count(http::field::content_length) <= 1);
  require(head.count(http::field::transfer_encoding) <= 1);
  require(!(head.count(http::field::content_length) == 1 &&
            head.count(http::field::transfer_encoding) == 1));
  if (head.count(http::field::transfer_encoding) == 1)
    require(boost::beast::iequals(as_beast(*head.find(http::field::transfer_encoding)), "chunked"));
  return 0;
}
