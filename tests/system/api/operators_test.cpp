// What operators rely on: health, metrics, the data directory, the document, stopping, settings.
#include "tests/system/api/shared_server.hpp"

#include "tests/system/support/open_api.hpp"

#include <boost/json/parse.hpp>
#include <catch2/catch.hpp>

using namespace holdfast::system_tests;
namespace json = boost::json;

TEST_CASE("the process says that it is up and ready",
          "[system][rule:operators.health][rule:operators.ready]") {
  http_client client{shared_server().port()};
  CHECK(client.get("/healthz").status == 200);
  CHECK(client.get("/readyz").status == 200);
}

TEST_CASE("metrics are Prometheus text and count requests", "[system][rule:operators.metrics]") {
  http_client client{shared_server().port()};
  client.get("/api/tickets");
  const http_answer answer = client.get("/metrics");
  CHECK(answer.status == 200);
  CHECK(answer.header("Content-Type").value_or("").substr(0, 10) == "text/plain");
  CHECK(answer.body.find("# TYPE ") != std::string::npos);
  CHECK(answer.body.find("list_tickets") != std::string::npos);
}

TEST_CASE("the server's document is that of the sources", "[system][rule:operators.document]") {
  const http_answer answer = http_client{shared_server().port()}.get("/openapi.json");
  REQUIRE(answer.status == 200);
  CHECK(answer.json() == open_api::document());
}

TEST_CASE("a command's output is whole when it has been waited for", "[system][support]") {
  // The shell ends first; what it left behind writes a little later into the same pipe.
  child_process run{"/bin/sh", {"-c", "(sleep 0.1; echo last) & echo first"}, {}};
  REQUIRE(run.wait());
  CHECK(run.output() == "first\nlast\n");
}

TEST_CASE("a second server on one data directory is refused and told who holds it",
          "[system][rule:operators.data_dir]") {
  const auto [code, output] = shared_server().command({}, {{"HOLDFAST_HTTP_PORT", "0"}});
  CHECK(code == 2);
  INFO(output);
  CHECK(output.find(std::to_string(shared_server().process().id())) != std::string::npos);
  CHECK(output.find(shared_server().data_directory().string()) != std::string::npos);
  CHECK(http_client{shared_server().port()}.get("/readyz").status == 200);
}

TEST_CASE("a port that is taken is refused in a sentence", "[system]") {
  temporary_directory other;
  const auto [code, output] =
      shared_server().command({}, {{"HOLDFAST_DATA_DIR", other.path().string()}});
  CHECK(code == 2);
  CHECK(output.find(std::to_string(shared_server().port())) != std::string::npos);
}

TEST_CASE("a setting that is wrong is named, and nothing starts",
          "[system][rule:operators.settings]") {
  const auto [code, output] =
      shared_server().command({}, {{"HOLDFAST_ORDER_WINDOW_SECONDS", "soon"}});
  CHECK(code == 2);
  CHECK(output.find("HOLDFAST_ORDER_WINDOW_SECONDS") != std::string::npos);
  const auto [flag_code, flag_output] =
      shared_server().command({"--order-window-seconds", "never"});
  CHECK(flag_code == 2);
  CHECK(flag_output.find("order-window-seconds") != std::string::npos);
}

TEST_CASE("demo tickets are listed in an empty store, once", "[system][rule:operators.demo]") {
  server_process server{{{"HOLDFAST_DEMO", "on"}}};
  const auto count = [&] {
    return http_client{server.port()}.get("/api/tickets?limit=200").json().as_array().size();
  };
  const std::size_t listed = count();
  CHECK(listed > 0);
  server.restart(SIGTERM);
  CHECK(count() == listed);
}
