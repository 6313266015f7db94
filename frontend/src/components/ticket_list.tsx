import type { ComponentChildren } from "preact";
import { useEffect, useMemo } from "preact/hooks";

import type { Ticket } from "../api/types";
import { useObservable } from "../lib/use_observable";
import { BoardFeed, type StatusFilter } from "../state/board_feed";
import { BoardNews } from "../state/board_news";
import { announcer, api, live } from "../state/services";
import { FailureNote } from "./failure_note";
import { TicketCard } from "./ticket_card";

/** A busy board is told of in summary, so that it doesn't drown everything else. */
const tellEveryMs = 10_000;

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
      new BoardFeed({
        api,
        live,
        query: { status, ...(sellerId === undefined ? {} : { sellerId }) },
      }),
    [status, sellerId],
  );
  useEffect(() => {
    feed.open();
    return () => feed.close();
  }, [feed]);
  const { tickets, loaded, loadingMore, hasMore, failure } = useObservable(feed.view);
  useSpokenNews(feed, tickets, loaded);

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

function useSpokenNews(feed: BoardFeed, tickets: Ticket[], loaded: boolean): void {
  // Another list is another board: nothing on it is news yet.
  // eslint-disable-next-line react-hooks/exhaustive-deps -- made anew for each feed
  const news = useMemo(() => new BoardNews(), [feed]);
  useEffect(() => {
    if (loaded) news.see(tickets);
  }, [news, tickets, loaded]);
  useEffect(() => {
    const timer = setInterval(() => {
      const text = news.take();
      if (text !== null) announcer.say(text);
    }, tellEveryMs);
    return () => clearInterval(timer);
  }, [news]);
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
