// An admin gives money back: whole or in part, once whatever goes wrong on the way.
import assert from "node:assert/strict";

import { codeOf, Gate, scenario, visa } from "./support.mjs";

async function refunded(stage, order, terms = {}) {
  const answer = await stage.admin.refund(order, terms);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return answer.body;
}

scenario("a whole refund gives back all, and the buyer keeps the ticket", {}, async (stage) => {
  const order = await stage.paid(19.99);
  const shown = await refunded(stage, order);
  assert.equal(shown.id, order.id);
  const after = await stage.refunds(order, "succeeded");
  assert.equal(after.refunds[0].amount, 19.99);
  assert.equal(after.refunds[0].reason, "admin");
  assert.equal(after.status, "complete");
  assert.equal(after.payment.status, "refunded");
  assert.equal((await stage.ticketOf(order)).status, "sold");
  assert.equal(stage.stripe.ledger.keptFor(order.id), 0);
});

scenario("a part goes back, and later what remains", {}, async (stage) => {
  const order = await stage.paid(19.99);
  await refunded(stage, order, { amount: 5 });
  const part = await stage.refunds(order, "succeeded");
  assert.equal(part.payment.status, "succeeded");
  assert.equal(stage.stripe.ledger.keptFor(order.id), 1499);
  await refunded(stage, order);
  const whole = await stage.refunds(order, "succeeded", "succeeded");
  assert.equal(whole.refunds[1].amount, 14.99);
  assert.equal(whole.payment.status, "refunded");
});

scenario("no more goes back than is there", {}, async (stage) => {
  const order = await stage.paid(19.99);
  await refunded(stage, order, { amount: 15 });
  await stage.refunds(order, "succeeded");
  const more = await stage.admin.refund(order, { amount: 5 });
  assert.ok([400, 409].includes(more.status), JSON.stringify(more.body));
  await refunded(stage, order, { amount: 4.99 });
  await stage.refunds(order, "succeeded", "succeeded");
  const none = await stage.admin.refund(order);
  assert.equal(none.status, 409);
  assert.equal(codeOf(none), "nothing_to_refund");
  assert.equal(stage.stripe.calls("refund").length, 2);
});

for (const amount of [0, -1, 0.001, 20, "much", "1e309"])
  scenario(`an amount of ${amount} is refused`, {}, async (stage) => {
    const order = await stage.paid(19.99);
    const answer = await stage.admin.refund(order, { amount });
    assert.ok([400, 409].includes(answer.status), JSON.stringify(answer.body));
    assert.deepEqual(stage.stripe.calls("refund"), []);
  });

scenario("what was never paid has nothing to give back", {}, async (stage) => {
  const order = await stage.order();
  const answer = await stage.admin.refund(order);
  assert.equal(answer.status, 409);
  assert.equal(codeOf(answer), "nothing_to_refund");
});

scenario("only admins give back, and only for orders that exist", {}, async (stage) => {
  const order = await stage.paid();
  assert.equal((await stage.buyer.refund(order)).status, 403);
  assert.equal((await stage.seller.refund(order)).status, 403);
  const unknown = { id: "01a21cc0-0000-8000-8000-000000000000" };
  assert.equal((await stage.admin.refund(unknown)).status, 404);
  assert.deepEqual(stage.stripe.calls("refund"), []);
});

scenario(
  "a refund that releases the tickets cancels the order, and they sell again",
  {},
  async (stage) => {
    const order = await stage.paid();
    await refunded(stage, order, { releaseTickets: true });
    const after = await stage.status(order, "cancelled");
    assert.equal(after.reason, "admin");
    assert.equal(after.refunds[0].status, "succeeded");
    assert.equal((await stage.ticketOf(order)).status, "available");
    const next = await stage.buyer.order(order.ticket);
    stage.orders.push(next);
    assert.equal((await stage.buyer.pay(next, visa)).status, 201);
  },
);

scenario("tickets are released only with what makes the refund whole", {}, async (stage) => {
  const order = await stage.paid(19.99);
  const part = await stage.admin.refund(order, { amount: 5, releaseTickets: true });
  assert.ok([400, 409].includes(part.status), JSON.stringify(part.body));
  await refunded(stage, order, { amount: 5 });
  await stage.refunds(order, "succeeded");
  await refunded(stage, order, { amount: 14.99, releaseTickets: true });
  await stage.status(order, "cancelled");
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
  scenario(`one refund although its call goes wrong: ${kind}`, {}, async (stage) => {
    const order = await stage.paid();
    stage.stripe.fault("refund", kind);
    await refunded(stage, order);
    await stage.refunds(order, "succeeded");
    assert.equal(stage.stripe.ledger.refundsOf(order.id).length, 1);
  });

scenario("two refunds at once give back once", {}, async (stage) => {
  const order = await stage.paid();
  const answers = await Promise.all([stage.admin.refund(order), stage.admin.refund(order)]);
  assert.deepEqual(answers.map((one) => one.status).sort(), [201, 409]);
  await stage.refunds(order, "succeeded");
  assert.equal(stage.stripe.ledger.refundsOf(order.id).length, 1);
});

scenario("while one refund is under way there is no second", { answerMs: 500 }, async (stage) => {
  const order = await stage.paid(19.99);
  const gate = new Gate();
  stage.stripe.fault("refund", "slow", { until: gate });
  await refunded(stage, order, { amount: 5 });
  const second = await stage.admin.refund(order, { amount: 5 });
  assert.equal(second.status, 409);
  assert.equal(codeOf(second), "refund_in_progress");
  const [listed] = await stage.admin.read("/api/admin/payments");
  assert.equal(listed?.id, order.id);
  gate.open();
  await stage.refunds(order, "succeeded");
  assert.deepEqual(await stage.admin.read("/api/admin/payments"), []);
});

scenario(
  "a refund that takes its time succeeds, and releases the tickets then",
  {},
  async (stage) => {
    const order = await stage.paid();
    stage.stripe.fault("refund", "pending");
    await refunded(stage, order, { releaseTickets: true });
    await stage.refunds(order, "pending");
    assert.equal((await stage.ticketOf(order)).status, "sold");
    stage.stripe.settleRefund(stage.stripe.ledger.refundsOf(order.id)[0].id, "succeeded");
    await stage.refunds(order, "succeeded");
    assert.equal((await stage.status(order, "cancelled")).reason, "admin");
    assert.equal((await stage.ticketOf(order)).status, "available");
  },
);

scenario("a pending refund's end is told by an event", { webhooks: "immediate" }, async (stage) => {
  const order = await stage.paid();
  stage.stripe.fault("refund", "pending");
  await refunded(stage, order);
  await stage.refunds(order, "pending");
  stage.stripe.settleRefund(stage.stripe.ledger.refundsOf(order.id)[0].id, "succeeded");
  await stage.refunds(order, "succeeded");
});

scenario(
  "a refund that fails says so, the money stays, and another may be tried",
  {},
  async (stage) => {
    const order = await stage.paid();
    stage.stripe.fault("refund", "decline", { code: "expired_or_canceled_card" });
    await refunded(stage, order, { releaseTickets: true });
    const after = await stage.refunds(order, "failed");
    assert.equal(after.refunds[0].failureCode, "expired_or_canceled_card");
    assert.equal(after.status, "complete");
    assert.equal(after.payment.status, "succeeded");
    assert.equal((await stage.ticketOf(order)).status, "sold");
    await refunded(stage, order);
    await stage.refunds(order, "failed", "succeeded");
  },
);

scenario("a pending refund that fails leaves the ticket sold", {}, async (stage) => {
  const order = await stage.paid();
  stage.stripe.fault("refund", "pending");
  await refunded(stage, order, { releaseTickets: true });
  await stage.refunds(order, "pending");
  stage.stripe.settleRefund(stage.stripe.ledger.refundsOf(order.id)[0].id, "failed");
  await stage.refunds(order, "failed");
  assert.equal((await stage.ticketOf(order)).status, "sold");
});

for (const when of ["onBefore", "onAfter"])
  scenario(`killed around the refund's call (${when}): given back once`, {}, async (stage) => {
    const order = await stage.paid();
    stage.stripe[when]("refund", async () => {
      await stage.server.kill9();
      return "lost";
    });
    await stage.admin.refund(order, { releaseTickets: true });
    await stage.server.died();
    await stage.server.restart();
    await stage.refunds(order, "succeeded");
    await stage.status(order, "cancelled");
    assert.equal(stage.stripe.ledger.refundsOf(order.id).length, 1);
  });

for (const point of ["after_refund_begun", "before_refund_settled", "after_refund_settled"])
  scenario(`killed at ${point}: given back once`, {}, async (stage) => {
    const order = await stage.paid();
    await stage.arm(point);
    await stage.admin.refund(order, { releaseTickets: true });
    await stage.server.died();
    await stage.server.restart();
    await stage.refunds(order, "succeeded");
    await stage.status(order, "cancelled");
    assert.equal(stage.stripe.ledger.refundsOf(order.id).length, 1);
  });

scenario(
  "killed before the refund's first commit: nothing is given back, and it may be asked again",
  {},
  async (stage) => {
    const order = await stage.paid();
    await stage.arm("before_order_commit");
    assert.equal((await stage.admin.refund(order)).status, 0);
    await stage.server.died();
    await stage.server.restart();
    assert.equal((await stage.now(order)).refunds, undefined);
    await refunded(stage, order);
    await stage.refunds(order, "succeeded");
  },
);
