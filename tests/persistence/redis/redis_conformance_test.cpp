#include "tests/persistence/redis/redis_setting.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

TEST_CASE("the Redis store keeps every promise of a store", "[persistence][redis]") {
  static const redis_server server;
  run_conformance(
      [] { return std::make_unique<redis_setting>(server, options_for(server.port())); });
}

TEST_CASE("the Redis store keeps every promise of a store over several connections",
          "[persistence][redis]") {
  static const redis_server server;
  redis_store_options options = options_for(server.port());
  options.connection_count = 3;
  options.shard_count = 64;
  options.address.database = 3;
  run_conformance([&] { return std::make_unique<redis_setting>(server, options); });
}

TEST_CASE("the Redis store keeps every promise of a store when its connection is cut",
          "[persistence][redis]") {
  static const redis_server server;
  run_conformance([] { return std::make_unique<cut_redis_setting>(server); });
}
