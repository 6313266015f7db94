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
  refunds?: Refund[];
}

/** A way to pay, as the server has it set up. */
export type Provider =
  { name: "test" } | { name: "stripe"; publishableKey: string } | { name: "paypal" };

export type ProviderName = Provider["name"];

/** What the buyer has to do before the money can move. */
export interface PaymentAction {
  provider: string;
  /** Stripe's, for the bank's question. */
  clientSecret?: string;
  /** The provider's own page. */
  url?: string;
}

/** Why a payment isn't settled, and what is going to settle it. */
export interface Unsettled {
  next: "ask_provider" | "buyer_acts";
  message: string;
  settledBy: string;
}

export type PaymentStatus =
  | "pending"
  | "requires_action"
  | "succeeded"
  | "declined"
  | "cancelled"
  | "refund_due"
  | "refunded";

export interface OrderPayment {
  id?: string;
  status?: PaymentStatus;
  provider?: string;
  amount?: number;
  currency?: string;
  /** Why it was declined, a stable word: "insufficient_funds". */
  declineCode?: string;
  /** Only while the buyer has to act, and only for the buyer. */
  action?: PaymentAction;
  unsettled?: Unsettled;
}

export interface Refund {
  id: string;
  amount: number;
  currency: string;
  status: "due" | "pending" | "succeeded" | "failed";
  reason: "late_money" | "admin";
  createdAt: string;
  updatedAt: string;
  failureCode?: string;
  releasesTickets?: boolean;
}

/** The answer to a payment. */
export interface Payment {
  id: string;
  orderId: string;
  status: "succeeded" | "requires_action" | "pending";
  amount?: number;
  currency?: string;
  provider?: string;
  action?: PaymentAction;
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
