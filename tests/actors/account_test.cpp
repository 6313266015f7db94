// Accounts: whose they are, and what ends their sessions.
#include "tests/actors/actor_fixture.hpp"

#include <catch2/catch.hpp>

using namespace holdfast;
using namespace holdfast::tests;

namespace {

const domain::email_claim_id claim = domain::email_claim("boss@example.com");

reply<actors::account_written> sign_up(actor_fixture& f, const std::string& hash,
                                       bool by_operator) {
  actors::sign_up wish;
  wish.claim = claim;
  wish.account = domain::account_id{f.new_id(claim.slot())};
  wish.email = "boss@example.com";
  wish.password_hash = hash;
  wish.by_operator = by_operator;
  return f.ask<actors::account_written>(f.shard_of(claim), wish);
}

domain::account found(actor_fixture& f) {
  return f.ask<actors::account_written>(f.shard_of(claim), actors::find_account{{}, claim})
      ->account;
}

reply<actors::account_written> renew(actor_fixture& f, const domain::account& account,
                                     const std::string& from, const std::string& to) {
  const actors::renew_password_hash wish{{}, account.id, from, to};
  return f.ask<actors::account_written>(f.shard_of(account.id), wish);
}

std::vector<actors::account_revocation> revocations(actor_fixture& f) {
  return f.ask<actors::feed_start>(f.node->front_gateway().catalog, actors::subscribe_feed{})
      ->account_revocations;
}

} // namespace

TEST_CASE("only an account that the operator makes counts as the operator's", "[actors][account]") {
  actor_fixture stranger;
  CHECK_FALSE(sign_up(stranger, "theirs", false)->account.made_by_operator);
  stranger.restart();
  CHECK_FALSE(found(stranger).made_by_operator);
  actor_fixture boss;
  CHECK(sign_up(boss, "ours", true)->account.made_by_operator);
  boss.restart();
  CHECK(found(boss).made_by_operator);
  CHECK(revocations(boss).empty());
}

TEST_CASE("the operator takes over an account that a stranger has made", "[actors][account]") {
  actor_fixture f;
  const auto theirs = sign_up(f, "theirs", false)->account;
  f.pass(1000);
  const auto taken = sign_up(f, "ours", true);
  REQUIRE(taken);
  CHECK(taken->at.sequence > 0);
  const domain::account ours = taken->account;
  CHECK(ours.id == theirs.id);
  CHECK(ours.version == theirs.version + 1);
  CHECK(ours.password_hash == "ours");
  CHECK(ours.made_by_operator);
  CHECK(ours.sessions_revoked_before > f.now());
  const std::vector<actors::account_revocation> told{{ours.id, ours.sessions_revoked_before}};
  CHECK(revocations(f) == told);
  f.restart();
  CHECK(found(f) == ours);
  CHECK(revocations(f) == told);
  CHECK(sign_up(f, "again", true).refused() == domain::refusal::email_in_use);
  CHECK(found(f).password_hash == "ours");
}

TEST_CASE("an account whose takeover could not be written stays as it was", "[actors][account]") {
  actor_fixture f;
  const auto theirs = sign_up(f, "theirs", false)->account;
  persistence::fault_rule rule;
  rule.count = 1;
  f.store->add_rule(rule);
  CHECK(sign_up(f, "ours", true).failed() == actors::failure::unavailable);
  CHECK(found(f) == theirs);
  CHECK(sign_up(f, "ours", true)->account.made_by_operator);
}

TEST_CASE("a renewed hash replaces the one that it was made from, and no other",
          "[actors][account]") {
  actor_fixture f;
  const auto account = sign_up(f, "cheap", false)->account;
  const auto renewed = renew(f, account, "cheap", "costly");
  REQUIRE(renewed);
  CHECK(renewed->at.sequence > 0);
  CHECK(renewed->account.password_hash == "costly");
  CHECK(renewed->account.sessions_revoked_before == 0);
  const auto late = renew(f, account, "cheap", "other");
  REQUIRE(late);
  CHECK(late->at.sequence == 0);
  f.restart();
  CHECK(found(f).password_hash == "costly");
  domain::account nobody = account;
  nobody.id = domain::account_id{f.new_id(claim.slot())};
  CHECK(renew(f, nobody, "cheap", "costly").refused() == domain::refusal::account_not_found);
}
