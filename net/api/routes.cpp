#include "net/api/routes.hpp"

#include <array>

namespace holdfast::net {

namespace {

using enum http_method;
using enum route_access;

constexpr std::array<route_info, route_count> infos{{
    {route::sign_up, post, "/api/users/signup", "sign_up", everybody, true},
    {route::sign_in, post, "/api/users/signin", "sign_in", everybody, true},
    {route::sign_out, post, "/api/users/signout", "sign_out", everybody, false},
    {route::current_user, get, "/api/users/currentuser", "current_user", everybody, false},
    {route::create_ticket, post, "/api/tickets", "create_ticket", session, true},
    {route::list_tickets, get, "/api/tickets", "list_tickets", everybody, false},
    {route::read_ticket, get, "/api/tickets/:id", "read_ticket", everybody, false},
    {route::revise_ticket, put, "/api/tickets/:id", "revise_ticket", session, true},
    {route::remove_ticket, delete_, "/api/tickets/:id", "remove_ticket", session, false},
    {route::create_order, post, "/api/orders", "create_order", session, true},
    {route::list_orders, get, "/api/orders", "list_orders", session, false},
    {route::read_order, get, "/api/orders/:id", "read_order", session, false},
    {route::cancel_order, delete_, "/api/orders/:id", "cancel_order", session, false},
    {route::refund_order, post, "/api/orders/:id/refunds", "refund_order", admin, true},
    {route::create_payment, post, "/api/payments", "create_payment", session, true},
    {route::payment_providers, get, "/api/payments/providers", "payment_providers", everybody,
     false},
    {route::payment_webhook, post, "/api/payments/webhook/:provider", "payment_webhook", everybody,
     false},
    {route::unsettled_payments, get, "/api/admin/payments", "unsettled_payments", admin, false},
    {route::cluster, get, "/api/admin/cluster", "cluster", admin, false},
    {route::live, get, "/api/live", "live", everybody, false},
    {route::feed, get, "/api/feed", "feed", admin, false},
    {route::api_document, get, "/openapi.json", "api_document", everybody, false},
    {route::health, get, "/healthz", "health", everybody, false},
    {route::readiness, get, "/readyz", "readiness", everybody, false},
    {route::metrics, get, "/metrics", "metrics", everybody, false},
    {route::application, get, "/*", "application", everybody, false},
}};

constexpr bool in_order_of_enumeration() {
  for (std::size_t i = 0; i < infos.size(); ++i)
    if (infos[i].id != static_cast<route>(i))
      return false;
  return true;
}
static_assert(in_order_of_enumeration());

constexpr std::size_t method_count = static_cast<std::size_t>(other) + 1;
constexpr std::size_t index_of(http_method x) {
  return static_cast<std::size_t>(x);
}

/// One path with all that can be asked of it.
struct resource {
  std::string_view path;
  std::array<std::optional<route>, method_count> by_method;
  std::string_view allow;
};

constexpr std::string_view allow_get = "GET, HEAD, OPTIONS";
constexpr std::string_view allow_post = "POST, OPTIONS";
constexpr std::string_view allow_get_post = "GET, HEAD, POST, OPTIONS";
constexpr std::string_view allow_get_delete = "GET, HEAD, DELETE, OPTIONS";
constexpr std::string_view allow_get_put_delete = "GET, HEAD, PUT, DELETE, OPTIONS";
constexpr std::string_view allow_all = "GET, HEAD, POST, PUT, DELETE, OPTIONS";

/// Everything that `infos` says about a path.
constexpr resource make_resource(std::string_view path) {
  resource result;
  result.path = path;
  for (const route_info& info : infos)
    if (info.path == path)
      result.by_method[index_of(info.method)] = info.id;
  result.by_method[index_of(head)] = result.by_method[index_of(get)];
  const bool has_get = result.by_method[index_of(get)].has_value();
  const bool has_post = result.by_method[index_of(post)].has_value();
  const bool has_put = result.by_method[index_of(put)].has_value();
  const bool has_delete = result.by_method[index_of(delete_)].has_value();
  result.allow = has_put      ? allow_get_put_delete
                 : has_delete ? allow_get_delete
                 : !has_get   ? allow_post
                 : has_post   ? allow_get_post
                              : allow_get;
  return result;
}

constexpr std::string_view ticket_prefix = "/api/tickets/";
constexpr std::string_view order_prefix = "/api/orders/";
constexpr resource one_ticket = make_resource("/api/tickets/:id");
constexpr resource one_order = make_resource("/api/orders/:id");
constexpr resource order_refunds = make_resource("/api/orders/:id/refunds");
constexpr std::string_view refunds_suffix = "/refunds";
constexpr std::string_view webhook_prefix = "/api/payments/webhook/";
constexpr resource one_webhook = make_resource("/api/payments/webhook/:provider");
constexpr resource application_files = make_resource("/*");

/// Paths without an id, the most asked for first.
constexpr std::array plain_resources{
    make_resource("/api/tickets"),
    make_resource("/api/orders"),
    make_resource("/api/payments"),
    make_resource("/api/live"),
    make_resource("/api/users/currentuser"),
    make_resource("/api/users/signin"),
    make_resource("/api/users/signup"),
    make_resource("/api/users/signout"),
    make_resource("/api/feed"),
    make_resource("/api/payments/providers"),
    make_resource("/api/admin/payments"),
    make_resource("/api/admin/cluster"),
    make_resource("/openapi.json"),
    make_resource("/healthz"),
    make_resource("/readyz"),
    make_resource("/metrics"),
};

route_match answer(const resource& x, http_method method) noexcept {
  route_match result;
  result.allow = x.allow;
  if (method == options) {
    result.outcome = route_outcome::options;
    return result;
  }
  const std::optional<route>& what = x.by_method[index_of(method)];
  if (!what) {
    result.outcome = route_outcome::method_not_allowed;
    return result;
  }
  result.outcome = route_outcome::found;
  result.what = *what;
  result.is_head = method == head;
  return result;
}

route_match answer_with_id(const resource& x, http_method method, std::string_view id) noexcept {
  if (id.empty() || id.find('/') != std::string_view::npos)
    return {};
  route_match result = answer(x, method);
  result.id = domain::parse_uuid(id);
  return result;
}

route_match match_order(http_method method, std::string_view rest) noexcept {
  if (rest.ends_with(refunds_suffix))
    return answer_with_id(order_refunds, method,
                          rest.substr(0, rest.size() - refunds_suffix.size()));
  return answer_with_id(one_order, method, rest);
}

route_match match_webhook(http_method method, std::string_view provider) noexcept {
  if (provider.empty() || provider.find('/') != std::string_view::npos)
    return {};
  route_match result = answer(one_webhook, method);
  result.name = provider;
  return result;
}

bool is_interface_path(std::string_view path) noexcept {
  return path == "/api" || path.starts_with("/api/");
}

} // namespace

http_method parse_method(std::string_view text) noexcept {
  if (text == "GET")
    return get;
  if (text == "POST")
    return post;
  if (text == "PUT")
    return put;
  if (text == "DELETE")
    return delete_;
  if (text == "HEAD")
    return head;
  if (text == "OPTIONS")
    return options;
  return other;
}

std::string_view to_string(http_method x) noexcept {
  switch (x) {
  case get:
    return "GET";
  case head:
    return "HEAD";
  case post:
    return "POST";
  case put:
    return "PUT";
  case delete_:
    return "DELETE";
  case options:
    return "OPTIONS";
  case other:
    return "other";
  }
  return "other";
}

const route_info& info_of(route x) noexcept {
  return infos[static_cast<std::size_t>(x)];
}

std::string_view to_string(route x) noexcept {
  return info_of(x).name;
}

std::span<const route_info> all_routes() noexcept {
  return infos;
}

route_match match_route(http_method method, std::string_view path) noexcept {
  if (path == "*") {
    route_match result;
    result.outcome = method == options ? route_outcome::options : route_outcome::method_not_allowed;
    result.allow = method == options ? allow_all : std::string_view{"OPTIONS"};
    return result;
  }
  if (path.starts_with(ticket_prefix))
    return answer_with_id(one_ticket, method, path.substr(ticket_prefix.size()));
  if (path.starts_with(order_prefix))
    return match_order(method, path.substr(order_prefix.size()));
  if (path.starts_with(webhook_prefix))
    return match_webhook(method, path.substr(webhook_prefix.size()));
  for (const resource& x : plain_resources)
    if (x.path == path)
      return answer(x, method);
  if (is_interface_path(path))
    return {};
  return answer(application_files, method);
}

std::optional<request_target> split_target(std::string_view target) noexcept {
  if (target == "*")
    return request_target{target, {}};
  if (!target.starts_with('/')) {
    // absolute-form, which a server must take (RFC 9112, 3.2.2); the authority is Host's business.
    const std::size_t scheme_end = target.find("://");
    if (scheme_end == std::string_view::npos)
      return std::nullopt;
    const std::string_view scheme = target.substr(0, scheme_end);
    if (scheme != "http" && scheme != "https")
      return std::nullopt;
    target.remove_prefix(scheme_end + 3);
    const std::size_t authority_end = target.find_first_of("/?#");
    if (target.empty() || authority_end == 0)
      return std::nullopt;
    target =
        authority_end == std::string_view::npos ? std::string_view{} : target.substr(authority_end);
    if (target.empty())
      return request_target{"/", {}};
    if (target.front() == '?')
      return request_target{"/", target.substr(1)};
  }
  // A fragment never travels (RFC 9110, 4.2.5), and neither do blanks and control characters.
  for (const char c : target)
    if (c == '#' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f)
      return std::nullopt;
  const std::size_t question = target.find('?');
  if (question == std::string_view::npos)
    return request_target{target, {}};
  return request_target{target.substr(0, question), target.substr(question + 1)};
}

} // namespace holdfast::net
