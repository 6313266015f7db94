// Stands in for Stripe's API: PaymentIntents and refunds as version 2026-09-30.endive documents them,
// no more lenient than the original where that matters to us. A scenario acts as the buyer's bank
// (`authenticate`, `settle`), as somebody with Stripe's dashboard (`succeedBehindOurBack`), and
// switches faults on, see stand_in.mjs.
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";

import Stripe from "stripe";

import { opened, StandIn } from "./stand_in.mjs";
import { parseForm } from "./stripe_form.mjs";
import {
  amountOf,
  apiVersion,
  behaviourOf,
  checkAmount,
  checkKnown,
  checkMetadata,
  IdempotencyKeys,
  invalid,
  missing,
  serverError,
  StripeError,
  unexpectedState,
} from "./stripe_rules.mjs";

const shapes = JSON.parse(readFileSync(new URL("fixtures/stripe.json", import.meta.url), "utf8"));
const signer = new Stripe("sk_test_only_signs", { apiVersion });

export const secretKey = "sk_test_holdfastscenarios";
export const publishableKey = "pk_test_holdfastscenarios";
export const webhookSecret = "whsec_holdfastscenarios";

const routes = [
  ["POST", /^\/v1\/payment_intents$/, "create"],
  ["GET", /^\/v1\/payment_intents$/, "list"],
  ["GET", /^\/v1\/payment_intents\/(\w+)$/, "retrieve"],
  ["POST", /^\/v1\/payment_intents\/(\w+)\/confirm$/, "confirm"],
  ["POST", /^\/v1\/payment_intents\/(\w+)\/cancel$/, "cancel"],
  ["POST", /^\/v1\/refunds$/, "refund"],
  ["GET", /^\/v1\/refunds$/, "list_refunds"],
  ["GET", /^\/v1\/refunds\/(\w+)$/, "retrieve_refund"],
  ["GET", /^\/v1\/charges\/(\w+)$/, "retrieve_charge"],
];

export class StripeStandIn extends StandIn {
  #intents = new Map();
  #charges = new Map();
  #refunds = new Map();
  #behaviours = new Map();
  #keys = new IdempotencyKeys();

  nameOf({ method, path, headers }) {
    for (const [verb, pattern, op] of routes) {
      const match = verb === method && pattern.exec(path);
      if (match) return { op, id: match[1], key: headers["idempotency-key"] };
    }
    return { op: "unknown", key: headers["idempotency-key"] };
  }

  /** A PaymentIntent as it is now. */
  intent(id) {
    return structuredClone(this.#intents.get(id));
  }

  /** The intents of one order of ours, oldest first. */
  intentsOf(order) {
    return [...this.#intents.values()]
      .filter((one) => one.metadata.order_id === order)
      .map((one) => structuredClone(one));
  }

  /** The buyer passes 3-D Secure, or fails it. */
  authenticate(id, ok) {
    const intent = this.#intents.get(id);
    if (intent.status !== "requires_action") throw new Error(`${id} is ${intent.status}`);
    intent.next_action = null;
    if (ok) this.#succeed(intent);
    else this.#fail(intent, "payment_intent_authentication_failure", null);
  }

  /** A slow means of payment comes to its end. */
  settle(id, ok) {
    const intent = this.#intents.get(id);
    if (intent.status !== "processing") throw new Error(`${id} is ${intent.status}`);
    if (ok) this.#succeed(intent);
    else this.#fail(intent, "payment_intent_payment_attempt_failed", null);
  }

  /** Money arrives whatever we asked for: what a second system or a hand at the dashboard can do. */
  succeedBehindOurBack(id) {
    const intent = this.#intents.get(id);
    if (intent.status === "succeeded") throw new Error(`${id} has succeeded already`);
    Object.assign(intent, { canceled_at: null, cancellation_reason: null });
    this.#succeed(intent);
  }

  /** Payments of somebody else who uses the same account. */
  addStrangers(count) {
    for (let made = 0; made < count; made += 1) {
      const { id } = this.#create({
        amount: "500",
        currency: "usd",
        payment_method: "pm_card_visa",
      });
      this.#intents.get(id).status = "canceled";
    }
  }

  /** A pending refund comes to its end: succeeded, or failed. */
  settleRefund(id, status) {
    const refund = this.#refunds.get(id);
    refund.status = status;
    if (status === "failed") refund.failure_reason = "lost_or_stolen_card";
    this.ledger.refundBecame(id, status);
    this.#tally(this.#charges.get(refund.charge));
    this.#emit(status === "failed" ? "refund.failed" : "refund.updated", refund);
  }

  /** What Stripe would send about this object now. */
  event(type, object) {
    return {
      ...structuredClone(shapes.event),
      id: newId("evt"),
      api_version: apiVersion,
      created: now(),
      type,
      pending_webhooks: 1,
      data: { object: structuredClone(object) },
    };
  }

  sign(payload, { forged = false, ageSeconds = 0 }) {
    const header = signer.webhooks.generateTestHeaderString({
      payload,
      secret: forged ? "whsec_somebodyelses" : webhookSecret,
      timestamp: now() - ageSeconds,
    });
    return { "stripe-signature": header, "user-agent": "Stripe/1.0" };
  }

  rateLimited() {
    const error = {
      type: "invalid_request_error",
      code: "rate_limit",
      message: "Too many requests",
    };
    return { status: 429, body: { error } };
  }

  async answer(call, fault) {
    let answer;
    try {
      answer = await this.#judged(call, fault);
    } catch (error) {
      if (!(error instanceof StripeError)) throw error;
      answer = { status: error.status, body: error.body };
    }
    const headers = { "request-id": newId("req"), "stripe-version": apiVersion, ...answer.headers };
    return { ...answer, headers };
  }

  async #judged(call, fault) {
    if (call.headers.authorization !== `Bearer ${secretKey}`)
      throw new StripeError(401, {
        type: "invalid_request_error",
        message: "Invalid API Key provided",
      });
    if (call.headers["stripe-version"] !== apiVersion)
      throw invalid(`Invalid Stripe API version: ${call.headers["stripe-version"]}`);
    if (call.op === "unknown")
      throw new StripeError(404, {
        type: "invalid_request_error",
        message: `Unrecognized request URL (${call.method}: ${call.path}).`,
      });
    const params = parsedParams(call);
    call.params = params;
    if (call.method === "GET") {
      if (fault.kind === "slow") await opened(fault.until);
      if (fault.kind?.startsWith("error_")) return serverError;
      return { status: 200, body: this.#perform(call, params, {}) };
    }
    return this.#keys.answer(call.key, call.path, params, () => this.#execute(call, params, fault));
  }

  async #execute(call, params, fault) {
    checkKnown(call.op, params);
    if (fault.kind === "slow") await opened(fault.until);
    if (fault.kind === "error_before") return serverError;
    const body = this.#perform(call, params, fault);
    return fault.kind === "error_after" ? serverError : { status: 200, body };
  }

  #perform(call, params, fault) {
    checkKnown(call.op, params);
    switch (call.op) {
      case "create":
        return this.#create(params, fault);
      case "list":
        return this.#page(this.#intents, params, call.path, () => true);
      case "retrieve":
        return this.#shown(this.#find(call.id), params);
      case "confirm":
        return this.#shown(this.#confirm(this.#find(call.id), params, fault), params);
      case "cancel":
        return this.#shown(this.#cancel(this.#find(call.id), params), params);
      case "refund":
        return this.#refund(params, fault);
      case "list_refunds":
        return this.#page(this.#refunds, params, call.path, (one) => refundMatches(one, params));
      case "retrieve_refund":
        return shownOr(this.#refunds.get(call.id), "refund", call.id);
      case "retrieve_charge":
        return shownOr(this.#charges.get(call.id), "charge", call.id);
      default:
        throw new Error(`no operation ${call.op}`);
    }
  }

  #find(id) {
    const intent = this.#intents.get(id);
    if (intent === undefined) throw missing("payment_intent", id, "intent");
    return intent;
  }

  #create(params, fault = {}) {
    const amount = amountOf(params.amount);
    checkAmount(amount, params.currency);
    checkMetadata(params.metadata ?? {});
    const automatic = params.automatic_payment_methods ?? {};
    if (!["true", undefined].includes(automatic.enabled))
      throw invalid("Invalid boolean", { param: "automatic_payment_methods[enabled]" });
    const id = newId("pi");
    const intent = {
      ...structuredClone(shapes.payment_intent),
      id,
      amount,
      currency: params.currency,
      metadata: { ...params.metadata },
      description: params.description ?? null,
      created: now(),
      canceled_at: null,
      client_secret: `${id}_secret_${randomBytes(12).toString("hex")}`,
      automatic_payment_methods: {
        enabled: true,
        allow_redirects: automatic.allow_redirects ?? "always",
      },
      payment_method: params.payment_method ?? null,
      status: params.payment_method ? "requires_confirmation" : "requires_payment_method",
    };
    this.#intents.set(id, intent);
    const means = behaviourOf(params);
    if (means !== null) this.#behaviours.set(id, means);
    this.#emit("payment_intent.created", intent);
    if (params.confirm === "true") this.#confirm(intent, params, fault);
    return this.#shown(intent, params);
  }

  #confirm(intent, params, fault) {
    const allowed = ["requires_payment_method", "requires_confirmation", "requires_action"];
    if (!allowed.includes(intent.status))
      throw unexpectedState(
        intent,
        `This PaymentIntent's status is ${intent.status}, but must be one of ${allowed.join(", ")}.`,
      );
    const mayRedirect = intent.automatic_payment_methods.allow_redirects !== "never";
    if (mayRedirect && params.return_url === undefined && params.use_stripe_sdk !== "true")
      throw invalid(
        "This PaymentIntent is configured to accept payment methods that might redirect your " +
          "customer off of your page: you must provide a `return_url`.",
        { param: "return_url" },
      );
    const means = behaviourOf(params) ?? this.#behaviours.get(intent.id);
    if (means === undefined)
      throw unexpectedState(intent, "This PaymentIntent is missing a payment method.");
    intent.payment_method = newId("pm");
    intent.last_payment_error = null;
    this.#behaviours.set(intent.id, means);
    const declined = fault.kind === "decline" || means.outcome === "decline";
    if (declined) {
      const [code, declineCode] =
        fault.kind === "decline"
          ? ["card_declined", fault.code ?? "generic_decline"]
          : [means.code, means.declineCode];
      throw this.#fail(intent, code, declineCode);
    }
    if (fault.kind === "pending" || means.outcome === "processing") {
      intent.status = "processing";
      this.#emit("payment_intent.processing", intent);
    } else if (means.outcome === "requires_action") this.#askToAct(intent, params);
    else this.#succeed(intent);
    return intent;
  }

  #askToAct(intent, params) {
    intent.status = "requires_action";
    intent.next_action =
      params.use_stripe_sdk === "true"
        ? { type: "use_stripe_sdk", use_stripe_sdk: { type: "three_d_secure_redirect" } }
        : {
            type: "redirect_to_url",
            redirect_to_url: {
              url: `${this.url}/3ds/${intent.id}`,
              return_url: params.return_url ?? null,
            },
          };
    this.#emit("payment_intent.requires_action", intent);
  }

  /** The one place where money moves, once per intent. */
  #succeed(intent) {
    if (intent.amount_received !== 0) throw new Error(`${intent.id} would be charged twice`);
    const charge = this.#newCharge(intent, { paid: true, captured: true, status: "succeeded" });
    charge.amount_captured = intent.amount;
    Object.assign(intent, {
      status: "succeeded",
      amount_received: intent.amount,
      latest_charge: charge.id,
      next_action: null,
      last_payment_error: null,
    });
    this.ledger.charge({
      order: intent.metadata.order_id,
      reference: intent.id,
      id: charge.id,
      amount: intent.amount,
      currency: intent.currency,
    });
    this.#emit("charge.succeeded", charge);
    this.#emit("payment_intent.succeeded", intent);
  }

  #fail(intent, code, declineCode) {
    const message = code.startsWith("payment_intent_")
      ? "We are unable to authenticate your payment method."
      : "Your card was declined.";
    const charge = this.#newCharge(intent, { paid: false, status: "failed", failure_code: code });
    this.#behaviours.delete(intent.id);
    const error = {
      type: "card_error",
      code,
      ...(declineCode && { decline_code: declineCode }),
      charge: charge.id,
      message,
      doc_url: `https://stripe.com/docs/error-codes/${code.replaceAll("_", "-")}`,
    };
    Object.assign(intent, {
      status: "requires_payment_method",
      latest_charge: charge.id,
      payment_method: null,
      last_payment_error: error,
    });
    this.#emit("payment_intent.payment_failed", intent);
    return new StripeError(402, { ...error, payment_intent: structuredClone(intent) });
  }

  #newCharge(intent, fields) {
    const charge = {
      ...structuredClone(shapes.charge),
      id: newId("ch"),
      amount: intent.amount,
      currency: intent.currency,
      created: now(),
      metadata: { ...intent.metadata },
      payment_intent: intent.id,
      payment_method: intent.payment_method,
      ...fields,
    };
    this.#charges.set(charge.id, charge);
    return charge;
  }

  #cancel(intent, params) {
    if (["succeeded", "canceled"].includes(intent.status))
      throw unexpectedState(
        intent,
        `You cannot cancel this PaymentIntent because it has a status of ${intent.status}.`,
      );
    Object.assign(intent, {
      status: "canceled",
      canceled_at: now(),
      cancellation_reason: params.cancellation_reason ?? null,
      next_action: null,
    });
    this.#emit("payment_intent.canceled", intent);
    return intent;
  }

  #refund(params, fault) {
    const charge = this.#chargeToRefund(params);
    const left = charge.amount_captured - this.#refundedOf(charge, ["pending", "succeeded"]);
    if (left === 0)
      throw new StripeError(400, {
        type: "invalid_request_error",
        code: "charge_already_refunded",
        message: `Charge ${charge.id} has already been refunded.`,
      });
    const amount = params.amount === undefined ? left : amountOf(params.amount);
    if (amount < 1) throw invalid("Invalid positive integer", { param: "amount" });
    if (amount > left)
      throw new StripeError(400, {
        type: "invalid_request_error",
        message: `Refund amount (${amount}) is greater than unrefunded amount on charge (${left})`,
        param: "amount",
      });
    checkMetadata(params.metadata ?? {});
    const planned = this.#behaviours.get(charge.payment_intent)?.refunds ?? "succeeded";
    const status =
      fault.kind === "pending" ? "pending" : fault.kind === "decline" ? "failed" : planned;
    const refund = {
      ...structuredClone(shapes.refund),
      id: newId("re"),
      amount,
      charge: charge.id,
      payment_intent: charge.payment_intent,
      currency: charge.currency,
      created: now(),
      metadata: { ...params.metadata },
      reason: params.reason ?? null,
      status,
      ...(status === "failed" && { failure_reason: fault.code ?? "expired_or_canceled_card" }),
    };
    this.#refunds.set(refund.id, refund);
    const order = charge.metadata.order_id;
    this.ledger.refund({ order, charge: charge.id, id: refund.id, amount, status });
    this.#tally(charge);
    this.#emit("refund.created", refund);
    if (status === "succeeded") this.#emit("charge.refunded", charge);
    if (status === "failed") this.#emit("refund.failed", refund);
    return structuredClone(refund);
  }

  #chargeToRefund(params) {
    if ((params.payment_intent === undefined) === (params.charge === undefined))
      throw invalid("Give one of payment_intent and charge.", { param: "payment_intent" });
    const id = params.charge ?? this.#find(params.payment_intent).latest_charge;
    const charge = this.#charges.get(id);
    if (charge === undefined && params.charge) throw missing("charge", id, "charge");
    if (charge?.status !== "succeeded")
      throw new StripeError(400, {
        type: "invalid_request_error",
        message: "This PaymentIntent does not have a successful charge to refund.",
      });
    return charge;
  }

  #refundedOf(charge, statuses) {
    return [...this.#refunds.values()]
      .filter((one) => one.charge === charge.id && statuses.includes(one.status))
      .reduce((sum, one) => sum + one.amount, 0);
  }

  #tally(charge) {
    charge.amount_refunded = this.#refundedOf(charge, ["pending", "succeeded"]);
    charge.refunded = charge.amount_refunded === charge.amount_captured;
  }

  #shown(intent, params) {
    const shown = structuredClone(intent);
    for (const name of Object.values(params.expand ?? {})) {
      if (!/^(data\.)?latest_charge(\.refunds)?$/.test(name))
        throw invalid(`This property cannot be expanded (${name}).`, { param: "expand" });
      if (intent.latest_charge)
        shown.latest_charge = structuredClone(this.#charges.get(intent.latest_charge));
    }
    return shown;
  }

  /** Newest first, as Stripe's lists are. */
  #page(objects, params, url, matches) {
    const limit = params.limit === undefined ? 10 : amountOf(params.limit, "limit");
    if (limit < 1 || limit > 100) throw invalid("limit must be 1 to 100", { param: "limit" });
    let list = [...objects.values()].reverse().filter((one) => matches(one) && within(one, params));
    for (const name of ["starting_after", "ending_before"])
      if (params[name] !== undefined && !objects.has(params[name]))
        throw missing("object", params[name], name);
    if (params.starting_after)
      list = list.slice(list.findIndex((one) => one.id === params.starting_after) + 1);
    if (params.ending_before)
      list = list.slice(
        0,
        list.findIndex((one) => one.id === params.ending_before),
      );
    const data = list
      .slice(0, limit)
      .map((one) =>
        one.object === "payment_intent" ? this.#shown(one, params) : structuredClone(one),
      );
    return { object: "list", url, has_more: list.length > limit, data };
  }

  #emit(type, object) {
    this.webhooks.emit(this.event(type, object));
  }
}

function parsedParams(call) {
  const type = call.headers["content-type"] ?? "";
  if (
    call.method === "POST" &&
    call.body !== "" &&
    !type.startsWith("application/x-www-form-urlencoded")
  )
    throw invalid(`Invalid request: parameters come form-encoded, not as ${type}`);
  if (call.method === "GET" && call.body !== "") throw invalid("A GET has no body");
  try {
    return parseForm(call.method === "GET" ? call.query : call.body);
  } catch (error) {
    if (error instanceof SyntaxError) throw invalid(error.message);
    throw error;
  }
}

function within(object, { created = {} }) {
  if (typeof created === "string") return object.created === amountOf(created, "created");
  return Object.entries(created).every(([comparison, text]) => {
    const limit = amountOf(text, "created");
    switch (comparison) {
      case "gte":
        return object.created >= limit;
      case "gt":
        return object.created > limit;
      case "lte":
        return object.created <= limit;
      case "lt":
        return object.created < limit;
      default:
        throw invalid(`Received unknown parameter: created[${comparison}]`, { param: "created" });
    }
  });
}

function refundMatches(refund, params) {
  return (
    (params.payment_intent ?? refund.payment_intent) === refund.payment_intent &&
    (params.charge ?? refund.charge) === refund.charge
  );
}

function shownOr(object, what, id) {
  if (object === undefined) throw missing(what, id, "id");
  return structuredClone(object);
}

function now() {
  return Math.floor(Date.now() / 1000);
}

function newId(prefix) {
  return `${prefix}_${randomBytes(12).toString("hex")}`;
}
