#include "net/api/security_headers.hpp"

#include <catch2/catch.hpp>

#include <algorithm>

using namespace holdfast::net;

namespace {

std::string_view value_of(std::span<const header_line> lines, std::string_view name) {
  const auto found = std::find_if(lines.begin(), lines.end(),
                                  [&](const header_line& line) { return line.name == name; });
  return found == lines.end() ? std::string_view{} : found->value;
}

} // namespace

TEST_CASE("pages run nothing inline, nothing foreign, and in no frame", "[net][headers]") {
  const std::string_view policy = value_of(page_headers(false), "Content-Security-Policy");
  CHECK(policy.find("default-src 'none'") != std::string_view::npos);
  CHECK(policy.find("script-src 'self'") != std::string_view::npos);
  CHECK(policy.find("frame-ancestors 'none'") != std::string_view::npos);
  CHECK(policy.find("unsafe") == std::string_view::npos);
  CHECK(policy.find('*') == std::string_view::npos);
}

TEST_CASE("only HTTPS asks browsers to stay with HTTPS", "[net][headers]") {
  for (const auto& lines : {page_headers(false), api_headers(false)}) {
    CHECK(value_of(lines, "Strict-Transport-Security").empty());
    CHECK(value_of(lines, "X-Content-Type-Options") == "nosniff");
    CHECK_FALSE(value_of(lines, "Referrer-Policy").empty());
  }
  CHECK_FALSE(value_of(page_headers(true), "Strict-Transport-Security").empty());
  CHECK_FALSE(value_of(api_headers(true), "Strict-Transport-Security").empty());
}
