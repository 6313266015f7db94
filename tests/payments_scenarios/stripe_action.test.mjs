// 3-D Secure: the buyer has to act before the bank says yes.
import assert from "node:assert/strict";

import { codeOf, scenario, secure, visa } from "./support.mjs";

async function asked(stage) {
  const order = await stage.order();
  const answer = await stage.buyer.pay(order, secure);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.status, "requires_action");
  return { order, answer, intent: stage.intentOf(order) };
}

const resume = { resume: true };

scenario("the buyer gets Stripe's client secret, and nobody else", {}, async (stage) => {
  const { order, answer, intent } = await asked(stage);
  const action = { provider: "stripe", clientSecret: intent.client_secret };
  assert.deepEqual(answer.body.action, action);
  const seen = await stage.now(order);
  assert.equal(seen.status, "awaiting:payment");
  assert.deepEqual(seen.payment.action, action);
  assert.equal(seen.payment.unsettled.next, "buyer_acts");
  assert.ok(!stage.server.log.includes(intent.client_secret), "the secret is in the log");
  const fed = JSON.stringify(await stage.admin.read("/api/feed?limit=200"));
  assert.ok(!fed.includes(intent.client_secret), "the secret is in the feed");
  assert.equal((await stage.buyer.cancel(order)).status, 204);
});

scenario("the buyer passes and comes back: complete", {}, async (stage) => {
  const { order, intent } = await asked(stage);
  stage.stripe.authenticate(intent.id, true);
  const answer = await stage.buyer.pay(order, resume);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.status, "succeeded");
  const after = await stage.now(order);
  assert.equal(after.status, "complete");
  assert.equal(after.payment.action, undefined);
});

scenario(
  "the buyer passes and never comes back: Stripe's event completes the order",
  { webhooks: "immediate" },
  async (stage) => {
    const { order, intent } = await asked(stage);
    stage.stripe.authenticate(intent.id, true);
    await stage.status(order, "complete");
  },
);

scenario(
  "the buyer passes, no event comes, nobody comes back: our server asks by itself",
  { windowSeconds: 3, graceSeconds: 2 },
  async (stage) => {
    const { order, intent } = await asked(stage);
    stage.stripe.authenticate(intent.id, true);
    await stage.status(order, "complete");
  },
);

scenario("the buyer comes back too early and is asked to act still", {}, async (stage) => {
  const { order, answer, intent } = await asked(stage);
  const early = await stage.buyer.pay(order, resume);
  assert.equal(early.status, 201, JSON.stringify(early.body));
  assert.equal(early.body.status, "requires_action");
  assert.deepEqual(early.body.action, answer.body.action);
  stage.stripe.authenticate(intent.id, true);
  assert.equal((await stage.buyer.pay(order, resume)).body.status, "succeeded");
});

scenario("the buyer fails: a decline, and another card completes the order", {}, async (stage) => {
  const { order, intent } = await asked(stage);
  stage.stripe.authenticate(intent.id, false);
  const answer = await stage.buyer.pay(order, resume);
  assert.equal(answer.status, 402, JSON.stringify(answer.body));
  assert.equal((await stage.now(order)).status, "created");
  assert.equal(stage.intentOf(order).status, "canceled");
  assert.equal((await stage.buyer.pay(order, visa)).status, 201);
});

scenario("the buyer fails and Stripe's event says so", { webhooks: "immediate" }, async (stage) => {
  const { order, intent } = await asked(stage);
  stage.stripe.authenticate(intent.id, false);
  await stage.status(order, "created");
  await stage.completeAtLast(order);
});

scenario(
  "another card while the bank waits: the first attempt is called off before",
  {},
  async (stage) => {
    const { order, intent } = await asked(stage);
    const answer = await stage.buyer.pay(order, visa);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    assert.equal(answer.body.status, "succeeded");
    assert.equal(stage.stripe.intent(intent.id).status, "canceled");
    const ops = stage.stripe.journal.map((one) => one.op);
    assert.ok(ops.indexOf("cancel") < ops.lastIndexOf("create"), ops.join(" "));
  },
);

scenario("another card after the first was passed unseen: one charge", {}, async (stage) => {
  const { order, intent } = await asked(stage);
  stage.stripe.authenticate(intent.id, true);
  const answer = await stage.buyer.pay(order, visa);
  assert.ok([201, 409].includes(answer.status), JSON.stringify(answer.body));
  await stage.status(order, "complete");
  assert.equal(stage.stripe.ledger.chargesOf(order.id).length, 1);
});

scenario("the buyer cancels while the bank waits: called off, then free", {}, async (stage) => {
  const { order, intent } = await asked(stage);
  assert.equal((await stage.buyer.cancel(order)).status, 204);
  assert.equal((await stage.now(order)).status, "cancelled");
  assert.equal((await stage.now(order)).reason, "user");
  assert.equal(stage.stripe.intent(intent.id).status, "canceled");
  assert.equal((await stage.ticketOf(order)).status, "available");
});

scenario(
  "the buyer cancels after passing: the money has moved, the order is complete",
  {},
  async (stage) => {
    const { order, intent } = await asked(stage);
    stage.stripe.authenticate(intent.id, true);
    const answer = await stage.buyer.cancel(order);
    assert.equal(answer.status, 409, JSON.stringify(answer.body));
    assert.equal(codeOf(answer), "order_complete");
    assert.equal((await stage.now(order)).status, "complete");
  },
);

scenario(
  "the buyer cancels and Stripe doesn't say: the ticket is not freed before it does",
  { answerMs: 1000 },
  async (stage) => {
    const { order, intent } = await asked(stage);
    stage.stripe.fault("cancel", "error_before", { times: 1000 });
    stage.stripe.fault("retrieve", "error_before", { times: 1000 });
    const answer = await stage.buyer.cancel(order);
    // The provider's client may insist for longer than the answer may take.
    assert.ok(["payment_in_progress", "outcome_unknown"].includes(codeOf(answer)), codeOf(answer));
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    stage.stripe.clearFaults();
    assert.equal((await stage.buyer.cancel(order)).status, 204);
    assert.equal(stage.stripe.intent(intent.id).status, "canceled");
  },
);

scenario(
  "abandoned past the bound: called off at Stripe, then the ticket is free",
  { windowSeconds: 2, graceSeconds: 1 },
  async (stage) => {
    const { order, intent } = await asked(stage);
    let atCancel = null;
    stage.stripe.onBefore("cancel", async () => {
      atCancel = await stage.ticketOf(order);
    });
    const after = await stage.status(order, "cancelled");
    assert.ok(["expired", "payment"].includes(after.reason), after.reason);
    assert.equal(stage.stripe.intent(intent.id).status, "canceled");
    assert.equal(atCancel.status, "reserved");
    assert.equal((await stage.ticketOf(order)).status, "available");
  },
);

scenario(
  "killed while the bank waits: the buyer acts meanwhile and the order completes",
  {},
  async (stage) => {
    const { order, intent } = await asked(stage);
    await stage.server.kill9();
    stage.stripe.authenticate(intent.id, true);
    await stage.server.restart();
    await stage.buyer.pay(order, resume);
    await stage.status(order, "complete");
  },
);

scenario("killed while the bank waits: the buyer can still act afterwards", {}, async (stage) => {
  const { order, answer, intent } = await asked(stage);
  await stage.server.kill9();
  await stage.server.restart();
  assert.deepEqual((await stage.now(order)).payment.action, answer.body.action);
  stage.stripe.authenticate(intent.id, true);
  assert.equal((await stage.buyer.pay(order, resume)).body.status, "succeeded");
});

scenario(
  "the confirmation's answer is lost: the buyer is asked to act all the same",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "answer_lost");
    await stage.buyer.pay(order, secure);
    const seen = await stage.payment(order, "requires_action");
    assert.equal(seen.payment.action.clientSecret, stage.intentOf(order).client_secret);
    stage.stripe.authenticate(stage.intentOf(order).id, true);
    assert.equal((await stage.buyer.pay(order, resume)).status, 201);
  },
);

scenario("coming back without having been asked is refused", {}, async (stage) => {
  const order = await stage.order();
  const answer = await stage.buyer.pay(order, resume);
  assert.ok([400, 409].includes(answer.status), JSON.stringify(answer.body));
  assert.deepEqual(stage.stripe.ledger.charges, []);
});
