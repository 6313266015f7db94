// Accounts and sessions.
#include "tests/system/api/shared_server.hpp"

#include <catch2/catch.hpp>

#include <filesystem>
#include <fstream>
#include <iterator>

using namespace holdfast::system_tests;
namespace json = boost::json;

namespace {

http_answer sign_up(const std::string& email, const std::string& password = usual_password) {
  return person::nobody(shared_server().port())
      .post("/api/users/signup", {{"email", email}, {"password", password}});
}

http_answer sign_in(const std::string& email, const std::string& password) {
  return person::nobody(shared_server().port())
      .post("/api/users/signin", {{"email", email}, {"password", password}});
}

/// Whether the server takes the header for a session.
bool is_signed_in(const header_list& headers) {
  return http_client{shared_server().port()}.get("/api/orders", headers).status == 200;
}

} // namespace

TEST_CASE("signing up makes an account and a session",
          "[system][rule:accounts.sign_up][rule:accounts.cookie][rule:accounts.current_user]") {
  const std::string email = unused_email();
  const http_answer answer = sign_up(email);
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/email") == email);
  CHECK(answer.json().as_object().size() == 2);
  const std::string cookie = answer.header("Set-Cookie").value_or("");
  for (const char* attribute : {"session=", "HttpOnly", "SameSite=Lax", "Path=/"})
    CHECK(cookie.find(attribute) != std::string::npos);
  CHECK(cookie.find("Secure") == std::string::npos);

  const header_list session{{"Cookie", "session=" + session_of(answer)}};
  const json::value now =
      http_client{shared_server().port()}.get("/api/users/currentuser", session).json();
  CHECK(text(now, "/currentUser/id") == text(answer.json(), "/id"));
  CHECK(text(now, "/currentUser/email") == email);
  CHECK(now.at("currentUser").at("roles").as_array().empty());
}

TEST_CASE("without a session there is no current user", "[system][rule:accounts.current_user]") {
  const http_answer answer = http_client{shared_server().port()}.get("/api/users/currentuser");
  CHECK(answer.status == 200);
  CHECK(answer.body == R"({"currentUser":null})");
}

TEST_CASE("an invalid e-mail or password is named when signing up",
          "[system][rule:accounts.sign_up_invalid]") {
  CHECK(sign_up("not an address").faults() == "email:invalid");
  CHECK(sign_up(unused_email(), "short").faults() == "password:invalid");
  auto nobody = person::nobody(shared_server().port());
  CHECK(nobody.post("/api/users/signup", {{"email", ""}, {"password", 5}}).faults() ==
        "email:invalid password:invalid");
  CHECK(nobody.post("/api/users/signup", json::object{}).faults() ==
        "email:required password:required");
}

TEST_CASE("an address is trimmed, and taken regardless of its case",
          "[system][rule:accounts.email_in_use][rule:accounts.email_case]"
          "[rule:accounts.email_trimmed]") {
  const std::string email = unused_email();
  const http_answer answer = sign_up("  " + email + "\n");
  REQUIRE(answer.status == 201);
  CHECK(text(answer.json(), "/email") == email);
  std::string upper = email;
  for (char& c : upper)
    c = static_cast<char>(std::toupper(c));
  for (const std::string& again : {email, upper, " " + upper}) {
    const http_answer refused = sign_up(again);
    CHECK(refused.status == 409);
    CHECK(refused.code() == "email_in_use");
  }
  CHECK(sign_in(" " + upper + " ", usual_password).status == 200);
}

TEST_CASE("an address has at most 254 bytes", "[system][rule:accounts.email_length]") {
  const std::string local =
      unused_email().substr(0, unused_email().find('@')) + "-" + std::to_string(wall_clock_ms());
  std::string domain;
  while (local.size() + 1 + domain.size() + 50 < 250)
    domain += std::string(49, 'd') + ".";
  domain += std::string(254 - local.size() - 1 - domain.size(), 'e');
  const std::string longest = local + "@" + domain;
  REQUIRE(longest.size() == 254);
  CHECK(sign_up(longest).status == 201);
  CHECK(sign_up("a" + longest).faults() == "email:invalid");
}

TEST_CASE("a password has 8 to 128 code points and isn't trimmed",
          "[system][rule:accounts.password_length]") {
  CHECK(sign_up(unused_email(), std::string(7, 'a')).faults() == "password:invalid");
  CHECK(sign_up(unused_email(), std::string(8, 'a')).status == 201);
  CHECK(sign_up(unused_email(), std::string(128, 'a')).status == 201);
  CHECK(sign_up(unused_email(), std::string(129, 'a')).faults() == "password:invalid");
  std::string tickets;
  for (int i = 0; i < 128; ++i)
    tickets += "\xf0\x9f\x8e\xab";
  CHECK(sign_up(unused_email(), tickets).status == 201);
  CHECK(sign_up(unused_email(), tickets.substr(0, 7 * 4)).faults() == "password:invalid");

  const std::string email = unused_email();
  REQUIRE(sign_up(email, "  spaces  ").status == 201);
  CHECK(sign_in(email, "spaces").status == 401);
  CHECK(sign_in(email, "  spaces  ").status == 200);
}

TEST_CASE("a password is nowhere in the data directory or the log",
          "[system][rule:accounts.password_stored]") {
  const std::string secret = "unmistakable-secret-9471";
  server_process server;
  auto nobody = person::nobody(server.port());
  REQUIRE(nobody.post("/api/users/signup", {{"email", "eve@example.com"}, {"password", secret}})
              .status == 201);
  REQUIRE(nobody.post("/api/users/signin", {{"email", "eve@example.com"}, {"password", secret}})
              .status == 200);
  server.end(SIGTERM);
  CHECK(server.log().find(secret) == std::string::npos);
  bool hashed = false;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(server.data_directory())) {
    if (!entry.is_regular_file())
      continue;
    std::ifstream file{entry.path(), std::ios::binary};
    const std::string bytes{std::istreambuf_iterator<char>{file}, {}};
    INFO(entry.path());
    CHECK(bytes.find(secret) == std::string::npos);
    hashed = hashed || bytes.find("$argon2id$") != std::string::npos;
  }
  CHECK(hashed);
}

TEST_CASE("an admin's address is made by the command line alone",
          "[system][rule:accounts.admin_email][rule:accounts.admin_create]") {
  CHECK(sign_up(admin_email).code() == "email_in_use");
  person& admin = shared_admin();
  const json::value now = admin.read("/api/users/currentuser");
  CHECK(text(now, "/currentUser/email") == admin_email);
  CHECK(text(now, "/currentUser/roles/0") == "admin");
  CHECK(sign_up(admin_email).code() == "email_in_use");
}

TEST_CASE("signing in answers the account and a session",
          "[system][rule:accounts.sign_in][rule:accounts.cookie]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer answer = sign_in(ada.email(), usual_password);
  REQUIRE(answer.status == 200);
  CHECK(text(answer.json(), "/id") == ada.id());
  CHECK(text(answer.json(), "/email") == ada.email());
  CHECK(session_of(answer) != "");
  CHECK(session_of(answer) != ada.token());
}

TEST_CASE("signing in with invalid input is refused as such",
          "[system][rule:accounts.sign_in_invalid]") {
  CHECK(sign_in("nonsense", "").faults() == "email:invalid password:invalid");
  CHECK(sign_in("a@example.com", std::string(129, 'a')).faults() == "password:invalid");
}

TEST_CASE("a wrong password and an unknown address are answered alike",
          "[system][rule:accounts.invalid_credentials]") {
  auto ada = person::sign_up(shared_server().port());
  const http_answer wrong = sign_in(ada.email(), "wrong horse");
  const http_answer unknown = sign_in("nobody-here@example.com", "wrong horse");
  CHECK(wrong.status == 401);
  CHECK(wrong.code() == "invalid_credentials");
  CHECK(unknown.status == wrong.status);
  CHECK(unknown.body == wrong.body);
  CHECK(session_of(wrong).empty());
}

TEST_CASE("an unknown address costs as long as a wrong password",
          "[system][rule:accounts.invalid_credentials]") {
  // An expensive hash makes the difference plain: a skipped one would answer a hundred times
  // faster.
  server_process server{
      {{"HOLDFAST_PASSWORD_HASH_MEMORY_KIB", "32768"}, {"HOLDFAST_PASSWORD_HASH_PASSES", "2"}}};
  auto ada = person::sign_up(server.port());
  auto nobody = person::nobody(server.port());
  const auto shortest = [&](const std::string& email) {
    auto best = std::chrono::steady_clock::duration::max();
    for (int i = 0; i < 10; ++i) {
      const steady_instant before = steady_clock::now();
      REQUIRE(nobody.post("/api/users/signin", {{"email", email}, {"password", "wrong horse"}})
                  .status == 401);
      best = std::min(best, steady_clock::now() - before);
    }
    return best;
  };
  const auto known = shortest(ada.email());
  const auto unknown = shortest("nobody-here@example.com");
  CHECK(unknown > known / 4);
  CHECK(known > unknown / 4);
}

TEST_CASE("signing out ends that session and clears the cookie",
          "[system][rule:accounts.sign_out][rule:accounts.sign_out_ends_session]") {
  auto ada = person::sign_up(shared_server().port());
  auto other = person::sign_in(shared_server().port(), ada.email(), usual_password);
  const http_answer answer = ada.ask("POST", "/api/users/signout");
  CHECK(answer.status == 200);
  CHECK(answer.body == "{}");
  CHECK(session_of(answer).empty());
  CHECK(answer.header("Set-Cookie").value_or("").substr(0, 8) == "session=");
  CHECK(ada.get("/api/orders").status == 401);
  CHECK(ada.get("/api/users/currentuser").body == R"({"currentUser":null})");
  CHECK(other.get("/api/orders").status == 200);
  CHECK(http_client{shared_server().port()}.ask("POST", "/api/users/signout").status == 200);
}

TEST_CASE("a session's token is also taken as a bearer's", "[system][rule:accounts.bearer]") {
  auto ada = person::sign_up(shared_server().port());
  CHECK(is_signed_in({{"Authorization", "Bearer " + ada.token()}}));
  CHECK_FALSE(is_signed_in({{"Authorization", "Basic " + ada.token()}}));
}

TEST_CASE("a token that was tampered with is simply not signed in",
          "[system][rule:accounts.bad_token]") {
  auto ada = person::sign_up(shared_server().port());
  const std::string token = ada.token();
  const std::size_t first_dot = token.find('.');
  const std::size_t second_dot = token.find('.', first_dot + 1);
  REQUIRE(second_dot != std::string::npos);
  std::string other_signature = token;
  other_signature[second_dot + 5] = other_signature[second_dot + 5] == 'A' ? 'B' : 'A';
  // {"alg":"none"} in place of the header, with and without the signature.
  const std::string none = "eyJhbGciOiJub25lIn0" + token.substr(first_dot);
  for (const std::string& bad :
       {std::string{}, std::string{"x"}, std::string{"a.b.c"}, token.substr(0, second_dot),
        token.substr(0, second_dot + 1), other_signature, none, none.substr(0, none.rfind('.') + 1),
        token + "A", std::string(5000, 'a')}) {
    INFO(bad.substr(0, 60));
    CHECK_FALSE(is_signed_in({{"Cookie", "session=" + bad}}));
    const http_answer answer = http_client{shared_server().port()}.get(
        "/api/users/currentuser", {{"Cookie", "session=" + bad}});
    CHECK(answer.body == R"({"currentUser":null})");
  }
  CHECK(is_signed_in({{"Cookie", "other=1; session=" + token + "; more=2"}}));
}

TEST_CASE("a session expires", "[system][rule:accounts.session_expires]") {
  server_process server{{{"HOLDFAST_SESSION_SECONDS", "1"}}};
  auto ada = person::sign_up(server.port());
  CHECK(eventually([&] { return ada.get("/api/orders").status == 401; }));
}

TEST_CASE("a state-changing request by cookie from another origin is refused",
          "[system][rule:accounts.foreign_origin]") {
  auto ada = person::sign_up(shared_server().port());
  const json::value body{{"title", "a"}, {"price", 1}};
  const std::string host = "127.0.0.1:" + std::to_string(shared_server().port());
  const auto post = [&](const header_list& headers) {
    return ada.post("/api/tickets", body, headers);
  };
  CHECK(post({{"Origin", "https://evil.example"}}).code() == "foreign_origin");
  CHECK(post({{"Origin", "null"}}).status == 403);
  CHECK(post({{"Host", host}, {"Origin", "http://" + host}}).status == 201);
  CHECK(post({{"Host", host}, {"Origin", "http://" + host + ".evil.example"}}).status == 403);
  CHECK(post({}).status == 201);
  CHECK(ada.get("/api/tickets", {{"Origin", "https://evil.example"}}).status == 200);
}

TEST_CASE("configured origins alone may change state and open sockets",
          "[system][rule:operators.public_origins]") {
  server_process server{{{"HOLDFAST_PUBLIC_ORIGINS", "https://tickets.example"}}};
  auto ada = person::sign_up(server.port());
  const json::value body{{"title", "a"}, {"price", 1}};
  CHECK(ada.post("/api/tickets", body, {{"Origin", "https://tickets.example"}}).status == 201);
  CHECK(ada.post("/api/tickets", body, {{"Origin", "http://tickets.example"}}).status == 403);
  CHECK(ada.post("/api/tickets", body, {{"Origin", "https://tickets.example:444"}}).status == 403);
}
