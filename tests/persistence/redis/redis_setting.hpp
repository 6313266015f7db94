// The Redis store, made for the conformance cases: in one server, emptied before each. Time passes by
// itself there, so cases wait for it.
#pragma once

#include "persistence/redis/redis_store.hpp"
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

} // namespace holdfast::persistence::testing
