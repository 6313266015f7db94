import { failureCode, type Failure } from "./client";
import { declinedText } from "./decline_words";

/** Refusals in words that a buyer or a seller understands, by the API's stable codes. */
const wordsByCode: Record<string, string> = {
  ticket_reserved:
    "Somebody else has just reserved this ticket. If they don't pay in time, it comes free again.",
  ticket_sold: "This ticket has been sold.",
  ticket_changed:
    "The seller changed this ticket a moment ago. Look at the new details, then reserve it again.",
  own_ticket: "This is your own ticket, so you can't buy it.",
  order_expired: "The time to pay is over, so the ticket is free for others again.",
  order_cancelled: "This order was cancelled, so it can't be paid any more.",
  order_complete: "This order is paid already.",
  payment_in_progress:
    "A payment for this order is under way, and its provider doesn't say yet how it ended. Wait for its outcome.",
  nothing_to_refund: "There is nothing left to refund.",
  refund_in_progress: "Another refund of this order is still under way. Wait for its outcome.",
  email_in_use: "An account with this e-mail address exists already. Sign in instead?",
  invalid_credentials: "E-mail address or password is wrong.",
};

/** Words for the seller's actions, where the same codes mean something else. */
const sellerWordsByCode: Record<string, string> = {
  ticket_reserved:
    "A buyer holds this ticket right now, so it can't be changed or removed. If they don't pay in time, it comes free again.",
  ticket_sold: "This ticket is sold, so it can't be changed or removed any more.",
};

export type Doing = "buying" | "selling" | "reading";

export function failureText(failure: Failure, doing: Doing = "buying"): string {
  const code = failureCode(failure);
  if (failure.status === 402) return declinedText(code, failure.errors[0]?.message);
  const known = (doing === "selling" ? sellerWordsByCode[code] : undefined) ?? wordsByCode[code];
  if (known !== undefined) return known;
  switch (failure.kind) {
    case "unreachable":
      return doing === "reading"
        ? "Holdfast can't be reached. Check your connection."
        : "The connection broke before an answer came. Your change may or may not have arrived; this page shows which as soon as it is back online.";
    case "timeout":
      return doing === "reading"
        ? "Holdfast took too long to answer."
        : "No answer came in time. Your change may or may not have arrived; this page shows which as soon as it knows.";
    case "busy":
      return failure.status === 429
        ? `Too many requests. Try again ${afterText(failure)}.`
        : `Holdfast is busy. Try again ${afterText(failure)}.`;
    case "unreadable":
      return "Something between you and Holdfast gave an answer that makes no sense. Try again.";
    case "refused":
      break;
  }
  const said = failure.errors.map((error) => error.message).join(" ");
  if (said !== "") return said;
  if (failure.status === 403) return "You may not do this.";
  if (failure.status === 404) return "This doesn't exist any more.";
  return "Something went wrong at Holdfast. Try again in a moment.";
}

function afterText(failure: Failure): string {
  const seconds = failure.retryAfterSeconds;
  if (seconds === undefined) return "in a moment";
  if (seconds < 90) return `in ${seconds} second${seconds === 1 ? "" : "s"}`;
  return `in ${Math.ceil(seconds / 60)} minutes`;
}

/** Messages by field, the first of each. "event.venue" is also found as "venue". */
export function fieldErrors(failure: Failure): Map<string, string> {
  const found = new Map<string, string>();
  for (const { field, message } of failure.errors) {
    if (field === undefined) continue;
    const name = field.replace(/^event\./, "");
    if (!found.has(name)) found.set(name, message);
  }
  return found;
}
