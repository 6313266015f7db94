import type { EventDetails, Ticket, TicketContent } from "../api/types";
import { minorFromMajor, majorFromMinor, parsePrice, plainPrice } from "../money";
import { isoFromLocalInput, localInputText } from "../time/format";

/** What the form's fields hold, as text. */
export interface TicketDraft {
  title: string;
  price: string;
  currency: string;
  name: string;
  category: string;
  venue: string;
  startsAt: string;
  seat: string;
}

export const emptyDraft: TicketDraft = {
  title: "",
  price: "",
  currency: "usd",
  name: "",
  category: "",
  venue: "",
  startsAt: "",
  seat: "",
};

export function draftOf(ticket: Ticket): TicketDraft {
  const { event } = ticket;
  return {
    title: ticket.title,
    price: plainPrice(minorFromMajor(ticket.price)),
    currency: ticket.currency,
    name: event?.name ?? "",
    category: event?.category ?? "",
    venue: event?.venue ?? "",
    startsAt: event?.startsAt === undefined ? "" : localInputText(event.startsAt),
    seat: event?.seat ?? "",
  };
}

const titleLengthMax = 200;

const priceFaults = {
  empty: "Enter a price.",
  format: "Enter the price as a plain number, such as 19.99.",
  decimals: "A price has at most two decimals, such as 19.99 (no thousands separator).",
  zero: "The price must be greater than 0.",
  large: "The price can be at most 999,999.99.",
};

export type CheckedDraft =
  { ok: true; content: TicketContent } | { ok: false; faults: Map<string, string> };

/**
 * The request that a draft stands for, or what is wrong with it by field, in the order of the
 * fields. The server judges again; this only spares the round trip. `before` keeps the seconds of
 * a start time that the form can't show and nobody changed.
 */
export function checkDraft(draft: TicketDraft, before?: Ticket): CheckedDraft {
  const faults = new Map<string, string>();
  const title = draft.title.trim();
  if (title === "") faults.set("title", "Enter a title.");
  else if (Array.from(title).length > titleLengthMax) {
    faults.set("title", `A title can have at most ${titleLengthMax} characters.`);
  }
  const price = parsePrice(draft.price);
  if (!price.ok) faults.set("price", priceFaults[price.reason]);
  const currency = draft.currency.trim().toLowerCase();
  if (!/^[a-z]{3}$/.test(currency)) {
    faults.set("currency", "Enter a currency's three letters, such as USD.");
  }
  const startsAt = startOf(draft, before);
  if (startsAt === null) faults.set("startsAt", "Enter a date and a time.");
  if (faults.size > 0 || !price.ok || startsAt === null) return { ok: false, faults };
  const event = eventOf(draft, startsAt);
  return {
    ok: true,
    content: {
      title,
      price: majorFromMinor(price.minor),
      currency,
      ...(Object.keys(event).length === 0 ? {} : { event }),
    },
  };
}

/** ISO time, "" for none, null for one that isn't. */
function startOf(draft: TicketDraft, before: Ticket | undefined): string | null {
  if (draft.startsAt === "") return "";
  const known = before?.event?.startsAt;
  if (known !== undefined && localInputText(known) === draft.startsAt) return known;
  return isoFromLocalInput(draft.startsAt);
}

function eventOf(draft: TicketDraft, startsAt: string): EventDetails {
  const event: EventDetails = {};
  for (const key of ["name", "category", "venue", "seat"] as const) {
    const text = draft[key].trim();
    if (text !== "") event[key] = text;
  }
  if (startsAt !== "") event.startsAt = startsAt;
  return event;
}
