import type { Refund } from "../api/types";
import { amountText, refundReasonText, refundStateText } from "../state/order_words";
import { momentText } from "../time/format";

interface Props {
  refunds: Refund[];
  /** Staff also see the provider's word for a failure. */
  forStaff: boolean;
}

export function RefundList({ refunds, forStaff }: Props) {
  if (refunds.length === 0) return null;
  return (
    <>
      <h2>{refunds.length === 1 ? "Refund" : "Refunds"}</h2>
      <ul class="lines" aria-label="Refunds">
        {refunds.map((refund) => (
          <li key={refund.id} data-testid="refund">
            <div class="refund-what">
              <p>
                <strong class="refund-state">{refundStateText(refund)}</strong>{" "}
                <span class="muted">{momentText(refund.updatedAt)}</span>
              </p>
              <p class="muted">{refundReasonText(refund)}</p>
              {refund.releasesTickets && (
                <p class="muted">
                  {refund.status === "succeeded"
                    ? "The tickets are on sale again."
                    : "The tickets go back on sale when it has succeeded."}
                </p>
              )}
              {refund.status === "failed" && (
                <p class="fault">
                  {forStaff
                    ? `The provider refused it: ${refund.failureCode ?? "it gives no reason"}.`
                    : "The provider could not send it back yet. Holdfast’s staff take care of it."}
                </p>
              )}
            </div>
            <span class="price">{amountText(refund)}</span>
          </li>
        ))}
      </ul>
    </>
  );
}
