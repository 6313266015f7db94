import { useEffect, useRef, useState } from "preact/hooks";

import { declinedText } from "../api/decline_words";
import type { Order } from "../api/types";
import { isBuyersTurn, stateText } from "../state/order_words";
import type { PaymentFlow, PaymentView } from "../state/payment_flow";
import { clockTimeText } from "../time/format";
import { useCountdown } from "../time/use_countdown";
import { CancelOrder } from "./cancel_order";
import { Countdown } from "./countdown";
import { Alert } from "./failure_note";
import { Icon } from "./icons";
import { PayForm, type PayProps } from "./pay_form";
import { PaymentUnderWay } from "./payment_under_way";

interface Props {
  order: Order;
  total: string;
  /** Admins see others' orders too; only its buyer pays one. */
  isBuyer: boolean;
  flow: PaymentFlow;
  view: PaymentView;
  onChange: () => void;
}

/** Where an order is, and what its buyer can do now. */
export function OrderState(props: Props) {
  const { order } = props;
  if (order.status === "created" || order.status === "awaiting:payment") {
    return <OpenOrder {...props} />;
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
      {order.status === "complete" && props.isBuyer && (
        <a class="button button-quiet" href="/orders">
          All my orders
        </a>
      )}
    </>
  );
}

function OpenOrder({ order, total, isBuyer, flow, view, onChange }: Props) {
  const isOver = useCountdown(order.expiresAt) === 0;
  const [another, setAnother] = useState(false);
  const isToPay = order.status === "created";
  const mayPayAnotherWay = isBuyersTurn(order) && !isOver;
  // An attempt that begins, or an end of the buyer's turn, closes what was opened for it.
  const isPaying = view.step === "paying";
  useEffect(() => {
    if (isPaying || !mayPayAnotherWay) setAnother(false);
  }, [isPaying, mayPayAnotherWay]);
  const formShown = isBuyer && (isToPay || (another && mayPayAnotherWay));
  return (
    <>
      {isToPay ? (
        <Deadline order={order} isOver={isOver} onOver={onChange} />
      ) : (
        <PaymentUnderWay order={order} isBuyer={isBuyer} flow={flow} view={view}>
          {mayPayAnotherWay && (
            <button
              type="button"
              class="button button-quiet button-small"
              aria-expanded={another}
              onClick={() => setAnother(!another)}
            >
              Pay another way
            </button>
          )}
          {isBuyersTurn(order) && (
            <CancelOrder small order={order} flow={flow} onSettled={onChange} />
          )}
        </PaymentUnderWay>
      )}
      <Problem order={order} view={view} />
      {isToPay && view.news !== null && <p class="news">{view.news}</p>}
      <KeptForm shown={formShown} instead={!isToPay} {...{ order, total, isOver, flow, view }} />
      {isToPay && <CancelOrder order={order} flow={flow} onSettled={onChange} />}
    </>
  );
}

interface DeadlineProps {
  order: Order;
  isOver: boolean;
  onOver: () => void;
}

function Deadline({ order, isOver, onOver }: DeadlineProps) {
  // The server says by itself that the order expired; if that message is lost, ask.
  useEffect(() => {
    if (isOver) onOver();
    // eslint-disable-next-line react-hooks/exhaustive-deps -- once, when the time is up
  }, [isOver]);
  return (
    <div class="deadline">
      <Countdown until={order.expiresAt} label="Time left to pay" announced />
      <p>
        {isOver
          ? "Time is up. The ticket is going back to the board…"
          : `${stateText(order)} Pay by ${clockTimeText(order.expiresAt)}.`}
      </p>
    </div>
  );
}

function Problem({ order, view }: { order: Order; view: PaymentView }) {
  const wasDeclined = order.status === "created" && order.payment?.status === "declined";
  const isDecline = view.declined || (view.problem === null && view.step === "idle");
  const problem =
    wasDeclined && isDecline
      ? declinedText(order.payment?.declineCode, view.problem ?? undefined)
      : view.problem;
  if (problem === null) return null;
  return (
    <Alert>
      <p>{problem}</p>
    </Alert>
  );
}

interface KeptProps extends PayProps {
  shown: boolean;
  /** In the place of an attempt that still waits. */
  instead: boolean;
}

/** Once shown it stays, unseen while an attempt runs: after a decline, what was entered is there. */
function KeptForm({ shown, instead, ...props }: KeptProps) {
  const wasShown = useRef(false);
  wasShown.current ||= shown;
  if (!wasShown.current) return null;
  return (
    <div hidden={!shown} class={instead ? "instead" : undefined}>
      {instead && (
        <>
          <h2>Pay another way</h2>
          <p class="hint">The payment that waits is called off first: you pay once.</p>
        </>
      )}
      <PayForm {...props} />
    </div>
  );
}
