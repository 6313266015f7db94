// Opens a store in Redis: waits until it is there, judges whether it is fit, makes or recognises
// the store. Blocks; at start only, on the opener's thread.
#pragma once

#include "persistence/open_error.hpp"
#include "persistence/redis/shared.hpp"

namespace holdfast::persistence::redis {

/// Throws open_error.
opened_store open_store(const redis_store_options& options);

} // namespace holdfast::persistence::redis
