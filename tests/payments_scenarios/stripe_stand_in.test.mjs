// The stand-in is judged by Stripe's own client: what that one can't use is no stand-in for Stripe.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import Stripe from "stripe";

import { Gate } from "./waiting.mjs";
import { apiVersion } from "./stripe_rules.mjs";
import { secretKey, StripeStandIn, webhookSecret } from "./stripe_stand_in.mjs";

async function standIn(t) {
  const stripe = new StripeStandIn();
  await stripe.listen();
  t.after(() => stripe.end());
  const options = { host: "127.0.0.1", port: stripe.port, protocol: "http", telemetry: false };
  const client = new Stripe(secretKey, { ...options, apiVersion, maxNetworkRetries: 0 });
  t.after(() => assert.deepEqual(stripe.problems, []));
  return { stripe, client, options };
}

const order = { order_id: "order-1", payment_id: "payment-1", attempt: "1" };
const terms = {
  amount: 1999,
  currency: "usd",
  metadata: order,
  automatic_payment_methods: { enabled: true, allow_redirects: "never" },
};

async function refused(call, expected) {
  await assert.rejects(call, (error) => {
    for (const [name, value] of Object.entries(expected))
      assert.deepEqual(error[name] ?? error.raw?.[name], value, `${name} of ${error.message}`);
    return true;
  });
}

test("Stripe's client creates, confirms and reads a payment", async (t) => {
  const { stripe, client } = await standIn(t);
  const made = await client.paymentIntents.create(terms);
  assert.equal(made.status, "requires_payment_method");
  assert.match(made.client_secret, new RegExp(`^${made.id}_secret_`));
  const paid = await client.paymentIntents.confirm(made.id, { payment_method: "pm_card_visa" });
  assert.equal(paid.status, "succeeded");
  const read = await client.paymentIntents.retrieve(made.id, { expand: ["latest_charge"] });
  assert.equal(read.amount_received, 1999);
  assert.equal(read.latest_charge.paid, true);
  assert.equal(stripe.ledger.keptFor("order-1"), 1999);
});

test("the same idempotency key replays the answer and charges nobody twice", async (t) => {
  const { stripe, client } = await standIn(t);
  const first = await client.paymentIntents.create(terms, { idempotencyKey: "k1" });
  const again = await client.paymentIntents.create(terms, { idempotencyKey: "k1" });
  assert.equal(again.id, first.id);
  assert.equal(again.lastResponse.headers["idempotent-replayed"], "true");
  assert.equal(first.lastResponse.headers["idempotent-replayed"], undefined);
  await refused(
    client.paymentIntents.create({ ...terms, amount: 2000 }, { idempotencyKey: "k1" }),
    {
      statusCode: 400,
      rawType: "idempotency_error",
    },
  );
  assert.equal(stripe.intentsOf("order-1").length, 1);
});

test("a key in use answers 409 until the first call is through", async (t) => {
  const { stripe, client } = await standIn(t);
  const gate = new Gate();
  stripe.fault("create", "slow", { until: gate });
  const first = client.paymentIntents.create(terms, { idempotencyKey: "k" });
  const second = client.paymentIntents.create(terms, { idempotencyKey: "k" });
  const early = await Promise.race([first, second].map((one) => one.catch((error) => error)));
  assert.equal(early.statusCode, 409);
  assert.equal(early.code, "idempotency_key_in_use");
  gate.open();
  assert.equal((await Promise.allSettled([first, second])).filter((one) => one.value).length, 1);
});

test("a 500 is kept under its key and replayed, a 429 and a refused parameter are not", async (t) => {
  const { stripe, client } = await standIn(t);
  stripe.fault("create", "error_before");
  const key = { idempotencyKey: "broken" };
  await refused(client.paymentIntents.create(terms, key), { statusCode: 500 });
  await refused(client.paymentIntents.create(terms, key), { statusCode: 500 });
  assert.equal(stripe.intentsOf("order-1").length, 0);
  stripe.fault("create", "rate_limited");
  const other = { idempotencyKey: "busy" };
  await refused(client.paymentIntents.create(terms, other), { statusCode: 429 });
  await refused(client.paymentIntents.create({ ...terms, amount: 49 }, other), {
    statusCode: 400,
    code: "amount_too_small",
  });
  assert.equal((await client.paymentIntents.create(terms, other)).amount, 1999);
});

test("a declined card is a 402 with the intent, and a kept answer", async (t) => {
  const { stripe, client } = await standIn(t);
  const made = await client.paymentIntents.create(terms);
  const confirm = () =>
    client.paymentIntents.confirm(
      made.id,
      { payment_method: "pm_card_chargeDeclinedInsufficientFunds" },
      { idempotencyKey: "c" },
    );
  for (let time = 0; time < 2; time += 1)
    await assert.rejects(confirm, (error) => {
      assert.equal(error.statusCode, 402);
      assert.equal(error.code, "card_declined");
      assert.equal(error.decline_code, "insufficient_funds");
      assert.equal(error.payment_intent.status, "requires_payment_method");
      assert.equal(error.payment_intent.last_payment_error.decline_code, "insufficient_funds");
      return true;
    });
  assert.equal(stripe.ledger.keptFor("order-1"), 0);
});

test("cancelled is for ever, and what has succeeded can't be cancelled", async (t) => {
  const { client } = await standIn(t);
  const off = await client.paymentIntents.create(terms);
  assert.equal((await client.paymentIntents.cancel(off.id)).status, "canceled");
  const state = { statusCode: 400, code: "payment_intent_unexpected_state" };
  await refused(client.paymentIntents.confirm(off.id, { payment_method: "pm_card_visa" }), state);
  await refused(client.paymentIntents.cancel(off.id), state);
  const paid = await client.paymentIntents.create(terms);
  await client.paymentIntents.confirm(paid.id, { payment_method: "pm_card_visa" });
  await refused(client.paymentIntents.cancel(paid.id), state);
  await refused(client.paymentIntents.confirm(paid.id, { payment_method: "pm_card_visa" }), state);
});

test("3-D Secure waits for the buyer, and an intent can be called off while it does", async (t) => {
  const { stripe, client } = await standIn(t);
  const ask = async () => {
    const made = await client.paymentIntents.create(terms);
    const asked = await client.paymentIntents.confirm(made.id, {
      payment_method: "pm_card_threeDSecure2Required",
    });
    assert.equal(asked.status, "requires_action");
    return asked.id;
  };
  const passed = await ask();
  stripe.authenticate(passed, true);
  assert.equal((await client.paymentIntents.retrieve(passed)).status, "succeeded");
  const failed = await ask();
  stripe.authenticate(failed, false);
  const after = await client.paymentIntents.retrieve(failed);
  assert.equal(after.status, "requires_payment_method");
  assert.equal(after.last_payment_error.code, "payment_intent_authentication_failure");
  assert.equal((await client.paymentIntents.cancel(await ask())).status, "canceled");
});

test("refunds go up to what was paid, and each key refunds once", async (t) => {
  const { stripe, client } = await standIn(t);
  const made = await client.paymentIntents.create(terms);
  const part = { payment_intent: made.id, amount: 500 };
  await refused(client.refunds.create(part), { statusCode: 400 });
  await client.paymentIntents.confirm(made.id, { payment_method: "pm_card_visa" });
  const first = await client.refunds.create(part, { idempotencyKey: "r" });
  assert.equal((await client.refunds.create(part, { idempotencyKey: "r" })).id, first.id);
  await refused(client.refunds.create({ ...part, amount: 1500 }), { statusCode: 400 });
  assert.equal((await client.refunds.create({ payment_intent: made.id })).amount, 1499);
  await refused(client.refunds.create(part), { statusCode: 400, code: "charge_already_refunded" });
  assert.equal((await client.refunds.list({ payment_intent: made.id })).data.length, 2);
  assert.equal((await client.refunds.retrieve(first.id)).status, "succeeded");
  assert.equal(stripe.ledger.keptFor("order-1"), 0);
});

test("lists are newest first and go on page by page", async (t) => {
  const { client } = await standIn(t);
  const made = [];
  for (let count = 0; count < 5; count += 1)
    made.unshift((await client.paymentIntents.create(terms)).id);
  const listed = [];
  const since = Math.floor(Date.now() / 1000) - 60;
  for await (const one of client.paymentIntents.list({ limit: 2, created: { gte: since } }))
    listed.push(one.id);
  assert.deepEqual(listed, made);
  const later = await client.paymentIntents.list({ created: { gt: since + 3600 } });
  assert.equal(later.data.length, 0);
});

test("what this version no longer takes, and other keys and versions, are refused", async (t) => {
  const { client, options } = await standIn(t);
  await refused(client.paymentIntents.create({ ...terms, payment_method_types: ["card"] }), {
    statusCode: 400,
    code: "payment_method_types_no_longer_supported",
  });
  await refused(client.paymentIntents.create({ ...terms, colour: "red" }), {
    code: "parameter_unknown",
  });
  const stranger = new Stripe("sk_test_other", { ...options, apiVersion });
  await refused(stranger.paymentIntents.create(terms), { statusCode: 401 });
  const older = new Stripe(secretKey, { ...options, apiVersion: "2024-06-20" });
  await refused(older.paymentIntents.create(terms), { statusCode: 400 });
});

test("an answer that is lost leaves the deed done", async (t) => {
  const { stripe, client } = await standIn(t);
  const made = await client.paymentIntents.create(terms);
  // The client itself tries once more on a broken connection.
  stripe.fault("confirm", "answer_lost", { times: 2 });
  await refused(client.paymentIntents.confirm(made.id, { payment_method: "pm_card_visa" }), {
    type: "StripeConnectionError",
  });
  assert.equal((await client.paymentIntents.retrieve(made.id)).status, "succeeded");
  stripe.fault("create", "request_lost", { times: 2 });
  await refused(client.paymentIntents.create(terms), { type: "StripeConnectionError" });
  assert.equal(stripe.intentsOf("order-1").length, 1);
});

test("its webhooks pass Stripe's own judgement, forged and old ones don't", async (t) => {
  const { stripe, client } = await standIn(t);
  const received = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const signature = request.headers["stripe-signature"];
    try {
      const event = client.webhooks.constructEvent(body, signature, webhookSecret);
      received.push(event.type);
      response.writeHead(200).end("{}");
    } catch {
      response.writeHead(400).end("{}");
    }
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  stripe.webhooks.target = `http://127.0.0.1:${server.address().port}/`;
  stripe.webhooks.mode = "immediate";
  const made = await client.paymentIntents.create(terms);
  await client.paymentIntents.confirm(made.id, { payment_method: "pm_card_visa" });
  await stripe.webhooks.idle();
  assert.deepEqual(received.sort(), [
    "charge.succeeded",
    "payment_intent.created",
    "payment_intent.succeeded",
  ]);
  const event = stripe.event("payment_intent.succeeded", stripe.intent(made.id));
  assert.equal(await stripe.webhooks.send(event, { forged: true }), 400);
  assert.equal(await stripe.webhooks.send(event, { ageSeconds: 600 }), 400);
});
