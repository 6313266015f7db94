// Where values come from, which source wins, and what is said when something is wrong.
#include "tests/config/load_helper.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::config;
using namespace holdfast::config::tests;

TEST_CASE("without any source the defaults hold", "[config]") {
  load_result result = sources{}.load();
  REQUIRE(fault_lines(result).empty());
  CHECK(result.warnings.empty());
  CHECK(result.command == command::serve);
  CHECK(result.value.http.address == "127.0.0.1");
  CHECK(result.value.http.port == 8080);
  CHECK(result.value.orders.window_seconds == 900);
  CHECK(result.value.tickets.currencies == std::vector<std::string>{"usd"});
}

TEST_CASE("the file overrides defaults, the environment the file, flags the environment",
          "[config]") {
  sources given;
  given.files["/c"] = "http.port = 1001\norders.window_seconds = 1002\nlog.level = error\n";
  given.arguments = {"--config", "/c"};
  CHECK(given.load().value.http.port == 1001);
  given.environment["HOLDFAST_HTTP_PORT"] = "2001";
  given.environment["HOLDFAST_ORDER_WINDOW_SECONDS"] = "2002";
  CHECK(given.load().value.http.port == 2001);
  given.arguments.push_back("--http-port=3001");
  load_result result = given.load();
  REQUIRE(fault_lines(result).empty());
  CHECK(result.value.http.port == 3001);
  CHECK(result.value.orders.window_seconds == 2002);
  CHECK(result.value.log.level == log_level::error);
}

TEST_CASE("the file may be named in the environment, and the flag wins", "[config]") {
  sources given;
  given.files = {{"/env", "http.port = 1\n"}, {"/flag", "http.port = 2\n"}};
  given.environment["HOLDFAST_CONFIG"] = "/env";
  CHECK(given.load().value.http.port == 1);
  given.arguments = {"--config=/flag"};
  CHECK(given.load().value.http.port == 2);
}

TEST_CASE("the file knows comments, blank lines, other line ends and values with = and #",
          "[config]") {
  sources given;
  given.environment["HOLDFAST_CONFIG"] = "/c";
  given.files["/c"] = "# a comment\r\n\r\n  http.static_dir=/srv/a=b #c  \r\n\t# another\n"
                      "http.port = 0";
  load_result result = given.load();
  REQUIRE(fault_lines(result).empty());
  CHECK(result.value.http.static_dir == "/srv/a=b #c");
  CHECK(result.value.http.port == 0);
}

TEST_CASE("every fault is reported, with its source, value and what is allowed", "[config]") {
  sources given;
  given.files["/c"] = "http.port = 70000\nhttp.prot = 1\nnonsense\nlog.level = loud\n"
                      "log.level = info\n";
  given.environment = {{"HOLDFAST_CONFIG", "/c"}, {"HOLDFAST_DEMO", "maybe"}};
  given.arguments = {"--order-window-seconds", "0", "--no-such-flag"};
  load_result result = given.load();
  std::string lines = fault_lines(result);
  CAPTURE(lines);
  CHECK(result.faults.size() == 8);
  CHECK(has(lines, "/c:1: http.port: \"70000\" is not a whole number from 0 to 65535"));
  CHECK(has(lines, "/c:2: http.prot: no such setting (did you mean http.port?)"));
  CHECK(has(lines, "/c:3: is not of the form: key = value"));
  CHECK(has(lines, "/c:4: log.level: \"loud\" is not one of debug, info, warning, error"));
  CHECK(has(lines, "/c:5: log.level: is already set at /c:4"));
  CHECK(has(lines, "environment HOLDFAST_DEMO: demo.enabled: \"maybe\" is not on or off"));
  CHECK(has(lines, "flag --no-such-flag: no such flag"));
  CHECK(has(lines, "flag --order-window-seconds: orders.window_seconds: \"0\" is not a whole"));
}

TEST_CASE("a wrong value is reported also where a better source overrides it", "[config]") {
  sources given;
  given.environment["HOLDFAST_HTTP_PORT"] = "x";
  given.arguments = {"--http-port", "1"};
  CHECK(has(fault_lines(given.load()), "environment HOLDFAST_HTTP_PORT"));
}

TEST_CASE("an unknown variable is a warning that names the nearest setting", "[config]") {
  sources given;
  given.environment = {{"HOLDFAST_HTP_PORT", "1"}, {"OTHER_HTTP_PORT", "1"}};
  load_result result = given.load();
  CHECK(result.ok());
  REQUIRE(result.warnings.size() == 1);
  CHECK(has(result.warnings[0], "HOLDFAST_HTP_PORT"));
  CHECK(has(result.warnings[0], "did you mean HOLDFAST_HTTP_PORT?"));
}

TEST_CASE("an empty variable counts as not set", "[config]") {
  sources given;
  given.environment = {{"HOLDFAST_HTTP_PORT", ""}, {"HOLDFAST_TLS_KEY", ""}};
  load_result result = given.load();
  CHECK(fault_lines(result).empty());
  CHECK(result.value.http.port == 8080);
}

TEST_CASE("a file that cannot be read is a fault that names it", "[config]") {
  sources given;
  given.arguments = {"--config", "/missing"};
  CHECK(fault_lines(given.load()) == "/missing: cannot be read: No such file or directory\n");
}

TEST_CASE("a flag takes its value after a blank or an equals sign", "[config]") {
  sources given;
  given.arguments = {"--http-port", "1", "--data-dir=/d", "--tls-key="};
  load_result result = given.load();
  REQUIRE(fault_lines(result).empty());
  CHECK(result.value.http.port == 1);
  CHECK(result.value.store.data_dir == "/d");
}

TEST_CASE("a flag without its value is a fault", "[config]") {
  sources given;
  given.arguments = {"--data-dir", "--http-port"};
  std::string lines = fault_lines(given.load());
  CHECK(has(lines, "flag --data-dir: store.data_dir: needs a value"));
  CHECK(has(lines, "flag --http-port: http.port: needs a value"));
}

TEST_CASE("an on-or-off flag alone means on", "[config]") {
  sources given;
  given.arguments = {"--demo"};
  CHECK(given.load().value.demo.enabled);
  given.arguments = {"--demo", "off"};
  CHECK_FALSE(given.load().value.demo.enabled);
  given.arguments = {"--demo", "admin", "create", "a@b.example"};
  load_result result = given.load();
  CHECK(result.value.demo.enabled);
  CHECK(result.command == command::admin_create);
}

TEST_CASE("secrets are in no message", "[config]") {
  sources given;
  given.files["/c"] = "sessions.key = hunter2\n";
  given.environment = {{"HOLDFAST_CONFIG", "/c"},
                       {"HOLDFAST_REDIS_URL", "redis://user:hunter2@x"},
                       {"HOLDFAST_STRIPE_SECRET_KEY", "hunter2"}};
  given.arguments = {"--stripe-webhook-secret", "hunter2"};
  load_result result = given.load();
  std::string lines = fault_lines(result);
  for (const std::string& warning : result.warnings)
    lines += warning;
  CHECK(result.faults.size() == 4);
  CHECK_FALSE(has(lines, "hunter2"));
  CHECK(has(lines, "secret"));
}

TEST_CASE("a secret on the command line is warned of", "[config]") {
  sources given;
  given.arguments = {"--session-key=0123456789012345678901234567890123456789"};
  load_result result = given.load();
  CHECK(result.ok());
  REQUIRE(result.warnings.size() == 1);
  CHECK(has(result.warnings[0], "--session-key"));
}

TEST_CASE("commands are told apart", "[config]") {
  struct row {
    std::vector<const char*> arguments;
    command expected;
  };
  auto [arguments, expected] = GENERATE(values<row>({
      {{"--help"}, command::help},
      {{"-h"}, command::help},
      {{"--version", "--help"}, command::help},
      {{"--version"}, command::version},
      {{"--check-config"}, command::check_config},
      {{"--print-sample-config"}, command::print_sample_config},
      {{"--print-configuration-docs"}, command::print_configuration_docs},
      {{"admin", "create", "a@b.example"}, command::admin_create},
  }));
  sources given;
  given.arguments = arguments;
  load_result result = given.load();
  CHECK(result.ok());
  CHECK(result.command == expected);
}

TEST_CASE("a command that only prints looks at no configuration", "[config]") {
  sources given;
  given.environment = {{"HOLDFAST_HTTP_PORT", "x"}, {"HOLDFAST_CONFIG", "/missing"}};
  given.arguments = {"--help"};
  CHECK(given.load().ok());
}

TEST_CASE("admin create hands over the address and wants exactly one", "[config]") {
  sources given;
  given.arguments = {"admin", "create", "a@b.example"};
  CHECK(given.load().arguments == std::vector<std::string>{"a@b.example"});
  given.arguments = {"admin", "create"};
  CHECK(has(fault_lines(given.load()), "holdfast admin create <e-mail>"));
  given.arguments = {"sreve"};
  CHECK(has(fault_lines(given.load()), "no such command: \"sreve\""));
}

TEST_CASE("backup hands over the directory and wants exactly one", "[config]") {
  sources given;
  given.arguments = {"backup", "/var/backups/holdfast"};
  CHECK(given.load().arguments == std::vector<std::string>{"/var/backups/holdfast"});
  given.arguments = {"backup"};
  CHECK(has(fault_lines(given.load()), "holdfast backup <directory>"));
}

TEST_CASE("settings that contradict each other are faults", "[config]") {
  struct row {
    environment_map environment;
    const char* expected;
  };
  auto [environment, expected] = GENERATE(values<row>({
      {{{"HOLDFAST_TLS_KEY", "/k"}}, "HTTPS needs both"},
      {{{"HOLDFAST_TLS_CERTIFICATE", "/c"}}, "HTTPS needs both"},
      {{{"HOLDFAST_EVENT_RETENTION_HOURS", "1"}}, "outlast the feed events"},
      {{{"HOLDFAST_SESSION_SECONDS", "604801"}}, "at most 604800"},
      {{{"HOLDFAST_SHARDS", "63"}}, "not a power of two"},
      {{{"HOLDFAST_STRIPE_SECRET_KEY", "sk_test_1"}}, "publishable key is missing"},
      {{{"HOLDFAST_PAYPAL_CLIENT_ID", "x"},
        {"HOLDFAST_PAYMENT_RETURN_ORIGIN", "https://a.example"}},
       "PayPal needs both"},
      {{{"HOLDFAST_PAYPAL_SECRET", "x"}}, "PayPal needs both"},
      {{{"HOLDFAST_PAYPAL_CLIENT_ID", "x"}, {"HOLDFAST_PAYPAL_SECRET", "y"}}, "come back to"},
  }));
  sources given;
  given.environment = environment;
  CHECK(has(fault_lines(given.load()), expected));
}

TEST_CASE("a setting that has no effect is warned of", "[config]") {
  auto given_text = GENERATE(
      values<std::pair<const char*, const char*>>({{"HOLDFAST_REDIS_URL", "redis://localhost"},
                                                   {"HOLDFAST_REDIS_DURABILITY", "everysec"},
                                                   {"HOLDFAST_REDIS_TIMEOUT_MS", "100"},
                                                   {"HOLDFAST_NODE_NAME", "a"},
                                                   {"HOLDFAST_CLUSTER_ADDRESS", "8.8.8.8"},
                                                   {"HOLDFAST_CLUSTER_PORT", "1"},
                                                   {"HOLDFAST_CLUSTER_CERTIFICATE", "/missing"},
                                                   {"HOLDFAST_LEASE_SECONDS", "1"},
                                                   {"HOLDFAST_DRAIN_SECONDS", "1"}}));
  sources given;
  given.environment[given_text.first] = given_text.second;
  load_result result = given.load();
  CHECK(result.ok());
  REQUIRE(result.warnings.size() == 1);
  CHECK(has(result.warnings[0], "has no effect"));
}

TEST_CASE("trusting everybody as a proxy is warned of", "[config]") {
  auto everybody = GENERATE("0.0.0.0/0", "::/0");
  sources given;
  given.environment["HOLDFAST_TRUSTED_PROXIES"] = everybody;
  load_result result = given.load();
  CHECK(result.ok());
  REQUIRE(result.warnings.size() == 1);
  CHECK(has(result.warnings[0], "trusts everybody"));
}

TEST_CASE("a fail point that cannot be read is a fault", "[config]") {
  sources given;
  given.environment["HOLDFAST_FAIL_POINT"] = "after_charge:3";
  CHECK(given.load().ok());
  given.environment["HOLDFAST_FAIL_POINT"] = "after_charge:x";
  CHECK(has(fault_lines(given.load()), "environment HOLDFAST_FAIL_POINT"));
}
