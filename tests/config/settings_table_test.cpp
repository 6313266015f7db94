// The table itself, and what is made from it.
#include "config/limits.hpp"
#include "config/settings_table.hpp"
#include "tests/config/load_helper.hpp"

#include <catch2/catch.hpp>
#include <fstream>
#include <limits>
#include <set>
#include <sstream>

using namespace holdfast::config;
using namespace holdfast::config::tests;

namespace {

std::string read(const std::string& path) {
  std::ifstream stream(std::string(HOLDFAST_SOURCE_DIR) + "/" + path);
  REQUIRE(stream);
  std::ostringstream text;
  text << stream.rdbuf();
  return text.str();
}

} // namespace

TEST_CASE("keys and variables are unique and follow their patterns", "[config]") {
  std::set<std::string_view> seen;
  for (const detail::setting_row& row : detail::rows()) {
    CAPTURE(row.key);
    CHECK(seen.insert(row.key).second);
    CHECK(seen.insert(row.environment).second);
    CHECK(row.environment.starts_with("HOLDFAST_"));
    CHECK(detail::flag_of(row).find_first_not_of("-abcdefghijklmnopqrstuvwxyz0123456789") ==
          std::string::npos);
    CHECK_FALSE(row.help.empty());
    bool known_group = false;
    for (const detail::setting_group& group : detail::groups())
      known_group = known_group || group.name == detail::group_of(row);
    CHECK(known_group);
  }
}

TEST_CASE("bounds of a number fit its type and hold its default", "[config]") {
  for (const detail::setting_row& row : detail::rows()) {
    CAPTURE(row.key);
    bool is_port = std::holds_alternative<std::uint16_t& (*)(settings&)>(row.field);
    if (is_port)
      CHECK(row.max <= std::numeric_limits<std::uint16_t>::max());
    if (is_port || std::holds_alternative<std::uint32_t& (*)(settings&)>(row.field))
      CHECK(row.min < row.max);
    CHECK_FALSE((row.required && detail::text_of(row, settings{}).empty()));
  }
}

TEST_CASE("every default is a legal value and reads back as itself", "[config]") {
  for (const detail::setting_row& row : detail::rows()) {
    CAPTURE(row.key);
    std::string standard = detail::text_of(row, settings{});
    settings target;
    CHECK(detail::assign(row, target, standard) == std::nullopt);
    CHECK(detail::text_of(row, target) == standard);
  }
}

TEST_CASE("each row writes a place of its own", "[config]") {
  // Numbers are set to a value of their own each; if two rows shared a place, one would be lost.
  settings target;
  std::map<std::string_view, std::string> expected;
  std::uint32_t next = 1;
  for (const detail::setting_row& row : detail::rows()) {
    if (row.max == 0)
      continue;
    std::string text = std::to_string(std::min(row.max, row.min + next++));
    REQUIRE(detail::assign(row, target, text) == std::nullopt);
    expected[row.key] = text;
  }
  for (const detail::setting_row& row : detail::rows())
    if (auto found = expected.find(row.key); found != expected.end()) {
      CAPTURE(row.key);
      CHECK(detail::text_of(row, target) == found->second);
    }
}

TEST_CASE("the names and defaults of the public contract hold", "[config]") {
  const std::map<std::string, std::string> contract{
      {"HOLDFAST_HTTP_ADDRESS", "127.0.0.1"},
      {"HOLDFAST_HTTP_PORT", "8080"},
      {"HOLDFAST_DATA_DIR", "./data"},
      {"HOLDFAST_TLS_CERTIFICATE", ""},
      {"HOLDFAST_TLS_KEY", ""},
      {"HOLDFAST_TRUSTED_PROXIES", ""},
      {"HOLDFAST_STORE", "sqlite"},
      {"HOLDFAST_REDIS_URL", ""},
      {"HOLDFAST_ORDER_WINDOW_SECONDS", "900"},
      {"HOLDFAST_SESSION_KEY", ""},
      {"HOLDFAST_RATE_LIMITS", "on"},
      {"HOLDFAST_PAYMENT_GRACE_SECONDS", "180"},
      {"HOLDFAST_EVENT_RETENTION_HOURS", "168"},
      {"HOLDFAST_CURRENCIES", "usd"},
      {"HOLDFAST_PUBLIC_ORIGINS", ""},
      {"HOLDFAST_ADMIN_EMAILS", ""},
      {"HOLDFAST_DEMO", "off"},
      {"HOLDFAST_STRIPE_SECRET_KEY", ""},
      {"HOLDFAST_STRIPE_WEBHOOK_SECRET", ""},
      {"HOLDFAST_STRIPE_API_BASE", "https://api.stripe.com"},
      {"HOLDFAST_NODE_NAME", ""},
      {"HOLDFAST_CLUSTER_ADDRESS", ""},
      {"HOLDFAST_CLUSTER_PORT", "7946"},
      {"HOLDFAST_LEASE_SECONDS", "3"},
      {"HOLDFAST_LOG_LEVEL", "info"},
  };
  std::map<std::string, std::string> fixed;
  for (const detail::setting_row& row : detail::rows())
    if (row.fixed_name)
      fixed[std::string(row.environment)] = detail::text_of(row, settings{});
  CHECK(fixed == contract);
}

TEST_CASE("the committed sample file is what the table makes", "[config]") {
  INFO("holdfast --print-sample-config > config/holdfast.conf.sample");
  CHECK(read("config/holdfast.conf.sample") == sample_config());
}

TEST_CASE("the committed documentation is what the table makes", "[config]") {
  INFO("holdfast --print-configuration-docs > docs/configuration.md");
  CHECK(read("docs/configuration.md") == configuration_docs());
}

TEST_CASE("the sample file with every line switched on loads to the defaults", "[config]") {
  std::string text;
  std::istringstream sample(sample_config());
  for (std::string line; std::getline(sample, line);) {
    for (const detail::setting_row& row : detail::rows())
      if (line.starts_with("# " + std::string(row.key) + " ="))
        text += line.substr(2) + "\n";
  }
  sources given;
  given.environment["HOLDFAST_CONFIG"] = "/sample";
  given.files["/sample"] = text;
  load_result result = given.load();
  CHECK(fault_lines(result).empty());
  for (const detail::setting_row& row : detail::rows()) {
    CAPTURE(row.key);
    CHECK(has(text, std::string(row.key) + " ="));
    CHECK(detail::text_of(row, result.value) == detail::text_of(row, settings{}));
  }
}

TEST_CASE("help names every flag with its default and stays within 100 columns", "[config]") {
  std::string help = help_text();
  for (const detail::setting_row& row : detail::rows())
    CHECK(has(help, "  " + detail::flag_of(row)));
  CHECK(has(help, "--http-port (8080)"));
  for (const std::string& made : {help, sample_config()}) {
    std::istringstream lines(made);
    for (std::string line; std::getline(lines, line);) {
      CAPTURE(line);
      CHECK(line.size() <= 100);
    }
  }
}
