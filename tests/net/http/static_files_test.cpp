#include "tests/net/http/front_fixture.hpp"

#include "net/http/static_files.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

struct site : front_fixture {
  site() {
    directory.write("dist/index.html", "<!doctype html><title>start</title>");
    directory.write("dist/assets/app-1.js", "plain");
    directory.write("dist/assets/app-1.js.br", "brotli");
    directory.write("dist/assets/app-1.js.gz", "gzip");
    directory.write("dist/assets/orphan.js.br", "brotli");
    directory.write("secret.txt", "secret");
    start();
  }
};

} // namespace

TEST_CASE("an encoding is taken unless its weight is zero") {
  CHECK(net::accepts_encoding("gzip, deflate, br", "br"));
  CHECK(net::accepts_encoding("BR;q=0.5", "br"));
  CHECK_FALSE(net::accepts_encoding("br;q=0", "br"));
  CHECK_FALSE(net::accepts_encoding("br;q=0.000, gzip", "br"));
  CHECK_FALSE(net::accepts_encoding("brotli", "br"));
  CHECK_FALSE(net::accepts_encoding("", "br"));
}

TEST_CASE(
    "a file is sent in the best form that the client takes, and kept for ever if it is an asset") {
  site pages;
  const auto best = pages.ask(get("/assets/app-1.js", "Accept-Encoding: gzip, br\r\n"));
  CHECK(best.body == "brotli");
  CHECK(best.field("content-encoding") == "br");
  CHECK(best.field("vary") == "Accept-Encoding");
  CHECK(best.field("content-type") == "text/javascript; charset=utf-8");
  CHECK(best.field("cache-control").find("immutable") != std::string::npos);
  CHECK(pages.ask(get("/assets/app-1.js", "Accept-Encoding: gzip\r\n")).body == "gzip");
  CHECK(pages.ask(get("/assets/app-1.js")).body == "plain");
  CHECK(pages.ask(get("/assets/orphan.js", "Accept-Encoding: br\r\n")).status == 404);
}

TEST_CASE("the start page answers every path of the application, but not for missing assets") {
  site pages;
  const auto start = pages.ask(get("/"));
  CHECK(start.status == 200);
  CHECK(start.field("cache-control") == "no-cache");
  CHECK(start.field("content-security-policy").find("script-src 'self'") != std::string::npos);
  CHECK(pages.ask(get("/orders/123")).body == start.body);
  CHECK(pages.ask(get("/assets/none.js")).status == 404);
  CHECK(pages.ask(get("/api/none")).status == 404);
}

TEST_CASE("a page that the client has is not sent again") {
  site pages;
  const auto first = pages.ask(get("/"));
  const auto again = pages.ask(get("/", "If-None-Match: " + first.field("etag") + "\r\n"));
  CHECK(again.status == 304);
  CHECK(again.field("etag") == first.field("etag"));
  CHECK(again.field("content-length").empty());
}

TEST_CASE("no path leads out of the directory") {
  site pages;
  for (const char* path : {"/../secret.txt", "/assets/../../secret.txt", "/%2e%2e/secret.txt",
                           "/assets/%2e%2e/%2e%2e/secret.txt", "//secret.txt"}) {
    INFO(path);
    CHECK(pages.ask(get(path)).body.find("secret") == std::string::npos);
  }
}

TEST_CASE("without a built application the pages say so, and the interface works") {
  front_fixture fixture;
  fixture.start();
  const auto given = fixture.ask(get("/"));
  CHECK(given.status == 503);
  CHECK(given.body.find("not built") != std::string::npos);
  CHECK(fixture.ask(get("/api/tickets")).status == 200);
}
