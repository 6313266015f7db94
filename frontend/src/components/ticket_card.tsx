import type { Ticket } from "../api/types";
import { useObservable } from "../lib/use_observable";
import { formatMoney, minorFromMajor } from "../money";
import { orders, session } from "../state/services";
import { Countdown } from "./countdown";
import { Icon } from "./icons";
import { TicketChip } from "./status_chip";
import { EventFacts, eventLine } from "./ticket_details";

/** One ticket of a list, in the shape of one: the price stands on the stub. */
export function TicketCard({ ticket }: { ticket: Ticket }) {
  const line = eventLine(ticket.event);
  const price = formatMoney(minorFromMajor(ticket.price), ticket.currency);
  return (
    <li class={`ticket ticket-${ticket.status}`} data-testid="ticket" data-ticket-id={ticket.id}>
      <div class="ticket-shape">
        <article class="ticket-body" aria-labelledby={`ticket-${ticket.id}`}>
          {line !== "" && <p class="eyebrow">{line}</p>}
          <h2 id={`ticket-${ticket.id}`} class="ticket-title">
            <a href={`/tickets/${ticket.id}`}>{ticket.title}</a>
          </h2>
          <EventFacts event={ticket.event} />
          <div class="ticket-state">
            <TicketChip status={ticket.status} />
            <Holder ticket={ticket} />
          </div>
        </article>
        <div class="ticket-stub">
          <span class={price.length > 9 ? "price price-long" : "price"}>{price}</span>
        </div>
      </div>
    </li>
  );
}

/** Who holds it, as far as the reader is concerned, and for how long. */
function Holder({ ticket }: { ticket: Ticket }) {
  const user = useObservable(session.user);
  useObservable(orders.view);
  const own = ticket.orderId === undefined ? undefined : orders.ofTicket(ticket.id, ticket.orderId);
  return (
    <>
      {ticket.status === "reserved" && ticket.reservedUntil !== undefined && (
        <Countdown until={ticket.reservedUntil} label="Reserved for another" />
      )}
      {own !== undefined && (
        <a class="ticket-own" href={`/orders/${own.id}`}>
          <Icon name="receipt" />
          Your order
        </a>
      )}
      {own === undefined && user?.id === ticket.userId && <span class="tag">Your ticket</span>}
    </>
  );
}
