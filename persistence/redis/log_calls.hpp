// What is asked of the log beyond following it: old entries, and their end. Any thread; handlers
// are called on the store's thread.
#pragma once

#include "persistence/redis/engine.hpp"

namespace holdfast::persistence::redis {

void read_log_entries(engine& to, reader_positions after, std::size_t limit, log_handler handler);
void trim_log_entries(engine& to, domain::instant before, trim_handler handler);

} // namespace holdfast::persistence::redis
