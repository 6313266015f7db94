// One table: variable, text, and whether it is taken; then what the typed value is.
#include "tests/config/load_helper.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::config;
using namespace holdfast::config::tests;

namespace {
load_result load_one(const char* name, const std::string& text) {
  sources given;
  given.environment[name] = text;
  return given.load();
}
} // namespace

TEST_CASE("values of the right form are taken, others refused", "[config]") {
  struct row {
    const char* name;
    const char* text;
    bool taken;
  };
  auto [name, text, taken] = GENERATE(values<row>({
      {"HOLDFAST_HTTP_PORT", "0", true},
      {"HOLDFAST_HTTP_PORT", "65535", true},
      {"HOLDFAST_HTTP_PORT", " 80 ", true},
      {"HOLDFAST_HTTP_PORT", "65536", false},
      {"HOLDFAST_HTTP_PORT", "-1", false},
      {"HOLDFAST_HTTP_PORT", "+1", false},
      {"HOLDFAST_HTTP_PORT", "8080x", false},
      {"HOLDFAST_HTTP_PORT", "1e3", false},
      {"HOLDFAST_HTTP_PORT", "99999999999999999999999", false},
      {"HOLDFAST_ORDER_WINDOW_SECONDS", "1", true},
      {"HOLDFAST_ORDER_WINDOW_SECONDS", "4294967297", false},
      {"HOLDFAST_HTTP_ADDRESS", "::1", true},
      {"HOLDFAST_HTTP_ADDRESS", "localhost", false},
      {"HOLDFAST_HTTP_ADDRESS", "127.0.0.1:80", false},
      {"HOLDFAST_DEMO", "on", true},
      {"HOLDFAST_DEMO", "ON", false},
      {"HOLDFAST_STORE", "sqlite", true},
      {"HOLDFAST_STORE", "postgres", false},
      {"HOLDFAST_LOG_FORMAT", "json", true},
      {"HOLDFAST_LOG_FORMAT", "xml", false},
      {"HOLDFAST_CURRENCIES", "usd,eur", true},
      {"HOLDFAST_CURRENCIES", "EUR", true},
      {"HOLDFAST_CURRENCIES", "usd,", false},
      {"HOLDFAST_CURRENCIES", ",usd", false},
      {"HOLDFAST_CURRENCIES", "jpy", false}, // no decimals
      {"HOLDFAST_CURRENCIES", "kwd", false}, // three decimals
      {"HOLDFAST_CURRENCIES", "xyz", false},
      {"HOLDFAST_PUBLIC_ORIGINS", "https://tickets.example", true},
      {"HOLDFAST_PUBLIC_ORIGINS", "http://localhost:3000, https://[::1]:8443", true},
      {"HOLDFAST_PUBLIC_ORIGINS", "https://tickets.example/", false},
      {"HOLDFAST_PUBLIC_ORIGINS", "https://tickets.example:443", false},
      {"HOLDFAST_PUBLIC_ORIGINS", "tickets.example", false},
      {"HOLDFAST_PUBLIC_ORIGINS", "*", false},
      {"HOLDFAST_TRUSTED_PROXIES", "10.0.0.0/8, ::1", true},
      {"HOLDFAST_TRUSTED_PROXIES", "10.0.0.1/8", false},
      {"HOLDFAST_REDIS_URL", "redis://localhost", true},
      {"HOLDFAST_REDIS_URL", "redis://:p@ss@10.0.0.1:6379/2", true},
      {"HOLDFAST_REDIS_URL", "redis://[::1]:6379", true},
      {"HOLDFAST_REDIS_URL", "redis://user:p@localhost", false},
      {"HOLDFAST_REDIS_URL", "redis://localhost:0", false},
      {"HOLDFAST_REDIS_URL", "localhost:6379", false},
      {"HOLDFAST_SESSION_KEY", "01234567890123456789012345678901", true},
      {"HOLDFAST_SESSION_KEY", "0123456789012345678901234567890", false},
      {"HOLDFAST_SESSION_KEY", "01234567890123456789012345678901,short", false},
      {"HOLDFAST_ADMIN_EMAILS", "a@b.example,c@d.example", true},
      {"HOLDFAST_ADMIN_EMAILS", "a b@c.example", false},
      {"HOLDFAST_ADMIN_EMAILS", "nobody", false},
      {"HOLDFAST_STRIPE_API_BASE", "http://127.0.0.1:12111", true},
      {"HOLDFAST_STRIPE_API_BASE", "http://127.0.0.1:12111/", false},
      {"HOLDFAST_NODE_NAME", "node-1", true},
      {"HOLDFAST_NODE_NAME", "Node 1", false},
      {"HOLDFAST_DATA_DIR", "/var/lib/holdfast", true},
      {"HOLDFAST_DATA_DIR", "a\nb", false},
  }));
  CAPTURE(name, text);
  load_result result = load_one(name, text);
  CAPTURE(fault_lines(result));
  CHECK(result.ok() == taken);
}

TEST_CASE("lists are split, trimmed and held in lower case where case means nothing", "[config]") {
  CHECK(load_one("HOLDFAST_CURRENCIES", " USD , eur ").value.tickets.currencies ==
        std::vector<std::string>{"usd", "eur"});
  CHECK(load_one("HOLDFAST_ADMIN_EMAILS", "Ann@B.Example").value.admin.emails ==
        std::vector<std::string>{"ann@b.example"});
  CHECK(load_one("HOLDFAST_PUBLIC_ORIGINS", "HTTPS://A.example").ok() == false);
  std::string key(32, 'K');
  CHECK(load_one("HOLDFAST_SESSION_KEY", key + "," + key).value.sessions.keys ==
        std::vector<std::string>{key, key});
}

TEST_CASE("a list that must not be empty cannot be emptied", "[config]") {
  sources given;
  given.arguments = {"--currencies="};
  CHECK(has(fault_lines(given.load()), "flag --currencies: tickets.currencies: may not be empty"));
}

TEST_CASE("control bytes of a value do not reach the message", "[config]") {
  std::string lines = fault_lines(load_one("HOLDFAST_HTTP_PORT", "1\n2\x1b[31m"));
  CHECK(has(lines, "\"1?2?[31m\""));
}
