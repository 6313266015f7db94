import { useEffect, useRef } from "preact/hooks";

import type { Order, User } from "../api/types";
import { OrderState } from "../components/order_state";
import { Page } from "../components/page";
import { RefundForm } from "../components/refund_form";
import { RefundList } from "../components/refund_list";
import { OrderChip } from "../components/status_chip";
import { formatMoney, minorFromMajor } from "../money";
import { stateText } from "../state/order_words";
import { refundUnderWay } from "../state/refund_form";
import { announcer } from "../state/services";
import { isAdmin } from "../state/session";
import { useOrder } from "../state/use_entity";
import { usePayment } from "../state/use_payment";
import { momentText } from "../time/format";
import { FailedPage, GonePage, LoadingPage } from "./plain_pages";

export function OrderPage({ id, user }: { id: string; user: User }) {
  const [{ entity: order, gone, failure }, watch] = useOrder(id);
  const onChange = () => void watch.fetch();
  const [view, flow] = usePayment(id, onChange);
  useSpokenChanges(order);
  useFollowedOrder(order, user, onChange);
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
    return <FailedPage title="Order" failure={failure} onRetry={onChange} />;
  }
  if (order === null) return <LoadingPage title="Order" />;
  const total = formatMoney(minorFromMajor(order.total), order.currency);
  const isBuyer = order.userId === user.id;
  const admin = isAdmin(user);
  return (
    <Page title={order.ticket.title} documentTitle={`Order: ${order.ticket.title}`} eyebrow="Order">
      <div class="columns">
        <section class="panel stack" aria-label="State">
          <OrderChip order={order} />
          {!isBuyer && (
            <p class="muted">Another account’s order. What follows is what its buyer reads.</p>
          )}
          <OrderState {...{ order, total, isBuyer, flow, view, onChange }} />
        </section>
        <section class="panel stack" aria-label="What you ordered">
          <Ordered order={order} total={total} />
          <RefundList refunds={order.refunds ?? []} forStaff={admin} />
        </section>
        {admin && order.payment !== undefined && (
          <section class="panel stack" aria-label="For staff: refund">
            <h2>For staff: refund</h2>
            <RefundForm order={order} onOrder={(now) => watch.take(now)} onChange={onChange} />
          </section>
        )}
      </div>
    </Page>
  );
}

function Ordered({ order, total }: { order: Order; total: string }) {
  return (
    <>
      <h2>What you ordered</h2>
      <ul class="lines">
        {order.tickets.map((ticket) => (
          <li key={ticket.id}>
            <a href={`/tickets/${ticket.id}`}>{ticket.title}</a>
            <span class="price">{formatMoney(minorFromMajor(ticket.price), order.currency)}</span>
          </li>
        ))}
        <li class="lines-total">
          <span>Total</span>
          <span class="price">{total}</span>
        </li>
      </ul>
      <p class="muted">Ordered {momentText(order.createdAt)}</p>
    </>
  );
}

function useSpokenChanges(order: Order | null): void {
  const before = useRef<string | null>(null);
  useEffect(() => {
    if (order === null) return;
    const now = stateText(order);
    if (before.current !== null && before.current !== now) announcer.say(now);
    before.current = now;
  }, [order]);
}

/** The live connection tells of one's own orders alone; another's is asked for while it changes. */
const followEveryMs = 5_000;

function useFollowedOrder(order: Order | null, user: User, onChange: () => void): void {
  const ask = useRef(onChange);
  ask.current = onChange;
  const followed =
    order !== null &&
    order.userId !== user.id &&
    (order.status === "awaiting:payment" || refundUnderWay(order));
  useEffect(() => {
    if (!followed) return;
    const timer = setInterval(() => ask.current(), followEveryMs);
    return () => clearInterval(timer);
  }, [followed]);
}
