// What Stripe says of itself may come twice, late, in another order, from somebody else, or before
// our own commit. It is a hint and no more: our server asks Stripe.
import assert from "node:assert/strict";

import { declined, Gate, scenario, secure, until, visa } from "./support.mjs";

const succeeded = "payment_intent.succeeded";

function eventOf(stage, order, type = succeeded) {
  return stage.stripe.event(type, stage.intentOf(order));
}

/** The charge went through, the answer is lost, and so is every question about it. */
async function chargedUnheard(stage) {
  const order = await stage.order();
  stage.stripe.fault("confirm", "answer_lost");
  stage.stripe.fault("retrieve", "error_before", { times: 1000 });
  await stage.buyer.pay(order, visa);
  assert.equal((await stage.now(order)).status, "awaiting:payment");
  return order;
}

scenario("each event twice changes nothing more", { webhooks: "immediate" }, async (stage) => {
  stage.stripe.webhooks.copies = 2;
  const order = await stage.order();
  await stage.buyer.pay(order, visa);
  await stage.status(order, "complete");
  await stage.stripe.webhooks.idle();
  const before = await stage.now(order);
  assert.equal(await stage.stripe.webhooks.send(eventOf(stage, order)), 200);
  assert.equal((await stage.now(order)).version, before.version);
});

scenario(
  "events that come long after the payment change nothing",
  { webhooks: "held" },
  async (stage) => {
    const order = await stage.paid();
    const before = await stage.now(order);
    const statuses = await stage.stripe.webhooks.release({ times: 3 });
    assert.ok(statuses.length > 0 && statuses.every((one) => one === 200), String(statuses));
    assert.deepEqual(await stage.now(order), before);
  },
);

scenario("events in reverse order come to the same", { webhooks: "held" }, async (stage) => {
  const order = await stage.order();
  await stage.buyer.pay(order, declined);
  await stage.buyer.pay(order, visa);
  await stage.status(order, "complete");
  const statuses = await stage.stripe.webhooks.release({ reversed: true });
  assert.ok(
    statuses.every((one) => one === 200),
    String(statuses),
  );
  assert.equal((await stage.now(order)).status, "complete");
});

scenario("a forged event is refused and changes nothing", {}, async (stage) => {
  const order = await stage.order();
  await stage.buyer.pay(order, secure);
  const event = eventOf(stage, order);
  event.data.object.status = "succeeded";
  assert.equal(await stage.stripe.webhooks.send(event, { forged: true }), 400);
  assert.equal((await stage.now(order)).payment.status, "requires_action");
  assert.equal((await stage.buyer.cancel(order)).status, 204);
});

scenario("a signature of ten minutes ago is refused", {}, async (stage) => {
  const order = await stage.paid();
  assert.equal(await stage.stripe.webhooks.send(eventOf(stage, order), { ageSeconds: 600 }), 400);
});

scenario("an event without a signature is refused", {}, async (stage) => {
  const answer = await stage.buyer.call("POST", "/api/payments/webhook/stripe", { id: "evt_1" });
  assert.equal(answer.status, 400);
  assert.equal(answer.body.errors[0].code, "bad_signature");
});

scenario("an event that lies about the outcome is asked about, not believed", {}, async (stage) => {
  const order = await stage.order();
  await stage.buyer.pay(order, secure);
  const event = eventOf(stage, order);
  Object.assign(event.data.object, { status: "succeeded", amount_received: 1999 });
  assert.equal(await stage.stripe.webhooks.send(event), 200);
  assert.notEqual((await stage.now(order)).status, "complete");
  assert.equal((await stage.buyer.cancel(order)).status, 204);
});

scenario(
  "an event about an order that nobody knows is taken, and nothing is refunded",
  {},
  async (stage) => {
    const order = await stage.paid();
    const event = eventOf(stage, order);
    event.data.object.id = "pi_ofsomebodyelse";
    event.data.object.metadata.order_id = "01a21cc0-0000-8000-8000-000000000000";
    assert.equal(await stage.stripe.webhooks.send(event), 200);
    delete event.data.object.metadata.order_id;
    assert.equal(await stage.stripe.webhooks.send(event), 200);
    event.data.object.metadata = { order_id: "no id of ours", attempt: "many", payment_id: "?" };
    assert.equal(await stage.stripe.webhooks.send(event), 200);
    assert.deepEqual(stage.stripe.ledger.refunds, []);
  },
);

scenario("events of other types are taken", {}, async (stage) => {
  const event = stage.stripe.event("customer.created", { id: "cus_1", object: "customer" });
  assert.equal(await stage.stripe.webhooks.send(event), 200);
  event.type = "a.type.of.tomorrow";
  assert.equal(await stage.stripe.webhooks.send(event), 200);
});

scenario("an event on its way with our own answer is no second charge", {}, async (stage) => {
  const order = await stage.order();
  let sending = null;
  stage.stripe.onAfter("confirm", () => {
    sending = stage.stripe.webhooks.send(eventOf(stage, order));
  });
  const answer = await stage.buyer.pay(order, visa);
  assert.ok([201, 202].includes(answer.status), JSON.stringify(answer.body));
  await stage.status(order, "complete");
  assert.equal(await sending, 200);
});

scenario(
  "an event before our own call is answered waits for it or is sent again",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    const gate = new Gate();
    stage.stripe.fault("confirm", "slow_answer", { until: gate });
    assert.equal((await stage.buyer.pay(order, visa)).status, 202);
    const sending = stage.stripe.webhooks.send(eventOf(stage, order));
    await until(() => stage.stripe.webhooks.started > 0, "the event is on its way");
    gate.open();
    await stage.status(order, "complete");
    assert.ok([200, 503].includes(await sending));
  },
);

scenario("an event makes our server ask again at once", { answerMs: 500 }, async (stage) => {
  const order = await chargedUnheard(stage);
  stage.stripe.clearFaults();
  assert.equal(await stage.stripe.webhooks.send(eventOf(stage, order)), 200);
  await stage.status(order, "complete");
});

scenario(
  "while Stripe can't be asked an event is not taken as done",
  { answerMs: 500 },
  async (stage) => {
    const order = await chargedUnheard(stage);
    assert.equal(await stage.stripe.webhooks.send(eventOf(stage, order)), 503);
    assert.equal((await stage.now(order)).status, "awaiting:payment");
    stage.stripe.clearFaults();
    assert.equal(await stage.stripe.webhooks.send(eventOf(stage, order)), 200);
    await stage.status(order, "complete");
  },
);

scenario("an event of an earlier, declined attempt changes nothing", {}, async (stage) => {
  const order = await stage.order();
  await stage.buyer.pay(order, declined);
  const [old] = stage.stripe.intentsOf(order.id);
  await stage.buyer.pay(order, visa);
  const before = await stage.status(order, "complete");
  for (const type of ["payment_intent.payment_failed", "payment_intent.canceled"])
    assert.equal(await stage.stripe.webhooks.send(stage.stripe.event(type, old)), 200);
  assert.equal((await stage.now(order)).status, before.status);
});

scenario(
  "an event of an earlier attempt during the next one doesn't end that",
  {},
  async (stage) => {
    const order = await stage.order();
    await stage.buyer.pay(order, declined);
    const [old] = stage.stripe.intentsOf(order.id);
    await stage.buyer.pay(order, secure);
    const event = stage.stripe.event("payment_intent.payment_failed", old);
    assert.equal(await stage.stripe.webhooks.send(event), 200);
    assert.equal((await stage.now(order)).payment.status, "requires_action");
    stage.stripe.authenticate(stage.intentOf(order).id, true);
    assert.equal((await stage.buyer.pay(order, { resume: true })).status, 201);
  },
);

scenario(
  "an event that arrives while we are down is sent again and taken",
  { webhooks: "immediate" },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.onAfter("confirm", () => stage.server.kill9());
    await stage.buyer.pay(order, visa);
    await stage.server.restart();
    await stage.status(order, "complete");
    await stage.stripe.webhooks.idle();
    assert.equal(stage.stripe.webhooks.deliveries.at(-1).status, 200);
  },
);

scenario("killed while it takes an event", { answerMs: 500 }, async (stage) => {
  const order = await chargedUnheard(stage);
  stage.stripe.clearFaults();
  stage.stripe.onBefore("retrieve", () => stage.server.kill9());
  const status = await stage.stripe.webhooks.send(eventOf(stage, order));
  assert.ok([0, 200].includes(status));
  await stage.server.restart();
  await stage.status(order, "complete");
});
