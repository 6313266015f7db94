#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/cutter.hpp"
#include "tests/persistence/redis/redis_server.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;
using namespace std::chrono_literals;

namespace {

constexpr domain::slot_number slot = 5;

/// A server, a store that reaches it through a proxy, and the shard of `slot`, taken.
struct cut_setting {
  explicit cut_setting(std::chrono::milliseconds timeout = 10s)
      : store([&] {
        redis_store_options options = options_for(proxy.port());
        options.command_timeout = timeout;
        return options;
      }())
      , token(take(store, shard_of_slot(slot, 4))) {}

  redis_server server;
  cutter proxy{server.port()};
  redis_store store;
  shard_token token;
  entity_key key = make_key(entity_kind::ticket, slot);

  pending<commit_outcome> start_creation() {
    return start_commit(store, request_of(store, token, {creation(key)}));
  }
  commit_status create() { return start_creation().get().status; }

  /// Commits, and loses the connection before the proxy has sent it on.
  void lose_a_held_commit() {
    proxy.hold_requests();
    pending<commit_outcome> commit = start_creation();
    wait_until([&] { return proxy.holds("EVALSHA"); });
    proxy.drop_clients();
    CHECK(commit.get().status == commit_status::unknown);
  }
};

} // namespace

TEST_CASE("a commit whose answer is lost is unknown, and a later load finds it",
          "[persistence][redis]") {
  cut_setting setting;
  setting.proxy.swallow_answers(true);
  pending<commit_outcome> commit = setting.start_creation();
  wait_until([&] {
    const std::string end = setting.server.ask({"HGET", "{s0}:own", "seq"});
    return end == "1";
  });
  setting.proxy.cut();
  setting.proxy.swallow_answers(false);
  CHECK(commit.get().status == commit_status::unknown);
  CHECK(load(setting.store, setting.key).status == load_status::found);
}

TEST_CASE("a commit that got lost on its way is unknown, and a later load doesn't find it",
          "[persistence][redis]") {
  cut_setting setting;
  setting.proxy.hold_requests();
  pending<commit_outcome> commit = setting.start_creation();
  wait_until([&] { return setting.proxy.holds("EVALSHA"); });
  setting.proxy.cut();
  CHECK(commit.get().status == commit_status::unknown);
  CHECK(load(setting.store, setting.key).status == load_status::absent);
  CHECK(setting.create() == commit_status::committed);
}

TEST_CASE("a commit sent over a lost connection writes nothing once there is another",
          "[persistence][redis]") {
  cut_setting setting;
  setting.lose_a_held_commit();
  REQUIRE(load(setting.store, setting.key).status == load_status::absent);
  // The commit arrives after all, and is answered: fenced.
  const std::string fenced = "*1\r\n:1\r\n";
  CHECK(setting.proxy.release_held(fenced.size()).find(fenced) != std::string::npos);
  CHECK(load(setting.store, setting.key).status == load_status::absent);
  // The token is as good as it was.
  CHECK(setting.create() == commit_status::committed);
}

TEST_CASE("a lease given back over a lost connection stays once it is renewed over another",
          "[persistence][redis]") {
  cut_setting setting;
  redis_store& x = setting.store;
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  setting.proxy.hold_requests();
  pending<lease_outcome> release(
      [&](auto handler) { x.release_lease(shard, setting.token, std::move(handler)); });
  wait_until([&] { return setting.proxy.holds("EVALSHA"); });
  setting.proxy.drop_clients();
  CHECK(release.get().status == lease_status::unavailable);
  CHECK(take(x, shard) == setting.token);
  setting.proxy.release_held(8);
  const leases_outcome leases = list_leases(x);
  REQUIRE(leases.available);
  CHECK(leases.entries[shard].token == setting.token);
  CHECK(leases.entries[shard].remaining_ms > 0);
}

TEST_CASE("calls wait for a lost connection and are answered over the next",
          "[persistence][redis]") {
  cut_setting setting;
  const std::size_t connections = setting.proxy.connection_count();
  setting.proxy.refuse(true);
  setting.proxy.cut();
  // It has noticed, and tries again.
  wait_until([&] { return setting.proxy.connection_count() > connections + 2; });
  pending<commit_outcome> commit = setting.start_creation();
  pending<load_outcome> loaded = start_load(setting.store, 0, setting.key);
  setting.proxy.refuse(false);
  CHECK(commit.get().status == commit_status::committed);
  CHECK(loaded.get().status == load_status::found);
}

TEST_CASE("calls are refused with certainty while Redis stays away", "[persistence][redis]") {
  cut_setting setting(200ms);
  const std::size_t connections = setting.proxy.connection_count();
  setting.proxy.refuse(true);
  setting.proxy.cut();
  wait_until([&] { return setting.proxy.connection_count() > connections + 2; });
  pending<load_outcome> loaded = start_load(setting.store, 0, setting.key);
  CHECK(setting.create() == commit_status::unavailable);
  CHECK(loaded.get().status == load_status::unavailable);
  CHECK(acquire(setting.store, 1, "a", domain::uuid{1, 1}).status == lease_status::unavailable);
  CHECK_FALSE(list_leases(setting.store).available);
  CHECK(read_log(setting.store, setting.store.log_end(), 10).status == log_status::unavailable);
  setting.proxy.refuse(false);
  wait_until([&] { return load(setting.store, setting.key).status == load_status::absent; });
}

TEST_CASE("commits are unknown when Redis is silent for longer than the limit",
          "[persistence][redis]") {
  cut_setting setting(300ms);
  setting.server.pause();
  CHECK(setting.create() == commit_status::unknown);
  setting.server.resume();
  // Whatever it says first, it says ever after.
  load_outcome first;
  wait_until([&] {
    first = load(setting.store, setting.key);
    return first.status != load_status::unavailable;
  });
  CHECK(setting.create() ==
        (first.status == load_status::found ? commit_status::conflict : commit_status::committed));
}

TEST_CASE("nothing acknowledged is lost when Redis is killed", "[persistence][redis]") {
  cut_setting setting;
  std::vector<std::pair<entity_key, pending<commit_outcome>>> commits;
  for (int i = 0; i < 2000; ++i) {
    const entity_key key = make_key(entity_kind::order, slot);
    commits.emplace_back(key, start_commit(setting.store, request_of(setting.store, setting.token,
                                                                     {creation(key)})));
  }
  wait_until([&] { return commits[100].second.is_answered(); });
  setting.server.kill();
  setting.server.start();
  std::size_t acknowledged = 0;
  for (auto& [key, commit] : commits) {
    const commit_status status = commit.get().status;
    const load_status found = load(setting.store, key).status;
    if (status == commit_status::committed) {
      ++acknowledged;
      CHECK(found == load_status::found);
    } else if (status == commit_status::unavailable) {
      CHECK(found == load_status::absent);
    } else {
      CHECK(status == commit_status::unknown);
    }
  }
  CHECK(acknowledged > 100);
}

TEST_CASE("a Redis without memory refuses commits with certainty", "[persistence][redis]") {
  cut_setting setting;
  setting.server.ask({"CONFIG", "SET", "maxmemory", "1"});
  CHECK(setting.create() == commit_status::unavailable);
  CHECK(load(setting.store, setting.key).status == load_status::absent);
  setting.server.ask({"CONFIG", "SET", "maxmemory", "0"});
  CHECK(setting.create() == commit_status::committed);
}

TEST_CASE("scripts that Redis has forgotten are loaded again", "[persistence][redis]") {
  cut_setting setting;
  setting.server.ask({"SCRIPT", "FLUSH"});
  CHECK(setting.create() == commit_status::unavailable);
  wait_until([&] { return setting.create() == commit_status::committed; });
}

TEST_CASE("what waits is bounded, and told so at once", "[persistence][redis]") {
  redis_server server;
  redis_store_options options = options_for(server.port());
  options.calls_max = 4;
  redis_store x(options);
  const shard_token token = take(x, 0);
  server.pause();
  std::vector<pending<load_outcome>> waiting;
  for (int i = 0; i < 4; ++i)
    waiting.push_back(start_load(x, 0, make_key(entity_kind::ticket, slot)));
  std::atomic<int> handed_over{0};
  x.call_after_commits([&] { ++handed_over; });
  pending<commit_outcome> refused =
      start_commit(x, request_of(x, token, {creation(make_key(entity_kind::ticket, slot))}));
  CHECK(refused.is_answered());
  CHECK(refused.get().status == commit_status::unavailable);
  CHECK(handed_over == 1);
  server.resume();
  for (auto& each : waiting)
    CHECK(each.get().status == load_status::absent);
}
