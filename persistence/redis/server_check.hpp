// Whether a Redis, as it is set up, can keep what it is told. Pure: what it said goes in, sentences
// come out. Values; any thread.
#pragma once

#include "persistence/redis/redis_store_options.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace holdfast::persistence::redis {

/// What INFO said: the fields of all sections, by name.
using info_fields = std::map<std::string, std::string, std::less<>>;

info_fields parse_info(std::string_view text);

struct server_facts {
  info_fields info;
  /// As CONFIG GET says; nothing if Redis doesn't let us ask.
  std::optional<std::string> appendonly;
  std::optional<std::string> appendfsync;
  std::optional<std::string> maxmemory_policy;
};

struct server_verdict {
  /// What has to be changed before the store may be opened; each says what is wrong and what to do.
  std::vector<std::string> faults;
  /// What the operator has to know.
  std::vector<std::string> warnings;
};

server_verdict judge(const server_facts& facts, redis_durability durability);

} // namespace holdfast::persistence::redis
