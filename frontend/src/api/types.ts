/** What the API says and hears. Money is in major units here and only here. */

export type TicketStatus = "available" | "reserved" | "sold";

export interface EventDetails {
  name?: string;
  category?: string;
  venue?: string;
  /** ISO 8601, UTC. */
  startsAt?: string;
  seat?: string;
}

export interface Ticket {
  id: string;
  version: number;
  title: string;
  price: number;
  currency: string;
  userId: string;
  status: TicketStatus;
  orderId?: string;
  reservedUntil?: string;
  event?: EventDetails;
  createdAt: string;
  updatedAt: string;
}

export type OrderStatus = "created" | "awaiting:payment" | "complete" | "cancelled";
export type CancelReason = "user" | "expired" | "payment" | "admin";

export interface OrderTicket {
  id: string;
  title: string;
  price: number;
  version: number;
}

export interface Order {
  id: string;
  version: number;
  userId: string;
  status: OrderStatus;
  reason?: CancelReason;
  expiresAt: string;
  createdAt: string;
  total: number;
  currency: string;
  ticket: OrderTicket;
  tickets: OrderTicket[];
  payment?: OrderPayment;
}

export interface OrderPayment {
  id?: string;
  status?: string;
  /** Why it was declined, a stable word: "insufficient_funds". */
  declineCode?: string;
}

export interface Payment {
  id: string;
  orderId: string;
  status: "succeeded" | "requires_action" | "pending";
  amount?: number;
  currency?: string;
}

export interface User {
  id: string;
  email: string;
  roles?: string[];
}

export interface ApiError {
  message: string;
  field?: string;
  code?: string;
}

export interface TicketContent {
  title: string;
  price: number;
  currency: string;
  event?: EventDetails;
}

export type LiveMessage =
  | { type: "subscribed"; topics: string[]; position?: string | number }
  | {
      type: "ticket:snapshot" | "ticket:created" | "ticket:updated" | "ticket:deleted";
      ticket: Ticket;
    }
  | { type: `order:${string}`; order: Order }
  | { type: "error"; code: string; message: string }
  | { type: "pong" };
