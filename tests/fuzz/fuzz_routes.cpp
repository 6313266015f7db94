// Request targets and query strings, as a stranger writes them into the first line.
#include "config/limits.hpp"
#include "net/api/query.hpp"
#include "net/api/routes.hpp"
#include "net/api/text.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>

using namespace holdfast;
using namespace holdfast::net;

namespace {

void require(bool promise) {
  if (!promise)
    std::abort();
}

void check_match(http_method method, std::string_view path) {
  const route_match match = match_route(method, path);
  const bool allow_expected =
      match.outcome == route_outcome::method_not_allowed || match.outcome == route_outcome::options;
  if (allow_expected)
    require(!match.allow.empty());
  if (match.outcome == route_outcome::found) {
    // Nothing under /api is ever answered with a file.
    require(match.what != route::application || !path.starts_with("/api/"));
    require(match.is_head == (method == http_method::head));
  }
}

void check_queries(std::string_view query) {
  const auto tickets = decode_ticket_list_query(query);
  require(tickets.value.limit >= 1 && tickets.value.limit <= config::limits::list_limit_max);
  const auto orders = decode_order_list_query(query);
  require(orders.value.limit >= 1 && orders.value.limit <= config::limits::list_limit_max);
  const auto feed = decode_feed_query(query);
  require(feed.value.limit >= 1 && feed.value.limit <= config::limits::list_limit_max);
  if (const auto decoded_text = percent_decode(query)) {
    require(is_utf8(*decoded_text));
    std::string encoded;
    append_percent_encoded(encoded, *decoded_text);
    require(percent_decode(encoded) == decoded_text);
  }
  // The next page's link leads to a query that is read as well as this one.
  const std::string link = next_page_link("/api/orders", query, "x");
  require(link.starts_with("</api/orders?") && link.ends_with("after=x>; rel=\"next\""));
  require(link.find('>') == link.size() - std::string_view{">; rel=\"next\""}.size());
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text{reinterpret_cast<const char*>(data), size};
  const std::size_t space = text.find(' ');
  const http_method method = parse_method(text.substr(0, space));
  const auto target = split_target(space == std::string_view::npos ? text : text.substr(space + 1));
  if (!target)
    return 0;
  require(target->path == "*" || target->path.starts_with('/'));
  require(target->path.find('?') == std::string_view::npos);
  check_match(method, target->path);
  check_match(http_method::head, target->path);
  check_queries(target->query);
  return 0;
}
