import type { ApiClient, Failure, Outcome } from "../api/client";
import type { Order } from "../api/types";
import { Observable } from "../lib/observable";

export interface UnsettledView {
  /** Oldest first. */
  orders: Order[];
  loaded: boolean;
  loading: boolean;
  hasMore: boolean;
  failure: Failure | null;
  /** When the list was last true, by this machine's clock. */
  seenMs: number;
}

const pageLength = 50;

/** Orders whose payment or refund isn't settled: everybody's, for admins. */
export class UnsettledFeed {
  readonly view = new Observable<UnsettledView>({
    orders: [],
    loaded: false,
    loading: false,
    hasMore: false,
    failure: null,
    seenMs: 0,
  });
  readonly #api: ApiClient;
  #next: string | null = null;
  #abort = new AbortController();

  constructor(api: ApiClient) {
    this.#api = api;
  }

  close(): void {
    this.#abort.abort();
  }

  /** The list anew, as far down as it had been loaded. */
  load(): Promise<void> {
    const wanted = Math.max(pageLength, this.view.value.orders.length);
    return this.#fetch([], `/api/admin/payments?limit=${pageLength}`, wanted);
  }

  async loadMore(): Promise<void> {
    const { loading, orders } = this.view.value;
    if (this.#next === null || loading) return;
    await this.#fetch(orders, this.#next, orders.length + 1);
  }

  async #fetch(before: Order[], from: string, wanted: number): Promise<void> {
    this.#abort.abort();
    const { signal } = (this.#abort = new AbortController());
    this.#show({ loading: true });
    const orders = new Map(before.map((order) => [order.id, order]));
    let next: string | null = from;
    while (next !== null && orders.size < wanted) {
      const outcome: Outcome<Order[]> = await this.#api.get(next, { signal });
      if (signal.aborted) return;
      if (!outcome.ok) {
        this.#show({ failure: outcome.failure, loading: false });
        return;
      }
      for (const order of outcome.value) orders.set(order.id, order);
      next = outcome.next;
    }
    this.#next = next;
    const list = [...orders.values()];
    this.#show({ orders: list, loaded: true, loading: false, failure: null, seenMs: Date.now() });
  }

  #show(change: Partial<UnsettledView>): void {
    this.view.set({ ...this.view.value, ...change, hasMore: this.#next !== null });
  }
}
