import type { Order, Refund } from "../api/types";
import { formatMoney, minorFromMajor } from "../money";
import { clockTimeText, momentText } from "../time/format";

/** The order's state in a sentence: shown, and announced when it becomes so. */
export function stateText(order: Order): string {
  switch (order.status) {
    case "created":
      return "The ticket is held for you at this price.";
    case "awaiting:payment":
      return isBuyersTurn(order)
        ? "Your payment waits for you to confirm it."
        : "Your payment is being confirmed.";
    case "complete":
      return order.payment?.status === "refunded"
        ? "Your payment was refunded. The ticket is still yours."
        : "Paid. The ticket is yours.";
    case "cancelled":
      break;
  }
  const money = moneyText(order);
  switch (order.reason) {
    case "expired":
      return `This order expired: it wasn’t paid in time, so the ticket is free for others again.${money}`;
    case "payment":
      return `This order was cancelled because the payment could not be completed.${money || " Nothing was charged."}`;
    case "admin":
      return `This order was cancelled by Holdfast’s staff.${money}`;
    case "user":
    case undefined:
      return `You cancelled this order. The ticket is free for others again.${money}`;
  }
}

/** What became of money that arrived for an order that can't have its tickets. */
function moneyText(order: Order): string {
  switch (order.payment?.status) {
    case "refunded":
      return " Your payment was refunded.";
    case "refund_due":
      return " Your payment is being refunded.";
    default:
      return "";
  }
}

/** The provider waits for something that only the buyer can do. */
export function isBuyersTurn(order: Order): boolean {
  return order.status === "awaiting:payment" && order.payment?.status === "requires_action";
}

/** What is going to settle a payment, and by when. */
export function settledByText(order: Order): string | null {
  const { unsettled } = order.payment ?? {};
  if (unsettled === undefined) return null;
  const by = timeText(unsettled.settledBy);
  if (by === "") return null;
  return unsettled.next === "buyer_acts"
    ? `You have until ${by}.`
    : `It is settled by ${by} at the latest.`;
}

/** What a list of orders says beside the order's state, or null. `whose`: the buyer, as called there. */
export function orderNote(order: Order, whose = "your"): string | null {
  const { unsettled } = order.payment ?? {};
  if (order.status === "awaiting:payment" && unsettled !== undefined) {
    const by = timeText(unsettled.settledBy);
    return isBuyersTurn(order) || unsettled.next === "buyer_acts"
      ? `Waits for ${whose} confirmation until ${by}`
      : `Not settled yet; known by ${by} at the latest`;
  }
  const refund = order.refunds?.at(-1);
  return refund === undefined ? null : `Refund of ${amountText(refund)}: ${refundStateText(refund)}`;
}

const refundStates: Record<Refund["status"], string> = {
  due: "about to be sent",
  pending: "on its way",
  succeeded: "sent back",
  failed: "failed",
};

export function refundStateText({ status }: Refund): string {
  return refundStates[status];
}

export function refundReasonText({ status, reason }: Refund): string {
  if (reason === "admin") return "Refunded by Holdfast’s staff.";
  return status === "succeeded"
    ? "The payment arrived after the order had ended; it went back to you."
    : "The payment arrived after the order had ended; it goes back to you.";
}

export function amountText({ amount, currency }: { amount: number; currency: string }): string {
  return formatMoney(minorFromMajor(amount), currency);
}

const providerTexts = new Map([
  ["test", "Test payment"],
  ["stripe", "Stripe"],
  ["paypal", "PayPal"],
]);

export function providerText(name: string): string {
  return providerTexts.get(name) ?? name;
}

/** A time of today by the clock alone, another day's with its date. */
function timeText(iso: string): string {
  const time = new Date(iso);
  const isToday = time.toDateString() === new Date().toDateString();
  return isToday ? clockTimeText(iso) : momentText(iso);
}
