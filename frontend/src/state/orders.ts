import type { ApiClient, Failure, Outcome } from "../api/client";
import type { Order } from "../api/types";
import { Observable } from "../lib/observable";
import type { LiveConnection } from "../live/live_connection";
import { later, type Known } from "./merge";

export interface OrdersView {
  /** Newest first. */
  orders: Order[];
  loaded: boolean;
  failure: Failure | null;
}

const nothing: OrdersView = { orders: [], loaded: false, failure: null };
/** How long the list waits for its topic before it is fetched without. */
const subscribeWaitMs = 1500;

/** The signed-in user's own orders, kept true for as long as they are signed in. */
export class OrdersStore {
  readonly view = new Observable<OrdersView>(nothing);
  readonly #api: ApiClient;
  readonly #live: LiveConnection;
  #known = new Map<string, Known<Order>>();
  #unwatch: (() => void) | null = null;
  #fallback: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(api: ApiClient, live: LiveConnection) {
    this.#api = api;
    this.#live = live;
  }

  /** For a user who is signed in now, or for nobody. */
  open(signedIn: boolean): void {
    this.#unwatch?.();
    this.#unwatch = null;
    clearTimeout(this.#fallback);
    this.#abort.abort();
    this.#known = new Map();
    this.view.set(nothing);
    if (!signedIn) return;
    this.#fallback = setTimeout(() => void this.load(), subscribeWaitMs);
    this.#unwatch = this.#live.watch("orders", {
      onSubscribed: () => void this.load(),
      onMessage: (message) => {
        if ("order" in message) this.take(message.order);
      },
    });
  }

  async load(): Promise<void> {
    clearTimeout(this.#fallback);
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    let path: string | null = "/api/orders?limit=200";
    while (path !== null) {
      const outcome: Outcome<Order[]> = await this.#api.get(path, { signal: abort.signal });
      if (abort.signal.aborted) return;
      if (!outcome.ok) {
        this.view.set({ ...this.view.value, failure: outcome.failure });
        return;
      }
      for (const order of outcome.value) this.#merge(order);
      path = outcome.next;
    }
    this.#publish({ loaded: true, failure: null });
  }

  /** An order of one's own, from wherever it came: an answer or an event. */
  take(order: Order): void {
    if (this.#merge(order)) this.#publish({});
  }

  /** A later state of an order that is in the list; an admin also looks at others'. */
  takeOwn(order: Order): void {
    if (this.#known.has(order.id)) this.take(order);
  }

  ofTicket(ticketId: string, orderId: string | undefined): Order | undefined {
    return this.view.value.orders.find(
      (order) =>
        (orderId === undefined || order.id === orderId) &&
        order.tickets.some((ticket) => ticket.id === ticketId),
    );
  }

  #merge(order: Order): boolean {
    const known = this.#known.get(order.id);
    const merged = later(known, { entity: order, deleted: false });
    if (merged === known) return false;
    this.#known.set(order.id, merged);
    return true;
  }

  #publish(change: Partial<OrdersView>): void {
    const orders = [...this.#known.values()]
      .map((known) => known.entity)
      .sort((a, b) => (a.createdAt < b.createdAt ? 1 : a.createdAt > b.createdAt ? -1 : 0));
    this.view.set({ ...this.view.value, ...change, orders });
  }
}

export function isLive(order: Order): boolean {
  return order.status === "created" || order.status === "awaiting:payment";
}
