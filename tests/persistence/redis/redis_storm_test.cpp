#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/cutter.hpp"
#include "tests/persistence/redis/redis_server.hpp"

#include <atomic>
#include <catch2/catch.hpp>
#include <thread>

using namespace holdfast;
using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

/// Revises one entity again and again, as an actor does: after an unknown outcome it loads anew.
/// Catch isn't for several threads, so it counts what mustn't be.
class reviser {
 public:
  reviser(store& x, domain::slot_number slot)
      : store_(x)
      , key_(make_key(entity_kind::ticket, slot))
      , token_(take(x, shard_of(x, key_))) {
    made_ = commit(x, request_of(x, token_, {creation(key_)})).status == commit_status::committed;
  }

  /// `progress` counts what all of them have done.
  void revise(int times, std::atomic<int>& progress) {
    try {
      for (int i = 0; i < times && made_ && lies_ == 0; ++i, ++progress)
        revise_once();
    } catch (const no_answer&) {
      ++lies_;
    }
  }
  bool made() const { return made_; }
  int lies() const { return lies_; }
  int unknown() const { return unknown_; }
  std::uint64_t version() const { return version_; }

 private:
  void revise_once() {
    switch (commit(store_, request_of(store_, token_, {revision(key_, version_)})).status) {
    case commit_status::committed:
      ++version_;
      return;
    case commit_status::unknown:
      ++unknown_;
      learn(version_ + 1);
      return;
    case commit_status::unavailable:
      learn(version_);
      return;
    default:
      ++lies_;
    }
  }

  /// What a load says must be the version known, or the one that may have been written.
  void learn(std::uint64_t greatest) {
    load_outcome found;
    wait_until([&] {
      found = load(store_, key_);
      return found.status != load_status::unavailable;
    });
    lies_ += found.version == version_ || found.version == greatest ? 0 : 1;
    version_ = found.version;
  }

  store& store_;
  entity_key key_;
  shard_token token_;
  bool made_ = false;
  std::uint64_t version_ = 0;
  int lies_ = 0;
  int unknown_ = 0;
};

} // namespace

TEST_CASE("outcomes are true while connections are cut all the time", "[persistence][redis]") {
  const redis_server server;
  cutter proxy(server.port());
  redis_store_options options = options_for(proxy.port());
  options.connection_count = 2;
  redis_store x(options);
  tail_collector seen;
  const auto feed = x.tail(x.log_end(), seen.handler());
  std::vector<reviser> revisers;
  for (int i = 0; i < 4; ++i)
    revisers.emplace_back(x, static_cast<domain::slot_number>(i * 4096));
  std::atomic<int> running{4};
  std::atomic<int> progress{0};
  std::vector<std::thread> threads;
  for (reviser& each : revisers)
    threads.emplace_back([&] {
      each.revise(250, progress);
      --running;
    });
  // However slow the machine: some commits come through between two cuts.
  for (int cut_at = 5; running > 0; cut_at = progress + 5) {
    wait_until([&] { return progress >= cut_at || running == 0; });
    proxy.cut();
  }
  for (std::thread& each : threads)
    each.join();
  std::uint64_t written = 0;
  for (const reviser& each : revisers) {
    CHECK(each.made());
    CHECK(each.lies() == 0);
    CHECK(each.unknown() > 0);
    written += each.version() + 1;
  }
  // Every commit is in the log once, and the feed has left none out.
  CHECK(read_whole_log(x, log_start(x)).size() == written);
  seen.wait_for_count(written);
  CHECK(seen.entries().size() == written);
}
