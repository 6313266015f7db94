import { Page } from "../components/page";
import { TicketList } from "../components/ticket_list";
import { useObservable } from "../lib/use_observable";
import type { StatusFilter } from "../state/board_feed";
import { router } from "../state/services";

const filters: { status: StatusFilter; text: string }[] = [
  { status: "all", text: "All" },
  { status: "available", text: "Available" },
  { status: "reserved", text: "Reserved" },
  { status: "sold", text: "Sold" },
];

export function BoardPage() {
  const { search } = useObservable(router.place);
  const wanted = new URLSearchParams(search).get("status");
  const status = filters.find((filter) => filter.status === wanted)?.status ?? "all";
  return (
    <Page
      title="Tickets"
      lead="Live: you see each ticket lock, free up or sell the moment it happens."
    >
      <div class="filters" role="group" aria-label="Show">
        {filters.map((filter) => (
          <button
            key={filter.status}
            type="button"
            class="filter"
            aria-pressed={filter.status === status}
            onClick={() =>
              router.go(filter.status === "all" ? "/" : `/?status=${filter.status}`, { stay: true })
            }
          >
            {filter.text}
          </button>
        ))}
      </div>
      <TicketList label="Tickets" status={status} empty={<EmptyBoard status={status} />} />
    </Page>
  );
}

function EmptyBoard({ status }: { status: StatusFilter }) {
  if (status === "all") {
    return (
      <>
        <h2>No tickets yet</h2>
        <p>Be the first: list a ticket, and it appears here for everybody at once.</p>
        <a class="button" href="/sell">
          Sell a ticket
        </a>
      </>
    );
  }
  const texts = {
    available: "Nothing is available right now. Reserved tickets come free when they aren’t paid.",
    reserved: "Nobody holds a ticket right now.",
    sold: "Nothing has been sold yet.",
  };
  return (
    <>
      <h2>No {status} tickets</h2>
      <p>{texts[status]} New ones appear here by themselves.</p>
    </>
  );
}
