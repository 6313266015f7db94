// What is asked of one shard's records: commits, loads, scans, due times. Each function makes calls
// and hands them to the engine; any thread. Handlers are called on the store's thread.
#pragma once

#include "persistence/redis/engine.hpp"

namespace holdfast::persistence::redis {

void commit_records(engine& to, commit_request request, commit_handler handler);
void load_record(engine& to, shard_number shard, const entity_key& key, load_handler handler);
void scan_records(engine& to, shard_number shard, const entity_key& after, std::size_t limit,
                  scan_handler handler);
void list_due_records(engine& to, shard_number shard, due_handler handler);

/// Says in the log what Redis answered in place of what was asked for, and loads the scripts again
/// if that is what is missing. The store's thread.
void note_unexpected(engine& to, shard_number shard, std::string_view asked, const answer& x);

} // namespace holdfast::persistence::redis
