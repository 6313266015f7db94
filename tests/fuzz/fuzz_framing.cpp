// Heads of HTTP requests, as a stranger writes them: what is accepted can be framed in one way
// only.
#include "net/http/framing.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/beast/http/empty_body.hpp>
#include <boost/beast/http/parser.hpp>

#include <cstddef>
#include <cstdint>
#include <cstdlib>

namespace http = boost::beast::http;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  http::request_parser<http::empty_body> parser;
  parser.header_limit(8192);
  boost::beast::error_code error;
  parser.put(boost::asio::buffer(data, size), error);
  if (!parser.is_header_done())
    return 0;
  const auto& head = parser.get();
  if (holdfast::net::check_framing(head))
    return 0;
  require(head.count(http::field::host) == 1);
  require(head.count(http::field::content_length) <= 1);
  require(head.count(http::field::transfer_encoding) <= 1);
  require(!(head.count(http::field::content_length) == 1 &&
            head.count(http::field::transfer_encoding) == 1));
  if (head.count(http::field::transfer_encoding) == 1)
    require(boost::beast::iequals(head[http::field::transfer_encoding], "chunked"));
  return 0;
}
