#include "net/api/routes.hpp"

#include <catch2/catch.hpp>

#include <set>
#include <string>

using namespace holdfast::net;
using holdfast::domain::parse_uuid;

namespace {

constexpr const char* id_text = "01977e8a-3c40-8a5b-9c3d-6f1e2d3c4b5a";

/// The route's path with an id in place of ":id".
std::string sample_path(const route_info& info) {
  std::string path{info.path};
  if (path == "/*")
    return "/tickets/new";
  const std::size_t id = path.find(":id");
  return id == std::string::npos ? path : path.replace(id, 3, id_text);
}

} // namespace

TEST_CASE("every route is found by its own method and path", "[net][routes]") {
  std::set<std::string> names;
  for (const route_info& info : all_routes()) {
    CAPTURE(info.name);
    const route_match match = match_route(info.method, sample_path(info));
    CHECK(match.outcome == route_outcome::found);
    CHECK(match.what == info.id);
    CHECK_FALSE(match.is_head);
    CHECK(match.id.has_value() == (info.path.find(":id") != std::string_view::npos));
    CHECK(names.insert(std::string{info.name}).second);
    CHECK(&info_of(info.id) == &info);
  }
  CHECK(names.size() == route_count);
}

TEST_CASE("HEAD finds what GET finds", "[net][routes]") {
  for (const route_info& info : all_routes()) {
    CAPTURE(info.name);
    const route_match match = match_route(http_method::head, sample_path(info));
    const route_match get = match_route(http_method::get, sample_path(info));
    CHECK(match.outcome == get.outcome);
    CHECK(match.what == get.what);
    CHECK(match.is_head == (get.outcome == route_outcome::found));
  }
}

TEST_CASE("a wrong method on a known path names the right ones", "[net][routes]") {
  struct row {
    http_method method;
    const char* path;
    const char* allow;
  };
  const row rows[]{
      {http_method::put, "/api/tickets", "GET, HEAD, POST, OPTIONS"},
      {http_method::delete_, "/api/tickets", "GET, HEAD, POST, OPTIONS"},
      {http_method::post, "/api/tickets/x", "GET, HEAD, PUT, DELETE, OPTIONS"},
      {http_method::put, "/api/orders/x", "GET, HEAD, DELETE, OPTIONS"},
      {http_method::get, "/api/payments", "POST, OPTIONS"},
      {http_method::head, "/api/payments", "POST, OPTIONS"},
      {http_method::get, "/api/users/signup", "POST, OPTIONS"},
      {http_method::post, "/api/users/currentuser", "GET, HEAD, OPTIONS"},
      {http_method::post, "/healthz", "GET, HEAD, OPTIONS"},
      {http_method::post, "/", "GET, HEAD, OPTIONS"},
      {http_method::other, "/api/tickets", "GET, HEAD, POST, OPTIONS"},
      {http_method::get, "*", "OPTIONS"},
  };
  for (const row& x : rows) {
    CAPTURE(x.path);
    const route_match match = match_route(x.method, x.path);
    CHECK(match.outcome == route_outcome::method_not_allowed);
    CHECK(match.allow == x.allow);
  }
}

TEST_CASE("OPTIONS tells a path's methods", "[net][routes]") {
  for (const route_info& info : all_routes()) {
    CAPTURE(info.name);
    const route_match match = match_route(http_method::options, sample_path(info));
    CHECK(match.outcome == route_outcome::options);
    CHECK(match.allow.find(to_string(info.method)) != std::string_view::npos);
  }
  CHECK(match_route(http_method::options, "*").outcome == route_outcome::options);
  CHECK(match_route(http_method::options, "/api/nothing").outcome == route_outcome::no_such_path);
}

TEST_CASE("a path under /api is a route or nothing", "[net][routes]") {
  for (const char* path :
       {"/api", "/api/", "/api/ticket", "/api/tickets/", "/api/tickets/a/b", "/api/orders/",
        "/api//tickets", "/api/tickets//", "/api/users", "/api/users/signup/", "/api/Tickets",
        "/api/payments/webhook/", "/api/payments/webhook", "/api/payments/webhook/a/b",
        "/api/orders/refunds/a", "/api/admin", "/api/%74ickets", "/api/../healthz",
        "/api/live/x"}) {
    CAPTURE(path);
    CHECK(match_route(http_method::get, path).outcome == route_outcome::no_such_path);
    CHECK(match_route(http_method::other, path).outcome == route_outcome::no_such_path);
  }
}

TEST_CASE("any other path is the browser application", "[net][routes]") {
  for (const char* path : {"/", "/index.html", "/apix", "/tickets/1", "/API/tickets", "/healthz/",
                           "/assets/app.js", "/..", "//api/tickets"}) {
    CAPTURE(path);
    const route_match match = match_route(http_method::get, path);
    CHECK(match.outcome == route_outcome::found);
    CHECK(match.what == route::application);
  }
}

TEST_CASE("what isn't an id in a path is found as a route without an id", "[net][routes]") {
  const auto id = parse_uuid(id_text);
  REQUIRE(id.has_value());
  const std::string tickets = "/api/tickets/";
  CHECK(match_route(http_method::get, tickets + id_text).id == id);
  for (const char* text : {"1", "01977E8A-3C40-8A5B-9C3D-6F1E2D3C4B5A", "me", "%30",
                           "01977e8a-3c40-8a5b-9c3d-6f1e2d3c4b5",  // short
                           "01977e8a-3c40-4a5b-9c3d-6f1e2d3c4b5a", // another version
                           "01977e8a3c408a5b9c3d6f1e2d3c4b5a0000"}) {
    CAPTURE(text);
    const route_match match = match_route(http_method::delete_, tickets + text);
    CHECK(match.outcome == route_outcome::found);
    CHECK(match.what == route::remove_ticket);
    CHECK_FALSE(match.id.has_value());
  }
}

TEST_CASE("methods are read as they are written", "[net][routes]") {
  for (const http_method x : {http_method::get, http_method::head, http_method::post,
                              http_method::put, http_method::delete_, http_method::options})
    CHECK(parse_method(to_string(x)) == x);
  for (const char* text : {"", "get", "PATCH", "TRACE", "CONNECT", "GET "})
    CHECK(parse_method(text) == http_method::other);
}

TEST_CASE("a target is taken apart into path and query", "[net][routes]") {
  struct row {
    const char* target;
    const char* path;
    const char* query;
  };
  const row rows[]{
      {"/", "/", ""},
      {"/api/tickets?status=all&limit=2", "/api/tickets", "status=all&limit=2"},
      {"/a?", "/a", ""},
      {"/a?b?c", "/a", "b?c"},
      {"*", "*", ""},
      {"http://example.com/api/feed?limit=1", "/api/feed", "limit=1"},
      {"https://example.com", "/", ""},
      {"http://example.com?x=1", "/", "x=1"},
  };
  for (const row& x : rows) {
    CAPTURE(x.target);
    const auto target = split_target(x.target);
    REQUIRE(target.has_value());
    CHECK(target->path == x.path);
    CHECK(target->query == x.query);
  }
  for (const char* text : {"", "api", "ftp://x/y", "http:///x", "/a b", "/a#b", "/a\nb", "**",
                           "http://", "http://example.com#x"}) {
    CAPTURE(text);
    CHECK_FALSE(split_target(text).has_value());
  }
}

TEST_CASE("what needs a session or an admin says so", "[net][routes]") {
  CHECK(info_of(route::create_ticket).access == route_access::session);
  CHECK(info_of(route::list_orders).access == route_access::session);
  CHECK(info_of(route::read_order).access == route_access::session);
  CHECK(info_of(route::create_payment).access == route_access::session);
  CHECK(info_of(route::feed).access == route_access::admin);
  CHECK(info_of(route::list_tickets).access == route_access::everybody);
  CHECK(info_of(route::current_user).access == route_access::everybody);
}
