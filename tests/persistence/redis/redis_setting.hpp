// The Redis store, made for the conformance cases: in one server, emptied before each. Time passes
// by itself there, so cases wait for it.
#pragma once

#include "persistence/redis/redis_store.hpp"
#include "tests/persistence/redis/cutter.hpp"
#include "tests/persistence/redis/redis_server.hpp"
#include "tests/persistence/store_conformance.hpp"

namespace holdfast::persistence::testing {

class redis_setting final : public store_setting {
 public:
  redis_setting(const redis_server& server, const redis_store_options& options) {
    server.ask({"FLUSHALL"});
    store_ = std::make_unique<redis_store>(options);
  }
  store& get() override { return *store_; }
  void pass(std::int64_t milliseconds) override {
    const domain::instant end = store_->now() + milliseconds;
    wait_until([&] { return store_->now() >= end; });
  }
  void end() override { store_.reset(); }

 private:
  std::unique_ptr<store> store_;
};

/// The same, but at the beginning of each case and whenever time passes the connection is cut.
class cut_redis_setting final : public store_setting {
 public:
  explicit cut_redis_setting(const redis_server& server)
      : proxy_(server.port())
      , beneath_(server, options_for(proxy_.port())) {}

  store& get() override {
    // Only once it is there can it be lost.
    (void)list_leases(beneath_.get());
    cut();
    return beneath_.get();
  }
  void pass(std::int64_t milliseconds) override {
    cut();
    beneath_.pass(milliseconds);
  }
  void end() override { beneath_.end(); }

 private:
  void cut() {
    const std::size_t count = proxy_.connection_count();
    proxy_.cut();
    // By then it has noticed that the former one is lost.
    wait_until([&] { return proxy_.connection_count() > count; });
  }

  cutter proxy_;
  redis_setting beneath_;
};

} // namespace holdfast::persistence::testing
