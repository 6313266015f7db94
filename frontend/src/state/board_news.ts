import type { Ticket, TicketStatus } from "../api/types";

const words: Record<TicketStatus, string> = {
  available: "came free",
  reserved: "reserved",
  sold: "sold",
};

/** What changed on a board since it was last told, in one short sentence for those who listen. */
export class BoardNews {
  #statuses: Map<string, TicketStatus> | null = null;
  #newest = "";
  readonly #changed = new Map<string, TicketStatus>();
  readonly #listed = new Set<string>();

  see(tickets: Ticket[]): void {
    const before = this.#statuses;
    this.#statuses = new Map(tickets.map((ticket) => [ticket.id, ticket.status]));
    const known = this.#newest;
    for (const { id, status } of tickets) {
      // Ids sort by time: an older one that appears came with a further page and isn't news.
      if (before !== null && !before.has(id) && id > known) this.#listed.add(id);
      if (before?.has(id) && before.get(id) !== status) this.#changed.set(id, status);
      if (id > this.#newest) this.#newest = id;
    }
  }

  /** The news since the last call, or null. */
  take(): string | null {
    const parts: string[] = [];
    if (this.#listed.size > 0) parts.push(`${this.#listed.size} new`);
    for (const status of ["reserved", "sold", "available"] as const) {
      const ids = [...this.#changed].filter(([, now]) => now === status);
      if (ids.length > 0) parts.push(`${ids.length} ${words[status]}`);
    }
    this.#listed.clear();
    this.#changed.clear();
    return parts.length === 0 ? null : `Tickets: ${parts.join(", ")}.`;
  }
}
