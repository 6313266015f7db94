import type { Order, Ticket } from "../src/api/types";

/** Ids sort by time of creation: a greater number is a newer ticket. */
export function idOf(number: number): string {
  return `00000000-0000-8000-8000-${String(number).padStart(12, "0")}`;
}

export function ticket(number: number, parts: Partial<Ticket> = {}): Ticket {
  return {
    id: idOf(number),
    version: 0,
    title: `Ticket ${number}`,
    price: 10,
    currency: "usd",
    userId: idOf(900),
    status: "available",
    createdAt: "2026-01-01T00:00:00.000Z",
    updatedAt: "2026-01-01T00:00:00.000Z",
    ...parts,
  };
}

export function order(number: number, parts: Partial<Order> = {}): Order {
  const line = { id: idOf(1), title: "Ticket 1", price: 10, version: 0 };
  return {
    id: idOf(number),
    version: 0,
    userId: idOf(901),
    status: "created",
    expiresAt: "2026-01-01T00:15:00.000Z",
    createdAt: `2026-01-01T00:00:00.${String(number).padStart(3, "0")}Z`,
    total: 10,
    currency: "usd",
    ticket: line,
    tickets: [line],
    ...parts,
  };
}
