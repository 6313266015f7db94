import type { ApiClient, Failure, Outcome } from "../api/client";
import type { Ticket, TicketStatus } from "../api/types";
import { Observable } from "../lib/observable";
import type { LiveConnection } from "../live/live_connection";
import { TicketBoard } from "./ticket_board";

export type StatusFilter = TicketStatus | "all";

export interface BoardQuery {
  status: StatusFilter;
  /** Only this user's own tickets. */
  sellerId?: string;
}

export interface BoardView {
  tickets: Ticket[];
  loaded: boolean;
  loadingMore: boolean;
  hasMore: boolean;
  failure: Failure | null;
}

interface Parts {
  api: ApiClient;
  live: LiveConnection;
  query: BoardQuery;
}

const pageLength = 50;
/** How long the board waits for its topic before it fetches without. */
const subscribeWaitMs = 1500;
/** Events of this span are drawn together, so that a rush of sales doesn't stall the page. */
const drawEveryMs = 40;
/** How many tickets that left the list are asked for one by one after a reconnection. */
const refreshMax = 40;
const refreshAtOnce = 4;

/** A list of tickets: fetched, kept true by live events, fetched anew after a reconnection. */
export class BoardFeed {
  readonly view = new Observable<BoardView>({
    tickets: [],
    loaded: false,
    loadingMore: false,
    hasMore: false,
    failure: null,
  });
  readonly #parts: Parts;
  readonly #board: TicketBoard;
  #unwatch: (() => void) | null = null;
  #fallback: ReturnType<typeof setTimeout> | undefined;
  #drawing: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(parts: Parts) {
    this.#parts = parts;
    const { status, sellerId } = parts.query;
    this.#board = new TicketBoard(
      (ticket) =>
        (status === "all" || ticket.status === status) &&
        (sellerId === undefined || ticket.userId === sellerId),
    );
  }

  open(): void {
    this.#fallback = setTimeout(() => void this.load(), subscribeWaitMs);
    this.#board.begin();
    this.#unwatch = this.#parts.live.watch("tickets", {
      onSubscribed: () => void this.load(),
      onMessage: (message) => {
        if (this.#board.apply(message)) this.#drawSoon();
      },
    });
  }

  close(): void {
    clearTimeout(this.#fallback);
    clearTimeout(this.#drawing);
    this.#abort.abort();
    this.#unwatch?.();
    this.#unwatch = null;
  }

  /** The list anew, as far down as it had been loaded. */
  async load(): Promise<void> {
    clearTimeout(this.#fallback);
    const signal = this.#renewAbort();
    this.#board.begin();
    const wanted = Math.max(pageLength, this.#board.fetched);
    const list: Ticket[] = [];
    let next: string | null = this.#firstPage();
    while (next !== null && list.length < wanted) {
      const outcome: Outcome<Ticket[]> = await this.#parts.api.get(next, { signal });
      if (signal.aborted) return;
      if (!outcome.ok) {
        this.#draw({ failure: outcome.failure, loadingMore: false });
        return;
      }
      list.push(...outcome.value);
      next = outcome.next;
    }
    const missing = this.#board.replace(list, next);
    this.#draw({ loaded: true, failure: null, loadingMore: false });
    await this.#refresh(missing, signal);
  }

  async loadMore(): Promise<void> {
    const next = this.#board.next;
    if (next === null || this.view.value.loadingMore) return;
    const signal = this.#renewAbort();
    this.#board.begin();
    this.#draw({ loadingMore: true, failure: null });
    const outcome = await this.#parts.api.get<Ticket[]>(next, { signal });
    if (signal.aborted) return;
    if (outcome.ok) this.#board.take(outcome.value, outcome.next);
    this.#draw({ loadingMore: false, failure: outcome.ok ? null : outcome.failure });
  }

  /** A ticket that this page itself deleted. */
  drop(id: string): void {
    this.#board.drop(id);
    this.#draw({});
  }

  #firstPage(): string {
    const { status, sellerId } = this.#parts.query;
    const query = new URLSearchParams({ status, limit: String(pageLength) });
    if (sellerId !== undefined) query.set("seller", "me");
    return `/api/tickets?${query.toString()}`;
  }

  /** Tickets that left the list while nobody told: what became of each. */
  async #refresh(ids: string[], signal: AbortSignal): Promise<void> {
    for (const id of ids.slice(refreshMax)) this.#board.drop(id);
    const waiting = ids.slice(0, refreshMax);
    const work = async () => {
      for (let id = waiting.pop(); id !== undefined; id = waiting.pop()) {
        const outcome = await this.#parts.api.get<Ticket>(`/api/tickets/${id}`, { signal });
        if (signal.aborted) return;
        if (outcome.ok) this.#board.refresh(outcome.value);
        else if (outcome.failure.status === 404) this.#board.drop(id);
      }
    };
    await Promise.all(Array.from({ length: refreshAtOnce }, work));
    if (!signal.aborted && ids.length > 0) this.#draw({});
  }

  #renewAbort(): AbortSignal {
    this.#abort.abort();
    this.#abort = new AbortController();
    return this.#abort.signal;
  }

  #drawSoon(): void {
    this.#drawing ??= setTimeout(() => this.#draw({}), drawEveryMs);
  }

  #draw(change: Partial<BoardView>): void {
    clearTimeout(this.#drawing);
    this.#drawing = undefined;
    this.view.set({
      ...this.view.value,
      ...change,
      tickets: this.#board.tickets,
      hasMore: this.#board.next !== null,
    });
  }
}
