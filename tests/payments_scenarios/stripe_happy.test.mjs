// A card payment through Stripe when nothing goes wrong, and what our server asks of Stripe for it.
import assert from "node:assert/strict";

import { codeOf, Gate, scenario, visa } from "./support.mjs";
import { apiVersion } from "./stripe_rules.mjs";
import { Person } from "./person.mjs";

scenario("a card payment completes the order with one charge", {}, async (stage) => {
  const { buyer, stripe } = stage;
  const order = await stage.order(19.99);
  const answer = await buyer.pay(order, visa);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.status, "succeeded");
  assert.equal(answer.body.orderId, order.id);
  assert.equal(answer.body.amount, 19.99);
  assert.equal(answer.body.currency, "usd");
  assert.equal(answer.body.provider, "stripe");
  const paid = await stage.now(order);
  assert.equal(paid.status, "complete");
  assert.equal(paid.payment.status, "succeeded");
  assert.equal(paid.payment.provider, "stripe");
  assert.equal(stripe.ledger.keptFor(order.id), 1999);
});

scenario(
  "our server tells Stripe whose payment it is, under keys of its own",
  {},
  async (stage) => {
    const order = await stage.order();
    const answer = await stage.buyer.pay(order, visa);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    const [create] = stage.stripe.calls("create");
    const [confirm] = stage.stripe.calls("confirm");
    assert.deepEqual(create.params.metadata, {
      order_id: order.id,
      payment_id: answer.body.id,
      attempt: "1",
    });
    assert.equal(create.headers["stripe-version"], apiVersion);
    assert.ok(create.key.length > 0);
    assert.notEqual(create.key, confirm.key);
    assert.notEqual(create.params.confirm, "true", "its id is committed before it is confirmed");
  },
);

scenario(
  "the providers are named to everybody, the publishable key with Stripe",
  {},
  async (stage) => {
    const anybody = new Person(stage.server, "nobody@example.com");
    assert.deepEqual(await anybody.read("/api/payments/providers"), [
      { name: "stripe", publishableKey: "pk_test_holdfastscenarios" },
      { name: "paypal" },
    ]);
  },
);

scenario("Stripe is meant where the buyer names no provider", {}, async (stage) => {
  const order = await stage.order();
  const answer = await stage.buyer.pay(order, { token: visa.token });
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.provider, "stripe");
});

scenario("a provider that nobody knows is the buyer's mistake", {}, async (stage) => {
  const order = await stage.order();
  assert.equal((await stage.buyer.pay(order, { ...visa, provider: "gold" })).status, 400);
  assert.deepEqual(stage.stripe.journal, []);
});

scenario(
  "a slow confirmation is answered 202, and the order tells the outcome",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    const gate = new Gate();
    stage.stripe.fault("confirm", "slow", { until: gate });
    const answer = await stage.buyer.pay(order, visa);
    assert.equal(answer.status, 202, JSON.stringify(answer.body));
    assert.equal(answer.body.status, "pending");
    const meanwhile = await stage.now(order);
    assert.equal(meanwhile.status, "awaiting:payment");
    assert.equal(meanwhile.payment.unsettled.next, "ask_provider");
    const again = await stage.buyer.pay(order, visa);
    assert.equal(again.status, 409);
    assert.equal(codeOf(again), "payment_in_progress");
    gate.open();
    await stage.status(order, "complete");
  },
);

scenario("two payments at once charge once", {}, async (stage) => {
  const order = await stage.order();
  const answers = await Promise.all([stage.buyer.pay(order, visa), stage.buyer.pay(order, visa)]);
  assert.deepEqual(answers.map((one) => one.status).sort(), [201, 409]);
  assert.equal(stage.stripe.ledger.chargesOf(order.id).length, 1);
});

scenario("ten payments at once, over both providers, charge once", {}, async (stage) => {
  const order = await stage.order();
  const terms = Array.from({ length: 10 }, (_, at) =>
    at % 3 === 2 ? { provider: "paypal" } : visa,
  );
  await Promise.all(terms.map((one) => stage.buyer.pay(order, one)));
  await stage.completeAtLastOrCalledOff(order);
});

scenario("what is paid can't be paid again", {}, async (stage) => {
  const order = await stage.paid();
  const again = await stage.buyer.pay(order, visa);
  assert.equal(again.status, 409);
  assert.equal(codeOf(again), "order_complete");
});

scenario("nobody pays a stranger's order", {}, async (stage) => {
  const order = await stage.order();
  assert.equal((await stage.seller.pay(order, visa)).status, 403);
  assert.deepEqual(stage.stripe.journal, []);
});

scenario(
  "with Stripe's webhooks arriving at once the outcome is the same",
  { webhooks: "immediate" },
  async (stage) => {
    const order = await stage.order();
    const answer = await stage.buyer.pay(order, visa);
    assert.ok([201, 202].includes(answer.status), JSON.stringify(answer.body));
    await stage.status(order, "complete");
    await stage.stripe.webhooks.idle();
    assert.ok(stage.stripe.webhooks.deliveries.every((one) => one.status === 200));
  },
);
