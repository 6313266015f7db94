import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import type { ApiClient, Failure, Outcome } from "../src/api/client";
import type { LiveMessage, Order, Ticket } from "../src/api/types";
import type { LiveConnection, Watcher } from "../src/live/live_connection";
import { BoardFeed } from "../src/state/board_feed";
import { EntityWatch } from "../src/state/entity_watch";
import { OrdersStore } from "../src/state/orders";
import { idOf, order, ticket } from "./samples";

const busy: Failure = { kind: "busy", status: 503, errors: [] };
const notFound: Failure = { kind: "refused", status: 404, errors: [] };

function page<T>(value: T, next: string | null = null): Outcome<T> {
  return { ok: true, value, status: 200, next };
}

function failed(failure: Failure): Outcome<never> {
  return { ok: false, failure };
}

/** A server of fixed answers by path, and a live connection whose events the test makes. */
function stage(answers: Record<string, Outcome<unknown>>) {
  const asked: string[] = [];
  const watchers: Watcher[] = [];
  const api = {
    get: (path: string) => {
      asked.push(path);
      return Promise.resolve(answers[path] ?? failed(notFound));
    },
  } as unknown as ApiClient;
  const live = {
    watch: (_topic: string, watcher: Watcher) => {
      watchers.push(watcher);
      return () => undefined;
    },
  } as unknown as LiveConnection;
  const subscribed = async () => {
    for (const watcher of watchers) watcher.onSubscribed();
    await vi.advanceTimersByTimeAsync(100);
  };
  const say = async (message: LiveMessage) => {
    for (const watcher of watchers) watcher.onMessage(message);
    await vi.advanceTimersByTimeAsync(100);
  };
  return { api, live, asked, answers, subscribed, say };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the board's feed", () => {
  const first = "/api/tickets?status=all&limit=50";
  const titles = (feed: BoardFeed) =>
    feed.view.value.tickets.map((one) => `${one.title} ${one.status}`);

  function feedOf(answers: Record<string, Outcome<Ticket[] | Ticket>>) {
    const world = stage(answers);
    const feed = new BoardFeed({ ...world, query: { status: "all" } });
    feed.open();
    return { ...world, feed };
  }

  it("fetches when its topic is subscribed, not before", async () => {
    const { feed, asked, subscribed } = feedOf({ [first]: page([ticket(1)]) });
    await vi.advanceTimersByTimeAsync(0);
    expect(asked).toEqual([]);
    await subscribed();
    expect(asked).toEqual([first]);
    expect(titles(feed)).toEqual(["Ticket 1 available"]);
  });

  it("fetches without its topic when that takes too long, and again once it is there", async () => {
    const { feed, asked, subscribed } = feedOf({ [first]: page([ticket(1)]) });
    await vi.advanceTimersByTimeAsync(2000);
    expect(feed.view.value.loaded).toBe(true);
    await subscribed();
    expect(asked).toEqual([first, first]);
  });

  it("keeps an event that came before the list", async () => {
    const { feed, subscribed, say } = feedOf({ [first]: page([ticket(1)]) });
    await say({ type: "ticket:updated", ticket: ticket(1, { version: 1, status: "sold" }) });
    await subscribed();
    expect(titles(feed)).toEqual(["Ticket 1 sold"]);
  });

  it("adds pages below, and covers them all again after a reconnection", async () => {
    const { feed, asked, subscribed } = feedOf({
      [first]: page(
        Array.from({ length: 50 }, (_, index) => ticket(60 - index)),
        "/more",
      ),
      "/more": page([ticket(2), ticket(1)]),
    });
    await subscribed();
    expect(feed.view.value.hasMore).toBe(true);
    await feed.loadMore();
    expect(feed.view.value).toMatchObject({ hasMore: false, loadingMore: false });
    expect(feed.view.value.tickets).toHaveLength(52);
    asked.length = 0;
    await subscribed();
    expect(asked).toEqual([first, "/more"]);
    expect(feed.view.value.tickets).toHaveLength(52);
  });

  it("asks after a reconnection what became of tickets that left the list", async () => {
    const { feed, answers, subscribed } = feedOf({
      [first]: page([ticket(3), ticket(2), ticket(1)]),
    });
    await subscribed();
    answers[first] = page([ticket(3)]);
    answers[`/api/tickets/${idOf(2)}`] = page(ticket(2, { version: 4, status: "reserved" }));
    await subscribed();
    expect(titles(feed)).toEqual(["Ticket 3 available", "Ticket 2 reserved"]);
  });

  it("keeps what it shows when a fetch fails, and says so", async () => {
    const { feed, answers, subscribed } = feedOf({ [first]: page([ticket(1)]) });
    await subscribed();
    answers[first] = failed(busy);
    await subscribed();
    expect(feed.view.value.failure).toEqual(busy);
    expect(titles(feed)).toEqual(["Ticket 1 available"]);
  });
});

describe("one entity's watch", () => {
  const path = `/api/tickets/${idOf(1)}`;

  function watchOf(answers: Record<string, Outcome<Ticket>>) {
    const world = stage(answers);
    const watch = new EntityWatch<Ticket>({
      ...world,
      topic: `ticket:${idOf(1)}`,
      path,
      pick: (message) =>
        "ticket" in message
          ? { entity: message.ticket, deleted: message.type === "ticket:deleted" }
          : null,
    });
    watch.open();
    return { ...world, watch };
  }

  it("never goes back to an older state", async () => {
    const { watch, subscribed, say } = watchOf({ [path]: page(ticket(1, { version: 3 })) });
    await say({ type: "ticket:snapshot", ticket: ticket(1, { version: 5, status: "sold" }) });
    await subscribed();
    expect(watch.view.value.entity).toMatchObject({ version: 5, status: "sold" });
  });

  it("says that it is gone when it is deleted, or was so meanwhile", async () => {
    const told = watchOf({ [path]: page(ticket(1)) });
    await told.subscribed();
    await told.say({ type: "ticket:deleted", ticket: ticket(1, { version: 1 }) });
    expect(told.watch.view.value.gone).toBe(true);
    const asked = watchOf({ [path]: page(ticket(1)) });
    await asked.subscribed();
    asked.answers[path] = failed(notFound);
    await asked.subscribed();
    expect(asked.watch.view.value.gone).toBe(true);
  });

  it("shows a failure only as long as it has nothing better", async () => {
    const { watch, answers, subscribed } = watchOf({ [path]: failed(busy) });
    await subscribed();
    expect(watch.view.value.failure).toEqual(busy);
    answers[path] = page(ticket(1));
    await subscribed();
    expect(watch.view.value).toMatchObject({ failure: null, entity: { id: idOf(1) } });
    answers[path] = failed(busy);
    await subscribed();
    expect(watch.view.value.failure).toBeNull();
  });
});

describe("one's own orders", () => {
  const path = "/api/orders?limit=200";

  it("are all fetched, newest first, and kept true by events", async () => {
    const { api, live, subscribed, say } = stage({
      [path]: page([order(1), order(2)], "/more"),
      "/more": page([order(3)]),
    });
    const store = new OrdersStore(api, live);
    store.open(true);
    await subscribed();
    const ids = () => store.view.value.orders.map((one: Order) => one.id);
    expect(ids()).toEqual([3, 2, 1].map(idOf));
    await say({
      type: "order:expired",
      order: order(2, { version: 1, status: "cancelled", reason: "expired" }),
    });
    await say({ type: "order:created", order: order(2) });
    expect(store.view.value.orders[1]).toMatchObject({ status: "cancelled", reason: "expired" });
    expect(store.ofTicket(idOf(1), idOf(3))?.id).toBe(idOf(3));
  });

  it("are nobody else's after signing out", async () => {
    const { api, live, subscribed } = stage({ [path]: page([order(1)]) });
    const store = new OrdersStore(api, live);
    store.open(true);
    await subscribed();
    store.open(false);
    expect(store.view.value).toEqual({ orders: [], loaded: false, failure: null });
  });
});
