import type { Order } from "../api/types";
import { Countdown } from "../components/countdown";
import { FailureNote } from "../components/failure_note";
import { Page } from "../components/page";
import { OrderChip } from "../components/status_chip";
import { useObservable } from "../lib/use_observable";
import { formatMoney, minorFromMajor } from "../money";
import { orderNote } from "../state/order_words";
import { orders } from "../state/services";
import { momentText } from "../time/format";

export function OrdersPage() {
  const { orders: list, loaded, failure } = useObservable(orders.view);
  return (
    <Page title="My orders" lead="What you hold, what you bought, and what ran out.">
      {failure !== null && <FailureNote failure={failure} onRetry={() => void orders.load()} />}
      {!loaded && failure === null && (
        <div role="status">
          <span class="visually-hidden">Loading orders…</span>
          <div class="panel skeleton" aria-hidden="true" />
        </div>
      )}
      {loaded && list.length === 0 && (
        <div class="empty">
          <h2>No orders yet</h2>
          <p>Reserve a ticket, and it is held for you while you pay.</p>
          <a class="button" href="/">
            See all tickets
          </a>
        </div>
      )}
      <ul class="orders" aria-label="My orders">
        {list.map((order) => (
          <OrderRow key={order.id} order={order} />
        ))}
      </ul>
    </Page>
  );
}

function OrderRow({ order }: { order: Order }) {
  const more = order.tickets.length - 1;
  const note = orderNote(order);
  return (
    <li class="order" data-testid="order">
      <div class="order-what">
        <h2>
          <a href={`/orders/${order.id}`}>{order.ticket.title}</a>
        </h2>
        <p class="muted">
          {more > 0 && `and ${more} more · `}
          {momentText(order.createdAt)}
        </p>
        {note !== null && <p class="order-note">{note}</p>}
      </div>
      <div class="order-state">
        <OrderChip order={order} />
        {order.status === "created" && (
          <Countdown until={order.expiresAt} label="Time left to pay" />
        )}
      </div>
      <span class="price">{formatMoney(minorFromMajor(order.total), order.currency)}</span>
    </li>
  );
}
