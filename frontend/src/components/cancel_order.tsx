import { useState } from "preact/hooks";

import type { Order } from "../api/types";
import { isBuyersTurn } from "../state/order_words";
import type { PaymentFlow } from "../state/payment_flow";
import { api } from "../state/services";
import { ConfirmDialog } from "./confirm_dialog";

/** Calling a payment off at its provider takes the provider's time. */
const cancelTimeoutMs = 45_000;

interface Props {
  order: Order;
  flow: PaymentFlow;
  small?: boolean;
  onSettled: () => void;
}

export function CancelOrder({ order, flow, small = false, onSettled }: Props) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    flow.report(null);
    const outcome = await api.delete(`/api/orders/${order.id}`, { timeoutMs: cancelTimeoutMs });
    setBusy(false);
    setAsked(false);
    if (!outcome.ok) flow.fail(outcome.failure);
    onSettled();
  };
  return (
    <>
      <button
        type="button"
        class={small ? "button button-quiet button-small" : "button button-quiet"}
        onClick={() => setAsked(true)}
      >
        Cancel order
      </button>
      <ConfirmDialog
        open={asked}
        title="Cancel this order?"
        confirmLabel={busy ? "Cancelling…" : "Yes, cancel it"}
        keepLabel="Keep my ticket"
        busy={busy}
        onConfirm={() => void cancel()}
        onClose={() => setAsked(false)}
      >
        {isBuyersTurn(order) && <p>The payment is called off first, so nothing is charged.</p>}
        <p>“{order.ticket.title}” goes back to the board at once, and somebody else may take it.</p>
      </ConfirmDialog>
    </>
  );
}
