import type { ComponentChildren } from "preact";

import type { Order } from "../api/types";
import { isBuyersTurn, settledByText, stateText } from "../state/order_words";
import type { PaymentFlow, PaymentStep, PaymentView } from "../state/payment_flow";
import { Icon } from "./icons";

const stepTexts: Record<PaymentStep, string> = {
  idle: "",
  paying: "Asking the provider to take the payment…",
  confirming: "Confirm the payment in the window that your bank opens…",
  asking: "Asking the provider how it went…",
  leaving: "Opening the provider’s page…",
};

const buyersTurnText =
  "Nothing is charged until you confirm. If you don’t, the payment is called off";

interface Props {
  order: Order;
  isBuyer: boolean;
  flow: PaymentFlow;
  view: PaymentView;
  /** Further things to do, beside those that belong to the payment. */
  children: ComponentChildren;
}

/** A payment that isn't settled: what will settle it, by when, and what the buyer can do. */
export function PaymentUnderWay({ order, isBuyer, flow, view, children }: Props) {
  const buyersTurn = isBuyersTurn(order);
  const busy = view.step !== "idle";
  const message = isBuyer && buyersTurn ? buyersTurnText : order.payment?.unsettled?.message;
  const by = settledByText(order);
  return (
    <>
      <div class="pending" data-testid="unsettled">
        {buyersTurn && !busy ? (
          <Icon name="card" />
        ) : (
          <span class="spinner" aria-hidden="true" />
        )}
        <div>
          <p class="pending-what" role="status">
            {busy ? stepTexts[view.step] : stateText(order)}
          </p>
          {message !== undefined && <p>{sentence(message)}</p>}
          {by !== null && <p>{by}</p>}
          {!buyersTurn && (
            <p>
              You can leave this page: the order settles by itself, and is charged at most once.
            </p>
          )}
        </div>
      </div>
      {view.news !== null && (
        <p class="news" role="status">
          {view.news}
        </p>
      )}
      {isBuyer && buyersTurn && (
        <div class="button-row">
          <BuyersTurn order={order} flow={flow} busy={busy} />
        </div>
      )}
      {isBuyer && (
        <div class="button-row">
          <button
            type="button"
            class="button button-quiet button-small"
            aria-disabled={busy}
            onClick={() => void flow.resume()}
          >
            <Icon name="sync" />
            Check now
          </button>
          {children}
        </div>
      )}
    </>
  );
}

/** The server's words, which may lack the full stop. */
function sentence(text: string): string {
  return `${text.replace(/[.\s]*$/, "")}.`;
}

interface TurnProps {
  order: Order;
  flow: PaymentFlow;
  busy: boolean;
}

function BuyersTurn({ order, flow, busy }: TurnProps) {
  const { action, provider } = order.payment ?? {};
  if ((action?.provider ?? provider) === "test") {
    return (
      <>
        <button
          type="button"
          class="button"
          aria-disabled={busy}
          onClick={() => void flow.resume("tok_approve")}
        >
          <Icon name="check" />
          Approve
        </button>
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={busy}
          onClick={() => void flow.resume("tok_refuse")}
        >
          <Icon name="cross" />
          Refuse
        </button>
      </>
    );
  }
  if (action === undefined) return null;
  return (
    <button
      type="button"
      class="button"
      aria-disabled={busy}
      onClick={() => void flow.continue(action)}
    >
      {action.provider === "paypal" ? "Continue at PayPal" : "Continue"}
    </button>
  );
}
