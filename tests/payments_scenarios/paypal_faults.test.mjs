// Each call to PayPal goes wrong in each way, and our process dies around each of them: in the end the
// order is complete for one capture, or payable and nothing was charged.
import assert from "node:assert/strict";

import { approved, Gate, paypalTerms, resume, scenario, sent } from "./paypal_support.mjs";

const kinds = [
  "request_lost",
  "answer_lost",
  "error_before",
  "error_after",
  "rate_limited",
  "garbage",
];

/** The buyer goes on as a buyer would: approves if asked to, comes back, or takes a card. */
async function goOn(stage, order) {
  const seen = await stage.when(
    order,
    (one) => one.payment?.status !== "pending",
    "none is pending",
  );
  if (seen.payment?.status === "requires_action") {
    const theirs = stage.paypalOrderOf(order);
    if (theirs.status === "PAYER_ACTION_REQUIRED") stage.paypal.approve(theirs.id);
    await stage.buyer.pay(order, resume);
  }
  await stage.completeAtLast(order);
}

for (const kind of kinds) {
  scenario(
    `one payment although creating PayPal's order goes wrong: ${kind}`,
    { answerMs: 2000 },
    async (stage) => {
      const order = await stage.order();
      stage.paypal.fault("create", kind);
      await stage.buyer.pay(order, paypalTerms);
      await goOn(stage, order);
    },
  );

  scenario(`one capture although it goes wrong: ${kind}`, { answerMs: 2000 }, async (stage) => {
    const order = await approved(stage);
    stage.paypal.fault("capture", kind);
    await stage.buyer.pay(order, resume);
    await goOn(stage, order);
    assert.equal(stage.paypal.ledger.chargesOf(order.id).length, 1);
  });
}

for (const kind of ["error_before", "request_lost", "garbage", "rate_limited"])
  scenario(`no token for a while: ${kind}`, { answerMs: 1000 }, async (stage) => {
    const order = await stage.order();
    stage.paypal.fault("token", kind, { times: 2 });
    await stage.buyer.pay(order, paypalTerms);
    await goOn(stage, order);
  });

scenario(
  "a PayPal that is away for a while is asked again when it is back",
  { answerMs: 500 },
  async (stage) => {
    const order = await approved(stage);
    const away = new Gate();
    stage.paypal.onAfter("capture", async () => {
      stage.paypal.refuse().then(away.open);
    });
    await stage.buyer.pay(order, resume);
    await away.opened;
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    await stage.paypal.listen();
    await stage.status(order, "complete");
  },
);

for (const op of ["create", "capture"]) {
  scenario(`killed before ${op} reaches PayPal`, {}, async (stage) => {
    const order = op === "create" ? await stage.order() : await approved(stage);
    stage.paypal.onBefore(op, async () => {
      await stage.server.kill9();
      return "lost";
    });
    await stage.buyer.pay(order, op === "create" ? paypalTerms : resume);
    await stage.server.died();
    await stage.server.restart();
    await goOn(stage, order);
  });

  scenario(`killed while PayPal carries ${op} out`, {}, async (stage) => {
    const order = op === "create" ? await stage.order() : await approved(stage);
    stage.paypal.onAfter(op, () => stage.server.kill9());
    await stage.buyer.pay(order, op === "create" ? paypalTerms : resume);
    await stage.server.died();
    await stage.server.restart();
    if (op === "capture") await stage.status(order, "complete");
    await goOn(stage, order);
  });
}

const failPoints = [
  ...["after_payment_begun", "after_provider_answered"],
  ...[
    "before_order_commit:1",
    "before_order_commit:2",
    "after_order_commit:1",
    "after_order_commit:2",
  ],
];
for (const point of failPoints)
  scenario(`killed at ${point} on the way to PayPal's page`, {}, async (stage) => {
    const order = await stage.order();
    await stage.arm(point);
    await stage.buyer.pay(order, paypalTerms);
    await stage.server.died();
    await stage.server.restart();
    await goOn(stage, order);
  });

for (const point of [
  "after_payment_prepared",
  "before_payment_settled",
  "after_payment_settled",
  "after_provider_answered:1",
  "after_provider_answered:2",
  "before_order_commit:1",
  "before_order_commit:2",
  "after_order_commit:1",
])
  scenario(`killed at ${point} on the way back from PayPal's page`, {}, async (stage) => {
    const order = await approved(stage);
    await stage.arm(point);
    await stage.buyer.pay(order, resume);
    await stage.server.died();
    await stage.server.restart();
    await goOn(stage, order);
    assert.equal(stage.paypal.ledger.chargesOf(order.id).length, 1);
  });

scenario("the buyer approves while we are down", {}, async (stage) => {
  const { order } = await sent(stage);
  await stage.server.kill9();
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  await stage.server.restart();
  await stage.buyer.pay(order, resume);
  await stage.status(order, "complete");
});
