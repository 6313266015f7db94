import type { EventDetails } from "../api/types";
import { eventTimeText } from "../time/format";
import { Icon } from "./icons";

/** When, where and which seat: only what is known. */
export function EventFacts({ event }: { event: EventDetails | undefined }) {
  if (event === undefined) return null;
  const when = event.startsAt === undefined ? "" : eventTimeText(event.startsAt);
  if (when === "" && !event.venue && !event.seat) return null;
  return (
    <ul class="facts">
      {when !== "" && (
        <li>
          <Icon name="calendar" />
          <time dateTime={event.startsAt}>{when}</time>
        </li>
      )}
      {event.venue && (
        <li>
          <Icon name="pin" />
          {event.venue}
        </li>
      )}
      {event.seat && (
        <li>
          <Icon name="seat" />
          {event.seat}
        </li>
      )}
    </ul>
  );
}

/** "Concert · Winter Tour", or nothing. */
export function eventLine(event: EventDetails | undefined): string {
  return [event?.category, event?.name].filter((part) => part).join(" · ");
}
