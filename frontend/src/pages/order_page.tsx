import { useEffect, useRef, useState } from "preact/hooks";

import type { Failure } from "../api/client";
import type { Order } from "../api/types";
import { failureText, laterDeclinedText } from "../api/words";
import { ConfirmDialog } from "../components/confirm_dialog";
import { Countdown } from "../components/countdown";
import { Alert } from "../components/failure_note";
import { Icon } from "../components/icons";
import { Page } from "../components/page";
import { PayForm } from "../components/pay_form";
import { OrderChip } from "../components/status_chip";
import { formatMoney, minorFromMajor } from "../money";
import { announcer, api } from "../state/services";
import { useOrder } from "../state/use_entity";
import { clockTimeText, momentText } from "../time/format";
import { useCountdown } from "../time/use_countdown";
import { FailedPage, GonePage, LoadingPage } from "./plain_pages";

export function OrderPage({ id }: { id: string }) {
  const [{ entity: order, gone, failure }, watch] = useOrder(id);
  useSpokenChanges(order);
  if (gone) {
    return (
      <GonePage title="Order not found">
        <p>There is no such order, or the address is wrong.</p>
      </GonePage>
    );
  }
  if (failure?.status === 403) {
    return (
      <GonePage title="This isn’t your order">
        <p>You are signed in with another account than the one that made it.</p>
      </GonePage>
    );
  }
  if (failure !== null) {
    return <FailedPage title="Order" failure={failure} onRetry={() => void watch.fetch()} />;
  }
  if (order === null) return <LoadingPage title="Order" />;
  const total = formatMoney(minorFromMajor(order.total), order.currency);
  return (
    <Page title={order.ticket.title} documentTitle={`Order: ${order.ticket.title}`} eyebrow="Order">
      <div class="columns">
        <section class="panel stack" aria-label="State">
          <OrderChip order={order} />
          <State order={order} total={total} onChange={() => void watch.fetch()} />
        </section>
        <section class="panel stack" aria-label="What you ordered">
          <h2>What you ordered</h2>
          <ul class="lines">
            {order.tickets.map((ticket) => (
              <li key={ticket.id}>
                <a href={`/tickets/${ticket.id}`}>{ticket.title}</a>
                <span class="price">
                  {formatMoney(minorFromMajor(ticket.price), order.currency)}
                </span>
              </li>
            ))}
            <li class="lines-total">
              <span>Total</span>
              <span class="price">{total}</span>
            </li>
          </ul>
          <p class="muted">Ordered {momentText(order.createdAt)}</p>
        </section>
      </div>
    </Page>
  );
}

/** The order's state in a sentence: shown, and announced when it becomes so. */
function stateText(order: Order): string {
  switch (order.status) {
    case "created":
      return "The ticket is held for you at this price.";
    case "awaiting:payment":
      return "Your payment is being confirmed.";
    case "complete":
      return "Paid. The ticket is yours.";
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

function useSpokenChanges(order: Order | null): void {
  const before = useRef<Order["status"] | null>(null);
  useEffect(() => {
    if (order === null) return;
    if (before.current !== null && before.current !== order.status) announcer.say(stateText(order));
    before.current = order.status;
  }, [order]);
}

interface StateProps {
  order: Order;
  total: string;
  onChange: () => void;
}

function State({ order, total, onChange }: StateProps) {
  // Kept here, since a declined payment leaves `created` for a moment and comes back to it.
  const [failure, setFailure] = useState<Failure | null>(null);
  if (order.status === "created") {
    return <ToPay order={order} total={total} {...{ failure, setFailure, onChange }} />;
  }
  if (order.status === "awaiting:payment") {
    return (
      <div class="pending">
        <span class="spinner" aria-hidden="true" />
        <div>
          <p>{stateText(order)}</p>
          <p class="muted">
            The ticket stays yours meanwhile, also past the deadline. You can leave this page: the
            order settles by itself, and is charged at most once.
          </p>
        </div>
      </div>
    );
  }
  return (
    <>
      {order.status === "complete" && (
        <p class="done" aria-hidden="true">
          <Icon name="check" />
        </p>
      )}
      <p>{stateText(order)}</p>
      {order.status === "cancelled" && (
        <a class="button button-quiet" href={`/tickets/${order.ticket.id}`}>
          See the ticket
        </a>
      )}
      {order.status === "complete" && (
        <a class="button button-quiet" href="/orders">
          All my orders
        </a>
      )}
    </>
  );
}

interface ToPayProps extends StateProps {
  failure: Failure | null;
  setFailure: (failure: Failure | null) => void;
}

function ToPay({ order, total, failure, setFailure, onChange }: ToPayProps) {
  const isOver = useCountdown(order.expiresAt) === 0;
  // The server says by itself that the order expired; if that message is lost, ask.
  useEffect(() => {
    if (isOver) onChange();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the time is up
  }, [isOver]);
  return (
    <>
      <div class="deadline">
        <Countdown until={order.expiresAt} label="Time left to pay" announced />
        <p>
          {isOver
            ? "Time is up. The ticket is going back to the board…"
            : `${stateText(order)} Pay by ${clockTimeText(order.expiresAt)}.`}
        </p>
      </div>
      {failure !== null && (
        <Alert>
          <p>{failureText(failure)}</p>
        </Alert>
      )}
      {failure === null && order.payment?.status === "declined" && (
        <Alert>
          <p>{laterDeclinedText(order.payment.declineCode)}</p>
        </Alert>
      )}
      <PayForm
        order={order}
        total={total}
        isOver={isOver}
        onFailure={setFailure}
        onSettled={onChange}
      />
      <CancelOrder order={order} onFailure={setFailure} onSettled={onChange} />
    </>
  );
}

interface CancelProps {
  order: Order;
  onFailure: (failure: Failure | null) => void;
  onSettled: () => void;
}

function CancelOrder({ order, onFailure, onSettled }: CancelProps) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const cancel = async () => {
    setBusy(true);
    onFailure(null);
    const outcome = await api.delete(`/api/orders/${order.id}`);
    setBusy(false);
    setAsked(false);
    if (!outcome.ok) onFailure(outcome.failure);
    onSettled();
  };
  return (
    <>
      <button type="button" class="button button-quiet" onClick={() => setAsked(true)}>
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
        <p>“{order.ticket.title}” goes back to the board at once, and somebody else may take it.</p>
      </ConfirmDialog>
    </>
  );
}
