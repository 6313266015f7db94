// What every store promises of leases, and of telling nodes of each other.

#include "tests/persistence/store_conformance.hpp"

#include "tests/persistence/store_helpers.hpp"

#include <catch2/catch.hpp>

namespace holdfast::persistence::testing {

namespace {

constexpr domain::slot_number slot = 5;

void grants_a_lease_to_one_at_a_time(store_setting& setting) {
  store& x = setting.get();
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  const lease_outcome first = acquire(x, shard, "a", domain::uuid{1, 1}, 400);
  REQUIRE(first.status == lease_status::held);
  CHECK(first.token.incarnation == domain::uuid{1, 1});
  CHECK(first.token.epoch > 0);
  const lease_outcome refused = acquire(x, shard, "b", domain::uuid{2, 2}, 400);
  CHECK(refused.status == lease_status::taken);
  CHECK(refused.holder == "a");
  CHECK(refused.remaining_ms > 0);
  CHECK(refused.remaining_ms <= 400);
  const lease_outcome restarted = acquire(x, shard, "a", domain::uuid{3, 3}, 400);
  CHECK(restarted.status == lease_status::taken);
}

void keeps_the_epoch_when_a_lease_is_renewed(store_setting& setting) {
  store& x = setting.get();
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  const lease_outcome first = acquire(x, shard, "a", domain::uuid{1, 1}, 60'000);
  const lease_outcome renewed = acquire(x, shard, "a", domain::uuid{1, 1}, 60'000);
  CHECK(renewed.status == lease_status::held);
  CHECK(renewed.token == first.token);
}

void lets_another_take_a_lease_that_ran_out(store_setting& setting) {
  store& x = setting.get();
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  const lease_outcome first = acquire(x, shard, "a", domain::uuid{1, 1}, 200);
  REQUIRE(first.status == lease_status::held);
  setting.pass(200);
  // Nobody has replaced the first owner yet, so it is still the only one.
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x, request_of(x, first.token, {creation(key)})).status == commit_status::committed);
  const lease_outcome second = acquire(x, shard, "b", domain::uuid{2, 2}, 60'000);
  REQUIRE(second.status == lease_status::held);
  CHECK(second.token.epoch > first.token.epoch);
  CHECK(commit(x, request_of(x, first.token, {revision(key, 0)})).status == commit_status::fenced);
  CHECK(commit(x, request_of(x, second.token, {revision(key, 0)})).status ==
        commit_status::committed);
}

void gives_a_new_epoch_to_a_lease_retaken_late(store_setting& setting) {
  store& x = setting.get();
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  const lease_outcome first = acquire(x, shard, "a", domain::uuid{1, 1}, 200);
  setting.pass(200);
  const lease_outcome again = acquire(x, shard, "a", domain::uuid{1, 1}, 200);
  REQUIRE(again.status == lease_status::held);
  CHECK(again.token.epoch > first.token.epoch);
}

void frees_a_shard_on_release(store_setting& setting) {
  store& x = setting.get();
  const shard_number shard = shard_of_slot(slot, x.shard_count());
  const lease_outcome first = acquire(x, shard, "a", domain::uuid{1, 1}, 60'000);
  shard_token wrong = first.token;
  wrong.incarnation = domain::uuid{9, 9};
  const lease_outcome refused = release(x, shard, wrong);
  CHECK(refused.status == lease_status::taken);
  CHECK(refused.holder == "a");
  CHECK(release(x, shard, first.token).status == lease_status::held);
  const lease_outcome second = acquire(x, shard, "b", domain::uuid{2, 2}, 60'000);
  REQUIRE(second.status == lease_status::held);
  CHECK(second.token.epoch > first.token.epoch);
  CHECK(release(x, shard, first.token).status == lease_status::taken);
}

// -- time

void lists_leases(store_setting& setting) {
  store& x = setting.get();
  const leases_outcome before = list_leases(x);
  REQUIRE(before.available);
  REQUIRE(before.entries.size() == x.shard_count());
  CHECK(before.entries[1].remaining_ms <= 0);
  CHECK(before.entries[1].node.empty());

  const lease_outcome held = acquire(x, 1, "a", domain::uuid{1, 1}, 60'000);
  const leases_outcome during = list_leases(x);
  CHECK(during.entries[1].shard == 1);
  CHECK(during.entries[1].node == "a");
  CHECK(during.entries[1].token == held.token);
  CHECK(during.entries[1].remaining_ms > 0);
  CHECK(during.entries[1].remaining_ms <= 60'000);
  CHECK(during.entries[2].remaining_ms <= 0);

  release(x, 1, held.token);
  const leases_outcome after = list_leases(x);
  CHECK(after.entries[1].remaining_ms <= 0);
  CHECK(after.entries[1].token == held.token);
}

node_announcement announcement_of(const std::string& name, std::uint64_t incarnation) {
  node_announcement result;
  result.name = name;
  result.incarnation = domain::uuid{incarnation, incarnation};
  result.address = "10.0.0.1";
  result.port = 7000;
  result.is_ready = true;
  result.lag = 3;
  result.linked_to = {"x", "y"};
  return result;
}

void tells_nodes_of_each_other(store_setting& setting) {
  store& x = setting.get();
  const node_announcement b = announcement_of("b", 2);
  CHECK(announce(x, b, 60'000).members.size() == 1);
  node_announcement a = announcement_of("a", 1);
  a.takes_shards = false;
  a.linked_to.clear();
  const announce_outcome outcome = announce(x, a, 60'000);
  CHECK(outcome.status == announce_status::announced);
  REQUIRE(outcome.members.size() == 2);
  CHECK(outcome.members[0].announced == a);
  CHECK(outcome.members[1].announced == b);
  CHECK(outcome.members[1].remaining_ms > 0);
  CHECK(outcome.members[1].remaining_ms <= 60'000);
}

void forgets_nodes_that_fall_silent(store_setting& setting) {
  store& x = setting.get();
  announce(x, announcement_of("a", 1), 200);
  announce(x, announcement_of("b", 2), 60'000);
  setting.pass(400);
  const announce_outcome outcome = announce(x, announcement_of("c", 3), 60'000);
  REQUIRE(outcome.members.size() == 2);
  CHECK(outcome.members[0].announced.name == "b");
  // Who leaves says so.
  REQUIRE(announce(x, announcement_of("b", 2), 0).members.size() == 1);
}

void gives_a_name_to_one_node_at_a_time(store_setting& setting) {
  store& x = setting.get();
  const node_announcement first = announcement_of("a", 1);
  announce(x, first, 400);
  const announce_outcome refused = announce(x, announcement_of("a", 2), 400);
  CHECK(refused.status == announce_status::name_taken);
  REQUIRE(refused.members.size() == 1);
  CHECK(refused.members[0].announced == first);
  setting.pass(800);
  CHECK(announce(x, announcement_of("a", 2), 400).status == announce_status::announced);
}

constexpr conformance_case cases[] = {
    {"grants a lease to one at a time", grants_a_lease_to_one_at_a_time},
    {"keeps the epoch when a lease is renewed", keeps_the_epoch_when_a_lease_is_renewed},
    {"lets another take a lease that ran out", lets_another_take_a_lease_that_ran_out},
    {"gives a new epoch to a lease retaken late", gives_a_new_epoch_to_a_lease_retaken_late},
    {"frees a shard on release", frees_a_shard_on_release},
    {"lists leases", lists_leases},
    {"tells nodes of each other", tells_nodes_of_each_other},
    {"forgets nodes that fall silent", forgets_nodes_that_fall_silent},
    {"gives a name to one node at a time", gives_a_name_to_one_node_at_a_time},
};

} // namespace

std::span<const conformance_case> lease_conformance_cases() {
  return cases;
}

} // namespace holdfast::persistence::testing
