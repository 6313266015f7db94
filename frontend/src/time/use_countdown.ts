import { useEffect, useState } from "preact/hooks";

import { clock } from "../state/services";
import { secondsLeft } from "./countdown";

/** How often a countdown looks at the clock; it is drawn only when its second changed. */
const lookEveryMs = 250;

/** Whole seconds until the instant by the server's clock, counting down. */
export function useCountdown(until: string): number {
  const untilMs = Date.parse(until);
  const [seconds, setSeconds] = useState(() => secondsLeft(untilMs, clock.nowMs()));
  useEffect(() => {
    const look = () => setSeconds(secondsLeft(untilMs, clock.nowMs()));
    look();
    const timer = setInterval(look, lookEveryMs);
    return () => clearInterval(timer);
  }, [untilMs]);
  return seconds;
}
