#include "persistence/redis/records.hpp"

#include "config/log.hpp"
#include "persistence/byte_coding.hpp"
#include "persistence/change_codec.hpp"

#include <algorithm>

namespace holdfast::persistence::redis {

namespace {

/// Of one answer; a scan that wants more goes on after it.
constexpr std::size_t scan_page_max = 1000;

std::string commit_command(const shared_state& shared, const commit_request& request) {
  const shard_keys& keys = shared.keys[request.shard];
  const std::vector<change>& changes = request.changes;
  const std::string encoded = encode_changes(request.shard, changes);
  std::string bytes;
  bytes.reserve(512 + 256 * changes.size() + 2 * encoded.size());
  command_writer out =
      shared.begin_script(bytes, script::commit, 4 + changes.size(), 7 + 4 * changes.size());
  out.text(keys.own).text(keys.log).text(keys.due).text(keys.keys);
  for (const change& x : changes)
    append_record_key(out, keys, x.key);
  out.text(id_bytes(request.token.incarnation)).number(request.token.epoch);
  out.number(request.not_before).number(request.not_after);
  out.text(encoded).text(events_text(changes));
  for (const change& x : changes) {
    out.text(x.expected_version == no_version ? std::string() : version_bytes(x.expected_version));
    out.text(x.removed ? std::string() : record_value(x));
    if (x.due == 0)
      out.text({});
    else
      out.number(x.due);
    out.text(member_bytes(x.key));
  }
  return bytes;
}

std::optional<commit_status> status_of(std::optional<std::int64_t> code) {
  if (!code || *code < 0 || *code > static_cast<std::int64_t>(commit_answer::conflict))
    return std::nullopt;
  switch (static_cast<commit_answer>(*code)) {
  case commit_answer::committed:
    return commit_status::committed;
  case commit_answer::fenced:
    return commit_status::fenced;
  case commit_answer::too_early:
    return commit_status::too_early;
  case commit_answer::too_late:
    return commit_status::too_late;
  case commit_answer::conflict:
    return commit_status::conflict;
  }
  return std::nullopt;
}

/// The change that a conflict's answer names.
std::optional<entity_key> conflicting_of(const std::vector<change>& changes, const answer& x) {
  const auto number = x.at(2).integer();
  if (!number || *number < 1 || static_cast<std::size_t>(*number) > changes.size())
    return std::nullopt;
  return changes[static_cast<std::size_t>(*number) - 1].key;
}

commit_outcome read_commit_answer(engine& to, shard_number shard,
                                  const std::vector<change>& changes, const answer& x) {
  const auto status = status_of(x.at(0).integer());
  const auto sequence = x.at(2).number();
  const auto conflicting = conflicting_of(changes, x);
  if (!status || (*status == commit_status::committed && !sequence) ||
      (*status == commit_status::conflict && !conflicting)) {
    note_unexpected(to, shard, "commit", x);
    return {is_refusal(x.error()) ? commit_status::unavailable : commit_status::unknown, {}};
  }
  if (const auto time = x.at(1).integer())
    to.shared().clock.hold_at_least(*time);
  if (*status == commit_status::conflict)
    return {*status, {}, conflicting};
  if (*status != commit_status::committed)
    return {*status, {}};
  to.shared().bounds.note_end(shard, *sequence);
  return {commit_status::committed, {shard, *sequence}};
}

load_outcome read_load_answer(engine& to, shard_number shard, const entity_key& key,
                              const answer& x) {
  load_outcome outcome;
  if (x.is_nil()) {
    outcome.status = load_status::absent;
    return outcome;
  }
  const auto value = x.text();
  std::optional<stored_record> record = value ? parse_record(key, *value) : std::nullopt;
  if (!record) {
    note_unexpected(to, shard, "load", x);
    return outcome;
  }
  return {load_status::found, record->version, std::move(record->record)};
}

/// What a commit's answer needs. The changes are the log's next entry, if it is made.
struct committing {
  std::vector<change> changes;
  commit_handler handler;
};

/// The second step of a scan: the records that the keys name.
struct scanning {
  std::vector<entity_key> keys;
  bool has_more = false;
  scan_handler handler;

  void fail() const { handler({}); }

  void take_records(engine& to, shard_number shard, const answer& x) {
    scan_outcome outcome;
    outcome.available = x.size() == keys.size();
    outcome.more = has_more;
    for (std::size_t i = 0; i < keys.size() && outcome.available; ++i) {
      if (x.at(i).is_nil()) // Removed since the keys were read.
        continue;
      const auto value = x.at(i).text();
      std::optional<stored_record> record = value ? parse_record(keys[i], *value) : std::nullopt;
      outcome.available = record.has_value();
      if (record)
        outcome.records.push_back(std::move(*record));
    }
    if (!outcome.available) {
      note_unexpected(to, shard, "scan", x);
      outcome = {};
    }
    handler(std::move(outcome));
  }
};

void ask_records(engine& to, shard_number shard, const std::shared_ptr<scanning>& state) {
  std::string bytes;
  command_writer out(bytes, 1 + state->keys.size());
  out.text("MGET");
  for (const entity_key& key : state->keys)
    append_record_key(out, to.shared().keys[shard], key);
  to.submit(shard, make_reading_call(
                       std::move(bytes),
                       [&to, shard, state](const answer& x) { state->take_records(to, shard, x); },
                       [state](loss) { state->fail(); }));
}

void take_keys(engine& to, shard_number shard, std::size_t limit, const answer& x,
               const std::shared_ptr<scanning>& state) {
  bool is_understood = !x.is_error();
  state->has_more = x.size() > limit;
  for (std::size_t i = 0; i < std::min(limit, x.size()) && is_understood; ++i) {
    const auto member = x.at(i).text();
    const auto key = member ? parse_member(*member) : std::nullopt;
    is_understood = key.has_value();
    if (key)
      state->keys.push_back(*key);
  }
  if (!is_understood) {
    note_unexpected(to, shard, "scan", x);
    state->fail();
  } else if (state->keys.empty()) {
    state->handler({true, {}, state->has_more});
  } else {
    ask_records(to, shard, state);
  }
}

} // namespace

void note_unexpected(engine& to, shard_number shard, std::string_view asked, const answer& x) {
  if (x.error().starts_with("NOSCRIPT"))
    to.reload_scripts(shard);
  if (std::uint64_t left_out = 0; to.shared().may_complain(left_out))
    log::error("redis_refused",
               {{"asked", asked},
                {"shard", shard},
                {"answer", x.is_error() ? x.error() : std::string_view("of an unknown shape")},
                {"left_out", left_out}});
}

void commit_records(engine& to, commit_request request, commit_handler handler) {
  const shard_number shard = request.shard;
  std::string bytes = commit_command(to.shared(), request);
  auto state = std::make_shared<committing>();
  state->changes = std::move(request.changes);
  state->handler = std::move(handler);
  call_ptr x = make_call(
      std::move(bytes),
      [&to, shard, state](const answer& found) {
        to.shared().has_answered_commits = true;
        const commit_outcome outcome = read_commit_answer(to, shard, state->changes, found);
        const auto time = found.at(1).integer();
        if (outcome.status == commit_status::committed && !state->changes.empty() && time)
          to.note_own({outcome.at, *time, std::move(state->changes)});
        state->handler(outcome);
      },
      [&to, state](loss what) {
        to.shared().has_answered_commits = true;
        state->handler(
            {what == loss::unknown ? commit_status::unknown : commit_status::unavailable, {}});
      });
  x->takes_session = true;
  to.submit(shard, std::move(x));
}

void load_record(engine& to, shard_number shard, const entity_key& key, load_handler handler) {
  std::string bytes;
  command_writer out(bytes, 2);
  append_record_key(out.text("GET"), to.shared().keys[shard], key);
  auto shared_handler = std::make_shared<load_handler>(std::move(handler));
  to.submit(shard, make_reading_call(
                       std::move(bytes),
                       [&to, shard, key, shared_handler](const answer& x) {
                         (*shared_handler)(read_load_answer(to, shard, key, x));
                       },
                       [shared_handler](loss) { (*shared_handler)({}); }));
}

void scan_records(engine& to, shard_number shard, const entity_key& after, std::size_t limit,
                  scan_handler handler) {
  limit = std::min(limit, scan_page_max);
  const std::string from = after.id.is_nil() ? "-" : "(" + member_bytes(after);
  auto state = std::make_shared<scanning>();
  state->handler = std::move(handler);
  to.submit(shard, make_reading_call(
                       command({"ZRANGEBYLEX", to.shared().keys[shard].keys, from, "+", "LIMIT",
                                "0", std::to_string(limit + 1)}),
                       [&to, shard, limit, state](const answer& x) {
                         take_keys(to, shard, limit, x, state);
                       },
                       [state](loss) { state->fail(); }));
}

void list_due_records(engine& to, shard_number shard, due_handler handler) {
  auto shared_handler = std::make_shared<due_handler>(std::move(handler));
  to.submit(shard, make_reading_call(
                       command({"ZRANGE", to.shared().keys[shard].due, "0", "-1", "WITHSCORES"}),
                       [&to, shard, shared_handler](const answer& x) {
                         due_outcome outcome;
                         outcome.available = !x.is_error();
                         for (std::size_t i = 0; i + 1 < x.size() && outcome.available; i += 2) {
                           const auto member = x.at(i).text();
                           const auto score = x.at(i + 1).text();
                           const auto key = member ? parse_member(*member) : std::nullopt;
                           const auto due =
                               score ? parse_whole<domain::instant>(*score) : std::nullopt;
                           outcome.available = key && due;
                           if (key && due)
                             outcome.entries.push_back({*key, *due});
                         }
                         if (!outcome.available) {
                           note_unexpected(to, shard, "list_due", x);
                           outcome.entries.clear();
                         }
                         (*shared_handler)(std::move(outcome));
                       },
                       [shared_handler](loss) { (*shared_handler)({}); }));
}

} // namespace holdfast::persistence::redis
