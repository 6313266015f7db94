// Money that arrives for an order that can't have its tickets any more goes back, all of it, once.
import assert from "node:assert/strict";

import { declined, scenario, visa } from "./support.mjs";

/** An order with a declined attempt, cancelled by its buyer. */
async function cancelledOrder(stage) {
  const order = await stage.order();
  assert.equal((await stage.buyer.pay(order, declined)).status, 402);
  assert.equal((await stage.buyer.cancel(order)).status, 204);
  return order;
}

async function succeedLate(stage, order) {
  const { id } = stage.intentOf(order);
  stage.stripe.succeedBehindOurBack(id);
  return stage.stripe.event("payment_intent.succeeded", stage.stripe.intent(id));
}

async function refundedOnce(stage, order) {
  const after = await stage.refunds(order, "succeeded");
  assert.equal(after.refunds[0].reason, "late_money");
  assert.equal(after.refunds[0].amount, order.total);
  assert.notEqual(after.status, "complete");
  assert.equal(stage.stripe.ledger.refundsOf(order.id).length, 1);
}

scenario("a late success for a cancelled order is refunded at once", {}, async (stage) => {
  const order = await cancelledOrder(stage);
  assert.equal(await stage.stripe.webhooks.send(await succeedLate(stage, order)), 200);
  await refundedOnce(stage, order);
  assert.equal((await stage.ticketOf(order)).status, "available");
});

scenario("the late success told three times is refunded once", {}, async (stage) => {
  const order = await cancelledOrder(stage);
  const event = await succeedLate(stage, order);
  const statuses = await Promise.all([1, 2, 3].map(() => stage.stripe.webhooks.send(event)));
  assert.ok(statuses.includes(200), String(statuses));
  await refundedOnce(stage, order);
  assert.equal(await stage.stripe.webhooks.send(event), 200);
  await refundedOnce(stage, order);
});

scenario("the ticket of the late payer may long be somebody else's", {}, async (stage) => {
  const order = await cancelledOrder(stage);
  const next = await stage.buyer.order(order.ticket);
  stage.orders.push(next);
  assert.equal((await stage.buyer.pay(next, visa)).status, 201);
  await stage.stripe.webhooks.send(await succeedLate(stage, order));
  await refundedOnce(stage, order);
  assert.equal((await stage.ticketOf(order)).orderId, next.id);
});

scenario(
  "a declined attempt that succeeds late is refunded while its order stays payable",
  {},
  async (stage) => {
    const order = await stage.order();
    await stage.buyer.pay(order, declined);
    await stage.stripe.webhooks.send(await succeedLate(stage, order));
    await refundedOnce(stage, order);
    await stage.completeAtLast(order);
  },
);

scenario(
  "money for an earlier attempt goes back, and the paid order stays complete",
  { charges: 2 },
  async (stage) => {
    const order = await stage.order();
    await stage.buyer.pay(order, declined);
    const [first] = stage.stripe.intentsOf(order.id);
    assert.equal((await stage.buyer.pay(order, visa)).status, 201);
    stage.stripe.succeedBehindOurBack(first.id);
    const event = stage.stripe.event("payment_intent.succeeded", stage.stripe.intent(first.id));
    assert.equal(await stage.stripe.webhooks.send(event), 200);
    const after = await stage.refunds(order, "succeeded");
    assert.equal(after.refunds[0].reason, "late_money");
    assert.equal(after.status, "complete");
    assert.equal(after.payment.status, "succeeded");
    assert.equal(stage.stripe.ledger.keptFor(order.id), 1999);
  },
);

for (const kind of [
  "answer_lost",
  "request_lost",
  "error_before",
  "error_after",
  "rate_limited",
  "garbage",
])
  scenario(
    `the refund of late money goes through once although its call goes wrong: ${kind}`,
    {},
    async (stage) => {
      const order = await cancelledOrder(stage);
      stage.stripe.fault("refund", kind);
      await stage.stripe.webhooks.send(await succeedLate(stage, order));
      await refundedOnce(stage, order);
    },
  );

for (const when of ["onBefore", "onAfter"])
  scenario(`killed around the refund of late money (${when})`, {}, async (stage) => {
    const order = await cancelledOrder(stage);
    stage.stripe[when]("refund", async () => {
      await stage.server.kill9();
      return "lost";
    });
    await stage.stripe.webhooks.send(await succeedLate(stage, order));
    await stage.server.died();
    await stage.server.restart();
    await refundedOnce(stage, order);
  });

scenario(
  "late money that nobody told us of is found in Stripe's list",
  { reconcileSeconds: 1 },
  async (stage) => {
    const order = await cancelledOrder(stage);
    await succeedLate(stage, order);
    await refundedOnce(stage, order);
    assert.ok(stage.stripe.calls("list").length > 0);
  },
);

scenario("the list is read on to its last page", { reconcileSeconds: 1 }, async (stage) => {
  const order = await cancelledOrder(stage);
  await succeedLate(stage, order);
  stage.stripe.addStrangers(250);
  await refundedOnce(stage, order);
});

scenario("a list that fails is asked for again", { reconcileSeconds: 1 }, async (stage) => {
  const order = await cancelledOrder(stage);
  stage.stripe.fault("list", "error_before", { times: 2 });
  stage.stripe.fault("list", "garbage");
  await succeedLate(stage, order);
  await refundedOnce(stage, order);
});

scenario("after a restart the list is compared again", { reconcileSeconds: 1 }, async (stage) => {
  const order = await cancelledOrder(stage);
  await stage.server.kill9();
  await succeedLate(stage, order);
  await stage.server.restart();
  await refundedOnce(stage, order);
});

scenario(
  "paid orders and those under way are left alone by the comparison",
  { reconcileSeconds: 1 },
  async (stage) => {
    const paid = await stage.paid();
    const open = await stage.order();
    const seen = stage.stripe.calls("list").length;
    await stage.when(
      open,
      () => stage.stripe.calls("list").length >= seen + 3,
      "three comparisons",
    );
    assert.deepEqual(stage.stripe.ledger.refunds, []);
    assert.equal((await stage.now(paid)).status, "complete");
    assert.equal((await stage.now(open)).status, "created");
  },
);
