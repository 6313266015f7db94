import { useEffect, useRef, useState } from "preact/hooks";

import { failureCode, type Failure } from "../api/client";
import type { Order, Ticket, User } from "../api/types";
import { failureText } from "../api/words";
import { ConfirmDialog } from "../components/confirm_dialog";
import { Countdown } from "../components/countdown";
import { Alert } from "../components/failure_note";
import { Icon } from "../components/icons";
import { Page } from "../components/page";
import { TicketChip } from "../components/status_chip";
import { EventFacts, eventLine } from "../components/ticket_details";
import { useObservable } from "../lib/use_observable";
import { formatMoney, minorFromMajor } from "../money";
import { announcer, api, orders, router, session } from "../state/services";
import { isAdmin } from "../state/session";
import { useTicket } from "../state/use_entity";
import { momentText } from "../time/format";
import { FailedPage, GonePage, LoadingPage } from "./plain_pages";

const spokenStatus = {
  available: "This ticket is available now.",
  reserved: "This ticket is reserved now.",
  sold: "This ticket is sold now.",
};

export function TicketPage({ id }: { id: string }) {
  const [{ entity: ticket, gone, failure }, watch] = useTicket(id);
  useSpokenChanges(ticket);
  if (gone) {
    return (
      <GonePage title="This ticket isn’t listed">
        <p>Its seller has removed it, or the address is wrong.</p>
      </GonePage>
    );
  }
  if (failure !== null) {
    return <FailedPage title="Ticket" failure={failure} onRetry={() => void watch.fetch()} />;
  }
  if (ticket === null) return <LoadingPage title="Ticket" />;
  return (
    <Page title={ticket.title} eyebrow={eventLine(ticket.event) || "Ticket"}>
      <div class="columns">
        <section class="panel stack" aria-label="Details">
          <EventFacts event={ticket.event} />
          {ticket.event === undefined && <p class="muted">The seller gave no further details.</p>}
          <p class="muted">Listed {momentText(ticket.createdAt)}</p>
        </section>
        <section class="panel stack buy" aria-label="Price and state">
          <div class="buy-head">
            <span class="price price-large">
              {formatMoney(minorFromMajor(ticket.price), ticket.currency)}
            </span>
            <TicketChip status={ticket.status} />
          </div>
          <Actions ticket={ticket} onStale={() => void watch.fetch()} />
        </section>
      </div>
    </Page>
  );
}

/** Whoever can't see the chip change hears it. */
function useSpokenChanges(ticket: Ticket | null): void {
  const before = useRef<Ticket["status"] | null>(null);
  const status = ticket?.status ?? null;
  useEffect(() => {
    if (before.current !== null && status !== null && before.current !== status) {
      announcer.say(spokenStatus[status]);
    }
    before.current = status;
  }, [status]);
}

interface ActionsProps {
  ticket: Ticket;
  /** What is shown turned out to be old. */
  onStale: () => void;
}

function Actions({ ticket, onStale }: ActionsProps) {
  const user = useObservable(session.user);
  useObservable(orders.view);
  const own = ticket.orderId === undefined ? undefined : orders.ofTicket(ticket.id, ticket.orderId);
  const mayManage = user != null && (user.id === ticket.userId || isAdmin(user));
  return (
    <>
      <State ticket={ticket} own={own} />
      {own !== undefined && (
        <a class="button button-wide" href={`/orders/${own.id}`}>
          {ticket.status === "sold" ? "See your order" : "Go to your order"}
        </a>
      )}
      {user?.id !== ticket.userId && own === undefined && ticket.status === "available" && (
        <Reserve ticket={ticket} user={user} onStale={onStale} />
      )}
      {mayManage && <Manage ticket={ticket} onStale={onStale} />}
    </>
  );
}

function State({ ticket, own }: { ticket: Ticket; own: Order | undefined }) {
  const user = useObservable(session.user);
  const isSeller = user?.id === ticket.userId;
  if (ticket.status === "sold") {
    const text = own ? "It is yours." : isSeller ? "You sold this ticket." : "This ticket is sold.";
    return <p>{text}</p>;
  }
  if (ticket.status === "available") {
    return isSeller ? <p>This is your ticket. Buyers see it on the board.</p> : null;
  }
  return (
    <div class="held">
      {ticket.reservedUntil !== undefined && (
        <p class="held-time">
          <Icon name="clock" />
          <Countdown until={ticket.reservedUntil} label="Reserved for another" />
        </p>
      )}
      <p>
        {own
          ? "You hold this ticket. Pay before the time is up."
          : "Someone holds this ticket while they pay. If they don’t, it comes free again, and you see it here."}
      </p>
    </div>
  );
}

interface ReserveProps {
  ticket: Ticket;
  user: User | null | undefined;
  onStale: () => void;
}

function Reserve({ ticket, user, onStale }: ReserveProps) {
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const reserve = async () => {
    if (busy) return;
    setBusy(true);
    setFailure(null);
    const outcome = await api.post<Order>("/api/orders", {
      ticketId: ticket.id,
      version: ticket.version,
    });
    setBusy(false);
    if (outcome.ok) {
      orders.take(outcome.value);
      router.go(`/orders/${outcome.value.id}`);
      return;
    }
    setFailure(outcome.failure);
    onStale();
    // Without an answer the order may exist all the same.
    if (outcome.failure.status === 0) void orders.load();
  };
  return (
    <>
      {failure !== null && failure.status !== 401 && (
        <Alert>
          <p>{failureText(failure)}</p>
        </Alert>
      )}
      {user === null ? (
        <a
          class="button button-wide"
          href={`/signin?next=${encodeURIComponent(`/tickets/${ticket.id}`)}`}
        >
          Sign in to reserve
        </a>
      ) : (
        <button
          type="button"
          class="button button-wide"
          aria-disabled={busy || user === undefined}
          onClick={() => {
            if (user !== undefined) void reserve();
          }}
        >
          {busy
            ? "Reserving…"
            : failure !== null && failureCode(failure) === "ticket_changed"
              ? "Reserve as it is now"
              : "Reserve ticket"}
        </button>
      )}
      <p class="hint">
        Reserving is free. The ticket is held for you at this price while you pay, and nobody else
        can take it.
      </p>
    </>
  );
}

function Manage({ ticket, onStale }: ActionsProps) {
  const [asked, setAsked] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failure, setFailure] = useState<Failure | null>(null);
  const remove = async () => {
    setBusy(true);
    const outcome = await api.delete(`/api/tickets/${ticket.id}`);
    setBusy(false);
    setAsked(false);
    if (outcome.ok || outcome.failure.status === 404) {
      announcer.notify("The ticket is removed.");
      router.go("/my/tickets", { replace: true });
      return;
    }
    setFailure(outcome.failure);
    onStale();
  };
  if (ticket.status !== "available") {
    return (
      <p class="hint">
        {ticket.status === "reserved"
          ? "While a buyer holds it, the ticket can’t be changed or removed."
          : "A sold ticket can’t be changed or removed."}
      </p>
    );
  }
  return (
    <>
      {failure !== null && (
        <Alert>
          <p>{failureText(failure, "selling")}</p>
        </Alert>
      )}
      <div class="button-row">
        <a class="button button-quiet" href={`/tickets/${ticket.id}/edit`}>
          <Icon name="edit" />
          Edit
        </a>
        <button type="button" class="button button-quiet" onClick={() => setAsked(true)}>
          <Icon name="trash" />
          Remove
        </button>
      </div>
      <ConfirmDialog
        open={asked}
        title="Remove this ticket?"
        confirmLabel={busy ? "Removing…" : "Remove ticket"}
        keepLabel="Keep it"
        busy={busy}
        onConfirm={() => void remove()}
        onClose={() => setAsked(false)}
      >
        <p>“{ticket.title}” disappears from every board. This can’t be undone.</p>
      </ConfirmDialog>
    </>
  );
}
