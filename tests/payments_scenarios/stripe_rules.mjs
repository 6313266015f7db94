// What Stripe documents about its parameters, errors and test cards, as the stand-in holds us to it.
import { canonical } from "./stripe_form.mjs";

export const apiVersion = "2026-09-30.endive";

/** An answer that isn't the wanted one. `saved`: whether its idempotency key keeps it. */
export class StripeError extends Error {
  constructor(status, error, { saved = true } = {}) {
    super(error.message);
    this.status = status;
    this.body = { error };
    this.saved = saved;
  }
}

/** A parameter is wrong: nothing was executed, so nothing is kept under the idempotency key. */
export function invalid(message, { code, param } = {}) {
  return new StripeError(
    400,
    { type: "invalid_request_error", ...(code && { code }), message, ...(param && { param }) },
    { saved: false },
  );
}

export function missing(what, id, param) {
  const status = param === "intent" || param === "id" ? 404 : 400;
  return new StripeError(status, {
    type: "invalid_request_error",
    code: "resource_missing",
    message: `No such ${what}: '${id}'`,
    param,
    doc_url: "https://stripe.com/docs/error-codes/resource-missing",
  });
}

export function unexpectedState(intent, message) {
  return new StripeError(400, {
    type: "invalid_request_error",
    code: "payment_intent_unexpected_state",
    message,
    payment_intent: structuredClone(intent),
    doc_url: "https://stripe.com/docs/error-codes/payment-intent-unexpected-state",
  });
}

export const serverError = {
  status: 500,
  body: { error: { type: "api_error", message: "An unknown error occurred." } },
};

const createKnown = new Set([
  ...["amount", "currency", "metadata", "automatic_payment_methods", "description", "expand"],
  ...["capture_method", "confirm", "confirmation_method", "confirmation_token", "customer"],
  ...["error_on_requires_action", "excluded_payment_method_types", "mandate_data", "off_session"],
  ...["payment_method", "payment_method_data", "payment_method_options", "receipt_email"],
  ...["return_url", "setup_future_usage", "shipping", "statement_descriptor"],
  ...["statement_descriptor_suffix", "transfer_group", "use_stripe_sdk"],
]);
const confirmKnown = new Set([
  ...["payment_method", "payment_method_data", "payment_method_options", "confirmation_token"],
  ...["return_url", "use_stripe_sdk", "error_on_requires_action", "off_session", "expand"],
  ...["mandate_data", "receipt_email", "setup_future_usage", "shipping", "capture_method"],
]);
const known = {
  create: createKnown,
  confirm: confirmKnown,
  cancel: new Set(["cancellation_reason", "expand"]),
  refund: new Set(["payment_intent", "charge", "amount", "reason", "metadata", "expand"]),
  retrieve: new Set(["expand", "client_secret"]),
  list: new Set(["limit", "starting_after", "ending_before", "created", "customer", "expand"]),
  retrieve_refund: new Set(["expand"]),
  retrieve_charge: new Set(["expand"]),
  list_refunds: new Set([
    ...[
      "payment_intent",
      "charge",
      "limit",
      "starting_after",
      "ending_before",
      "created",
      "expand",
    ],
  ]),
};

/** Throws for a parameter that the operation doesn't have. */
export function checkKnown(op, params) {
  if ("payment_method_types" in params)
    throw invalid(
      "payment_method_types is no longer supported in this API version. " +
        "Use dynamic payment methods or excluded_payment_method_types.",
      { code: "payment_method_types_no_longer_supported", param: "payment_method_types" },
    );
  for (const name of Object.keys(params))
    if (!known[op].has(name))
      throw invalid(`Received unknown parameter: ${name}`, {
        code: "parameter_unknown",
        param: name,
      });
}

/** A whole number within its bounds, from text. */
export function amountOf(text, param = "amount") {
  if (text === undefined)
    throw invalid(`Missing required param: ${param}.`, { code: "parameter_missing", param });
  if (typeof text !== "string" || !/^-?\d{1,15}$/.test(text))
    throw invalid(`Invalid integer: ${text}`, { code: "parameter_invalid_integer", param });
  return Number(text);
}

export function checkAmount(amount, currency) {
  if (!/^[a-z]{3}$/.test(currency ?? ""))
    throw invalid("Invalid currency: use a three-letter ISO code in lower case", {
      param: "currency",
    });
  if (amount < 50)
    throw invalid("Amount must be at least $0.50 usd", {
      code: "amount_too_small",
      param: "amount",
    });
  if (amount > 99_999_999)
    throw invalid("Amount must be no more than $999,999.99", {
      code: "amount_too_large",
      param: "amount",
    });
}

export function checkMetadata(metadata) {
  const entries = Object.entries(metadata);
  if (entries.length > 50) throw invalid("Metadata has too many keys", { param: "metadata" });
  for (const [key, value] of entries)
    if (key.length > 40 || typeof value !== "string" || value.length > 500)
      throw invalid(`Metadata ${key} is too long`, { param: `metadata[${key}]` });
}

const declines = {
  chargeDeclined: ["card_declined", "generic_decline"],
  visa_chargeDeclined: ["card_declined", "generic_decline"],
  chargeDeclinedInsufficientFunds: ["card_declined", "insufficient_funds"],
  visa_chargeDeclinedInsufficientFunds: ["card_declined", "insufficient_funds"],
  chargeDeclinedLostCard: ["card_declined", "lost_card"],
  chargeDeclinedExpiredCard: ["expired_card", null],
  chargeDeclinedIncorrectCvc: ["incorrect_cvc", null],
  chargeDeclinedProcessingError: ["processing_error", null],
};
const actions = ["threeDSecure2Required", "threeDSecureRequired", "authenticationRequired"];
const successes = ["visa", "mastercard", "amex", "visa_debit", "refundFail", "pendingRefund"];

/** What becomes of a payment with this means: {outcome, code, declineCode, refunds}. */
export function behaviourOf(params) {
  const data = params.payment_method_data;
  const token = params.payment_method ?? params.confirmation_token ?? data?.card?.token;
  if (data !== undefined && data.type !== "card")
    throw invalid("Missing required param: payment_method_data[type].", {
      param: "payment_method_data[type]",
    });
  if (token === undefined) return null;
  if (token === "pm_usBankAccount_success") return { outcome: "processing", token };
  const name = /^(?:pm_card_|tok_|ctoken_)(\w+)$/.exec(token)?.[1];
  if (name in declines) {
    const [code, declineCode] = declines[name];
    return { outcome: "decline", code, declineCode, token };
  }
  if (actions.includes(name)) return { outcome: "requires_action", token };
  if (successes.includes(name)) {
    const refunds = { refundFail: "failed", pendingRefund: "pending" }[name] ?? "succeeded";
    return { outcome: "succeeded", refunds, token };
  }
  throw missing("PaymentMethod", token, "payment_method");
}

/** Answers kept by idempotency key, as Stripe documents it. */
export class IdempotencyKeys {
  #kept = new Map();

  /** Runs `execute` unless its answer is known; it gives {status, body} or throws a StripeError. */
  async answer(key, path, params, execute) {
    if (key === undefined) return execute();
    if (key === "" || key.length > 255)
      throw invalid("Idempotency keys must be between 1 and 255 characters long");
    const asked = `${path} ${canonical(params)}`;
    const kept = this.#kept.get(key);
    if (kept !== undefined) return this.#replay(key, kept, asked);
    const entry = { asked, answer: null };
    this.#kept.set(key, entry);
    try {
      entry.answer = await execute();
    } catch (error) {
      if (!(error instanceof StripeError) || !error.saved) this.#kept.delete(key);
      else entry.answer = { status: error.status, body: error.body };
      throw error;
    }
    return entry.answer;
  }

  #replay(key, kept, asked) {
    if (kept.asked !== asked)
      throw new StripeError(
        400,
        {
          type: "idempotency_error",
          message:
            "Keys for idempotent requests can only be used with the same parameters they were " +
            `first used with. Try using a key other than '${key}' if you meant to execute a ` +
            "different request.",
        },
        { saved: false },
      );
    if (kept.answer === null)
      throw new StripeError(
        409,
        {
          type: "idempotency_error",
          code: "idempotency_key_in_use",
          message: `There is currently another in-progress request using this key '${key}'.`,
        },
        { saved: false },
      );
    return { ...kept.answer, headers: { "idempotent-replayed": "true" } };
  }
}
