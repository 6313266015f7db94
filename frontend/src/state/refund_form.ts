import type { Order } from "../api/types";
import { majorFromMinor, minorFromMajor, parsePrice } from "../money";

/** What can still go back of an order's payment, in minor units; 0 if nothing was paid. */
export function refundableMinor(order: Order): number {
  const { payment } = order;
  if (payment?.status !== "succeeded" && payment?.status !== "refund_due") return 0;
  const paid = minorFromMajor(payment.amount ?? order.total);
  const back = (order.refunds ?? [])
    .filter((refund) => refund.status !== "failed")
    .reduce((sum, refund) => sum + minorFromMajor(refund.amount), 0);
  return Math.max(0, paid - back);
}

export function refundUnderWay(order: Order): boolean {
  return (order.refunds ?? []).some(({ status }) => status === "due" || status === "pending");
}

export interface RefundDraft {
  whole: boolean;
  amount: string;
  releaseTickets: boolean;
}

export type CheckedRefund =
  | { ok: true; minor: number; request: { amount?: number; releaseTickets?: true } }
  | { ok: false; fault: string };

const faults = {
  empty: "Enter an amount.",
  format: "Enter the amount as a plain number, such as 19.99.",
  decimals: "An amount has at most two decimals, such as 19.99.",
  zero: "The amount must be greater than 0.",
  large: "That is more than can be refunded.",
};

/** The request that a draft stands for. The server judges again. */
export function checkRefund(draft: RefundDraft, remainingMinor: number): CheckedRefund {
  if (draft.whole) {
    const request = draft.releaseTickets ? { releaseTickets: true as const } : {};
    return { ok: true, minor: remainingMinor, request };
  }
  const amount = parsePrice(draft.amount);
  if (!amount.ok) return { ok: false, fault: faults[amount.reason] };
  if (amount.minor > remainingMinor) return { ok: false, fault: faults.large };
  return { ok: true, minor: amount.minor, request: { amount: majorFromMinor(amount.minor) } };
}
