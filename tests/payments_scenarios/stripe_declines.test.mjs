// The bank says no: the buyer hears why, nothing is charged, and another card may be tried.
import assert from "node:assert/strict";

import { codeOf, declined, scenario, visa } from "./support.mjs";

const cards = {
  pm_card_chargeDeclined: "card_declined",
  pm_card_chargeDeclinedInsufficientFunds: "insufficient_funds",
  pm_card_chargeDeclinedExpiredCard: "expired_card",
  pm_card_chargeDeclinedProcessingError: "processing_error",
};

for (const [token, code] of Object.entries(cards))
  scenario(
    `${token} is refused, its intent called off, and another card completes the order`,
    {},
    async (stage) => {
      const order = await stage.order();
      const answer = await stage.buyer.pay(order, { token, provider: "stripe" });
      assert.equal(answer.status, 402, JSON.stringify(answer.body));
      assert.equal(codeOf(answer), "declined");
      const after = await stage.now(order);
      assert.equal(after.status, "created");
      assert.equal(after.payment.status, "declined");
      const said = after.payment.declineCode;
      assert.ok([code, "generic_decline"].includes(said), `the decline code is ${said}`);
      assert.equal(stage.intentOf(order).status, "canceled");
      assert.equal((await stage.ticketOf(order)).status, "reserved");
      const again = await stage.buyer.pay(order, visa);
      assert.equal(again.status, 201, JSON.stringify(again.body));
      assert.equal(stage.stripe.intentsOf(order.id).length, 2);
    },
  );

scenario("a card that Stripe doesn't know ends the attempt without a charge", {}, async (stage) => {
  const order = await stage.order();
  const answer = await stage.buyer.pay(order, { token: "pm_1Nobody", provider: "stripe" });
  assert.ok([400, 402].includes(answer.status), JSON.stringify(answer.body));
  assert.equal((await stage.settled(order)).status, "created");
  await stage.completeAtLast(order);
});

for (const kind of ["answer_lost", "error_after", "garbage"])
  scenario(
    `a decline whose answer goes astray (${kind}) is a decline all the same`,
    {},
    async (stage) => {
      const order = await stage.order();
      stage.stripe.fault("confirm", kind);
      await stage.buyer.pay(order, declined);
      const after = await stage.settled(order);
      assert.equal(after.status, "created");
      assert.ok(["declined", "cancelled"].includes(after.payment.status));
      assert.equal(stage.intentOf(order).status, "canceled");
      await stage.completeAtLast(order);
    },
  );

for (const kind of ["answer_lost", "request_lost", "error_before", "error_after", "rate_limited"])
  scenario(
    `the attempt ends only when its intent is known to be called off (${kind})`,
    {},
    async (stage) => {
      const order = await stage.order();
      stage.stripe.fault("cancel", kind);
      await stage.buyer.pay(order, declined);
      assert.equal((await stage.settled(order)).status, "created");
      assert.equal(stage.intentOf(order).status, "canceled");
      await stage.completeAtLast(order);
    },
  );

scenario("three declined cards and a good one make one charge", {}, async (stage) => {
  const order = await stage.order();
  for (const token of Object.keys(cards).slice(0, 3))
    assert.equal((await stage.buyer.pay(order, { token, provider: "stripe" })).status, 402);
  assert.equal((await stage.buyer.pay(order, visa)).status, 201);
  const attempts = stage.stripe.intentsOf(order.id).map((one) => one.metadata.attempt);
  assert.deepEqual(attempts, ["1", "2", "3", "4"]);
});
