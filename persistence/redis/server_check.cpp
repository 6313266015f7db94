#include "persistence/redis/server_check.hpp"

#include "persistence/redis/wire.hpp"

#include <utility>

namespace holdfast::persistence::redis {

namespace {

/// The first with XTRIM MINID and all else that is used here.
constexpr std::pair<unsigned, unsigned> version_min = {6, 2};

std::string_view field(const server_facts& facts, std::string_view name) {
  const auto found = facts.info.find(name);
  return found == facts.info.end() ? std::string_view() : std::string_view(found->second);
}

bool is_new_enough(std::string_view version) {
  const auto dot = version.find('.');
  if (dot == std::string_view::npos)
    return false;
  const auto major = parse_whole<unsigned>(version.substr(0, dot));
  version.remove_prefix(dot + 1);
  const auto minor = parse_whole<unsigned>(version.substr(0, version.find('.')));
  return major && minor && std::pair(*major, *minor) >= version_min;
}

void judge_kind(const server_facts& facts, server_verdict& verdict) {
  const std::string version(field(facts, "redis_version"));
  if (!is_new_enough(version))
    verdict.faults.push_back("Redis is of version " + (version.empty() ? "unknown" : version) +
                             ", but 6.2 or newer is needed.");
  if (field(facts, "cluster_enabled") == "1")
    verdict.faults.emplace_back("Redis runs in cluster mode (cluster-enabled yes), whose failover "
                                "loses acknowledged writes. Use a Redis of its own.");
  if (field(facts, "role") != "master")
    verdict.faults.push_back("Redis is a replica of " + std::string(field(facts, "master_host")) +
                             ":" + std::string(field(facts, "master_port")) +
                             ". Name the primary.");
}

void judge_files(const server_facts& facts, redis_durability durability, server_verdict& verdict) {
  // INFO says it too, if CONFIG is forbidden.
  const bool has_file =
      facts.appendonly ? *facts.appendonly == "yes" : field(facts, "aof_enabled") == "1";
  auto& objections = durability == redis_durability::none ? verdict.warnings : verdict.faults;
  if (!has_file) {
    objections.emplace_back("Redis keeps no append-only file (appendonly no): whatever came after "
                            "its last snapshot is lost when it ends. Set appendonly yes and "
                            "appendfsync always.");
    return;
  }
  if (!facts.appendfsync) {
    verdict.warnings.emplace_back("Redis doesn't let us ask for appendfsync (CONFIG is forbidden). "
                                  "See to it that it is always.");
  } else if (*facts.appendfsync == "everysec") {
    auto& to = durability == redis_durability::always ? verdict.faults : verdict.warnings;
    to.emplace_back("Redis syncs its file once a second (appendfsync everysec): when its machine "
                    "fails, the last seconds of acknowledged reservations and payments are lost. "
                    "Set appendfsync always.");
  } else if (*facts.appendfsync != "always") {
    objections.push_back("Redis leaves it to the system when its file is synced (appendfsync " +
                         *facts.appendfsync + "). Set appendfsync always.");
  }
}

void judge_memory(const server_facts& facts, redis_durability durability, server_verdict& verdict) {
  const std::string policy =
      facts.maxmemory_policy.value_or(std::string(field(facts, "maxmemory_policy")));
  if (policy.empty())
    verdict.warnings.emplace_back("Redis doesn't let us ask for maxmemory-policy (CONFIG is "
                                  "forbidden). See to it that it is noeviction.");
  else if (policy != "noeviction")
    (durability == redis_durability::none ? verdict.warnings : verdict.faults)
        .push_back("Redis throws away keys when its memory is full (maxmemory-policy " + policy +
                   "), tickets and orders too. Set maxmemory-policy noeviction.");
}

} // namespace

info_fields parse_info(std::string_view text) {
  info_fields result;
  while (!text.empty()) {
    const auto end = text.find("\r\n");
    const std::string_view line = text.substr(0, end);
    text = end == std::string_view::npos ? std::string_view() : text.substr(end + 2);
    if (const auto colon = line.find(':'); colon != std::string_view::npos && line[0] != '#')
      result.emplace(line.substr(0, colon), line.substr(colon + 1));
  }
  return result;
}

server_verdict judge(const server_facts& facts, redis_durability durability) {
  server_verdict verdict;
  judge_kind(facts, verdict);
  judge_files(facts, durability, verdict);
  judge_memory(facts, durability, verdict);
  return verdict;
}

} // namespace holdfast::persistence::redis
