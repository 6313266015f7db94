import type { LiveMessage, Ticket } from "../api/types";
import { later, type Known } from "./merge";

/**
 * A list of tickets that stays true: pages of the list and live events, merged by version.
 *
 * What is on the board stays where it is and shows its present state, also when that state no
 * longer fits the filter: a ticket that somebody reserves is seen to lock instead of vanishing
 * under the reader's hand. Only deleted tickets go. Tickets that come to fit the filter appear in
 * their place. Ids sort by time of creation, and so do lists.
 */
export class TicketBoard {
  readonly #fits: (ticket: Ticket) => boolean;
  #shown = new Map<string, Known<Ticket>>();
  /** What events said while a fetch is under way: its answer may be older than they are. */
  #meanwhile: Map<string, Known<Ticket>> | null = null;
  #next: string | null = null;
  #newestFirst = true;
  #fetched = 0;

  constructor(fits: (ticket: Ticket) => boolean) {
    this.#fits = fits;
  }

  /** Where the next page is, or null at the end. */
  get next(): string | null {
    return this.#next;
  }

  /** How many tickets the pages have brought: what a fresh fetch should cover again. */
  get fetched(): number {
    return this.#fetched;
  }

  get tickets(): Ticket[] {
    const sign = this.#newestFirst ? -1 : 1;
    return [...this.#shown.values()]
      .map((known) => known.entity)
      .sort((a, b) => (a.id < b.id ? -sign : a.id > b.id ? sign : 0));
  }

  /** Before a fetch is sent. Without a matching `end` or `take`, nothing is lost. */
  begin(): void {
    this.#meanwhile ??= new Map();
  }

  /** One more page, below what is there. */
  take(page: Ticket[], next: string | null): void {
    this.#orderBy(page);
    this.#next = next;
    this.#fetched += page.length;
    for (const ticket of page) this.#merge({ entity: ticket, deleted: false }, true);
    this.#settle();
  }

  /**
   * The list anew, from its start. Returns the ids on the board that the list doesn't have: their
   * present state must be asked for one by one, and told with `refresh` or `drop`.
   */
  replace(list: Ticket[], next: string | null): string[] {
    this.#orderBy(list);
    this.#next = next;
    this.#fetched = list.length;
    const inList = new Set(list.map((ticket) => ticket.id));
    for (const ticket of list) this.#merge({ entity: ticket, deleted: false }, true);
    this.#settle();
    return [...this.#shown.keys()].filter((id) => !inList.has(id));
  }

  refresh(ticket: Ticket): void {
    this.#merge({ entity: ticket, deleted: false }, false);
  }

  drop(id: string): void {
    this.#shown.delete(id);
  }

  /** Returns whether the board shows something else now. */
  apply(message: LiveMessage): boolean {
    if (!("ticket" in message)) return false;
    const incoming = { entity: message.ticket, deleted: message.type === "ticket:deleted" };
    const { id } = message.ticket;
    this.#meanwhile?.set(id, later(this.#meanwhile.get(id), incoming));
    return this.#merge(incoming, this.#belongs(message.ticket));
  }

  /** Pages come in order of creation; which way round is seen from the first that tells. */
  #orderBy(list: Ticket[]): void {
    const first = list[0];
    const last = list.at(-1);
    if (first !== undefined && last !== undefined && first.id !== last.id) {
      this.#newestFirst = first.id > last.id;
    }
  }

  /** A new ticket appears if it fits and isn't on a page that hasn't been loaded yet. */
  #belongs(ticket: Ticket): boolean {
    if (!this.#fits(ticket)) return false;
    if (this.#next === null) return true;
    const ids = [...this.#shown.keys()];
    return this.#newestFirst ? ids.some((id) => id < ticket.id) : ids.some((id) => id > ticket.id);
  }

  #merge(incoming: Known<Ticket>, mayAppear: boolean): boolean {
    const { id } = incoming.entity;
    const known = this.#shown.get(id);
    if (known === undefined && !mayAppear) return false;
    const merged = later(known, later(this.#meanwhile?.get(id), incoming));
    if (merged === known) return false;
    if (merged.deleted) return this.#shown.delete(id);
    this.#shown.set(id, merged);
    return true;
  }

  #settle(): void {
    this.#meanwhile = null;
  }
}
