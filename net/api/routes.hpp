// The map from method and path to what is asked for. One table (routes.cpp) knows every path, its
// methods, who may use it and the name that metrics and the OpenAPI document call it by. Pure,
// without allocation; views point into the caller's text. Any thread.
#pragma once

#include "domain/ids.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace holdfast::net {

/// The methods that the front serves. Anything else is `other` and allowed nowhere.
enum class http_method : std::uint8_t { get, head, post, put, delete_, options, other };

/// Methods are case-sensitive.
http_method parse_method(std::string_view text) noexcept;
std::string_view to_string(http_method x) noexcept;

/// What is asked for. HEAD asks for the GET route of its path.
enum class route : std::uint8_t {
  sign_up,
  sign_in,
  sign_out,
  current_user,
  create_ticket,
  list_tickets,
  read_ticket,
  revise_ticket,
  remove_ticket,
  create_order,
  list_orders,
  read_order,
  cancel_order,
  refund_order,
  create_payment,
  payment_providers,
  payment_webhook,
  unsettled_payments,
  cluster,
  live,
  feed,
  api_document,
  health,
  readiness,
  metrics,
  /// Any path that isn't the interface's: a file of the browser application, or its start page.
  application,
};
inline constexpr std::size_t route_count = static_cast<std::size_t>(route::application) + 1;

/// Who may use a route. Reading one order needs a session and then its buyer; that is decided by
/// the order, not here.
enum class route_access : std::uint8_t { everybody, session, admin };

struct route_info {
  route id = route::application;
  http_method method = http_method::get;
  /// "/api/tickets/:id"; for the application "/*".
  std::string_view path;
  /// Stable, for metrics and logs: "read_ticket".
  std::string_view name;
  route_access access = route_access::everybody;
  /// Takes a JSON object as its body.
  bool has_body = false;
};

const route_info& info_of(route x) noexcept;
std::string_view to_string(route x) noexcept;
/// Every route once, in the order of the enumeration.
std::span<const route_info> all_routes() noexcept;

enum class route_outcome : std::uint8_t {
  /// `what` is asked for.
  found,
  /// 405 with `allow`.
  method_not_allowed,
  /// 204 with `allow`.
  options,
  /// 404: unknown path under /api.
  no_such_path,
};

struct route_match {
  route_outcome outcome = route_outcome::no_such_path;
  route what = route::application;
  /// The answer is to have no body.
  bool is_head = false;
  /// For paths with an id: the id, or nothing if the text there is no id. Then the resource doesn't
  /// exist: missing_resource(what), at the place of "exists" in the order of checks.
  std::optional<domain::uuid> id;
  /// For paths with a name: the name.
  std::string_view name;
  /// For 405 and OPTIONS: "GET, HEAD, POST, OPTIONS".
  std::string_view allow;
};

/// `path` as in request_target, not percent-decoded: no route of ours needs an escape.
route_match match_route(http_method method, std::string_view path) noexcept;

/// A request line's target, taken apart.
struct request_target {
  /// Starts with '/', or is "*".
  std::string_view path;
  /// Behind the '?', without it.
  std::string_view query;
};

/// Takes origin-form ("/a?b"), absolute-form ("http://host/a?b") and "*". Nothing: the target is
/// malformed (400).
std::optional<request_target> split_target(std::string_view target) noexcept;

} // namespace holdfast::net
