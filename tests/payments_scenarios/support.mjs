// What every scenario stands on: the real server between two stand-ins of payment providers, people
// who sell, buy and administrate, and at the end the question whether money and tickets agree.
import assert from "node:assert/strict";
import { test } from "node:test";

import { agree } from "./agree.mjs";
import { clientId, clientSecret, PayPalStandIn, webhookId } from "./paypal_stand_in.mjs";
import { Person } from "./person.mjs";
import { adminEmail, Server } from "./server.mjs";
import { publishableKey, secretKey, StripeStandIn, webhookSecret } from "./stripe_stand_in.mjs";
import { until } from "./waiting.mjs";

export { codeOf } from "./person.mjs";
export { Gate, until } from "./waiting.mjs";

const scenarioLimitMs = 120_000;

/** A card that works, and one that its bank refuses. */
export const visa = { token: "pm_card_visa", provider: "stripe" };
export const declined = { token: "pm_card_chargeDeclined", provider: "stripe" };
export const secure = { token: "pm_card_threeDSecure2Required", provider: "stripe" };
export const paypalTerms = { provider: "paypal" };

/**
 * One test: `run(stage)` and then `agree` for every order that it made by `stage.order()`.
 * Options: windowSeconds, graceSeconds, reconcileSeconds, answerMs, webhooks ("off", "immediate",
 * "held"), settings (any of the server's), charges (how many there may be at once for an order: 1,
 * unless the scenario makes one behind our back), agrees (false: the scenario judges itself).
 */
export function scenario(name, options, run) {
  test(name, { timeout: scenarioLimitMs }, async () => {
    const stage = new Stage();
    try {
      await stage.set(options);
      await run(stage);
      if (options.agrees !== false)
        for (const order of stage.orders) await agree(stage, order, options.charges);
      assert.deepEqual(
        stage.providers.flatMap((one) => one.problems),
        [],
      );
    } catch (error) {
      error.message += `\n\n${stage.story()}`;
      throw error;
    } finally {
      await stage.end();
    }
  });
}

function settingsOf(stripe, paypal, options) {
  return {
    HOLDFAST_ORDER_WINDOW_SECONDS: String(options.windowSeconds ?? 900),
    HOLDFAST_PAYMENT_GRACE_SECONDS: String(options.graceSeconds ?? 60),
    HOLDFAST_PAYMENT_RECONCILE_SECONDS: String(options.reconcileSeconds ?? 0),
    HOLDFAST_PAYMENT_ANSWER_TIMEOUT_MS: String(options.answerMs ?? 10_000),
    HOLDFAST_PAYMENT_RETURN_ORIGIN: "https://tickets.example",
    HOLDFAST_STRIPE_SECRET_KEY: secretKey,
    HOLDFAST_STRIPE_PUBLISHABLE_KEY: publishableKey,
    HOLDFAST_STRIPE_WEBHOOK_SECRET: webhookSecret,
    HOLDFAST_STRIPE_API_BASE: stripe.url,
    HOLDFAST_PAYPAL_CLIENT_ID: clientId,
    HOLDFAST_PAYPAL_SECRET: clientSecret,
    HOLDFAST_PAYPAL_WEBHOOK_ID: webhookId,
    HOLDFAST_PAYPAL_API_BASE: paypal.url,
    ...options.settings,
  };
}

export class Stage {
  orders = [];

  stripe = new StripeStandIn();
  paypal = new PayPalStandIn();
  providers = [this.stripe, this.paypal];
  server = null;

  async set(options) {
    for (const one of this.providers) await one.listen();
    this.server = await Server.start(settingsOf(this.stripe, this.paypal, options));
    this.stripe.webhooks.target = `${this.server.url}/api/payments/webhook/stripe`;
    this.paypal.webhooks.target = `${this.server.url}/api/payments/webhook/paypal`;
    for (const one of this.providers) one.webhooks.mode = options.webhooks ?? "off";
    await this.server.createAdmin();
    this.admin = await Person.signIn(this.server, adminEmail);
    this.seller = await Person.signUp(this.server, "seller@example.com");
    this.buyer = await Person.signUp(this.server, "buyer@example.com");
  }

  /** An order of the buyer's for a ticket of the seller's. */
  async order(price) {
    const order = await this.buyer.order(await this.seller.list(price));
    this.orders.push(order);
    return order;
  }

  /** The order as the server shows it now. */
  now(order) {
    return this.buyer.read(`/api/orders/${order.id}`);
  }

  ticketOf(order) {
    return this.buyer.read(`/api/tickets/${order.ticket.id}`);
  }

  /** Waits until the order is as `isSo` wants it, and gives it. */
  async when(order, isSo, what) {
    let seen = null;
    return until(
      async () => {
        seen = await this.now(order);
        return isSo(seen) && seen;
      },
      () => `${what}: ${JSON.stringify(seen)}`,
    );
  }

  status(order, ...statuses) {
    return this.when(
      order,
      (one) => statuses.includes(one.status),
      `it is ${statuses.join(" or ")}`,
    );
  }

  payment(order, ...statuses) {
    return this.when(
      order,
      (one) => statuses.includes(one.payment?.status),
      `its payment is ${statuses.join(" or ")}`,
    );
  }

  refunds(order, ...statuses) {
    return this.when(
      order,
      ({ refunds = [] }) =>
        refunds.length === statuses.length &&
        refunds.every((one, at) => one.status === statuses[at]),
      `its refunds are ${statuses.join(", ")}`,
    );
  }

  /** Waits until the attempt under way has come to its end, and gives the order. */
  settled(order) {
    return this.when(order, (one) => one.status !== "awaiting:payment", "the attempt has ended");
  }

  /** A paid order: what refunds and late webhooks begin with. */
  async paid(price, terms = visa) {
    const order = await this.order(price);
    const answer = await this.buyer.pay(order, terms);
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return this.status(order, "complete");
  }

  /** If the attempt came to nothing the buyer pays again; either way the order is complete then. */
  async completeAtLast(order) {
    if ((await this.settled(order)).status === "created") {
      const again = await this.buyer.pay(order, visa);
      assert.ok([201, 202].includes(again.status), JSON.stringify(again.body));
    }
    return this.status(order, "complete");
  }

  /** Several payments raced: whichever is under way is called off or completed, then one completes. */
  async completeAtLastOrCalledOff(order) {
    await this.when(order, (one) => one.payment?.status !== "pending", "none is pending");
    const { status } = await this.now(order);
    if (status === "complete") return;
    const answer = await this.buyer.pay(order, visa);
    assert.ok([201, 202].includes(answer.status), JSON.stringify(answer.body));
    await this.status(order, "complete");
  }

  /** Kills the server, and starts it so that it will kill itself at a fail point. */
  async arm(failPoint) {
    await this.server.restart({ HOLDFAST_FAIL_POINT: failPoint }, { mayDie: true });
  }

  /** The only intent of this order at Stripe; the newest if there are several. */
  intentOf(order) {
    return this.stripe.intentsOf(order.id).at(-1);
  }

  /** The newest order at PayPal for this order of ours. */
  paypalOrderOf(order) {
    return this.paypal.ordersOf(order.id).at(-1);
  }

  /** What happened, for the one who reads why it failed. */
  story() {
    const calls = this.providers.flatMap((one) => one.journal);
    const lines = calls.map(
      (one) => `${one.method} ${one.path} key=${one.key ?? "-"}: ${one.status} ${one.outcome}`,
    );
    return `Calls:\n${lines.join("\n")}\n\nThe server's log:\n${this.server?.tail()}`;
  }

  async end() {
    await this.server?.end();
    for (const one of this.providers) await one.end();
  }
}
