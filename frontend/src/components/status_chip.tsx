import type { Order, TicketStatus } from "../api/types";
import { Icon, type IconName } from "./icons";

const ticketChips: Record<TicketStatus, { text: string; icon: IconName }> = {
  available: { text: "Available", icon: "ticket" },
  reserved: { text: "Reserved", icon: "lock" },
  sold: { text: "Sold", icon: "sold" },
};

export function TicketChip({ status }: { status: TicketStatus }) {
  const { text, icon } = ticketChips[status];
  return (
    <span class={`chip chip-${status}`} data-testid="ticket-status">
      <Icon name={icon} />
      {text}
    </span>
  );
}

export function orderStatusText({ status, reason, payment }: Order): string {
  switch (status) {
    case "created":
      return "Waiting for payment";
    case "awaiting:payment":
      return payment?.status === "requires_action" ? "To be confirmed" : "Payment under way";
    case "complete":
      return "Paid";
    case "cancelled":
      return reason === "expired" ? "Expired" : "Cancelled";
  }
}

const orderChips: Record<Order["status"], { style: string; icon: IconName }> = {
  created: { style: "reserved", icon: "clock" },
  "awaiting:payment": { style: "pending", icon: "sync" },
  complete: { style: "available", icon: "check" },
  cancelled: { style: "sold", icon: "cross" },
};

export function OrderChip({ order }: { order: Order }) {
  const { style, icon } = orderChips[order.status];
  return (
    <span class={`chip chip-${style}`} data-testid="order-status">
      <Icon name={icon} />
      {orderStatusText(order)}
    </span>
  );
}
