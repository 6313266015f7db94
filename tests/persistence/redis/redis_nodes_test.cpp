// Several stores over one Redis, as the nodes have them.
#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/cutter.hpp"
#include "tests/persistence/redis/redis_server.hpp"

#include <catch2/catch.hpp>
#include <condition_variable>
#include <mutex>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;
using namespace std::chrono_literals;

namespace {

constexpr domain::slot_number slot = 5;
constexpr domain::uuid incarnation_a{1, 1};
constexpr domain::uuid incarnation_b{2, 2};

void wait_for_time(const store& x, std::int64_t milliseconds) {
  const domain::instant end = x.now() + milliseconds;
  wait_until([&] { return x.now() >= end; });
}

/// Collects what a feed delivers, and whether it broke off.
class feed_log {
 public:
  tail_handler handler() {
    return [this](const log_batch& batch) {
      const std::lock_guard guard(mutex_);
      is_broken_ = is_broken_ || !batch;
      if (batch)
        for (const log_entry& entry : *batch)
          sequences_.push_back(entry.at.sequence);
    };
  }
  std::vector<std::uint64_t> sequences() const {
    const std::lock_guard guard(mutex_);
    return sequences_;
  }
  bool is_broken() const {
    const std::lock_guard guard(mutex_);
    return is_broken_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::uint64_t> sequences_;
  bool is_broken_ = false;
};

std::vector<std::uint64_t> count_to(std::uint64_t last) {
  std::vector<std::uint64_t> result;
  for (std::uint64_t i = 1; i <= last; ++i)
    result.push_back(i);
  return result;
}

void create_some(store& x, const shard_token& token, int count) {
  for (int i = 0; i < count; ++i)
    REQUIRE(
        commit(x, request_of(x, token, {creation(make_key(entity_kind::ticket, slot))})).status ==
        commit_status::committed);
}

} // namespace

TEST_CASE("a shard has one owner among the nodes", "[persistence][redis]") {
  const redis_server server;
  redis_store a(options_for(server.port()));
  redis_store b(options_for(server.port()));
  const lease_outcome held = acquire(a, 0, "a", incarnation_a, 60'000);
  REQUIRE(held.status == lease_status::held);
  const lease_outcome refused = acquire(b, 0, "b", incarnation_b, 60'000);
  CHECK(refused.status == lease_status::taken);
  CHECK(refused.holder == "a");
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(a, request_of(a, held.token, {creation(key)})).status == commit_status::committed);
  CHECK(load(b, key).status == load_status::found);
  CHECK(list_leases(b).entries[0].node == "a");
}

TEST_CASE("an owner whose lease another took is fenced, also with what it had sent before",
          "[persistence][redis]") {
  const redis_server server;
  cutter proxy(server.port());
  redis_store a(options_for(proxy.port()));
  redis_store b(options_for(server.port()));
  const lease_outcome first = acquire(a, 0, "a", incarnation_a, 100);
  REQUIRE(first.status == lease_status::held);
  const entity_key key = make_key(entity_kind::ticket, slot);
  proxy.hold_requests();
  pending<commit_outcome> late = start_commit(a, request_of(a, first.token, {creation(key)}));
  wait_until([&] { return proxy.holds("EVALSHA"); });
  wait_for_time(b, 100);
  const lease_outcome second = acquire(b, 0, "b", incarnation_b, 60'000);
  REQUIRE(second.status == lease_status::held);
  CHECK(second.token.epoch > first.token.epoch);
  proxy.drop_clients();
  CHECK(late.get().status == commit_status::unknown);
  const std::string fenced = "*1\r\n:1\r\n";
  CHECK(proxy.release_held(fenced.size()).find(fenced) != std::string::npos);
  CHECK(load(b, key).status == load_status::absent);
  CHECK(commit(a, request_of(a, first.token, {creation(key)})).status == commit_status::fenced);
  CHECK(commit(b, request_of(b, second.token, {creation(key)})).status == commit_status::committed);
}

TEST_CASE("an owner that took its shard anew is fenced with its former epoch",
          "[persistence][redis]") {
  const redis_server server;
  redis_store a(options_for(server.port()));
  const lease_outcome first = acquire(a, 0, "a", incarnation_a, 50);
  wait_for_time(a, 50);
  const lease_outcome second = acquire(a, 0, "a", incarnation_a, 60'000);
  REQUIRE(second.token.epoch > first.token.epoch);
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(a, request_of(a, first.token, {creation(key)})).status == commit_status::fenced);
  CHECK(commit(a, request_of(a, second.token, {creation(key)})).status == commit_status::committed);
}

TEST_CASE("a node hears of what the others commit", "[persistence][redis]") {
  const redis_server server;
  redis_store a(options_for(server.port()));
  redis_store b(options_for(server.port()));
  feed_log seen;
  const auto feed = b.tail(b.log_end(), seen.handler());
  create_some(a, take(a, 0), 3);
  wait_until([&] { return seen.sequences() == count_to(3); });
  CHECK(b.log_end() == a.log_end());
}

TEST_CASE("a node that follows nothing hears where the log ends", "[persistence][redis]") {
  const redis_server server;
  redis_store a(options_for(server.port()));
  const redis_store b(options_for(server.port()));
  create_some(a, take(a, 0), 3);
  wait_until([&] { return b.log_end() == a.log_end(); });
}

TEST_CASE("a feed tells its node's own commits and those of others once, in their order",
          "[persistence][redis]") {
  const redis_server server;
  redis_store a(options_for(server.port()));
  redis_store b(options_for(server.port()));
  feed_log seen_by_a;
  feed_log seen_by_b;
  const auto feed_of_a = a.tail(a.log_end(), seen_by_a.handler());
  const auto feed_of_b = b.tail(b.log_end(), seen_by_b.handler());
  constexpr int rounds = 5;
  for (int i = 0; i < rounds; ++i)
    for (redis_store* owner : {&a, &b}) {
      const domain::uuid incarnation = owner == &a ? incarnation_a : incarnation_b;
      const lease_outcome lease = acquire(*owner, 0, "owner", incarnation, 60'000);
      REQUIRE(lease.status == lease_status::held);
      create_some(*owner, lease.token, 4);
      REQUIRE(release(*owner, 0, lease.token).status == lease_status::held);
    }
  for (const feed_log* seen : {&seen_by_a, &seen_by_b}) {
    wait_until([&] { return seen->sequences().size() >= 8 * rounds; });
    CHECK(seen->sequences() == count_to(8 * rounds));
    CHECK_FALSE(seen->is_broken());
  }
}

TEST_CASE("a feed leaves nothing out and repeats nothing when its connection is cut",
          "[persistence][redis]") {
  const redis_server server;
  cutter proxy(server.port());
  redis_store writer(options_for(server.port()));
  redis_store reader(options_for(proxy.port()));
  feed_log seen;
  const auto feed = reader.tail(reader.log_end(), seen.handler());
  const shard_token token = take(writer, 0);
  constexpr int rounds = 8;
  for (int i = 0; i < rounds; ++i) {
    create_some(writer, token, 10);
    proxy.cut();
    create_some(writer, token, 10);
    if (i % 2 == 0)
      wait_until([&] { return seen.sequences().size() == static_cast<std::size_t>(20 * (i + 1)); });
  }
  wait_until([&] { return seen.sequences().size() >= 20 * rounds; });
  CHECK(seen.sequences() == count_to(20 * rounds));
  CHECK_FALSE(seen.is_broken());
}

TEST_CASE("a feed breaks off when what comes next was trimmed while it was away",
          "[persistence][redis]") {
  const redis_server server;
  cutter proxy(server.port());
  redis_store writer(options_for(server.port()));
  redis_store reader(options_for(proxy.port()));
  feed_log seen;
  const auto feed = reader.tail(reader.log_end(), seen.handler());
  const shard_token token = take(writer, 0);
  create_some(writer, token, 2);
  wait_until([&] { return seen.sequences() == count_to(2); });
  proxy.refuse(true);
  proxy.cut();
  create_some(writer, token, 3);
  wait_for_time(writer, 2);
  REQUIRE(trim_log(writer, writer.now()));
  proxy.refuse(false);
  SECTION("also if nothing follows") {}
  SECTION("and if more follows") {
    create_some(writer, token, 1);
  }
  wait_until([&] { return seen.is_broken(); });
  CHECK(seen.sequences() == count_to(2));
}

TEST_CASE("trimming leaves what a feed of this node has yet to read", "[persistence][redis]") {
  const redis_server server;
  cutter proxy(server.port());
  redis_store writer(options_for(server.port()));
  redis_store reader(options_for(proxy.port()));
  feed_log seen;
  const auto feed = reader.tail(reader.log_end(), seen.handler());
  const shard_token token = take(writer, 0);
  proxy.swallow_answers(true);
  create_some(writer, token, 3);
  proxy.swallow_answers(false);
  pending<bool> trimmed(
      [&](auto handler) { reader.trim_log(writer.now() + 1000, std::move(handler)); });
  proxy.cut();
  (void)trimmed.get();
  wait_until([&] { return seen.sequences() == count_to(3); });
  CHECK_FALSE(seen.is_broken());
}

TEST_CASE("a log of many entries is trimmed step by step", "[persistence][redis]") {
  const redis_server server({"--appendfsync", "no"});
  redis_store_options options = options_for(server.port());
  options.durability = redis_durability::none;
  redis_store x(options);
  const shard_token token = take(x, 0);
  std::vector<pending<commit_outcome>> commits;
  for (int i = 0; i < 2500; ++i)
    commits.push_back(
        start_commit(x, request_of(x, token, {creation(make_key(entity_kind::ticket, slot))})));
  for (auto& each : commits)
    REQUIRE(each.get().status == commit_status::committed);
  wait_for_time(x, 2);
  REQUIRE(trim_log(x, x.now()));
  CHECK(server.ask({"XLEN", "{s0}:log"}) == "0");
  CHECK(read_log(x, x.log_end(), 10).status == log_status::read);
}
