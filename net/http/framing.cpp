#include "net/http/framing.hpp"

#include "config/limits.hpp"
#include "net/api/routes.hpp"

#include <boost/beast/core/string.hpp>
#include <boost/beast/http/verb.hpp>

#include <algorithm>

namespace holdfast::net {

namespace {

/// A method that no resource of ours has, or that is meant for proxies. Others that aren't served
/// are the routes' business: they know what is allowed.
bool is_alien(http::verb method) {
  return method == http::verb::unknown || method == http::verb::connect ||
         method == http::verb::trace;
}

bool is_digit(char c) {
  return c >= '0' && c <= '9';
}

bool is_port(std::string_view text) {
  return !text.empty() && text.size() <= 5 && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_number(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), is_digit);
}

bool is_alphanumeric(char c) {
  return is_digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

bool equals_ignoring_case(std::string_view a, std::string_view b) {
  return boost::beast::iequals({a.data(), a.size()}, {b.data(), b.size()});
}

/// Fields that decide who asks, or what may be answered: of two of them each reader could take
/// another.
class single_fields {
 public:
  /// False: the second of its kind.
  bool admit(const request_head::field_view& field) {
    if (field.name == http::field::origin)
      return ++origins_ == 1;
    if (field.name == http::field::authorization)
      return ++authorizations_ == 1;
    if (equals_ignoring_case(field.name_text, "X-After-Position"))
      return ++positions_ == 1;
    return true;
  }

 private:
  std::size_t origins_ = 0;
  std::size_t authorizations_ = 0;
  std::size_t positions_ = 0;
};

std::optional<problem> check_target(std::string_view target) {
  if (target.size() > config::limits::target_bytes_max)
    return problem::target_too_long;
  if (target.find('#') != std::string_view::npos || !split_target(target))
    return problem::malformed_request;
  return std::nullopt;
}

} // namespace

bool is_valid_host(std::string_view host) {
  if (host.empty() || host.size() > 255)
    return false;
  if (host.front() == '[') {
    const auto end = host.find(']');
    if (end == std::string_view::npos || end == 1)
      return false;
    const std::string_view inner = host.substr(1, end - 1);
    const bool plausible = std::all_of(inner.begin(), inner.end(), [](char c) {
      return is_alphanumeric(c) || c == ':' || c == '.';
    });
    const std::string_view rest = host.substr(end + 1);
    return plausible && (rest.empty() || (rest.front() == ':' && is_port(rest.substr(1))));
  }
  const auto colon = host.find(':');
  const std::string_view name = host.substr(0, colon);
  if (name.empty() || (colon != std::string_view::npos && !is_port(host.substr(colon + 1))))
    return false;
  return std::all_of(name.begin(), name.end(),
                     [](char c) { return is_alphanumeric(c) || c == '.' || c == '-' || c == '_'; });
}

std::optional<problem> check_framing(const request_head& head) {
  std::size_t hosts = 0;
  std::size_t lengths = 0;
  std::size_t encodings = 0;
  std::string_view host;
  std::string_view length;
  std::string_view encoding;
  single_fields singles;
  for (std::size_t i = 0; i < head.field_count(); ++i) {
    const request_head::field_view field = head.field_at(i);
    switch (field.name) {
    case http::field::host:
      ++hosts, host = field.value;
      break;
    case http::field::content_length:
      ++lengths, length = field.value;
      break;
    case http::field::transfer_encoding:
      ++encodings, encoding = field.value;
      break;
    default:
      if (!singles.admit(field))
        return problem::malformed_request;
      break;
    }
  }
  const bool framed_once = encodings + lengths <= 1;
  const bool may_be_chunked = encodings == 0 || head.version() >= 11;
  // Beast takes a list of equal numbers; a proxy in front may not.
  if (lengths == 1 && !is_number(length))
    return problem::malformed_request;
  if (!framed_once || !may_be_chunked || hosts != 1 || !is_valid_host(host))
    return problem::malformed_request;
  if (encodings == 1 && !equals_ignoring_case(encoding, "chunked"))
    return problem::not_implemented;
  if (is_alien(head.method()))
    return problem::not_implemented;
  return check_target(head.target());
}

} // namespace holdfast::net
