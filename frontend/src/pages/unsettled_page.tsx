import { useEffect, useMemo } from "preact/hooks";

import type { Order, User } from "../api/types";
import { FailureNote } from "../components/failure_note";
import { Icon } from "../components/icons";
import { Page } from "../components/page";
import { OrderChip } from "../components/status_chip";
import { useObservable } from "../lib/use_observable";
import { amountText, orderNote, providerText } from "../state/order_words";
import { announcer, api } from "../state/services";
import { isAdmin } from "../state/session";
import { UnsettledFeed } from "../state/unsettled_feed";
import { momentText } from "../time/format";
import { GonePage } from "./plain_pages";

/** No event tells an admin of others' payments, so the list is asked for while somebody looks. */
const refreshEveryMs = 15_000;

/** For admins: every order whose payment or refund isn't settled. */
export function UnsettledPage({ user }: { user: User }) {
  if (!isAdmin(user)) {
    return (
      <GonePage title="This page is for staff">
        <p>Your account isn’t one of Holdfast’s staff.</p>
      </GonePage>
    );
  }
  return <UnsettledList />;
}

function UnsettledList() {
  const feed = useMemo(() => new UnsettledFeed(api), []);
  useEffect(() => {
    void feed.load();
    const timer = setInterval(() => {
      if (!document.hidden) void feed.load();
    }, refreshEveryMs);
    return () => {
      clearInterval(timer);
      feed.close();
    };
  }, [feed]);
  const { orders, loaded, loading, hasMore, failure } = useObservable(feed.view);
  const refresh = async () => {
    await feed.load();
    if (feed.view.value.failure === null) announcer.say(countText(feed.view.value.orders.length));
  };
  return (
    <Page
      title="Unsettled payments"
      lead="Orders whose payment or refund isn’t settled yet, the oldest first."
      actions={
        <button
          type="button"
          class="button button-quiet"
          aria-disabled={loading}
          onClick={() => void refresh()}
        >
          <Icon name="sync" />
          Refresh
        </button>
      }
    >
      {failure !== null && <FailureNote failure={failure} onRetry={() => void feed.load()} />}
      {!loaded && failure === null && (
        <div role="status">
          <span class="visually-hidden">Loading payments…</span>
          <div class="panel skeleton" aria-hidden="true" />
        </div>
      )}
      {loaded && orders.length === 0 && (
        <div class="empty">
          <h2>Everything is settled</h2>
          <p>No payment and no refund waits for anything.</p>
        </div>
      )}
      <ul class="orders" aria-label="Unsettled payments">
        {orders.map((order) => (
          <Row key={order.id} order={order} />
        ))}
      </ul>
      {hasMore && (
        <p class="more">
          <button
            type="button"
            class="button button-quiet"
            aria-disabled={loading}
            onClick={() => void feed.loadMore()}
          >
            {loading ? "Loading…" : "Show more payments"}
          </button>
        </p>
      )}
    </Page>
  );
}

function countText(count: number): string {
  if (count === 0) return "Everything is settled.";
  return count === 1 ? "One unsettled payment." : `${count} unsettled payments.`;
}

function Row({ order }: { order: Order }) {
  const { payment } = order;
  const amount = payment?.amount ?? order.total;
  const note = orderNote(order, "the buyer’s");
  return (
    <li class="order" data-testid="unsettled-order">
      <div class="order-what">
        <h2>
          <a href={`/orders/${order.id}`}>{order.ticket.title}</a>
        </h2>
        <p class="muted">
          {payment?.provider !== undefined && `${providerText(payment.provider)} · `}
          {momentText(order.createdAt)}
        </p>
        {note !== null && <p class="order-note">{note}</p>}
      </div>
      <div class="order-state">
        <OrderChip order={order} />
      </div>
      <span class="price">{amountText({ amount, currency: order.currency })}</span>
    </li>
  );
}
