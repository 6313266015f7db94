#include "persistence/fault_store.hpp"
#include "tests/persistence/store_settings.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::persistence;
using namespace holdfast::persistence::testing;

namespace {

constexpr holdfast::domain::slot_number slot = 5;

struct fixture {
  fault_store faults{std::make_unique<memory_store>()};
  shard_token token = take(faults, shard_of_slot(slot, 64));

  commit_request make(const entity_key& key) { return request_of(faults, token, {creation(key)}); }
};

} // namespace

TEST_CASE("an unavailable store has written nothing", "[persistence][fault]") {
  fixture x;
  x.faults.add_rule({store_operation::commit, store_fault::unavailable, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x.faults, x.make(key)).status == commit_status::unavailable);
  CHECK(load(x.faults, key).status == load_status::absent);
  CHECK(commit(x.faults, x.make(key)).status == commit_status::committed);
  CHECK(x.faults.struck_count() == 1);
}

TEST_CASE("a lost answer hides a commit that is there", "[persistence][fault]") {
  fixture x;
  x.faults.add_rule({store_operation::commit, store_fault::answer_lost, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x.faults, x.make(key)).status == commit_status::unknown);
  CHECK(load(x.faults, key).status == load_status::found);
}

TEST_CASE("a lost request leaves nothing behind an unknown outcome", "[persistence][fault]") {
  fixture x;
  x.faults.add_rule({store_operation::commit, store_fault::request_lost, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  CHECK(commit(x.faults, x.make(key)).status == commit_status::unknown);
  CHECK(load(x.faults, key).status == load_status::absent);
}

TEST_CASE("a rule strikes its kind, at its passage", "[persistence][fault]") {
  fixture x;
  x.faults.add_rule(
      {store_operation::commit, store_fault::unavailable, entity_kind::order, {}, 2, 1});
  const auto make = [&](entity_kind kind) {
    return commit(x.faults, x.make(make_key(kind, slot))).status;
  };
  CHECK(make(entity_kind::order) == commit_status::committed);
  CHECK(make(entity_kind::ticket) == commit_status::committed);
  CHECK(make(entity_kind::order) == commit_status::unavailable);
  CHECK(make(entity_kind::order) == commit_status::committed);
}

TEST_CASE("a held request isn't written before it is released, and later calls of its shard wait",
          "[persistence][fault]") {
  fixture x;
  x.faults.add_rule({store_operation::commit, store_fault::request_held, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  auto held = start_commit(x.faults, x.make(key));
  auto behind_it = start_load(x.faults, shard_of(x.faults, key), key);
  CHECK(x.faults.wait_until_held(2, deadline));
  CHECK_FALSE(held.is_answered());
  CHECK_FALSE(behind_it.is_answered());
  CHECK(load(x.faults.beneath(), key).status == load_status::absent);
  x.faults.release();
  CHECK(held.get().status == commit_status::committed);
  CHECK(behind_it.get().status == load_status::found);
  CHECK(x.faults.held_count() == 0);
}

TEST_CASE("a held answer is that of a commit which is there", "[persistence][fault]") {
  fixture x;
  x.faults.add_rule({store_operation::commit, store_fault::answer_held, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  auto held = start_commit(x.faults, x.make(key));
  CHECK_FALSE(held.is_answered());
  CHECK(load(x.faults.beneath(), key).status == load_status::found);
  x.faults.release();
  CHECK(held.get().status == commit_status::committed);
}

TEST_CASE("an answer may be released before it came", "[persistence][fault]") {
  temporary_directory directory;
  sqlite_store_options options;
  options.directory = directory.path();
  fault_store faults(std::make_unique<sqlite_store>(std::move(options)));
  const shard_token token = take(faults, shard_of_slot(slot, 64));
  faults.add_rule({store_operation::commit, store_fault::answer_held, {}, {}, 1, 1});
  const entity_key key = make_key(entity_kind::ticket, slot);
  auto held = start_commit(faults, request_of(faults, token, {creation(key)}));
  faults.release();
  CHECK(held.get().status == commit_status::committed);
}

TEST_CASE("a fault store that ends releases what it holds", "[persistence][fault]") {
  std::optional<pending<commit_outcome>> held;
  {
    fixture x;
    x.faults.add_rule({store_operation::commit, store_fault::request_held, {}, {}, 1, 1});
    held.emplace(start_commit(x.faults, x.make(make_key(entity_kind::ticket, slot))));
  }
  CHECK(held->get().status == commit_status::committed);
}
