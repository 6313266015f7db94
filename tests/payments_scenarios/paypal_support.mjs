// What the scenarios with PayPal have in common: a buyer who was sent to PayPal's page.
import assert from "node:assert/strict";

import { paypalTerms } from "./support.mjs";

export { codeOf, declined, Gate, paypalTerms, scenario, until, visa } from "./support.mjs";

export const resume = { resume: true };

/** A new order whose buyer PayPal waits for. */
export async function sent(stage, price) {
  const order = await stage.order(price);
  const answer = await stage.buyer.pay(order, paypalTerms);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  assert.equal(answer.body.status, "requires_action");
  return { order, answer };
}

/** The same, and the buyer has approved it there. */
export async function approved(stage, price) {
  const { order } = await sent(stage, price);
  stage.paypal.approve(stage.paypalOrderOf(order).id);
  return order;
}

/** An order that was paid with PayPal. */
export async function paid(stage, price) {
  const order = await approved(stage, price);
  const answer = await stage.buyer.pay(order, resume);
  assert.equal(answer.status, 201, JSON.stringify(answer.body));
  return stage.status(order, "complete");
}
