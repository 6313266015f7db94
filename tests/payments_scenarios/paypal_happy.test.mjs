// Paying with PayPal: the buyer approves on PayPal's page, comes back, and is charged once.
import assert from "node:assert/strict";

import { declined, paypalTerms, resume, scenario, sent, visa } from "./paypal_support.mjs";

scenario("the buyer approves and comes back: complete with one capture", {}, async (stage) => {
  const { order, answer } = await sent(stage, 19.99);
  assert.equal(answer.body.provider, "paypal");
  assert.equal(answer.body.action.provider, "paypal");
  const page = new URL(answer.body.action.url);
  assert.equal(page.protocol, "https:");
  const theirs = stage.paypalOrderOf(order);
  assert.equal(page.searchParams.get("token"), theirs.id);
  const waiting = await stage.now(order);
  assert.equal(waiting.payment.status, "requires_action");
  assert.equal(waiting.payment.unsettled.next, "buyer_acts");
  stage.paypal.approve(theirs.id);
  const done = await stage.buyer.pay(order, resume);
  assert.equal(done.status, 201, JSON.stringify(done.body));
  assert.equal(done.body.status, "succeeded");
  const paid = await stage.now(order);
  assert.equal(paid.status, "complete");
  assert.equal(paid.payment.provider, "paypal");
  assert.equal(stage.paypal.ledger.keptFor(order.id), 1999);
  assert.deepEqual(stage.stripe.journal, []);
});

scenario(
  "our server tells PayPal whose payment it is, and captures by itself",
  {},
  async (stage) => {
    const { order } = await sent(stage, 1234.5);
    const [create] = stage.paypal.calls("create");
    assert.equal(create.params.intent, "CAPTURE");
    const [unit] = create.params.purchase_units;
    assert.equal(unit.custom_id, `${order.id}-1`);
    assert.equal(unit.invoice_id, undefined);
    assert.deepEqual(unit.amount, { currency_code: "USD", value: "1234.50" });
    assert.ok(create.key.length > 0);
    assert.equal((await stage.buyer.cancel(order)).status, 204);
  },
);

scenario(
  "the buyer comes back without having approved and is sent there again",
  {},
  async (stage) => {
    const { order, answer } = await sent(stage);
    const early = await stage.buyer.pay(order, resume);
    assert.equal(early.status, 201, JSON.stringify(early.body));
    assert.equal(early.body.status, "requires_action");
    assert.deepEqual(early.body.action, answer.body.action);
    assert.deepEqual(stage.paypal.ledger.charges, []);
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    assert.equal((await stage.buyer.pay(order, resume)).body.status, "succeeded");
  },
);

scenario(
  "the buyer approves and closes the browser: PayPal's event completes the order",
  { webhooks: "immediate" },
  async (stage) => {
    const { order } = await sent(stage);
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    await stage.status(order, "complete");
    await stage.paypal.webhooks.idle();
  },
);

scenario("the buyer comes back twice at once: one capture", {}, async (stage) => {
  const { order } = await sent(stage);
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  await Promise.all([stage.buyer.pay(order, resume), stage.buyer.pay(order, resume)]);
  await stage.status(order, "complete");
  assert.equal(stage.paypal.ledger.chargesOf(order.id).length, 1);
});

scenario(
  "coming back and PayPal's event at once: one capture",
  { webhooks: "immediate" },
  async (stage) => {
    const { order } = await sent(stage);
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    await stage.buyer.pay(order, resume);
    await stage.status(order, "complete");
    await stage.paypal.webhooks.idle();
    assert.equal(stage.paypal.ledger.chargesOf(order.id).length, 1);
  },
);

scenario("the instrument is declined: 402, and a card completes the order", {}, async (stage) => {
  const { order } = await sent(stage);
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  stage.paypal.fault("capture", "decline");
  const answer = await stage.buyer.pay(order, resume);
  assert.equal(answer.status, 402, JSON.stringify(answer.body));
  assert.equal((await stage.now(order)).status, "created");
  assert.equal((await stage.buyer.pay(order, visa)).status, 201);
  assert.deepEqual(stage.paypal.ledger.charges, []);
});

scenario("a capture that comes back declined is no payment", {}, async (stage) => {
  const { order } = await sent(stage);
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  stage.paypal.fault("capture", "declined_capture");
  const answer = await stage.buyer.pay(order, resume);
  assert.equal(answer.status, 402, JSON.stringify(answer.body));
  assert.equal((await stage.now(order)).status, "created");
});

scenario(
  "a capture under review completes the order when it is through",
  { answerMs: 500 },
  async (stage) => {
    const { order } = await sent(stage);
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    stage.paypal.fault("capture", "pending");
    assert.equal((await stage.buyer.pay(order, resume)).status, 202);
    assert.equal((await stage.now(order)).status, "awaiting:payment");
    stage.paypal.settleCapture(captureOf(stage, order).id, "COMPLETED");
    await stage.status(order, "complete");
  },
);

scenario(
  "a capture under review that is refused leaves the order payable",
  { answerMs: 500 },
  async (stage) => {
    const { order } = await sent(stage);
    stage.paypal.approve(stage.paypalOrderOf(order).id);
    stage.paypal.fault("capture", "pending");
    assert.equal((await stage.buyer.pay(order, resume)).status, 202);
    stage.paypal.settleCapture(captureOf(stage, order).id, "DECLINED");
    await stage.status(order, "created");
    await stage.completeAtLast(order);
  },
);

scenario("a token that ended before its time is fetched anew", {}, async (stage) => {
  const { order } = await sent(stage);
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  stage.paypal.expireTokens();
  await stage.buyer.pay(order, resume);
  await stage.status(order, "complete");
});

scenario("one token serves many calls", {}, async (stage) => {
  for (let count = 0; count < 3; count += 1) {
    const { order } = await sent(stage);
    assert.equal((await stage.buyer.cancel(order)).status, 204);
  }
  assert.equal(stage.paypal.calls("token").length, 1);
});

scenario("a card instead of PayPal: PayPal's order is never captured", {}, async (stage) => {
  const { order } = await sent(stage);
  const theirs = stage.paypalOrderOf(order).id;
  assert.equal((await stage.buyer.pay(order, visa)).status, 201);
  stage.paypal.approve(theirs);
  const event = stage.paypal.event(
    "CHECKOUT.ORDER.APPROVED",
    "checkout-order",
    stage.paypal.order(theirs),
  );
  assert.equal(await stage.paypal.webhooks.send(event), 200);
  assert.deepEqual(stage.paypal.calls("capture"), []);
});

scenario("PayPal after a declined card", {}, async (stage) => {
  const order = await stage.order();
  assert.equal((await stage.buyer.pay(order, declined)).status, 402);
  const answer = await stage.buyer.pay(order, paypalTerms);
  assert.equal(answer.body.status, "requires_action");
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  assert.equal((await stage.buyer.pay(order, resume)).status, 201);
  assert.equal(stage.paypalOrderOf(order).purchase_units[0].custom_id, `${order.id}-2`);
});

function captureOf(stage, order) {
  return stage.paypal.capturesOf(order.id).at(-1);
}
