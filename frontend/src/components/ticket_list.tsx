import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import { useObservable } from "../lib/use_observable";
import { BoardFeed, type StatusFilter } from "../state/board_feed";
import { api, live } from "../state/services";
import { FailureNote } from "./failure_note";
import { TicketCard } from "./ticket_card";

interface Props {
  label: string;
  status: StatusFilter;
  sellerId?: string;
  /** What stands there when there is nothing to show. */
  empty: ComponentChildren;
}

/** A list of tickets that changes by itself. */
export function TicketList({ label, status, sellerId, empty }: Props) {
  const feed = useMemo(
    () =>
      new BoardFeed({ api, live, query: { status, ...(sellerId === undefined ? {} : { sellerId }) } }),
    [status, sellerId],
  );
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  const { tickets, loaded, loadingMore, hasMore, failure } = useObservable(feed.view);

  return (
    <>
      {failure !== null && <FailureNote failure={failure} onRetry={() => void feed.load()} />}
      {!loaded && failure === null && <Skeletons />}
      {loaded && tickets.length === 0 && <div class="empty">{empty}</div>}
      <ul class="tickets" aria-label={label}>
        {tickets.map((ticket) => (
          <TicketCard key={ticket.id} ticket={ticket} />
        ))}
      </ul>
      {hasMore && (
        <p class="more">
          <button
            type="button"
            class="button button-quiet"
            aria-disabled={loadingMore}
            onClick={() => void feed.loadMore()}
          >
            {loadingMore ? "Loading…" : "Show more tickets"}
          </button>
        </p>
      )}
    </>
  );
}

function Skeletons() {
  return (
    <div role="status">
      <span class="visually-hidden">Loading tickets…</span>
      <div class="tickets" aria-hidden="true">
        {[0, 1, 2, 3].map((index) => (
          <div key={index} class="ticket skeleton" />
        ))}
      </div>
    </div>
  );
}
