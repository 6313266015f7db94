#include "net/auth/origin_policy.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::net;

namespace {

struct origin_case {
  std::string what;
  std::optional<std::string_view> origin;
  std::optional<std::string_view> fetch_site;
  std::string host;
  bool over_tls;
  bool by_cookie;
  origin_verdict unsafe_request;
  origin_verdict handshake;
};

constexpr auto ok = origin_verdict::allowed;
constexpr auto foreign = origin_verdict::foreign_origin;
constexpr auto cross = origin_verdict::cross_site;
constexpr auto missing = origin_verdict::missing_origin;
constexpr auto none = std::nullopt;

void check(const origin_policy& policy, const std::vector<origin_case>& cases) {
  for (const auto& each : cases) {
    INFO(each.what);
    request_origin request{each.origin, each.fetch_site, each.host, each.over_tls, each.by_cookie};
    CHECK(to_string(policy.judge_unsafe_request(request)) == to_string(each.unsafe_request));
    CHECK(to_string(policy.judge_handshake(request)) == to_string(each.handshake));
  }
}

} // namespace

TEST_CASE("without configured origins only the request's own is at home", "[net][auth]") {
  check(origin_policy({}),
        {
            {"own", "http://shop:8080", none, "shop:8080", false, true, ok, ok},
            {"own over TLS", "https://shop", none, "shop", true, true, ok, ok},
            {"own with default port", "https://shop", none, "shop:443", true, true, ok, ok},
            {"own, host in capitals", "http://shop", none, "SHOP", false, true, ok, ok},
            {"own, IPv6", "http://[::1]:8080", none, "[::1]:8080", false, true, ok, ok},
            {"other port", "http://shop:8081", none, "shop:8080", false, true, foreign, foreign},
            {"other scheme", "http://shop", none, "shop", true, true, foreign, foreign},
            {"other host", "http://evil", none, "shop", false, true, foreign, foreign},
            {"host as prefix", "http://shop.evil", none, "shop", false, true, foreign, foreign},
            {"host as suffix", "http://evilshop", none, "shop", false, true, foreign, foreign},
            {"subdomain", "http://a.shop", none, "shop", false, true, foreign, foreign},
            {"opaque", "null", none, "shop", false, true, foreign, foreign},
            {"empty", "", none, "shop", false, true, foreign, foreign},
            {"two", "http://shop, http://evil", none, "shop", false, true, foreign, foreign},
            {"with path", "http://shop/", none, "shop", false, true, foreign, foreign},
            {"no host", "http://", none, "", false, true, foreign, foreign},
            {"foreign without cookie", "http://evil", none, "shop", false, false, foreign, foreign},
            {"foreign, pleading same-origin", "http://evil", "same-origin", "shop", false, true,
             foreign, foreign},
        });
}

TEST_CASE("configured origins are at home and the request's own host is not", "[net][auth]") {
  check(
      origin_policy({"https://Tickets.Example:443/", "http://localhost:5173"}),
      {
          {"first", "https://tickets.example", none, "inner:8080", false, true, ok, ok},
          {"second", "http://localhost:5173", "cross-site", "inner:8080", false, true, ok, ok},
          {"own host", "http://inner:8080", none, "inner:8080", false, true, foreign, foreign},
          {"other scheme", "http://tickets.example", none, "inner", false, true, foreign, foreign},
          {"with port", "https://tickets.example:444", none, "inner", false, true, foreign,
           foreign},
      });
}

TEST_CASE("without an origin the fetch metadata count, and a handshake by cookie is refused",
          "[net][auth]") {
  check(origin_policy({}),
        {
            {"program with bearer", none, none, "shop", false, false, ok, ok},
            {"program with cookie", none, none, "shop", false, true, ok, missing},
            {"same origin", none, "same-origin", "shop", false, true, ok, missing},
            {"typed in", none, "none", "shop", false, true, ok, missing},
            {"same site", none, "same-site", "shop", false, true, cross, cross},
            {"cross site", none, "cross-site", "shop", false, true, cross, cross},
            {"cross site without cookie", none, "cross-site", "shop", false, false, cross, cross},
            {"nonsense", none, "Same-Origin, none", "shop", false, false, cross, cross},
        });
}
