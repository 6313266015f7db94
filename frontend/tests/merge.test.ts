import { describe, expect, it } from "vitest";

import { BoardNews } from "../src/state/board_news";
import { later } from "../src/state/merge";
import { TicketBoard } from "../src/state/ticket_board";
import { idOf, ticket } from "./samples";

const alive = (version: number) => ({ entity: ticket(1, { version }), deleted: false });
const gone = (version: number) => ({ entity: ticket(1, { version }), deleted: true });

describe("two states of one entity", () => {
  it("merge to the later version, whichever came first", () => {
    expect(later(alive(1), alive(2)).entity.version).toBe(2);
    expect(later(alive(2), alive(1)).entity.version).toBe(2);
    expect(later(undefined, alive(0)).entity.version).toBe(0);
  });

  it("keep what is known when nothing is new", () => {
    const known = alive(3);
    expect(later(known, alive(3))).toBe(known);
  });

  it("stay deleted, whatever comes late", () => {
    expect(later(gone(4), alive(3)).deleted).toBe(true);
    expect(later(gone(4), alive(5)).deleted).toBe(true);
    expect(later(alive(4), gone(4)).deleted).toBe(true);
    expect(later(alive(5), gone(4)).deleted).toBe(false);
  });
});

const shown = (board: TicketBoard) => board.tickets.map((one) => `${one.title} ${one.status}`);

describe("the board", () => {
  function boardOf(
    status: "all" | "available",
    list = [ticket(3), ticket(2), ticket(1)],
    next: string | null = null,
  ) {
    const board = new TicketBoard((one) => status === "all" || one.status === status);
    board.begin();
    board.replace(list, next);
    return board;
  }

  it("shows a ticket that stops fitting the filter in its place, with its state", () => {
    const board = boardOf("available");
    board.apply({ type: "ticket:updated", ticket: ticket(2, { version: 1, status: "reserved" }) });
    expect(shown(board)).toEqual(["Ticket 3 available", "Ticket 2 reserved", "Ticket 1 available"]);
  });

  it("ignores an event that is older than what it shows", () => {
    const board = boardOf("all", [ticket(1, { version: 4, status: "sold" })]);
    expect(board.apply({ type: "ticket:updated", ticket: ticket(1, { version: 3 }) })).toBe(false);
    expect(shown(board)).toEqual(["Ticket 1 sold"]);
  });

  it("puts a new ticket where the list would have it", () => {
    const board = boardOf("all");
    board.apply({ type: "ticket:created", ticket: ticket(7) });
    expect(board.tickets[0]?.id).toBe(idOf(7));
    const oldestFirst = boardOf("all", [ticket(1), ticket(2)]);
    oldestFirst.apply({ type: "ticket:created", ticket: ticket(7) });
    expect(oldestFirst.tickets.at(-1)?.id).toBe(idOf(7));
  });

  it("leaves out what doesn't fit, and takes it in when it comes to fit", () => {
    const board = boardOf("available");
    board.apply({ type: "ticket:created", ticket: ticket(5, { status: "sold" }) });
    expect(board.tickets).toHaveLength(3);
    board.apply({ type: "ticket:updated", ticket: ticket(4, { version: 2 }) });
    expect(board.tickets.map((one) => one.id)).toEqual([4, 3, 2, 1].map(idOf));
  });

  it("leaves to a later page what belongs there", () => {
    const board = boardOf("all", [ticket(9), ticket(8)], "/next");
    board.apply({ type: "ticket:updated", ticket: ticket(3, { version: 1 }) });
    expect(board.tickets.map((one) => one.id)).toEqual([9, 8].map(idOf));
  });

  it("removes a deleted ticket", () => {
    const board = boardOf("all");
    board.apply({ type: "ticket:deleted", ticket: ticket(2, { version: 1 }) });
    expect(board.tickets.map((one) => one.id)).toEqual([3, 1].map(idOf));
  });

  it("prefers what events said while a fetch was under way to an older answer", () => {
    const board = new TicketBoard(() => true);
    board.begin();
    board.apply({ type: "ticket:updated", ticket: ticket(2, { version: 5, status: "sold" }) });
    board.apply({ type: "ticket:deleted", ticket: ticket(1, { version: 2 }) });
    board.replace([ticket(3), ticket(2, { version: 4 }), ticket(1, { version: 1 })], null);
    expect(shown(board)).toEqual(["Ticket 3 available", "Ticket 2 sold"]);
  });

  it("prefers a sale of a ticket it didn't show yet to the page that was on its way", () => {
    const board = boardOf("available", [ticket(9)], "/next");
    board.begin();
    board.apply({ type: "ticket:updated", ticket: ticket(2, { version: 3, status: "sold" }) });
    board.take([ticket(2, { version: 2 })], null);
    expect(shown(board)).toEqual(["Ticket 9 available", "Ticket 2 sold"]);
  });

  it("names what left the list, and takes what became of it", () => {
    const board = boardOf("available");
    board.begin();
    expect(board.replace([ticket(3)], null).sort()).toEqual([idOf(1), idOf(2)]);
    board.refresh(ticket(2, { version: 6, status: "sold" }));
    board.drop(idOf(1));
    expect(shown(board)).toEqual(["Ticket 3 available", "Ticket 2 sold"]);
  });
});

describe("the news of a board", () => {
  it("are none at first, and then what changed, in one sentence", () => {
    const news = new BoardNews();
    news.see([ticket(3), ticket(2), ticket(1)]);
    expect(news.take()).toBeNull();
    news.see([
      ticket(4),
      ticket(3, { status: "reserved" }),
      ticket(2, { status: "sold" }),
      ticket(1),
    ]);
    expect(news.take()).toBe("Tickets: 1 new, 1 reserved, 1 sold.");
    expect(news.take()).toBeNull();
    news.see([ticket(4), ticket(3), ticket(2, { status: "sold" }), ticket(1)]);
    expect(news.take()).toBe("Tickets: 1 came free.");
  });

  it("leave out older tickets that a further page brought", () => {
    const news = new BoardNews();
    news.see([ticket(9), ticket(8)]);
    news.see([ticket(9), ticket(8), ticket(7), ticket(6)]);
    expect(news.take()).toBeNull();
  });
});
