import { useEffect, useRef } from "preact/hooks";

import { announcer } from "../state/services";
import { announcement, clockText, spokenText } from "../time/countdown";
import { useCountdown } from "../time/use_countdown";

interface Props {
  until: string;
  /** What the time is for, as a screen reader hears it. */
  label: string;
  /** Tell listeners at sensible moments. For the one countdown that a page is about. */
  announced?: boolean;
}

export function Countdown({ until, label, announced = false }: Props) {
  const seconds = useCountdown(until);
  const before = useRef(seconds);
  useEffect(() => {
    const text = announcement(before.current, seconds);
    before.current = seconds;
    if (announced && text !== null) announcer.say(text);
  }, [announced, seconds]);
  return (
    <span
      class={seconds <= 60 ? "countdown countdown-late" : "countdown"}
      role="timer"
      aria-label={`${label}: ${spokenText(seconds)}`}
    >
      {clockText(seconds)}
    </span>
  );
}
