// How an attempt with PayPal ends without the ticket: deadlines, cancelled orders, late money; and
// what PayPal's events do.
import assert from "node:assert/strict";

import { approved, codeOf, paid, resume, scenario, sent } from "./paypal_support.mjs";

const short = { windowSeconds: 2, graceSeconds: 1 };

scenario(
  "abandoned past the bound: the ticket is free, and a late approval captures nothing",
  short,
  async (stage) => {
    const { order } = await sent(stage);
    const after = await stage.status(order, "cancelled");
    assert.ok(["expired", "payment"].includes(after.reason), after.reason);
    const theirs = stage.paypalOrderOf(order).id;
    stage.paypal.approve(theirs);
    const event = stage.paypal.event(
      "CHECKOUT.ORDER.APPROVED",
      "checkout-order",
      stage.paypal.order(theirs),
    );
    assert.equal(await stage.paypal.webhooks.send(event), 200);
    assert.deepEqual(stage.paypal.calls("capture"), []);
    assert.equal((await stage.ticketOf(order)).status, "available");
  },
);

scenario(
  "the buyer cancels while PayPal waits: free at once, never captured",
  {},
  async (stage) => {
    const { order } = await sent(stage);
    assert.equal((await stage.buyer.cancel(order)).status, 204);
    assert.equal((await stage.ticketOf(order)).status, "available");
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    const answer = await stage.buyer.pay(order, resume);
    assert.ok([402, 409].includes(answer.status), JSON.stringify(answer.body));
    assert.deepEqual(stage.paypal.calls("capture"), []);
  },
);

scenario("the buyer approves, cancels, and comes back: one outcome", {}, async (stage) => {
  const order = await approved(stage);
  const answers = await Promise.all([stage.buyer.pay(order, resume), stage.buyer.cancel(order)]);
  const after = await stage.settled(order);
  assert.ok(["complete", "cancelled"].includes(after.status), after.status);
  assert.ok(answers.some((one) => [201, 204].includes(one.status)));
});

scenario(
  "a capture that hangs over the bound: nothing is freed before PayPal says",
  { ...short, answerMs: 500 },
  async (stage) => {
    const order = await approved(stage);
    stage.paypal.fault("capture", "answer_lost", { times: 1000 });
    stage.paypal.fault("retrieve", "error_before", { after: 1, times: 1000 });
    await stage.buyer.pay(order, resume);
    const bound = Date.parse(order.expiresAt) + 1000;
    await stage.when(order, () => Date.now() > bound + 500, "the bound is past");
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    stage.paypal.clearFaults();
    await stage.status(order, "complete");
  },
);

scenario(
  "a capture under review past the bound: the ticket stays until PayPal has decided",
  { ...short, answerMs: 500 },
  async (stage) => {
    const order = await approved(stage);
    stage.paypal.fault("capture", "pending");
    await stage.buyer.pay(order, resume);
    const bound = Date.parse(order.expiresAt) + 1000;
    await stage.when(order, () => Date.now() > bound + 500, "the bound is past");
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    stage.paypal.settleCapture(stage.paypal.capturesOf(order.id)[0].id, "DECLINED");
    await stage.status(order, "cancelled");
  },
);

scenario("money captured by somebody else for a cancelled order goes back", {}, async (stage) => {
  const order = await approved(stage);
  assert.equal((await stage.buyer.cancel(order)).status, 204);
  stage.paypal.captureBehindOurBack(stage.paypalOrderOf(order).id);
  const [capture] = stage.paypal.capturesOf(order.id);
  const event = stage.paypal.event("PAYMENT.CAPTURE.COMPLETED", "capture", capture);
  assert.equal(await stage.paypal.webhooks.send(event), 200);
  const after = await stage.refunds(order, "succeeded");
  assert.equal(after.refunds[0].reason, "late_money");
  assert.equal(await stage.paypal.webhooks.send(event), 200);
  assert.equal(stage.paypal.ledger.refundsOf(order.id).length, 1);
});

scenario(
  "an order that PayPal has forgotten ends the attempt",
  { answerMs: 500 },
  async (stage) => {
    const { order } = await sent(stage);
    stage.paypal.forget(stage.paypalOrderOf(order).id);
    await stage.buyer.pay(order, resume);
    await stage.completeAtLast(order);
  },
);

scenario("a forged event is refused", {}, async (stage) => {
  const order = await approved(stage);
  const theirs = stage.paypalOrderOf(order);
  const event = stage.paypal.event("CHECKOUT.ORDER.APPROVED", "checkout-order", theirs);
  assert.equal(await stage.paypal.webhooks.send(event, { forged: true }), 400);
  assert.equal((await stage.now(order)).payment.status, "requires_action");
  assert.deepEqual(stage.paypal.calls("capture"), []);
  assert.equal((await stage.buyer.cancel(order)).status, 204);
});

scenario(
  "an event without PayPal's headers is refused without asking PayPal",
  {},
  async (stage) => {
    const answer = await stage.buyer.call("POST", "/api/payments/webhook/paypal", { id: "WH-1" });
    assert.equal(answer.status, 400);
    assert.equal(codeOf(answer), "bad_signature");
    assert.deepEqual(stage.paypal.calls("verify_webhook"), []);
  },
);

for (const kind of ["error_before", "request_lost", "garbage", "rate_limited"])
  scenario(`while PayPal can't judge an event it is not taken (${kind})`, {}, async (stage) => {
    const order = await approved(stage);
    const theirs = stage.paypalOrderOf(order);
    const event = stage.paypal.event("CHECKOUT.ORDER.APPROVED", "checkout-order", theirs);
    stage.paypal.fault("verify_webhook", kind, { times: 1000 });
    assert.equal(await stage.paypal.webhooks.send(event), 503);
    stage.paypal.clearFaults();
    assert.equal(await stage.paypal.webhooks.send(event), 200);
    await stage.status(order, "complete");
  });

scenario(
  "events twice, late and in reverse order come to one capture",
  { webhooks: "held" },
  async (stage) => {
    const order = await paid(stage);
    const before = await stage.now(order);
    const statuses = await stage.paypal.webhooks.release({ reversed: true, times: 2 });
    assert.ok(statuses.length >= 4 && statuses.every((one) => one === 200), String(statuses));
    assert.deepEqual(await stage.now(order), before);
  },
);

scenario("events about strangers' orders and of other types are taken", {}, async (stage) => {
  const stranger = { id: "5O190127TN364715T", custom_id: "not ours", status: "COMPLETED" };
  for (const type of [
    "PAYMENT.CAPTURE.COMPLETED",
    "CHECKOUT.ORDER.APPROVED",
    "CUSTOMER.DISPUTE.CREATED",
  ])
    assert.equal(
      await stage.paypal.webhooks.send(stage.paypal.event(type, "capture", stranger)),
      200,
    );
});

scenario("Stripe's and PayPal's webhooks don't open each other's door", {}, async (stage) => {
  const order = await stage.paid();
  const event = stage.stripe.event("payment_intent.succeeded", stage.intentOf(order));
  stage.stripe.webhooks.target = stage.paypal.webhooks.target;
  assert.equal(await stage.stripe.webhooks.send(event), 400);
  stage.stripe.webhooks.target = stage.paypal.webhooks.target.replace("paypal", "gold");
  assert.equal(await stage.stripe.webhooks.send(event), 404);
});
