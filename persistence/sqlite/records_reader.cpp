#include "persistence/sqlite/records_reader.hpp"

#include "config/log.hpp"

namespace holdfast::persistence::sqlite {

records_reader::records_reader(const std::string& records_path, const std::string& vfs)
    : file_(records_path, vfs)
    , worker_("store_records") {}

bool records_reader::ensure_open() {
  if (file_.is_open())
    return true;
  const int code = file_.open(access::read);
  if (code == SQLITE_OK)
    return true;
  log::error("records_unreadable",
             {{"file", file_.path()}, {"code", code}, {"reason", file_.message()}});
  file_.close();
  return false;
}

void records_reader::give_up(std::string_view what, shard_number shard) {
  log::error("records_unreadable", {{"file", file_.path()},
                                    {"operation", what},
                                    {"shard", shard},
                                    {"reason", file_.message()},
                                    {"advice", "check the disk; restore from a backup if the file "
                                               "is damaged"}});
  file_.close();
}

void records_reader::load(shard_number shard, const entity_key& key, load_handler handler) {
  const bool posted = worker_.post([this, shard, key, handler] {
    load_outcome outcome;
    if (ensure_open()) {
      outcome = file_.load(shard, key);
      if (outcome.status == load_status::unavailable)
        give_up("load", shard);
    }
    handler(std::move(outcome));
  });
  if (!posted)
    handler({});
}

void records_reader::scan(shard_number shard, const entity_key& after, std::size_t limit,
                          std::map<entity_key, change> newer, scan_handler handler) {
  const bool posted =
      worker_.post([this, shard, after, limit, newer = std::move(newer), handler]() mutable {
        handler(scan_now(shard, after, limit, std::move(newer)));
      });
  if (!posted)
    handler({});
}

scan_outcome records_reader::scan_now(shard_number shard, const entity_key& after,
                                      std::size_t limit, std::map<entity_key, change> newer) {
  scan_outcome outcome;
  if (!ensure_open())
    return outcome;
  // Each change of the overlay hides at most one record, so this many suffice for a full page.
  scan_outcome stored = file_.scan(shard, after, limit + newer.size());
  if (!stored.available) {
    give_up("scan", shard);
    return outcome;
  }
  std::map<entity_key, stored_record> merged;
  for (stored_record& x : stored.records)
    merged.emplace(x.key, std::move(x));
  const entity_key last_stored = merged.empty() ? entity_key{} : merged.rbegin()->first;
  for (auto& [key, x] : newer) {
    // What lies beyond the part of the file that was read belongs to a later page.
    if (stored.more && key > last_stored)
      continue;
    if (x.removed)
      merged.erase(key);
    else
      merged[key] = stored_record{key, x.version, x.due, std::move(x.record)};
  }
  outcome.available = true;
  for (auto& [key, x] : merged) {
    if (outcome.records.size() == limit) {
      outcome.more = true;
      break;
    }
    outcome.records.push_back(std::move(x));
  }
  outcome.more = outcome.more || stored.more;
  return outcome;
}

void records_reader::list_due(shard_number shard, std::map<entity_key, domain::instant> newer,
                              due_handler handler) {
  const bool posted = worker_.post([this, shard, newer = std::move(newer), handler]() mutable {
    due_outcome outcome;
    if (ensure_open()) {
      outcome = file_.list_due(shard);
      if (!outcome.available)
        give_up("list_due", shard);
    }
    std::erase_if(outcome.entries, [&](const due_entry& x) { return newer.contains(x.key); });
    if (outcome.available)
      for (const auto& [key, due] : newer)
        if (due != 0)
          outcome.entries.push_back({key, due});
    handler(std::move(outcome));
  });
  if (!posted)
    handler({});
}

} // namespace holdfast::persistence::sqlite
