// Money goes back through PayPal: whole or in part, once whatever goes wrong on the way.
import assert from "node:assert/strict";

import { codeOf, paid, scenario } from "./paypal_support.mjs";

async function refunded(stage, order, terms = {}) {
  const answer = await stage.admin.refund(order, terms);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
}

scenario("a whole refund through PayPal", {}, async (stage) => {
  const order = await paid(stage, 19.99);
  await refunded(stage, order);
  const after = await stage.refunds(order, "succeeded");
  assert.equal(after.payment.status, "refunded");
  assert.equal(stage.paypal.ledger.keptFor(order.id), 0);
});

scenario("parts go back through PayPal up to the whole, and no more", {}, async (stage) => {
  const order = await paid(stage, 19.99);
  await refunded(stage, order, { amount: 5.01 });
  await stage.refunds(order, "succeeded");
  await refunded(stage, order);
  await stage.refunds(order, "succeeded", "succeeded");
  const none = await stage.admin.refund(order, { amount: 1 });
  assert.ok([400, 409].includes(none.status));
  assert.equal(codeOf(await stage.admin.refund(order)), "nothing_to_refund");
});

scenario("a refund through PayPal that releases the tickets", {}, async (stage) => {
  const order = await paid(stage);
  await refunded(stage, order, { releaseTickets: true });
  assert.equal((await stage.status(order, "cancelled")).reason, "admin");
  assert.equal((await stage.ticketOf(order)).status, "available");
});

for (const kind of [
  "answer_lost",
  "request_lost",
  "error_before",
  "error_after",
  "rate_limited",
  "garbage",
])
  scenario(`one refund through PayPal although its call goes wrong: ${kind}`, {}, async (stage) => {
    const order = await paid(stage);
    stage.paypal.fault("refund", kind);
    await refunded(stage, order);
    await stage.refunds(order, "succeeded");
    assert.equal(stage.paypal.ledger.refundsOf(order.id).length, 1);
  });

for (const status of ["COMPLETED", "FAILED", "CANCELLED"])
  scenario(`a pending refund through PayPal becomes ${status}`, {}, async (stage) => {
    const order = await paid(stage);
    stage.paypal.fault("refund", "pending");
    await refunded(stage, order);
    await stage.refunds(order, "pending");
    stage.paypal.settleRefund(stage.paypal.ledger.refundsOf(order.id)[0].id, status);
    await stage.refunds(order, status === "COMPLETED" ? "succeeded" : "failed");
  });

for (const when of ["onBefore", "onAfter"])
  scenario(`killed around PayPal's refund (${when}): given back once`, {}, async (stage) => {
    const order = await paid(stage);
    stage.paypal[when]("refund", async () => {
      await stage.server.kill9();
      return "lost";
    });
    await stage.admin.refund(order);
    await stage.server.died();
    await stage.server.restart();
    await stage.refunds(order, "succeeded");
    assert.equal(stage.paypal.ledger.refundsOf(order.id).length, 1);
  });
