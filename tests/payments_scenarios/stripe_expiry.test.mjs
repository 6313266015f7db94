// The deadline, and payments that are under way when it comes. A ticket is freed only when the
// attempt is known to be called off at Stripe.
import assert from "node:assert/strict";

import { codeOf, Gate, scenario, until, visa } from "./support.mjs";

const short = { windowSeconds: 2, graceSeconds: 1, answerMs: 500 };
const patient = { windowSeconds: 2, graceSeconds: 20, answerMs: 500 };

/** A deadline is the very thing here, and nobody is there who would tell that it has come. */
function past(time) {
  return until(() => Date.now() > time, "the bound is past");
}

scenario("from the deadline on no payment begins", { windowSeconds: 1 }, async (stage) => {
  const order = await stage.order();
  await stage.status(order, "cancelled");
  const answer = await stage.buyer.pay(order, visa);
  assert.equal(answer.status, 409);
  assert.ok(["order_expired", "order_cancelled"].includes(codeOf(answer)), codeOf(answer));
  assert.deepEqual(stage.stripe.journal, []);
});

scenario("a payment that began in time may end in the grace", patient, async (stage) => {
  const order = await stage.order();
  const gate = new Gate();
  stage.stripe.fault("confirm", "slow", { until: gate });
  await stage.buyer.pay(order, visa);
  await stage.when(order, (one) => Date.parse(one.expiresAt) < Date.now(), "its deadline is past");
  assert.equal((await stage.ticketOf(order)).status, "reserved");
  gate.open();
  await stage.status(order, "complete");
});

scenario("a decline after the deadline ends the order", patient, async (stage) => {
  const order = await stage.order();
  const gate = new Gate();
  stage.stripe.fault("confirm", "slow", { until: gate });
  await stage.buyer.pay(order, { token: "pm_card_chargeDeclined", provider: "stripe" });
  await stage.when(order, (one) => Date.parse(one.expiresAt) < Date.now(), "its deadline is past");
  gate.open();
  const after = await stage.status(order, "cancelled");
  assert.equal(after.reason, "expired");
  assert.equal((await stage.ticketOf(order)).status, "available");
});

scenario(
  "what is in process for ever is called off after the grace, before the ticket is free",
  short,
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    assert.equal((await stage.buyer.pay(order, visa)).status, 202);
    const bound = Date.parse(order.expiresAt) + 1000;
    const seen = {};
    stage.stripe.onBefore("cancel", async () => {
      seen.time = Date.now();
      seen.ticket = await stage.ticketOf(order);
    });
    await stage.status(order, "cancelled");
    assert.equal(stage.intentOf(order).status, "canceled");
    assert.equal(seen.ticket.status, "reserved");
    assert.ok(seen.time >= bound - 50, `called off ${bound - seen.time} ms before the bound`);
    assert.equal((await stage.ticketOf(order)).status, "available");
  },
);

scenario(
  "calling off comes too late: the money has moved and the order is complete",
  short,
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    await stage.buyer.pay(order, visa);
    stage.stripe.onBefore("cancel", () => stage.stripe.settle(stage.intentOf(order).id, true));
    await stage.status(order, "complete");
  },
);

for (const kind of ["answer_lost", "error_before", "request_lost", "rate_limited"])
  scenario(
    `the ticket stays reserved until Stripe says that the attempt is off (${kind})`,
    short,
    async (stage) => {
      const order = await stage.order();
      stage.stripe.fault("confirm", "pending");
      await stage.buyer.pay(order, visa);
      stage.stripe.fault("cancel", kind, { times: 2 });
      await stage.status(order, "cancelled");
      assert.equal(stage.intentOf(order).status, "canceled");
    },
  );

scenario(
  "a Stripe that is away at the bound: nothing is freed before it is back",
  short,
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    await stage.buyer.pay(order, visa);
    await stage.stripe.refuse();
    const bound = Date.parse(order.expiresAt) + 1000;
    await stage.when(order, () => Date.now() > bound + 500, "the bound is past");
    assert.equal((await stage.now(order)).status, "awaiting:payment");
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    await stage.stripe.listen();
    await stage.status(order, "cancelled");
    assert.equal(stage.intentOf(order).status, "canceled");
  },
);

scenario(
  "down over deadline and grace: the attempt is called off at the next start",
  short,
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    await stage.buyer.pay(order, visa);
    await stage.server.kill9();
    await past(Date.parse(order.expiresAt) + 1000);
    await stage.server.restart();
    await stage.status(order, "cancelled");
    assert.equal(stage.intentOf(order).status, "canceled");
  },
);

scenario(
  "down over deadline and grace with the money moved: complete at the next start",
  short,
  async (stage) => {
    const order = await stage.order();
    stage.stripe.onAfter("confirm", () => stage.server.kill9());
    await stage.buyer.pay(order, visa);
    await past(Date.parse(order.expiresAt) + 1000);
    await stage.server.restart();
    await stage.status(order, "complete");
  },
);

scenario("killed while it calls off at the bound", short, async (stage) => {
  const order = await stage.order();
  stage.stripe.fault("confirm", "pending");
  await stage.buyer.pay(order, visa);
  stage.stripe.onAfter("cancel", () => stage.server.kill9());
  await stage.server.died();
  await stage.server.restart();
  await stage.status(order, "cancelled");
  assert.equal((await stage.ticketOf(order)).status, "available");
});

scenario(
  "a payment in process that comes through completes the order",
  { webhooks: "immediate", answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    assert.equal((await stage.buyer.pay(order, visa)).status, 202);
    stage.stripe.settle(stage.intentOf(order).id, true);
    await stage.status(order, "complete");
  },
);

scenario(
  "a payment in process that fails leaves the order payable",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    assert.equal((await stage.buyer.pay(order, visa)).status, 202);
    stage.stripe.settle(stage.intentOf(order).id, false);
    await stage.status(order, "created");
    await stage.completeAtLast(order);
  },
);

scenario(
  "an order with a payment in process can't be cancelled under it",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "pending");
    await stage.buyer.pay(order, visa);
    const answer = await stage.buyer.cancel(order);
    assert.ok([204, 409].includes(answer.status), JSON.stringify(answer.body));
    if (answer.status === 409) stage.stripe.settle(stage.intentOf(order).id, true);
    await stage.settled(order);
  },
);
