// The process dies (kill -9) at every point where a card payment can be caught: around each call to
// Stripe, and at the fail points between a decision and its commit. After the restart the order
// comes to an end by itself, the buyer can still get the ticket, and is charged once.
import assert from "node:assert/strict";

import { declined, scenario, visa } from "./support.mjs";

async function afterRestart(stage, order) {
  await stage.server.restart();
  const settled = await stage.settled(order);
  if (stage.stripe.ledger.chargesOf(order.id).length > 0) assert.equal(settled.status, "complete");
  await stage.completeAtLast(order);
  assert.equal(stage.stripe.ledger.chargesOf(order.id).length, 1);
}

for (const op of ["create", "confirm"]) {
  scenario(`killed before ${op} reaches Stripe`, {}, async (stage) => {
    const order = await stage.order();
    stage.stripe.onBefore(op, async () => {
      await stage.server.kill9();
      return "lost";
    });
    assert.equal((await stage.buyer.pay(order, visa)).status, 0);
    await afterRestart(stage, order);
  });

  scenario(`killed while Stripe carries ${op} out`, {}, async (stage) => {
    const order = await stage.order();
    stage.stripe.onAfter(op, () => stage.server.kill9());
    assert.equal((await stage.buyer.pay(order, visa)).status, 0);
    await afterRestart(stage, order);
  });
}

for (const when of ["onBefore", "onAfter"])
  scenario(`killed around the cancel of a declined card (${when})`, {}, async (stage) => {
    const order = await stage.order();
    stage.stripe[when]("cancel", async () => {
      await stage.server.kill9();
      return "lost";
    });
    assert.equal((await stage.buyer.pay(order, declined)).status, 0);
    await stage.server.restart();
    const after = await stage.settled(order);
    assert.equal(after.status, "created");
    assert.equal(stage.intentOf(order).status, "canceled");
    await stage.completeAtLast(order);
  });

scenario("killed while Stripe declines: it is a decline after the restart", {}, async (stage) => {
  const order = await stage.order();
  stage.stripe.onAfter("confirm", () => stage.server.kill9());
  await stage.buyer.pay(order, declined);
  await stage.server.restart();
  assert.equal((await stage.settled(order)).status, "created");
  assert.equal(stage.intentOf(order).status, "canceled");
  await stage.completeAtLast(order);
});

const failPoints = [
  ...["after_payment_begun", "after_payment_prepared", "before_payment_settled"],
  ...["after_payment_settled", "after_provider_answered", "after_provider_answered:2"],
  ...["before_order_commit", "before_order_commit:2", "before_order_commit:3"],
  ...["after_order_commit", "after_order_commit:2", "after_order_commit:3"],
];

for (const point of failPoints)
  scenario(`killed at ${point}`, {}, async (stage) => {
    const order = await stage.order();
    await stage.arm(point);
    assert.equal((await stage.buyer.pay(order, visa)).status, 0);
    await stage.server.died();
    await afterRestart(stage, order);
  });

for (const point of ["before_payment_settled", "after_payment_settled", "after_provider_answered"])
  scenario(`killed at ${point} with a declined card`, {}, async (stage) => {
    const order = await stage.order();
    await stage.arm(point);
    assert.equal((await stage.buyer.pay(order, declined)).status, 0);
    await stage.server.died();
    await stage.server.restart();
    assert.equal((await stage.settled(order)).status, "created");
    await stage.completeAtLast(order);
  });

scenario("killed again and again, at a later point each time", {}, async (stage) => {
  const order = await stage.order();
  const points = ["before_order_commit", "after_payment_begun", "after_payment_prepared"];
  for (const point of [...points, "after_provider_answered:2", "after_payment_settled"]) {
    await stage.server.restart();
    if ((await stage.settled(order)).status === "complete") break;
    await stage.arm(point);
    await stage.buyer.pay(order, visa);
    await stage.server.died();
  }
  await stage.server.restart();
  await stage.completeAtLast(order);
});

scenario(
  "an answer that was lost after the commit: the second try hears that it is paid",
  {},
  async (stage) => {
    const order = await stage.order();
    await stage.arm("after_payment_settled");
    assert.equal((await stage.buyer.pay(order, visa)).status, 0);
    await stage.server.died();
    await stage.server.restart();
    assert.equal((await stage.buyer.pay(order, visa)).status, 409);
    assert.equal((await stage.now(order)).status, "complete");
  },
);
