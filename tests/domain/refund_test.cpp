// Money that goes back: by an admin, whole or in parts, and money that came too late.
#include "domain/order_payment.hpp"

#include "tests/domain/fixtures.hpp"

#include <catch2/catch.hpp>

using namespace holdfast::domain;
using namespace holdfast::domain::tests;

namespace {

const requester admin{admin_account, true};
const refund_id first_refund = make_id<refund_id>(400);
const refund_id second_refund = make_id<refund_id>(401);

order_decision give_back(const order& current, refund_id id, std::int64_t minor = 0,
                         bool releases = false) {
  return begin_refund(current, admin, {id, minor, releases}, opening + 10);
}

} // namespace

TEST_CASE("a refund is due before the provider is asked, and looked after at once",
          "[domain][refund]") {
  const order paid = order_in("complete");
  const auto begun = give_back(paid, first_refund);
  REQUIRE(begun.changed);
  REQUIRE(begun.next.refunds.size() == 1);
  const refund& owed = begun.next.refunds.front();
  CHECK(owed.state == refund_state::due);
  CHECK(owed.reason == refund_reason::admin);
  CHECK(owed.amount_minor == paid.total.minor);
  CHECK(owed.charge_reference == paid.payment.provider_reference);
  CHECK(owed.by == admin_account);
  CHECK(begun.next.status == order_status::complete);
  CHECK(begun.effect == ticket_effect::none);
  CHECK(due_at(begun.next) == begun.next.updated_at);
  CHECK(is_unsettled(begun.next));
  CHECK_FALSE(is_unsettled(paid));
}

TEST_CASE("a whole refund leaves the order complete unless its tickets go back on sale",
          "[domain][refund]") {
  const bool releases = GENERATE(false, true);
  const order owing = give_back(order_in("complete"), first_refund, 0, releases).next;
  const auto back = refunded(owing, first_refund, opening + 11);
  REQUIRE(back.changed);
  CHECK(back.next.payment.status == payment_status::refunded);
  CHECK(due_at(back.next) == 0);
  if (releases) {
    CHECK(back.next.status == order_status::cancelled);
    CHECK(back.next.reason == cancel_reason::admin);
    CHECK(back.effect == ticket_effect::take_back);
    CHECK(names_of(back.events) == "payment:refunded order:cancelled");
  } else {
    CHECK(back.next.status == order_status::complete);
    CHECK(back.effect == ticket_effect::none);
    CHECK(names_of(back.events) == "payment:refunded");
  }
}

TEST_CASE("tickets of a wholly refunded order can go back on sale later", "[domain][refund]") {
  const order square =
      refunded(give_back(order_in("complete"), first_refund).next, first_refund, opening + 11).next;
  CHECK(give_back(square, second_refund).refused == refusal::nothing_to_refund);
  const auto released = give_back(square, second_refund, 0, true);
  REQUIRE(released.changed);
  CHECK(released.effect == ticket_effect::take_back);
  CHECK(released.next.status == order_status::cancelled);
  CHECK(give_back(released.next, second_refund, 0, true).refused == refusal::nothing_to_refund);
}

TEST_CASE("parts add up to the whole and never to more", "[domain][refund]") {
  const order paid = order_in("complete");
  const std::int64_t total = paid.total.minor;
  const order part = give_back(paid, first_refund, 100).next;
  CHECK(give_back(part, second_refund, 100).refused == refusal::refund_in_progress);
  const order returned = refunded(part, first_refund, opening + 11).next;
  CHECK(returned.payment.status == payment_status::succeeded);
  CHECK(refundable_minor(returned) == total - 100);
  CHECK(give_back(returned, second_refund, total - 99).refused == refusal::refund_exceeds_payment);
  CHECK(give_back(returned, second_refund, 1, true).refused == refusal::refund_not_whole);
  const order rest = give_back(returned, second_refund, 0, true).next;
  CHECK(rest.refunds.back().amount_minor == total - 100);
  const auto whole = refunded(rest, second_refund, opening + 12);
  CHECK(whole.next.payment.status == payment_status::refunded);
  CHECK(whole.effect == ticket_effect::take_back);
}

TEST_CASE("a wish for a refund that is repeated has one effect", "[domain][refund]") {
  const order part = give_back(order_in("complete"), first_refund, 100).next;
  CHECK_FALSE(give_back(part, first_refund, 100).changed);
  CHECK(give_back(part, first_refund, 100).accepted());
  const order returned = refunded(part, first_refund, opening + 11).next;
  CHECK_FALSE(give_back(returned, first_refund, 100).changed);
}

TEST_CASE("a refund that the provider refuses leaves the money refundable", "[domain][refund]") {
  const order owing = give_back(order_in("complete"), first_refund, 0, true).next;
  const auto failed =
      record_refund(owing, first_refund, refund_state::failed, {}, "charge_disputed", opening + 11);
  REQUIRE(failed.changed);
  CHECK(failed.next.refunds.front().failure_code == "charge_disputed");
  CHECK(failed.next.status == order_status::complete);
  CHECK(failed.effect == ticket_effect::none);
  CHECK(due_at(failed.next) == 0);
  CHECK(refundable_minor(failed.next) == failed.next.total.minor);
  CHECK(give_back(failed.next, second_refund).changed);
}

TEST_CASE("a refund that the provider has taken on is looked after until it is over",
          "[domain][refund]") {
  const order owing = give_back(order_in("complete"), first_refund).next;
  const auto pending =
      record_refund(owing, first_refund, refund_state::pending, "re_1", {}, opening + 11);
  REQUIRE(pending.changed);
  CHECK(pending.next.refunds.front().provider_reference == "re_1");
  CHECK(due_at(pending.next) > pending.next.updated_at);
  CHECK_FALSE(
      record_refund(pending.next, first_refund, refund_state::pending, "re_1", {}, opening + 12)
          .changed);
  CHECK(refunded(pending.next, first_refund, opening + 13).changed);
}

TEST_CASE("only an admin refunds, and only what was paid", "[domain][refund]") {
  const order paid = order_in("complete");
  CHECK(begin_refund(paid, {buyer, false}, {first_refund, 0, false}, opening + 10).refused ==
        refusal::forbidden);
  for (const auto* state : {"created", "awaiting", "declined", "cancelled", "expired"})
    CHECK(give_back(order_in(state), first_refund).refused == refusal::nothing_to_refund);
  CHECK(refunded(paid, first_refund, opening + 11).refused == refusal::unknown_payment);
}

TEST_CASE("late money of an earlier attempt goes back once and leaves the present one alone",
          "[domain][refund]") {
  const order second =
      begin_payment(order_in("declined"), buyer, attempt(second_payment), opening + 3).next;
  const late_money money{first_refund, 1, "test", "charge_old", second.total.minor};
  const auto late = note_late_money(second, money, opening + 4);
  REQUIRE(late.changed);
  CHECK(late.next.status == order_status::awaiting_payment);
  CHECK(late.next.payment == second.payment);
  CHECK(late.next.refunds.front().reason == refund_reason::late_money);
  late_money again = money;
  again.id = second_refund;
  CHECK_FALSE(note_late_money(late.next, again, opening + 5).changed);
  const order paid =
      settle_payment(late.next, outcome(payment_outcome::succeeded, second_payment), opening + 6)
          .next;
  const auto back = refunded(paid, first_refund, opening + 7);
  CHECK(back.next.status == order_status::complete);
  CHECK(back.next.payment.status == payment_status::succeeded);
  CHECK(refundable_minor(back.next) == paid.total.minor);
  CHECK(note_late_money(second, {first_refund, 2, "test", "x", 1}, opening + 4).refused ==
        refusal::unknown_payment);
}

TEST_CASE("late money that can't be given back can be tried again by an admin",
          "[domain][refund]") {
  const order owing = order_in("owing");
  const auto failed = record_refund(owing, late_refund_of(first_payment), refund_state::failed, {},
                                    "charge_disputed", opening + 11);
  REQUIRE(failed.changed);
  CHECK(is_unsettled(failed.next));
  const auto again = give_back(failed.next, second_refund);
  REQUIRE(again.changed);
  const auto back = refunded(again.next, second_refund, opening + 12);
  CHECK(back.next.payment.status == payment_status::refunded);
  CHECK(back.next.status == order_status::cancelled);
  CHECK_FALSE(is_unsettled(back.next));
}
