// Accounts from outside: who is an admin, and whose sign-ins are limited.
#include "net/admin/admin_protocol.hpp"
#include "persistence/record_codec.hpp"
#include "tests/net/http/front_fixture.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/local/stream_protocol.hpp>
#include <boost/asio/read_until.hpp>
#include <boost/asio/write.hpp>

#include <catch2/catch.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <vector>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

/// What `holdfast admin create` says to the server, and is answered.
net::admin_answer create_admin(front_fixture& fixture, const std::string& email,
                               const std::string& password) {
  namespace asio = boost::asio;
  asio::io_context context;
  asio::local::stream_protocol::socket socket(context);
  socket.connect((fixture.directory.path() / net::admin_socket_name).string());
  asio::write(socket, asio::buffer(net::encode_admin_create(email, password)));
  std::string line;
  asio::read_until(socket, asio::dynamic_buffer(line), '\n');
  const auto given = net::decode_admin_answer(line.substr(0, line.find('\n')));
  REQUIRE(given);
  return *given;
}

std::string session_of(const raw_answer& given) {
  const std::string cookie = given.field("set-cookie");
  REQUIRE(cookie.size() > 8);
  return "Authorization: Bearer " + cookie.substr(8, cookie.find(';') - 8) + "\r\n";
}

raw_answer sign_in(front_fixture& fixture, const std::string& email, const std::string& password,
                   const std::string& fields = {}) {
  const std::string body = R"({"email":")" + email + R"(","password":")" + password + R"("})";
  return fixture.ask(with_body("POST", "/api/users/signin", body, fields));
}

bool is_admin(front_fixture& fixture, const std::string& session) {
  const auto given = fixture.ask(get("/api/users/currentuser", session));
  REQUIRE(given.body.find("boss@example.com") != std::string::npos);
  const bool has_role = given.body.find(R"("roles":["admin"])") != std::string::npos;
  CHECK(fixture.ask(get("/api/feed", session)).status == (has_role ? 200 : 403));
  return has_role;
}

std::string from_address(int last) {
  return "X-Forwarded-For: 203.0.113." + std::to_string(last) + "\r\n";
}

} // namespace

TEST_CASE("who signed up with an address before it was listed is no admin, until the operator "
          "makes the account an admin's") {
  front_fixture fixture;
  fixture.start();
  const std::string early = fixture.sign_up("boss@example.com");
  fixture.stop();
  fixture.settings.admin.emails = {"boss@example.com"};
  fixture.start();
  CHECK_FALSE(is_admin(fixture, early));
  const auto strangers = session_of(sign_in(fixture, "boss@example.com", "long enough"));
  CHECK_FALSE(is_admin(fixture, strangers));

  const auto given = create_admin(fixture, "Boss@example.com", "in charge here");
  INFO(given.message);
  REQUIRE(given.ok);
  for (const std::string& session : {early, strangers})
    CHECK(fixture.ask(get("/api/users/currentuser", session)).body == R"({"currentUser":null})");
  CHECK(sign_in(fixture, "boss@example.com", "long enough").status == 401);
  const auto ours = session_of(sign_in(fixture, "boss@example.com", "in charge here"));
  CHECK(is_admin(fixture, ours));
  CHECK_FALSE(create_admin(fixture, "boss@example.com", "somebody else's").ok);

  fixture.stop();
  fixture.start();
  CHECK(is_admin(fixture, ours));
  CHECK(fixture.ask(get("/api/users/currentuser", early)).body == R"({"currentUser":null})");

  fixture.stop();
  fixture.settings.admin.emails.clear();
  fixture.start();
  CHECK_FALSE(is_admin(fixture, ours));
}

TEST_CASE(
    "who follows an account's orders hears that its sessions are over when the operator takes "
    "it over") {
  front_fixture fixture;
  fixture.start();
  const std::string early = fixture.sign_up("boss@example.com");
  fixture.stop();
  fixture.settings.admin.emails = {"boss@example.com"};
  fixture.start();
  websocket_client watcher(fixture.port(), early);
  REQUIRE(watcher.handshake.status == 101);
  watcher.say(R"({"type":"subscribe","topics":["orders"]})");
  std::string heard = watcher.read_frame().payload;
  CHECK(heard.find("session_ended") == std::string::npos);
  REQUIRE(create_admin(fixture, "boss@example.com", "in charge here").ok);
  while (heard.find("session_ended") == std::string::npos) {
    const auto frame = watcher.read_frame();
    REQUIRE(frame.opcode != 0);
    heard = frame.payload;
  }
}

TEST_CASE("a session cookie counts also when another of its name comes first") {
  front_fixture fixture;
  fixture.start();
  const std::string bearer = fixture.sign_up("ada@example.com");
  const std::string token = bearer.substr(std::string{"Authorization: Bearer "}.size());
  const auto given =
      fixture.ask(get("/api/users/currentuser", "Cookie: session=a.b.c; session=" + token));
  CHECK(given.body.find("ada@example.com") != std::string::npos);
}

TEST_CASE("a stranger's wrong passwords don't keep the owner from signing in") {
  front_fixture fixture;
  fixture.settings.limits.rate_limits = true;
  fixture.settings.limits.signin_per_minute = 2;
  fixture.settings.http.trusted_proxies = {*config::parse_network("127.0.0.1")};
  fixture.start();
  fixture.sign_up("ada@example.com");
  for (int i = 0; i < 2; ++i)
    CHECK(sign_in(fixture, "ada@example.com", "not hers", from_address(1)).status == 401);
  CHECK(sign_in(fixture, "ada@example.com", "not hers", from_address(1)).status == 429);
  CHECK(sign_in(fixture, "ada@example.com", "long enough", from_address(2)).status == 200);
}

TEST_CASE(
    "guesses at one account from many addresses are limited; its owner's sign-ins don't count "
    "among them") {
  front_fixture fixture;
  fixture.settings.limits.rate_limits = true;
  fixture.settings.limits.signin_per_minute = 1;
  fixture.settings.http.trusted_proxies = {*config::parse_network("127.0.0.1")};
  fixture.start();
  fixture.sign_up("ada@example.com");
  for (int address = 1; address <= 12; ++address)
    CHECK(sign_in(fixture, "ada@example.com", "long enough", from_address(address)).status == 200);
  unsigned status = 401;
  int guesses = 0;
  while (status == 401 && guesses < 100)
    status = sign_in(fixture, "ada@example.com", "not hers", from_address(100 + guesses++)).status;
  CHECK(status == 429);
  // Ten at once; time goes on meanwhile.
  CHECK(guesses > 10);
}

TEST_CASE("connections of a trusted proxy are not limited as one address's are") {
  front_fixture fixture;
  fixture.settings.limits.rate_limits = true;
  fixture.settings.http.max_connections_per_address = 2;
  fixture.settings.http.trusted_proxies = {*config::parse_network("127.0.0.1")};
  fixture.start();
  std::vector<std::unique_ptr<raw_client>> open;
  for (int i = 0; i < 8; ++i) {
    open.push_back(std::make_unique<raw_client>(fixture.port()));
    CHECK(open.back()->ask(get("/healthz")).status == 200);
  }
}

TEST_CASE("a sign-in renews a password hash that was made at another cost") {
  front_fixture fixture;
  fixture.start();
  fixture.sign_up("ada@example.com");
  fixture.stop();
  fixture.settings.passwords.hash_passes = 2;
  fixture.start();
  std::promise<std::string> renewed;
  const auto tail =
      fixture.store->tail(fixture.store->log_end(), [&](const persistence::log_batch& batch) {
        for (const auto& entry : *batch)
          for (const auto& change : entry.changes)
            if (change.key.kind == persistence::entity_kind::account)
              renewed.set_value(persistence::decode_account(change.record)->password_hash);
      });
  CHECK(sign_in(fixture, "ada@example.com", "long enough").status == 200);
  auto hash = renewed.get_future();
  REQUIRE(hash.wait_for(std::chrono::seconds{10}) == std::future_status::ready);
  CHECK(hash.get().find(",t=2,") != std::string::npos);
  // It is right, and nothing is renewed a second time.
  CHECK(sign_in(fixture, "ada@example.com", "long enough").status == 200);
}
