#include "tests/persistence/store_conformance.hpp"

#include "tests/persistence/store_helpers.hpp"

#include <algorithm>
#include <atomic>
#include <catch2/catch.hpp>
#include <condition_variable>
#include <map>
#include <mutex>
#include <set>
#include <thread>
#include <utility>

namespace holdfast::persistence::testing {

namespace {

using domain::feed_event_type;

constexpr domain::slot_number slot = 5;

/// The shard of `slot`, taken.
struct owned_shard {
  explicit owned_shard(store& x, domain::slot_number wanted = slot)
      : number(shard_of_slot(wanted, x.shard_count()))
      , token(take(x, number)) {}

  shard_number number;
  shard_token token;
};

entity_key make(store& x, const shard_token& token, entity_kind kind = entity_kind::ticket) {
  const entity_key key = make_key(kind, slot);
  REQUIRE(commit(x, request_of(x, token, {creation(key)})).status == commit_status::committed);
  return key;
}

// -- records

void loads_what_was_committed(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make_key(entity_kind::order, slot);
  const std::string record("\0\xff any bytes", 12);
  const commit_outcome outcome = commit(x, request_of(x, shard.token, {creation(key, record)}));
  CHECK(outcome.status == commit_status::committed);
  CHECK(outcome.at.sequence > 0);
  const load_outcome loaded = load(x, key);
  CHECK(loaded.status == load_status::found);
  CHECK(loaded.version == 0);
  CHECK(loaded.record == record);
}

void keeps_large_and_empty_records(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key large = make_key(entity_kind::secret, slot);
  const entity_key empty = make_key(entity_kind::request, slot);
  const std::string megabyte(1024 * 1024, 'x');
  REQUIRE(commit(x, request_of(x, shard.token, {creation(large, megabyte), creation(empty, "")}))
              .status == commit_status::committed);
  CHECK(load(x, large).record == megabyte);
  CHECK(load(x, empty).status == load_status::found);
  CHECK(load(x, empty).record.empty());
}

void says_absent(store_setting& setting) {
  store& x = setting.get();
  const load_outcome loaded = load(x, make_key(entity_kind::ticket, slot));
  CHECK(loaded.status == load_status::absent);
  CHECK(loaded.version == no_version);
}

void writes_all_changes_or_none(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key ticket = make(x, shard.token);
  const entity_key order = make_key(entity_kind::order, slot);
  const reader_positions end = x.log_end();
  const commit_outcome outcome =
      commit(x, request_of(x, shard.token, {creation(order), revision(ticket, 4, "from nowhere")}));
  CHECK(outcome.status == commit_status::conflict);
  CHECK(outcome.conflicting == ticket);
  CHECK(load(x, order).status == load_status::absent);
  CHECK(load(x, ticket).record == "made");
  CHECK(x.log_end() == end);
  REQUIRE(commit(x, request_of(x, shard.token, {creation(order), revision(ticket, 0)})).status ==
          commit_status::committed);
  CHECK(load(x, order).version == 0);
  CHECK(load(x, ticket).version == 1);
}

void refuses_to_make_an_entity_twice(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make(x, shard.token);
  CHECK(commit(x, request_of(x, shard.token, {creation(key, "again")})).status ==
        commit_status::conflict);
  CHECK(load(x, key).record == "made");
}

void refuses_two_changes_of_one_entity(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make_key(entity_kind::ticket, slot);
  const commit_outcome outcome =
      commit(x, request_of(x, shard.token, {creation(key), revision(key, 0)}));
  CHECK(outcome.status == commit_status::conflict);
  CHECK(outcome.conflicting == key);
  CHECK(load(x, key).status == load_status::absent);
}

void writes_nothing_for_a_commit_without_changes(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  make(x, shard.token);
  const reader_positions end = x.log_end();
  commit_request request;
  request.shard = shard.number;
  request.token = shard.token;
  CHECK(commit(x, request).status == commit_status::committed);
  CHECK(x.log_end() == end);
  request.token.epoch += 1;
  CHECK(commit(x, request).status == commit_status::fenced);
}

void removes_records(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make(x, shard.token, entity_kind::session_revocation);
  change removal = revision(key, 0, "");
  removal.removed = true;
  REQUIRE(commit(x, request_of(x, shard.token, {removal})).status == commit_status::committed);
  CHECK(load(x, key).status == load_status::absent);
  CHECK(load(x, key).version == no_version);
  CHECK(commit(x, request_of(x, shard.token, {revision(key, 1)})).status ==
        commit_status::conflict);
  CHECK(commit(x, request_of(x, shard.token, {creation(key, "anew")})).status ==
        commit_status::committed);
  CHECK(load(x, key).record == "anew");
}

// -- order

void answers_loads_after_earlier_commits(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make_key(entity_kind::ticket, slot);
  std::vector<pending<commit_outcome>> commits;
  std::vector<pending<load_outcome>> loads;
  commits.push_back(start_commit(x, request_of(x, shard.token, {creation(key)})));
  for (std::uint64_t version = 0; version < 100; ++version) {
    loads.push_back(start_load(x, shard.number, key));
    commits.push_back(start_commit(
        x, request_of(x, shard.token, {revision(key, version, std::to_string(version + 1))})));
  }
  loads.push_back(start_load(x, shard.number, key));
  for (auto& each : commits)
    CHECK(each.get().status == commit_status::committed);
  for (std::size_t i = 0; i < loads.size(); ++i) {
    const load_outcome loaded = loads[i].get();
    REQUIRE(loaded.status == load_status::found);
    CHECK(loaded.version >= i);
    CHECK(loaded.record == (loaded.version == 0 ? "made" : std::to_string(loaded.version)));
  }
}

void lets_one_of_many_racers_win(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key ticket = make(x, shard.token);
  std::atomic<int> winners{0};
  std::atomic<int> losers{0};
  std::vector<std::thread> racers;
  for (int i = 0; i < 8; ++i)
    racers.emplace_back([&] {
      const commit_outcome outcome = commit(x, request_of(x, shard.token, {revision(ticket, 0)}));
      (outcome.status == commit_status::committed ? winners : losers) += 1;
    });
  for (std::thread& racer : racers)
    racer.join();
  CHECK(winners == 1);
  CHECK(losers == 7);
  CHECK(load(x, ticket).version == 1);
}

// -- fences

void fences_commits_without_a_lease(store_setting& setting) {
  store& x = setting.get();
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x, request_of(x, shard_token{}, {creation(key)})).status == commit_status::fenced);
  const owned_shard shard(x);
  shard_token other_epoch = shard.token;
  other_epoch.epoch += 1;
  CHECK(commit(x, request_of(x, other_epoch, {creation(key)})).status == commit_status::fenced);
  shard_token earlier_epoch = shard.token;
  earlier_epoch.epoch -= 1;
  CHECK(commit(x, request_of(x, earlier_epoch, {creation(key)})).status == commit_status::fenced);
  shard_token other_incarnation = shard.token;
  other_incarnation.incarnation.low += 1;
  CHECK(commit(x, request_of(x, other_incarnation, {creation(key)})).status ==
        commit_status::fenced);
  CHECK(load(x, key).status == load_status::absent);
}

void fences_the_token_of_another_shard(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const owned_shard other(x, domain::slot_count - 1);
  REQUIRE(other.number != shard.number);
  // Their epochs may be equal by chance; one more owner makes them differ.
  REQUIRE(release(x, shard.number, shard.token).status == lease_status::held);
  const shard_token token = acquire(x, shard.number, "test", domain::uuid{7, 7}).token;
  REQUIRE_FALSE(token == other.token);
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x, request_of(x, other.token, {creation(key)})).status == commit_status::fenced);
}

void refuses_commits_outside_their_time(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key key = make_key(entity_kind::ticket, slot);
  const domain::instant border = x.now() + 300;
  commit_request early = request_of(x, shard.token, {creation(key)});
  early.not_before = border;
  CHECK(commit(x, early).status == commit_status::too_early);
  CHECK(load(x, key).status == load_status::absent);
  setting.pass(300);
  CHECK(commit(x, early).status == commit_status::committed);
  commit_request late = request_of(x, shard.token, {revision(key, 0)});
  late.not_after = border;
  CHECK(commit(x, late).status == commit_status::too_late);
  CHECK(load(x, key).version == 0);
  late.not_after = x.now() + 3'600'000;
  CHECK(commit(x, late).status == commit_status::committed);
}

void stamps_the_log_with_growing_times(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const domain::instant before = x.now();
  for (int i = 0; i < 3; ++i) {
    make(x, shard.token);
    setting.pass(5);
  }
  domain::instant latest = before;
  for (const log_entry& entry : read_whole_log(x, log_start(x))) {
    CHECK(entry.time >= latest);
    latest = entry.time;
  }
  CHECK(latest <= x.now());
}

// -- scans and due times

void scans_a_shard_in_the_order_of_keys(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const owned_shard other(x, domain::slot_count - 1);
  std::map<entity_key, std::string> expected;
  for (int i = 0; i < 25; ++i) {
    const auto kind = static_cast<entity_kind>(1 + i % 4);
    const entity_key key = make_key(kind, slot);
    const std::string record = "record " + std::to_string(i);
    REQUIRE(commit(x, request_of(x, shard.token, {creation(key, record)})).status ==
            commit_status::committed);
    expected[key] = record;
  }
  const entity_key elsewhere = make_key(entity_kind::ticket, domain::slot_count - 1);
  REQUIRE(commit(x, request_of(x, other.token, {creation(elsewhere)})).status ==
          commit_status::committed);
  change removal = revision(expected.begin()->first, 0, "");
  removal.removed = true;
  REQUIRE(commit(x, request_of(x, shard.token, {removal})).status == commit_status::committed);
  expected.erase(expected.begin());
  for (const std::size_t page : {1U, 7U, 24U, 1000U}) {
    const std::vector<stored_record> found = scan_whole(x, shard.number, page);
    REQUIRE(found.size() == expected.size());
    auto next = expected.begin();
    for (const stored_record& record : found) {
      CHECK(record.key == next->first);
      CHECK(record.record == next->second);
      ++next;
    }
  }
  CHECK_FALSE(scan(x, shard.number, {}, 24).more);
  CHECK(scan(x, shard.number, {}, 23).more);
}

void lists_what_is_due(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key order = make_key(entity_kind::order, slot);
  const entity_key other = make_key(entity_kind::order, slot);
  change first = creation(order);
  first.due = 1000;
  change second = creation(other);
  second.due = 2000;
  REQUIRE(commit(x, request_of(x, shard.token,
                               {first, second, creation(make_key(entity_kind::ticket, slot))}))
              .status == commit_status::committed);
  const auto due = [&] {
    const due_outcome outcome = list_due(x, shard.number);
    REQUIRE(outcome.available);
    std::map<entity_key, domain::instant> result;
    for (const due_entry& entry : outcome.entries)
      CHECK(result.emplace(entry.key, entry.due).second);
    return result;
  };
  CHECK(due() == std::map<entity_key, domain::instant>{{order, 1000}, {other, 2000}});
  change moved = revision(order, 0);
  moved.due = 5000;
  change settled = revision(other, 0);
  REQUIRE(commit(x, request_of(x, shard.token, {moved, settled})).status ==
          commit_status::committed);
  CHECK(due() == std::map<entity_key, domain::instant>{{order, 5000}});
  change removal = revision(order, 1, "");
  removal.removed = true;
  REQUIRE(commit(x, request_of(x, shard.token, {removal})).status == commit_status::committed);
  CHECK(due().empty());
}

// -- log

void logs_commits_as_they_were(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  change ticket = creation(make_key(entity_kind::ticket, slot), "a ticket");
  ticket.events = {feed_event_type::ticket_created};
  change order = creation(make_key(entity_kind::order, slot), "an order");
  order.events = {feed_event_type::order_created, feed_event_type::payment_created};
  order.due = x.now() + 1000;
  const commit_outcome first = commit(x, request_of(x, shard.token, {ticket, order}));
  change removal = revision(ticket.key, 0, "");
  removal.removed = true;
  const commit_outcome second = commit(x, request_of(x, shard.token, {removal}));
  const std::vector<log_entry> log = read_whole_log(x, log_start(x));
  REQUIRE(log.size() == 2);
  CHECK(log[0].at == first.at);
  CHECK(log[0].changes == std::vector<change>{ticket, order});
  CHECK(log[1].at == second.at);
  CHECK(log[1].changes == std::vector<change>{removal});
  CHECK(second.at.sequence > first.at.sequence);
}

void reads_the_log_in_pages(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  std::vector<entity_key> made;
  for (int i = 0; i < 10; ++i)
    made.push_back(make(x, shard.token));
  reader_positions after = log_start(x);
  std::vector<entity_key> read;
  for (int page = 0; page < 4; ++page) {
    const log_outcome outcome = read_log(x, after, 3);
    REQUIRE(outcome.status == log_status::read);
    CHECK(outcome.entries.size() <= 3);
    for (const log_entry& entry : outcome.entries)
      read.push_back(entry.changes.front().key);
    after = outcome.next;
  }
  CHECK(read == made);
  CHECK(after == x.log_end());
  const log_outcome nothing_more = read_log(x, after, 3);
  CHECK(nothing_more.status == log_status::read);
  CHECK(nothing_more.entries.empty());
  CHECK(nothing_more.next == after);
}

void tails_the_log_from_any_position(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  for (int i = 0; i < 5; ++i)
    make(x, shard.token);
  tail_collector from_start;
  tail_collector from_end;
  const auto first = x.tail(log_start(x), from_start.handler());
  const auto second = x.tail(x.log_end(), from_end.handler());
  REQUIRE(first);
  REQUIRE(second);
  for (int i = 0; i < 5; ++i)
    make(x, shard.token);
  from_start.wait_for_count(10);
  from_end.wait_for_count(5);
  const std::vector<log_entry> log = read_whole_log(x, log_start(x));
  REQUIRE(from_start.entries().size() == 10);
  REQUIRE(from_end.entries().size() == 5);
  for (std::size_t i = 0; i < 10; ++i)
    CHECK(from_start.entries()[i].at == log[i].at);
  for (std::size_t i = 0; i < 5; ++i)
    CHECK(from_end.entries()[i].at == log[i + 5].at);
}

void leaves_nothing_out_of_a_tail_started_under_load(store_setting& setting) {
  store& x = setting.get();
  constexpr int threads = 4;
  constexpr int commits_each = 150;
  std::vector<owned_shard> shards;
  for (int i = 0; i < threads; ++i)
    shards.emplace_back(x, static_cast<domain::slot_number>(i * 4096));
  std::vector<std::thread> writers;
  for (int i = 0; i < threads; ++i)
    writers.emplace_back([&, i] {
      for (int j = 0; j < commits_each; ++j) {
        const entity_key key =
            make_key(entity_kind::ticket, static_cast<domain::slot_number>(i * 4096));
        (void)commit(x, request_of(x, shards[static_cast<std::size_t>(i)].token, {creation(key)}));
      }
    });
  std::vector<tail_collector> collectors(5);
  std::vector<std::unique_ptr<tail_subscription>> tails;
  for (tail_collector& collector : collectors) {
    tails.push_back(x.tail(log_start(x), collector.handler()));
    REQUIRE(tails.back());
    make(x, take(x, shard_of_slot(slot, x.shard_count())));
  }
  for (std::thread& writer : writers)
    writer.join();
  const std::vector<log_entry> log = read_whole_log(x, log_start(x));
  CHECK(log.size() == threads * commits_each + collectors.size());
  for (tail_collector& collector : collectors) {
    collector.wait_for_count(log.size());
    const std::vector<log_entry> seen = collector.entries();
    REQUIRE(seen.size() == log.size());
    std::map<std::uint32_t, std::uint64_t> latest;
    std::set<std::pair<std::uint32_t, std::uint64_t>> distinct;
    for (const log_entry& entry : seen) {
      CHECK(entry.at.sequence > latest[entry.at.stream]);
      latest[entry.at.stream] = entry.at.sequence;
      distinct.emplace(entry.at.stream, entry.at.sequence);
    }
    CHECK(distinct.size() == log.size());
  }
}

void stops_calling_an_ended_tail(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  tail_collector ended;
  tail_collector lasting;
  auto first = x.tail(x.log_end(), ended.handler());
  const auto second = x.tail(x.log_end(), lasting.handler());
  make(x, shard.token);
  ended.wait_for_count(1);
  first.reset();
  make(x, shard.token);
  lasting.wait_for_count(2);
  CHECK(ended.entries().size() == 1);
}

void lets_a_tail_end_itself(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  auto tail = std::make_shared<std::unique_ptr<tail_subscription>>();
  tail_collector ended;
  *tail = x.tail(x.log_end(), [tail, collect = ended.handler()](const log_batch& batch) {
    collect(batch);
    tail->reset();
  });
  tail_collector lasting;
  const auto second = x.tail(x.log_end(), lasting.handler());
  make(x, shard.token);
  ended.wait_for_count(1);
  make(x, shard.token);
  lasting.wait_for_count(2);
  CHECK(ended.entries().size() == 1);
}

void trims_what_is_old(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  const entity_key old = make(x, shard.token);
  const reader_positions middle = x.log_end();
  setting.pass(50);
  const domain::instant border = x.now();
  make(x, shard.token);
  const reader_positions end = x.log_end();
  REQUIRE(trim_log(x, border));
  CHECK(read_log(x, log_start(x), 10).status == log_status::gone);
  CHECK(read_log(x, read_log(x, log_start(x), 10).next, 10).entries.size() == 1);
  CHECK(x.tail(log_start(x), [](const log_batch&) {}) == nullptr);
  CHECK(read_log(x, middle, 10).entries.size() == 1);
  CHECK(load(x, old).status == load_status::found);
  CHECK(x.log_end() == end);
}

void goes_on_counting_after_trimming_everything(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  make(x, shard.token);
  const reader_positions end = x.log_end();
  setting.pass(50);
  REQUIRE(trim_log(x, x.now()));
  CHECK(x.log_end() == end);
  const log_outcome empty = read_log(x, end, 10);
  CHECK(empty.status == log_status::read);
  CHECK(empty.entries.empty());
  make(x, shard.token);
  const log_outcome outcome = read_log(x, end, 10);
  REQUIRE(outcome.entries.size() == 1);
  CHECK(outcome.entries[0].at.sequence > end[outcome.entries[0].at.stream]);
}

void calls_a_position_beyond_the_end_gone(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  make(x, shard.token);
  reader_positions beyond = x.log_end();
  for (std::uint64_t& each : beyond)
    each += 1000;
  CHECK(read_log(x, beyond, 10).status == log_status::gone);
  CHECK(x.tail(beyond, [](const log_batch&) {}) == nullptr);
}

// -- the end

void answers_everything_when_it_ends(store_setting& setting) {
  store& x = setting.get();
  const owned_shard shard(x);
  std::atomic<int> answers{0};
  constexpr int calls = 200;
  for (int i = 0; i < calls; ++i) {
    const entity_key key = make_key(entity_kind::ticket, slot);
    x.commit(request_of(x, shard.token, {creation(key)}),
             [&](const commit_outcome&) { ++answers; });
    x.load(shard.number, key, [&](const load_outcome&) { ++answers; });
    x.scan(shard.number, {}, 2, [&](const scan_outcome&) { ++answers; });
    x.list_due(shard.number, [&](const due_outcome&) { ++answers; });
    x.read_log(x.log_end(), 1, [&](const log_outcome&) { ++answers; });
  }
  x.trim_log(1, [&](bool) { ++answers; });
  setting.end();
  CHECK(answers == 5 * calls + 1);
}

void calls_after_commits(store_setting& setting) {
  store& x = setting.get();
  std::mutex mutex;
  std::condition_variable changed;
  int collected = 0;
  int handed_over = 0;
  x.call_after_commits([&] {
    const std::lock_guard guard(mutex);
    handed_over += std::exchange(collected, 0);
    changed.notify_all();
  });
  const owned_shard shard(x);
  constexpr int calls = 300;
  for (int i = 0; i < calls; ++i) {
    // A third of them is refused.
    const shard_token token = i % 3 == 0 ? shard_token{} : shard.token;
    x.commit(request_of(x, token, {creation(make_key(entity_kind::ticket, slot))}),
             [&](const commit_outcome&) {
               const std::lock_guard guard(mutex);
               ++collected;
             });
  }
  {
    std::unique_lock lock(mutex);
    CHECK(changed.wait_for(lock, deadline, [&] { return handed_over == calls; }));
  }
  setting.end();
}

constexpr conformance_case cases[] = {
    {"calls what was asked for after commits", calls_after_commits},
    {"loads what was committed", loads_what_was_committed},
    {"keeps large and empty records", keeps_large_and_empty_records},
    {"says that an unknown entity is absent", says_absent},
    {"writes all changes of a commit or none", writes_all_changes_or_none},
    {"refuses to make an entity twice", refuses_to_make_an_entity_twice},
    {"refuses two changes of one entity in one commit", refuses_two_changes_of_one_entity},
    {"writes nothing for a commit without changes", writes_nothing_for_a_commit_without_changes},
    {"removes records, and lets them be made anew", removes_records},
    {"answers loads after the commits handed over before", answers_loads_after_earlier_commits},
    {"lets one of many racers win", lets_one_of_many_racers_win},
    {"fences commits without the shard's token", fences_commits_without_a_lease},
    {"fences the token of another shard", fences_the_token_of_another_shard},
    {"refuses commits outside their time", refuses_commits_outside_their_time},
    {"stamps the log with growing times", stamps_the_log_with_growing_times},
    {"scans a shard in the order of keys", scans_a_shard_in_the_order_of_keys},
    {"lists what is due", lists_what_is_due},
    {"logs commits as they were", logs_commits_as_they_were},
    {"reads the log in pages", reads_the_log_in_pages},
    {"tails the log from any position", tails_the_log_from_any_position},
    {"leaves nothing out of a tail started under load",
     leaves_nothing_out_of_a_tail_started_under_load},
    {"stops calling an ended tail", stops_calling_an_ended_tail},
    {"lets a tail end itself", lets_a_tail_end_itself},
    {"trims what is old", trims_what_is_old},
    {"goes on counting after trimming everything", goes_on_counting_after_trimming_everything},
    {"calls a position beyond the end gone", calls_a_position_beyond_the_end_gone},
    {"answers everything when it ends", answers_everything_when_it_ends},
};

} // namespace

std::span<const conformance_case> conformance_cases() {
  return cases;
}

void run_conformance(const setting_factory& make_setting) {
  std::vector<conformance_case> all(std::begin(cases), std::end(cases));
  const auto leases = lease_conformance_cases();
  all.insert(all.end(), leases.begin(), leases.end());
  for (const conformance_case& each : all)
    DYNAMIC_SECTION("it " << each.name) {
      const std::unique_ptr<store_setting> setting = make_setting();
      each.run(*setting);
    }
}

} // namespace holdfast::persistence::testing
