#include "persistence/configured_store.hpp"

#include "persistence/redis/redis_store.hpp"

#include <chrono>
#include <stdexcept>
#include <utility>

namespace holdfast::persistence {

namespace {

configured_store open_sqlite(const config::settings& settings) {
  sqlite_store_options options;
  options.directory = settings.store.data_dir;
  options.shard_count = settings.actors.shards;
  configured_store result;
  result.sqlite = std::make_shared<sqlite_store>(options);
  result.any = result.sqlite;
  return result;
}

configured_store open_redis(const config::settings& settings,
                            std::function<void(const std::string&)> on_replaced) {
  configured_store result;
  result.directory = std::make_unique<sqlite::data_directory>(settings.store.data_dir);
  redis_store_options options;
  const auto address = parse_redis_url(settings.store.redis_url);
  if (!address)
    throw std::runtime_error("store.redis_url can't be understood");
  options.address = *address;
  options.shard_count = settings.actors.shards;
  options.durability = settings.store.redis_durability;
  options.command_timeout = std::chrono::milliseconds(settings.store.redis_timeout_ms);
  options.on_replaced = std::move(on_replaced);
  result.any = std::make_shared<redis_store>(options);
  return result;
}

} // namespace

configured_store open_configured_store(const config::settings& settings,
                                       std::function<void(const std::string&)> on_replaced) {
  return settings.store.kind == config::store_kind::redis
             ? open_redis(settings, std::move(on_replaced))
             : open_sqlite(settings);
}

} // namespace holdfast::persistence
