#include "tests/persistence/sqlite_helpers.hpp"

#include <map>
#include <sqlite3.h>
#include <stdexcept>

namespace holdfast::persistence::testing {

std::unique_ptr<sqlite_store> open_store(const std::string& directory,
                                         std::chrono::milliseconds fold_delay) {
  sqlite_store_options options;
  options.directory = directory;
  options.fold_delay = fold_delay;
  return std::make_unique<sqlite_store>(std::move(options));
}

entity_key make_entity(store& x, const shard_token& token) {
  const entity_key key = make_key(entity_kind::ticket, sqlite_slot);
  if (commit(x, request_of(x, token, {creation(key)})).status != commit_status::committed)
    throw std::runtime_error("the entity was not committed");
  return key;
}

refusal_to_open refuse_to_open(const sqlite_store_options& options) {
  try {
    const sqlite_store opened(options);
  } catch (const open_error& error) {
    return {error.fault(), error.what()};
  }
  throw std::runtime_error("the store was opened");
}

refusal_to_open refuse_to_open(const std::string& directory) {
  sqlite_store_options options;
  options.directory = directory;
  return refuse_to_open(options);
}

void run_sql(const std::string& file, const std::string& sql) {
  sqlite3* database = nullptr;
  int code =
      sqlite3_open_v2(file.c_str(), &database, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE, nullptr);
  if (code == SQLITE_OK)
    code = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
  const std::string message = sqlite3_errmsg(database);
  sqlite3_close(database);
  if (code != SQLITE_OK)
    throw std::runtime_error(message);
}

std::string compare_log_with_records(store& x) {
  struct state {
    std::uint64_t version = no_version;
    domain::instant due = 0;
    std::string record;
    bool operator==(const state&) const = default;
  };
  std::map<entity_key, state> replayed;
  std::uint64_t latest = 0;
  for (const log_entry& entry : read_whole_log(x, log_start(x))) {
    if (entry.at.sequence <= latest)
      return "the log's sequence doesn't grow at " + std::to_string(entry.at.sequence);
    latest = entry.at.sequence;
    for (const change& each : entry.changes) {
      const auto before = replayed.find(each.key);
      const std::uint64_t version = before == replayed.end() ? no_version : before->second.version;
      if (each.expected_version != version)
        return "a change wasn't decided on the version before it: " + to_string(each.key.id);
      if (each.removed)
        replayed.erase(each.key);
      else
        replayed[each.key] = {each.version, each.due, each.record};
    }
  }
  std::map<entity_key, state> stored;
  for (std::uint32_t shard = 0; shard < x.shard_count(); ++shard)
    for (const stored_record& record : scan_whole(x, static_cast<shard_number>(shard), 500))
      stored[record.key] = {record.version, record.due, record.record};
  if (stored == replayed)
    return {};
  for (const auto& [key, each] : replayed)
    if (!stored.contains(key) || !(stored[key] == each))
      return "records differ from the log at " + to_string(key.id);
  return "there are records that the log doesn't know";
}

} // namespace holdfast::persistence::testing
