// Who holds which shard, and which nodes live, as the store keeps it. Any thread; handlers are
// called on the store's thread.
#pragma once

#include "persistence/redis/engine.hpp"

namespace holdfast::persistence::redis {

void acquire_shard(engine& to, const lease_request& request, lease_handler handler);
void release_shard(engine& to, shard_number shard, const shard_token& token, lease_handler handler);
void list_shards(engine& to, leases_handler handler);
void announce_node(engine& to, const node_announcement& announcement, std::int64_t duration_ms,
                   announce_handler handler);

/// What a node says of itself, but for its name and incarnation, as bytes and back; nothing if a
/// newer version wrote it, or if it is none.
std::string encode_announcement(const node_announcement& x);
bool decode_announcement(std::string_view bytes, node_announcement& x);

} // namespace holdfast::persistence::redis
