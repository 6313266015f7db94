// What stands around the server: TLS, proxies, the hours.
#include "tests/system/support/people.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

/// Runs openssl's command line; its output.
std::string openssl(const std::vector<std::string>& arguments, const std::string& input = {}) {
  child_process run{"/usr/bin/openssl", arguments, {}, input};
  const auto ended = run.wait();
  INFO(run.output());
  REQUIRE((ended && ended->code == 0));
  return run.output();
}

/// Each with an e-mail of its own: attempts on one account are counted as well.
http_answer sign_in_from(http_client& client, const std::string& address) {
  return client.ask("POST", "/api/users/signin", {{"X-Forwarded-For", address}},
                    R"({"password":"wrong horse","email":")" + unused_email() + "\"}");
}

} // namespace

TEST_CASE("with a certificate and key the server serves HTTPS, and cookies are secure",
          "[system][rule:operators.tls][rule:accounts.cookie]") {
  temporary_directory place;
  const std::string key = place.path() / "key.pem";
  const std::string certificate = place.path() / "certificate.pem";
  openssl({"req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
           "-keyout", key, "-out", certificate});
  server_process server{{{"HOLDFAST_TLS_CERTIFICATE", certificate}, {"HOLDFAST_TLS_KEY", key}}};
  const auto over_tls = [&](const std::string& request) {
    return openssl({"s_client", "-quiet", "-verify_return_error", "-CAfile", certificate,
                    "-verify_hostname", "localhost", "-connect",
                    "127.0.0.1:" + std::to_string(server.port())},
                   request);
  };
  const header_list closing{{"Connection", "close"}};
  CHECK(eventually([&] {
    return over_tls(format_request("GET", "/readyz", closing, std::nullopt)).find("HTTP/1.1 200") !=
           std::string::npos;
  }));
  const std::string signed_up = over_tls(
      format_request("POST", "/api/users/signup", closing,
                     std::string{R"({"email":"a@example.com","password":"correct horse"})"}));
  INFO(signed_up);
  CHECK(signed_up.find("HTTP/1.1 201") != std::string::npos);
  CHECK(signed_up.find("Secure") != std::string::npos);
  CHECK(signed_up.find("Strict-Transport-Security") != std::string::npos);

  // Plain HTTP on the same port is not served.
  const auto plain = send_raw(server.port(), format_request("GET", "/healthz", {}, std::nullopt));
  CHECK(plain.closed);
  for (const http_answer& answer : plain.answers)
    CHECK(answer.status >= 400);
}

TEST_CASE("forwarded addresses are believed from trusted proxies only",
          "[system][rule:operators.trusted_proxies]") {
  const settings limited{{"HOLDFAST_RATE_LIMITS", "on"}, {"HOLDFAST_SIGNIN_PER_MINUTE", "2"}};
  settings behind_proxy = limited;
  behind_proxy["HOLDFAST_TRUSTED_PROXIES"] = "127.0.0.0/8";
  const auto limited_among = [](server_process& server, int addresses) {
    http_client client{server.port()};
    int refused = 0;
    for (int i = 0; i < addresses; ++i)
      refused += sign_in_from(client, "203.0.113." + std::to_string(i)).status == 429 ? 1 : 0;
    return refused;
  };
  server_process direct{limited};
  CHECK(limited_among(direct, 30) > 0);
  server_process proxied{behind_proxy};
  CHECK(limited_among(proxied, 30) == 0);
  http_client client{proxied.port()};
  int refused = 0;
  for (int i = 0; i < 30; ++i) // what the client itself wrote before the proxy's word doesn't count
    refused +=
        sign_in_from(client, "198.51.100." + std::to_string(i) + ", 203.0.113.7").status == 429 ? 1
                                                                                                : 0;
  CHECK(refused > 0);
}

TEST_CASE("behind a trusted proxy that speaks HTTPS cookies are secure",
          "[system][rule:operators.trusted_proxies][rule:accounts.cookie]") {
  const auto cookie_of = [](server_process& server) {
    return http_client{server.port()}
        .ask("POST", "/api/users/signup", {{"X-Forwarded-Proto", "https"}},
             R"({"password":"correct horse","email":")" + unused_email() + "\"}")
        .header("Set-Cookie")
        .value_or("");
  };
  server_process proxied{{{"HOLDFAST_TRUSTED_PROXIES", "127.0.0.1/32"}}};
  CHECK(cookie_of(proxied).find("; Secure") != std::string::npos);
  server_process direct;
  CHECK(cookie_of(direct).find("; Secure") == std::string::npos);
}
