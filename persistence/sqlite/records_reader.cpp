#include "persistence/sqlite/records_reader.hpp"

#include "config/log.hpp"

#include <algorithm>

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
                          std::vector<unfolded_change> newer, scan_handler handler) {
  const bool posted =
      worker_.post([this, shard, after, limit, newer = std::move(newer), handler]() mutable {
        handler(scan_now(shard, after, limit, std::move(newer)));
      });
  if (!posted)
    handler({});
}

scan_outcome records_reader::scan_now(shard_number shard, const entity_key& after,
                                      std::size_t limit, std::vector<unfolded_change> newer) {
  scan_outcome outcome;
  if (!ensure_open())
    return outcome;
  // Only a removal leaves a page with less than was read for it.
  const auto removals = static_cast<std::size_t>(std::count_if(
      newer.begin(), newer.end(), [](const unfolded_change& x) { return x.what->removed; }));
  scan_outcome stored = file_.scan(shard, after, limit + removals);
  if (!stored.available) {
    give_up("scan", shard);
    return outcome;
  }
  std::sort(newer.begin(), newer.end(), [](const unfolded_change& a, const unfolded_change& b) {
    return a.what->key < b.what->key;
  });
  outcome.available = true;
  outcome.records.reserve(std::min(limit, stored.records.size() + newer.size()));
  auto old = stored.records.begin();
  const auto old_end = stored.records.end();
  auto next = newer.begin();
  while (old != old_end || next != newer.end()) {
    // What lies beyond the part of the file that was read belongs to a later page.
    if (old == old_end && stored.more)
      break;
    const bool is_newer = old == old_end || (next != newer.end() && !(old->key < next->what->key));
    if (is_newer) {
      // It hides what the file has of it.
      if (old != old_end && old->key == next->what->key)
        ++old;
      if (next->what->removed) {
        ++next;
        continue;
      }
    }
    if (outcome.records.size() == limit) {
      outcome.more = true;
      return outcome;
    }
    if (is_newer) {
      const change& x = *next++->what;
      outcome.records.push_back({x.key, x.version, x.due, x.record});
    } else {
      outcome.records.push_back(std::move(*old++));
    }
  }
  outcome.more = stored.more;
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
