// Each call to Stripe goes wrong in each way. Whatever our server then believes, the buyer gets the
// ticket in the end (with a second card payment if the first attempt came to nothing), for one charge.
import assert from "node:assert/strict";

import { Gate, scenario, visa } from "./support.mjs";

const kinds = [
  "request_lost",
  "answer_lost",
  "error_before",
  "error_after",
  "rate_limited",
  "garbage",
];

for (const op of ["create", "confirm"])
  for (const kind of kinds)
    scenario(`one charge although ${op} goes wrong: ${kind}`, { answerMs: 3000 }, async (stage) => {
      const order = await stage.order();
      stage.stripe.fault(op, kind);
      const answer = await stage.buyer.pay(order, visa);
      assert.ok([201, 202, 402, 503].includes(answer.status), JSON.stringify(answer.body));
      await stage.completeAtLast(order);
      assert.equal(stage.stripe.ledger.chargesOf(order.id).length, 1);
    });

scenario(
  "money that moved is found although asking for it fails at first",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("confirm", "answer_lost");
    stage.stripe.fault("retrieve", "error_before");
    stage.stripe.fault("retrieve", "garbage");
    await stage.buyer.pay(order, visa);
    await stage.status(order, "complete");
    assert.equal(stage.stripe.intentsOf(order.id).length, 1);
  },
);

scenario(
  "a Stripe that is away for a while is asked again when it is back",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    const away = new Gate();
    stage.stripe.onAfter("confirm", async () => {
      stage.stripe.refuse().then(away.open);
    });
    await stage.buyer.pay(order, visa);
    await away.opened;
    assert.equal((await stage.now(order)).status, "awaiting:payment");
    assert.equal((await stage.ticketOf(order)).status, "reserved");
    await stage.stripe.listen();
    await stage.status(order, "complete");
    assert.equal(stage.stripe.ledger.chargesOf(order.id).length, 1);
  },
);

scenario(
  "a Stripe that can't be reached charges nothing, and the order stays payable",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    await stage.stripe.refuse();
    const answer = await stage.buyer.pay(order, visa);
    assert.ok([202, 402, 503].includes(answer.status), JSON.stringify(answer.body));
    await stage.stripe.listen();
    await stage.completeAtLast(order);
  },
);

scenario(
  "a create whose 500 is kept under its key does not hold the ticket for ever",
  { answerMs: 500 },
  async (stage) => {
    const order = await stage.order();
    stage.stripe.fault("create", "error_before", { times: 2 });
    await stage.buyer.pay(order, visa);
    await stage.completeAtLast(order);
  },
);

scenario("three lost confirmations are one charge", { answerMs: 500 }, async (stage) => {
  const order = await stage.order();
  stage.stripe.fault("confirm", "request_lost", { times: 3 });
  await stage.buyer.pay(order, visa);
  await stage.completeAtLast(order);
});
