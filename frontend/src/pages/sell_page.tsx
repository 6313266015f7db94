import { useRef, useState } from "preact/hooks";

import type { Failure } from "../api/client";
import type { Ticket, TicketContent, User } from "../api/types";
import { failureText, fieldErrors } from "../api/words";
import { Alert } from "../components/failure_note";
import { Field, useFocusOnFault } from "../components/field";
import { Page } from "../components/page";
import { announcer, api, router } from "../state/services";
import { isAdmin } from "../state/session";
import { checkDraft, draftOf, emptyDraft, type TicketDraft } from "../state/ticket_form";
import { useTicket } from "../state/use_entity";
import { zoneName } from "../time/format";
import { FailedPage, GonePage, LoadingPage } from "./plain_pages";

export function SellPage() {
  const send = async (content: TicketContent) => {
    const outcome = await api.post<Ticket>("/api/tickets", content);
    if (!outcome.ok) return outcome.failure;
    announcer.notify("Your ticket is listed.");
    router.go(`/tickets/${outcome.value.id}`);
    return null;
  };
  return (
    <Page title="Sell a ticket" lead="It is on everybody’s board the moment you list it." narrow>
      <TicketForm action="List ticket" busyText="Listing…" cancelPath="/" send={send} />
    </Page>
  );
}

export function EditPage({ id, user }: { id: string; user: User }) {
  const [{ entity: ticket, gone, failure }, watch] = useTicket(id);
  if (gone) {
    return (
      <GonePage title="This ticket isn’t listed">
        <p>It was removed, or the address is wrong.</p>
      </GonePage>
    );
  }
  if (failure !== null) {
    return <FailedPage title="Edit ticket" failure={failure} onRetry={() => void watch.fetch()} />;
  }
  if (ticket === null) return <LoadingPage title="Edit ticket" />;
  if (ticket.userId !== user.id && !isAdmin(user)) {
    return (
      <GonePage title="This isn’t your ticket">
        <p>Only its seller can change it.</p>
      </GonePage>
    );
  }
  const send = async (content: TicketContent) => {
    const outcome = await api.put<Ticket>(`/api/tickets/${id}`, content);
    if (!outcome.ok) {
      void watch.fetch();
      return outcome.failure;
    }
    announcer.notify("Your changes are saved.");
    router.go(`/tickets/${id}`);
    return null;
  };
  return (
    <Page title="Edit ticket" lead={ticket.title} narrow>
      {ticket.status !== "available" && (
        <Alert>
          <p>
            {ticket.status === "reserved"
              ? "A buyer holds this ticket right now, so changes can’t be saved until it comes free."
              : "This ticket is sold and can’t be changed any more."}
          </p>
        </Alert>
      )}
      <TicketForm
        action="Save changes"
        busyText="Saving…"
        cancelPath={`/tickets/${id}`}
        before={ticket}
        locked={ticket.status !== "available"}
        send={send}
      />
    </Page>
  );
}

interface FormProps {
  action: string;
  busyText: string;
  cancelPath: string;
  before?: Ticket;
  locked?: boolean;
  /** Returns what was refused, or null when the page has moved on. */
  send: (content: TicketContent) => Promise<Failure | null>;
}

function TicketForm({ action, busyText, cancelPath, before, locked = false, send }: FormProps) {
  // The ticket as it was when editing began: later states don't overwrite what is being typed.
  const [first] = useState(before);
  const [draft, setDraft] = useState<TicketDraft>(
    first === undefined ? emptyDraft : draftOf(first),
  );
  const [faults, setFaults] = useState(new Map<string, string>());
  const [failure, setFailure] = useState<Failure | null>(null);
  const [busy, setBusy] = useState(false);
  const form = useRef<HTMLFormElement>(null);
  useFocusOnFault(form, faults);

  const submit = async () => {
    if (busy || locked) return;
    setFailure(null);
    const checked = checkDraft(draft, first);
    setFaults(checked.ok ? new Map() : checked.faults);
    if (!checked.ok) return;
    setBusy(true);
    const refused = await send(checked.content);
    setBusy(false);
    if (refused === null) return;
    const byField = fieldErrors(refused);
    const shown = [...byField.keys()].filter((name) => name in draft);
    setFaults(byField);
    if (shown.length === 0) setFailure(refused);
  };
  const field = (name: keyof TicketDraft) => ({
    name,
    value: draft[name],
    onValue: (value: string) => setDraft((now) => ({ ...now, [name]: value })),
    fault: faults.get(name),
  });

  return (
    <form
      ref={form}
      class="panel stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        void submit();
      }}
    >
      {failure !== null && (
        <Alert>
          <p>{failureText(failure, "selling")}</p>
        </Alert>
      )}
      <Field {...field("title")} label="Title" required hint="What a buyer sees first." />
      <div class="field-row">
        <Field {...field("price")} label="Price" required inputMode="decimal" placeholder="19.99" />
        <Field
          {...field("currency")}
          label="Currency"
          required
          maxLength={3}
          autoCapitalize="characters"
          class="upper"
        />
      </div>
      <fieldset>
        <legend>What it admits to</legend>
        <p class="hint">All of this is optional. The more you tell, the sooner it sells.</p>
        <Field {...field("name")} label="Event" />
        <Field {...field("category")} label="Category" placeholder="Concert, match, play…" />
        <Field {...field("venue")} label="Venue" />
        <div class="field-row">
          <Field
            {...field("startsAt")}
            label="Starts"
            type="datetime-local"
            hint={`In your time zone, ${zoneName().replaceAll("_", " ")}.`}
          />
          <Field {...field("seat")} label="Seat" placeholder="Block B, row 4, seat 12" />
        </div>
      </fieldset>
      <div class="button-row">
        <button class="button" type="submit" aria-disabled={busy || locked}>
          {busy ? busyText : action}
        </button>
        <a class="button button-quiet" href={cancelPath}>
          Cancel
        </a>
      </div>
    </form>
  );
}
