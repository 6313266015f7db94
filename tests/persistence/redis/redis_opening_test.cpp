#include "config/log.hpp"
#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/redis_server.hpp"

#include <catch2/catch.hpp>
#include <future>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;
using namespace std::chrono_literals;

namespace {

struct refusal {
  open_fault fault{};
  std::string sentence;

  bool names(std::string_view text) const { return sentence.find(text) != std::string::npos; }
};

/// Opens a store and must be refused.
refusal refuse(const redis_store_options& options) {
  try {
    const redis_store x(options);
  } catch (const open_error& x) {
    return {x.fault(), x.what()};
  }
  throw std::runtime_error("the store was opened");
}

refusal refuse(const redis_server& server) {
  return refuse(options_for(server.port()));
}

} // namespace

TEST_CASE("a Redis that could lose what it acknowledged is refused by name",
          "[persistence][redis]") {
  SECTION("without an append-only file") {
    const redis_server server({"--appendonly", "no"});
    const refusal found = refuse(server);
    CHECK(found.fault == open_fault::unfit);
    CHECK(found.names("appendonly no"));
    redis_store_options options = options_for(server.port());
    options.durability = redis_durability::everysec;
    CHECK(refuse(options).names("appendonly no"));
  }
  SECTION("with one that is synced once a second") {
    CHECK(refuse(redis_server({"--appendfsync", "everysec"})).names("appendfsync everysec"));
  }
  SECTION("with one that is synced by chance") {
    CHECK(refuse(redis_server({"--appendfsync", "no"})).names("appendfsync no"));
  }
  SECTION("when it throws keys away") {
    CHECK(refuse(redis_server({"--maxmemory-policy", "allkeys-lru"}))
              .names("maxmemory-policy allkeys-lru"));
  }
  SECTION("as a node of a cluster") {
    const std::string port = std::to_string(free_port());
    CHECK(refuse(redis_server({"--cluster-enabled", "yes", "--cluster-port", port}))
              .names("cluster-enabled yes"));
  }
  SECTION("as a replica") {
    CHECK(refuse(redis_server({"--replicaof", "127.0.0.1 1"})).names("a replica of 127.0.0.1:1"));
  }
}

TEST_CASE("who accepts to lose something is warned by name", "[persistence][redis]") {
  SECTION("the last seconds") {
    const redis_server server({"--appendfsync", "everysec"});
    redis_store_options options = options_for(server.port());
    options.durability = redis_durability::everysec;
    const config::log::capture log;
    const redis_store x(options);
    CHECK(log.contains("appendfsync everysec"));
  }
  SECTION("everything") {
    const redis_server server({"--appendonly", "no", "--maxmemory-policy", "allkeys-lru"});
    redis_store_options options = options_for(server.port());
    options.durability = redis_durability::none;
    const config::log::capture log;
    const redis_store x(options);
    CHECK(log.contains("appendonly no"));
    CHECK(log.contains("maxmemory-policy allkeys-lru"));
  }
  SECTION("what can't be asked") {
    const redis_server server({"--rename-command", "CONFIG", ""});
    const config::log::capture log;
    const redis_store x(options_for(server.port()));
    CHECK(log.contains("doesn't let us ask for appendfsync"));
  }
}

TEST_CASE("a password is asked for, checked and kept out of the log", "[persistence][redis]") {
  const redis_server server({"--requirepass", "open sesame"});
  redis_store_options options = options_for(server.port());
  const refusal without = refuse(options);
  CHECK(without.fault == open_fault::denied);
  CHECK(without.names("wants a password"));
  options.address.password = "open wheat";
  const refusal wrong = refuse(options);
  CHECK(wrong.fault == open_fault::denied);
  CHECK(wrong.names("doesn't take the password"));
  CHECK_FALSE(wrong.names("wheat"));
  options.address.password = "open sesame";
  const config::log::capture log;
  redis_store x(options);
  tail_collector tail;
  const auto feed = x.tail(x.log_end(), tail.handler());
  const entity_key key = make_key(entity_kind::ticket, 5);
  CHECK(commit(x, request_of(x, take(x, 0), {creation(key)})).status == commit_status::committed);
  tail.wait_for_count(1);
  CHECK_FALSE(log.contains("sesame"));
}

TEST_CASE("a database that Redis doesn't have is refused", "[persistence][redis]") {
  const redis_server server;
  redis_store_options options = options_for(server.port());
  options.address.database = 16;
  const refusal found = refuse(options);
  CHECK(found.fault == open_fault::denied);
  CHECK(found.names("no database 16"));
}

TEST_CASE("the number of shards is fixed when the store is made", "[persistence][redis]") {
  const redis_server server;
  redis_store_options options = options_for(server.port());
  CHECK(redis_store(options).shard_count() == 4);
  options.shard_count = 8;
  const refusal found = refuse(options);
  CHECK(found.fault == open_fault::other_shard_count);
  CHECK(found.names("with 4 shards"));
  CHECK(found.names("8 are configured"));
  options.shard_count.reset();
  CHECK(redis_store(options).shard_count() == 4);
}

TEST_CASE("keys of somebody else, or of a newer version, are left alone", "[persistence][redis]") {
  const redis_server server;
  server.ask({"SET", "holdfast:store", "something else"});
  CHECK(refuse(server).fault == open_fault::damaged);
  server.ask({"SET", "holdfast:store", "2 whatever comes then"});
  const refusal newer = refuse(server);
  CHECK(newer.fault == open_fault::newer);
  CHECK(newer.names("format 2"));
  CHECK(server.ask({"GET", "holdfast:store"}) == "2 whatever comes then");
}

TEST_CASE("the opening waits for Redis to be there, says so, and gives up",
          "[persistence][redis]") {
  redis_server server;
  server.kill();
  redis_store_options options = options_for(server.port());
  const config::log::capture log;
  SECTION("when it comes") {
    auto opening = std::async(std::launch::async, [&] { return redis_store(options).name(); });
    wait_until([&] { return log.contains("redis_awaited"); });
    server.start();
    CHECK(opening.get() == "redis");
  }
  SECTION("when it doesn't") {
    options.open_timeout = 300ms;
    const refusal found = refuse(options);
    CHECK(found.fault == open_fault::unreachable);
    CHECK(found.names("127.0.0.1:" + std::to_string(server.port())));
    CHECK(log.contains("redis_awaited"));
  }
  SECTION("nor ever answers") {
    server.start();
    server.pause();
    options.open_timeout = 300ms;
    options.command_timeout = 100ms;
    CHECK(refuse(options).fault == open_fault::unreachable);
  }
}
