// The store that the settings ask for.
#pragma once

#include "config/settings.hpp"
#include "persistence/sqlite/data_directory.hpp"
#include "persistence/sqlite/sqlite_store.hpp"
#include "persistence/store.hpp"

#include <functional>
#include <memory>
#include <string>

namespace holdfast::persistence {

/// One of the two also under its own name.
struct configured_store {
  std::shared_ptr<store> any;
  /// Null with Redis.
  std::shared_ptr<sqlite_store> sqlite;
  /// With Redis: keeps other processes off the data directory, which the operator's commands go
  /// through.
  std::unique_ptr<sqlite::data_directory> directory;
};

/// Opens it. `on_replaced`: see redis_store_options. Throws open_error.
configured_store open_configured_store(const config::settings& settings,
                                       std::function<void(const std::string&)> on_replaced);

} // namespace holdfast::persistence
