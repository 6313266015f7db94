#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/cutter.hpp"
#include "tests/persistence/redis/redis_server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <filesystem>
#include <mutex>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;
using namespace std::chrono_literals;

namespace {

constexpr domain::slot_number slot = 5;

/// A store that counts how often it says that it was replaced.
struct watched_setting {
  watched_setting() {
    redis_store_options options = options_for(server.port());
    options.on_replaced = [this](const std::string& why) {
      const std::lock_guard guard(mutex);
      reason = why;
      ++count;
    };
    store = std::make_unique<redis_store>(options);
    token = take(*store, 0);
  }
  ~watched_setting() { store.reset(); }

  commit_status create() const {
    return commit(*store, request_of(*store, token, {creation(make_key(entity_kind::order, slot))}))
        .status;
  }
  std::string wait_for_reason() {
    wait_until([&] { return count.load() > 0; });
    const std::lock_guard guard(mutex);
    return reason;
  }

  redis_server server;
  std::atomic<int> count = 0;
  std::mutex mutex;
  std::string reason;
  std::unique_ptr<redis_store> store;
  shard_token token;
};

void copy_files(const std::string& from, const std::string& to) {
  std::filesystem::remove_all(to);
  std::filesystem::copy(from, to, std::filesystem::copy_options::recursive);
}

} // namespace

TEST_CASE("a Redis that was emptied is no store of ours any more", "[persistence][redis]") {
  watched_setting setting;
  REQUIRE(setting.create() == commit_status::committed);
  setting.server.ask({"FLUSHALL"});
  setting.wait_for_reason();
  CHECK(setting.create() == commit_status::unavailable);
  CHECK(load(*setting.store, make_key(entity_kind::order, slot)).status ==
        load_status::unavailable);
  CHECK(setting.count == 1);
}

TEST_CASE("another store in place of ours is recognised before anything is asked of it",
          "[persistence][redis]") {
  watched_setting setting;
  setting.server.kill();
  std::filesystem::remove_all(setting.server.directory() + "/appendonlydir");
  setting.server.start();
  CHECK(setting.wait_for_reason() == "the store is not there any more");
  CHECK(setting.create() == commit_status::unavailable);
  CHECK(setting.count == 1);
}

TEST_CASE("an older state of the store is recognised", "[persistence][redis]") {
  watched_setting setting;
  REQUIRE(setting.create() == commit_status::committed);
  const std::string files = setting.server.directory() + "/appendonlydir";
  const temporary_directory aside;
  copy_files(files, aside.path() + "/older");
  REQUIRE(setting.create() == commit_status::committed);
  setting.server.kill();
  copy_files(aside.path() + "/older", files);
  setting.server.start();
  CHECK(setting.wait_for_reason() == "shard 0 ends at 1, but 2 was seen");
  CHECK(setting.create() == commit_status::unavailable);
  CHECK(setting.count == 1);
}

TEST_CASE("a Redis that comes back as it was goes on as before", "[persistence][redis]") {
  watched_setting setting;
  REQUIRE(setting.create() == commit_status::committed);
  setting.server.kill();
  setting.server.start();
  wait_until([&] { return setting.create() == commit_status::committed; });
  CHECK(setting.count == 0);
}
