#include "tests/net/http/front_fixture.hpp"

#include "actors/protocol/type_ids.hpp"
#include "persistence/memory/memory_store.hpp"
#include "tests/actors/scripted_provider.hpp"

#include <catch2/catch.hpp>

#include <caf/atom.hpp>

#include <fstream>
#include <stdlib.h>

namespace holdfast::tests {

scratch_directory::scratch_directory() {
  std::string name = (std::filesystem::temp_directory_path() / "holdfast-test-XXXXXX").string();
  REQUIRE(mkdtemp(name.data()) != nullptr);
  path_ = name;
}

scratch_directory::~scratch_directory() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

void scratch_directory::write(const std::string& name, std::string_view content) const {
  std::filesystem::create_directories((path_ / name).parent_path());
  std::ofstream(path_ / name, std::ios::binary) << content;
}

front_fixture::system_config::system_config() {
  actors::register_messages(*this);
  config_file_path.clear();
  set("scheduler.policy", caf::atom("sharing"));
  set("scheduler.max-threads", std::size_t{1});
}

front_fixture::front_fixture()
    : system_(config_) {
  settings.http.port = 0;
  settings.http.static_dir = (directory.path() / "dist").string();
  settings.store.data_dir = directory.path().string();
  settings.limits.rate_limits = false;
  // As cheap as Argon2 allows: these tests are not about passwords.
  settings.passwords.hash_memory_kib = 64;
  settings.passwords.hash_passes = 1;
  persistence::memory_store_options options;
  options.shard_count = 4;
  store = std::make_shared<persistence::fault_store>(
      std::make_unique<persistence::memory_store>(options));
}

front_fixture::~front_fixture() {
  store->clear_rules();
  store->release();
  stop();
}

void front_fixture::stop() {
  if (server)
    server->stop(std::chrono::milliseconds{0});
  server.reset();
  if (node_)
    node_->stop();
  node_.reset();
}

void front_fixture::start_at_once() {
  const std::vector<std::shared_ptr<payments::provider>> providers{
      std::make_shared<scripted_provider>()};
  node_.emplace(system_, store, std::make_shared<const payments::provider_set>(providers),
                actors::actor_limits{});
  net::front_secrets secrets;
  secrets.session_keys.push_back(std::string(32, 'k'));
  server.emplace(system_, node_->front_gateway(), settings, std::move(secrets));
  server->start();
}

void front_fixture::start() {
  start_at_once();
  node_->wait_until_ready(std::chrono::seconds{10});
  server->set_ready(true);
  // The threads hear of the feed a moment later.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds{10};
  while (settings.tls.certificate.empty() && ask(get("/readyz")).status != 200)
    REQUIRE(std::chrono::steady_clock::now() < deadline);
}

std::string front_fixture::sign_up(const std::string& email) {
  const auto given = ask(with_body("POST", "/api/users/signup",
                                   R"({"email":")" + email + R"(","password":"long enough"})"));
  REQUIRE(given.status == 201);
  const std::string cookie = given.field("set-cookie");
  return "Authorization: Bearer " + cookie.substr(8, cookie.find(';') - 8) + "\r\n";
}

std::string front_fixture::list_ticket(const std::string& session, const std::string& title) {
  const auto given = ask(
      with_body("POST", "/api/tickets", R"({"title":")" + title + R"(","price":"20"})", session));
  REQUIRE(given.status == 201);
  return member(given.body, "id");
}

std::string member(const std::string& json, const std::string& name) {
  const std::string key = "\"" + name + "\":";
  const auto at = json.find(key);
  if (at == std::string::npos)
    return {};
  const auto begin = at + key.size();
  if (json[begin] == '"')
    return json.substr(begin + 1, json.find('"', begin + 1) - begin - 1);
  return json.substr(begin, json.find_first_of(",}]", begin) - begin);
}

} // namespace holdfast::tests
