// Stands in for PayPal's REST API: orders v2, captures and refunds v2, tokens and the judgement of
// webhook signatures, no more lenient than the original where that matters to us: an answer is
// minimal unless the representation is asked for, an order that the buyer has not approved can't be
// captured, a repeated PayPal-Request-Id shows the latest state. A scenario acts as the buyer
// (`approve`), as PayPal's review (`settleCapture`, `settleRefund`), as a second system
// (`captureBehindOurBack`), and switches faults on, see stand_in.mjs.
import { createHmac, randomBytes } from "node:crypto";

import {
  invalidRequest,
  minorOf,
  money,
  notFound,
  PayPalError,
  RequestIds,
  serverError,
  unprocessable,
} from "./paypal_rules.mjs";
import { opened, StandIn } from "./stand_in.mjs";

export const clientId = "AclientOfHoldfastScenarios";
export const clientSecret = "EsecretOfHoldfastScenarios";
export const webhookId = "5GP028458E2496506";

const routes = [
  ["POST", /^\/v1\/oauth2\/token$/, "token"],
  ["POST", /^\/v1\/notifications\/verify-webhook-signature$/, "verify_webhook"],
  ["POST", /^\/v2\/checkout\/orders$/, "create"],
  ["GET", /^\/v2\/checkout\/orders\/(\w+)$/, "retrieve"],
  ["POST", /^\/v2\/checkout\/orders\/(\w+)\/capture$/, "capture"],
  ["GET", /^\/v2\/payments\/captures\/(\w+)$/, "retrieve_capture"],
  ["POST", /^\/v2\/payments\/captures\/(\w+)\/refund$/, "refund"],
  ["GET", /^\/v2\/payments\/refunds\/(\w+)$/, "retrieve_refund"],
];

export class PayPalStandIn extends StandIn {
  #tokens = new Set();
  #orders = new Map();
  #captures = new Map();
  #refunds = new Map();
  #requestIds = new RequestIds();
  #signingKey = randomBytes(32);

  nameOf({ method, path, headers }) {
    for (const [verb, pattern, op] of routes) {
      const match = verb === method && pattern.exec(path);
      if (match) return { op, id: match[1], key: headers["paypal-request-id"] };
    }
    return { op: "unknown", key: headers["paypal-request-id"] };
  }

  /** PayPal's orders for one order of ours, oldest first. */
  ordersOf(order) {
    return [...this.#orders.values()]
      .filter((one) => ourOrder(one) === order)
      .map((one) => structuredClone(one));
  }

  order(id) {
    return structuredClone(this.#orders.get(id));
  }

  /** The captures for one order of ours as PayPal shows them, oldest first. */
  capturesOf(order) {
    return [...this.#captures.values()]
      .filter((one) => one.ours === order)
      .map((one) => this.#shownCapture(one));
  }

  /** The buyer approves on PayPal's page. */
  approve(id) {
    const order = this.#orders.get(id);
    if (!["CREATED", "PAYER_ACTION_REQUIRED"].includes(order.status))
      throw new Error(`${id} is ${order.status}`);
    order.status = "APPROVED";
    order.payer = { payer_id: "QYR5Z8XDVJNXQ", email_address: "buyer@example.com" };
    this.#emit("CHECKOUT.ORDER.APPROVED", "checkout-order", order);
  }

  /** An order that nobody approved is gone after some hours. */
  forget(id) {
    this.#orders.delete(id);
  }

  /** A capture under review comes to its end: COMPLETED or DECLINED. */
  settleCapture(id, status) {
    const capture = this.#captures.get(id);
    capture.status = status;
    delete capture.status_details;
    if (status === "COMPLETED") this.#recordMoney(capture);
    const what = status === "COMPLETED" ? "COMPLETED" : "DENIED";
    this.#emit(`PAYMENT.CAPTURE.${what}`, "capture", this.#shownCapture(capture));
  }

  /** Somebody else captures what the buyer has approved. */
  captureBehindOurBack(id) {
    const order = this.#orders.get(id);
    if (order.status === "COMPLETED") throw new Error(`${id} is captured already`);
    this.#captureOrder(order, {});
  }

  /** A pending refund comes to its end: COMPLETED, FAILED or CANCELLED. */
  settleRefund(id, status) {
    const refund = this.#refunds.get(id);
    refund.status = status;
    this.ledger.refundBecame(id, status === "COMPLETED" ? "succeeded" : "failed");
    this.#tally(this.#captures.get(refund.capture));
    if (status === "COMPLETED")
      this.#emit("PAYMENT.CAPTURE.REFUNDED", "refund", this.#shownRefund(refund));
  }

  /** All bearer tokens end before their time. */
  expireTokens() {
    this.#tokens.clear();
  }

  event(type, resourceType, resource) {
    return {
      id: `WH-${randomBytes(8).toString("hex").toUpperCase()}`,
      event_version: "1.0",
      create_time: new Date().toISOString(),
      resource_type: resourceType,
      resource_version: "2.0",
      event_type: type,
      summary: `A payment event: ${type}`,
      resource: structuredClone(resource),
      links: [],
    };
  }

  sign(body, { forged = false, ageSeconds = 0 }) {
    const id = randomBytes(8).toString("hex");
    const time = new Date(Date.now() - ageSeconds * 1000).toISOString();
    return {
      "paypal-transmission-id": id,
      "paypal-transmission-time": time,
      "paypal-transmission-sig": forged ? "Zm9yZ2Vk" : this.#signature(id, time, body),
      "paypal-cert-url": "https://api.sandbox.paypal.com/v1/notifications/certs/CERT-360caa42",
      "paypal-auth-algo": "SHA256withRSA",
    };
  }

  #signature(id, time, body) {
    const text = `${id}|${time}|${webhookId}|${body}`;
    return createHmac("sha256", this.#signingKey).update(text).digest("base64");
  }

  rateLimited() {
    return {
      status: 429,
      body: {
        name: "RATE_LIMIT_REACHED",
        message: "Too many requests.",
        debug_id: "f0",
        links: [],
      },
    };
  }

  async answer(call, fault) {
    try {
      if (call.op === "token") return await this.#token(call, fault);
      this.#checkBearer(call);
      if (call.op === "unknown") throw notFound();
      if (fault.kind === "slow" && call.method === "GET") await opened(fault.until);
      if (fault.kind === "error_before") return serverError;
      if (call.method === "GET") return { status: 200, body: this.#read(call) };
      call.params = parsedBody(call);
      if (call.op === "verify_webhook") return { status: 200, body: this.#verify(call) };
      const answer = await this.#requestIds.answer(call.key, call.path, call.body, async () => {
        if (fault.kind === "slow") await opened(fault.until);
        return this.#change(call, fault);
      });
      return fault.kind === "error_after" ? serverError : answer;
    } catch (error) {
      if (!(error instanceof PayPalError)) throw error;
      return { status: error.status, body: error.body };
    }
  }

  async #token(call, fault) {
    if (fault.kind === "slow") await opened(fault.until);
    if (fault.kind?.startsWith("error_")) return serverError;
    const wanted = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
    if (call.headers.authorization !== `Basic ${wanted}`)
      return {
        status: 401,
        body: { error: "invalid_client", error_description: "Client Authentication failed" },
      };
    if (new URLSearchParams(call.body).get("grant_type") !== "client_credentials")
      return { status: 400, body: { error: "unsupported_grant_type" } };
    const token = `A21AA${randomBytes(24).toString("base64url")}`;
    this.#tokens.add(token);
    return {
      status: 200,
      body: {
        scope: "https://uri.paypal.com/services/payments/payment",
        access_token: token,
        token_type: "Bearer",
        app_id: "APP-80W284485P519543T",
        expires_in: 32400,
        nonce: randomBytes(8).toString("hex"),
      },
    };
  }

  #checkBearer(call) {
    const token = /^Bearer (\S+)$/.exec(call.headers.authorization ?? "")?.[1];
    if (!this.#tokens.has(token))
      throw new PayPalError(
        401,
        "AUTHENTICATION_FAILURE",
        null,
        "Authentication failed due to invalid authentication credentials or a missing header.",
      );
  }

  #read(call) {
    switch (call.op) {
      case "retrieve":
        return this.#shownOrder(found(this.#orders, call.id));
      case "retrieve_capture":
        return this.#shownCapture(found(this.#captures, call.id));
      default:
        return this.#shownRefund(found(this.#refunds, call.id));
    }
  }

  #change(call, fault) {
    const whole = /return=representation/.test(call.headers.prefer ?? "");
    switch (call.op) {
      case "create": {
        const order = this.#create(call);
        const show = () => shownAs(this.#shownOrder(order), whole);
        return { status: order.payment_source ? 200 : 201, body: show(), show };
      }
      case "capture": {
        const order = this.#captureOrder(found(this.#orders, call.id), fault);
        const show = () => shownAs(this.#shownOrder(order), whole);
        return { status: 201, body: show(), show };
      }
      default: {
        const refund = this.#refund(found(this.#captures, call.id), call.params, fault);
        const show = () => shownAs(this.#shownRefund(refund), whole);
        return { status: 201, body: show(), show };
      }
    }
  }

  #create(call) {
    const { intent, purchase_units: units, payment_source: source } = call.params;
    if (intent !== "CAPTURE" && intent !== "AUTHORIZE")
      throw invalidRequest("INVALID_PARAMETER_VALUE", "intent is CAPTURE or AUTHORIZE");
    if (!Array.isArray(units) || units.length !== 1)
      throw invalidRequest("INVALID_ARRAY_LENGTH", "the stand-in knows orders of one unit");
    if (source !== undefined && call.key === undefined)
      throw invalidRequest("PAYPAL_REQUEST_ID_REQUIRED", "A PayPal-Request-Id is required");
    const [unit] = units;
    minorOf(unit.amount);
    if (typeof (unit.custom_id ?? "") !== "string" || (unit.custom_id ?? "").length > 127)
      throw invalidRequest("INVALID_STRING_LENGTH", "custom_id has at most 127 characters");
    const context = source?.paypal?.experience_context ?? call.params.application_context ?? {};
    for (const name of ["return_url", "cancel_url"])
      if (context[name] !== undefined && !isUrl(context[name]))
        throw invalidRequest("INVALID_PARAMETER_SYNTAX", `${name} is no URL`);
    const id = newId();
    const order = {
      id,
      intent,
      status: source?.paypal ? "PAYER_ACTION_REQUIRED" : "CREATED",
      ...(source && { payment_source: { paypal: {} } }),
      purchase_units: [{ reference_id: "default", ...structuredClone(unit) }],
      create_time: new Date().toISOString(),
    };
    this.#orders.set(id, order);
    return order;
  }

  #captureOrder(order, fault) {
    if (order.status === "COMPLETED")
      throw unprocessable("ORDER_ALREADY_CAPTURED", "Order already captured.");
    if (order.status !== "APPROVED")
      throw unprocessable(
        "ORDER_NOT_APPROVED",
        "Payer has not yet approved the Order for payment.",
      );
    if (fault.kind === "decline") {
      order.status = "PAYER_ACTION_REQUIRED";
      throw unprocessable(
        fault.code ?? "INSTRUMENT_DECLINED",
        "The instrument presented was either declined by the processor or bank.",
        [{ href: pageOf(order), rel: "redirect", method: "GET" }],
      );
    }
    order.status = "COMPLETED";
    const capture = {
      id: newId(),
      order: order.id,
      ours: ourOrder(order),
      minor: minorOf(order.purchase_units[0].amount),
      currency: order.purchase_units[0].amount.currency_code,
      custom_id: order.purchase_units[0].custom_id,
      status: "COMPLETED",
      create_time: new Date().toISOString(),
    };
    this.#captures.set(capture.id, capture);
    if (fault.kind === "pending")
      Object.assign(capture, { status: "PENDING", status_details: { reason: "PENDING_REVIEW" } });
    if (fault.kind === "declined_capture") capture.status = "DECLINED";
    if (capture.status === "COMPLETED") this.#recordMoney(capture);
    const events = { COMPLETED: "COMPLETED", PENDING: "PENDING", DECLINED: "DENIED" };
    const type = `PAYMENT.CAPTURE.${events[capture.status]}`;
    this.#emit(type, "capture", this.#shownCapture(capture));
    return order;
  }

  #recordMoney(capture) {
    this.ledger.charge({
      order: capture.ours,
      reference: capture.order,
      id: capture.id,
      amount: capture.minor,
      currency: capture.currency.toLowerCase(),
    });
  }

  #refund(capture, params, fault) {
    if (!["COMPLETED", "PARTIALLY_REFUNDED", "REFUNDED"].includes(capture.status))
      throw unprocessable("INVALID_RESOURCE_STATE", "The capture is not completed.");
    const left = capture.minor - this.#refundedOf(capture);
    if (left === 0)
      throw unprocessable("CAPTURE_FULLY_REFUNDED", "The capture has already been fully refunded.");
    const minor = params.amount === undefined ? left : minorOf(params.amount);
    if (params.amount && params.amount.currency_code !== capture.currency)
      throw unprocessable("CURRENCY_MISMATCH", "The refund's currency is the capture's.");
    if (minor > left)
      throw unprocessable(
        "REFUND_AMOUNT_EXCEEDED",
        "The refund amount must be less than or equal to the capture amount not yet refunded.",
      );
    const status =
      fault.kind === "pending" ? "PENDING" : fault.kind === "decline" ? "FAILED" : "COMPLETED";
    const refund = {
      id: newId(),
      capture: capture.id,
      minor,
      currency: capture.currency,
      custom_id: params.custom_id ?? capture.custom_id,
      status,
      create_time: new Date().toISOString(),
    };
    this.#refunds.set(refund.id, refund);
    const outcome = { PENDING: "pending", FAILED: "failed", COMPLETED: "succeeded" }[status];
    const order = capture.ours;
    this.ledger.refund({
      order,
      charge: capture.id,
      id: refund.id,
      amount: minor,
      status: outcome,
    });
    this.#tally(capture);
    if (status === "COMPLETED")
      this.#emit("PAYMENT.CAPTURE.REFUNDED", "refund", this.#shownRefund(refund));
    return refund;
  }

  #refundedOf(capture) {
    return [...this.#refunds.values()]
      .filter((one) => one.capture === capture.id && ["PENDING", "COMPLETED"].includes(one.status))
      .reduce((sum, one) => sum + one.minor, 0);
  }

  #tally(capture) {
    const refunded = this.#refundedOf(capture);
    capture.status =
      refunded === 0 ? "COMPLETED" : refunded < capture.minor ? "PARTIALLY_REFUNDED" : "REFUNDED";
  }

  #shownOrder(order) {
    const shown = structuredClone(order);
    const captures = [...this.#captures.values()].filter((one) => one.order === order.id);
    const refunds = [...this.#refunds.values()].filter((one) =>
      captures.some((capture) => capture.id === one.capture),
    );
    if (captures.length > 0)
      shown.purchase_units[0].payments = {
        captures: captures.map((one) => this.#shownCapture(one)),
        ...(refunds.length > 0 && { refunds: refunds.map((one) => this.#shownRefund(one)) }),
      };
    const self = { href: `${this.url}/v2/checkout/orders/${order.id}`, rel: "self", method: "GET" };
    const rel = order.payment_source ? "payer-action" : "approve";
    shown.links = [self];
    if (["CREATED", "PAYER_ACTION_REQUIRED"].includes(order.status))
      shown.links.push({ href: pageOf(order), rel, method: "GET" });
    return shown;
  }

  #shownCapture(capture) {
    const href = `${this.url}/v2/payments/captures/${capture.id}`;
    return {
      id: capture.id,
      status: capture.status,
      ...(capture.status_details && { status_details: capture.status_details }),
      amount: money(capture.currency, capture.minor),
      final_capture: true,
      custom_id: capture.custom_id,
      seller_protection: { status: "NOT_ELIGIBLE" },
      supplementary_data: { related_ids: { order_id: capture.order } },
      create_time: capture.create_time,
      links: [
        { href, rel: "self", method: "GET" },
        { href: `${href}/refund`, rel: "refund", method: "POST" },
        { href: `${this.url}/v2/checkout/orders/${capture.order}`, rel: "up", method: "GET" },
      ],
    };
  }

  #shownRefund(refund) {
    return {
      id: refund.id,
      status: refund.status,
      amount: money(refund.currency, refund.minor),
      custom_id: refund.custom_id,
      create_time: refund.create_time,
      links: [
        { href: `${this.url}/v2/payments/refunds/${refund.id}`, rel: "self", method: "GET" },
        { href: `${this.url}/v2/payments/captures/${refund.capture}`, rel: "up", method: "GET" },
      ],
    };
  }

  /** PayPal signs bytes: an event that was written anew on its way doesn't match any more. */
  #verify(call) {
    const given = call.params;
    const raw = rawMember(call.body, "webhook_event");
    const good =
      given.webhook_id === webhookId &&
      raw !== null &&
      given.transmission_sig ===
        this.#signature(given.transmission_id, given.transmission_time, raw) &&
      given.auth_algo === "SHA256withRSA" &&
      typeof given.cert_url === "string";
    return { verification_status: good ? "SUCCESS" : "FAILURE" };
  }

  #emit(type, resourceType, resource) {
    this.webhooks.emit(this.event(type, resourceType, resource));
  }
}

/** Without `Prefer: return=representation` an answer is the minimum that PayPal documents. */
function shownAs(resource, whole) {
  return whole ? resource : { id: resource.id, status: resource.status, links: resource.links };
}

function pageOf(order) {
  return `https://www.sandbox.paypal.com/checkoutnow?token=${order.id}`;
}

/** custom_id is "<our order's id>-<attempt>". */
function ourOrder(order) {
  return (order.purchase_units[0].custom_id ?? "").replace(/-\d+$/, "");
}

function found(objects, id) {
  if (!objects.has(id)) throw notFound();
  return objects.get(id);
}

function parsedBody(call) {
  if (!(call.headers["content-type"] ?? "").startsWith("application/json"))
    throw new PayPalError(415, "UNSUPPORTED_MEDIA_TYPE", null, "The media type is not supported.");
  try {
    return call.body === "" ? {} : JSON.parse(call.body);
  } catch {
    throw invalidRequest("MALFORMED_REQUEST_JSON", "The request JSON is not well formed.");
  }
}

/** The text of a member that is an object, as it stands in the JSON text; null if there is none. */
function rawMember(text, name) {
  const start = new RegExp(`"${name}"\\s*:\\s*(?=\\{)`).exec(text);
  if (start === null) return null;
  const from = start.index + start[0].length;
  let depth = 0;
  let inText = false;
  for (let at = from; at < text.length; at += 1) {
    const character = text[at];
    if (inText) {
      if (character === "\\") at += 1;
      else if (character === '"') inText = false;
    } else if (character === '"') inText = true;
    else if (character === "{") depth += 1;
    else if (character === "}" && (depth -= 1) === 0) return text.slice(from, at + 1);
  }
  return null;
}

function newId() {
  return randomBytes(9).toString("hex").toUpperCase().slice(0, 17);
}

function isUrl(text) {
  try {
    return Boolean(new URL(text));
  } catch {
    return false;
  }
}
