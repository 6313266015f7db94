/** Whole seconds left, never below 0. A second that has begun counts. */
export function secondsLeft(untilMs: number, nowMs: number): number {
  return Math.max(0, Math.ceil((untilMs - nowMs) / 1000));
}

/** "14:59"; "1:02:03" from an hour on. */
export function clockText(seconds: number): string {
  const two = (value: number) => String(value).padStart(2, "0");
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  return hours > 0
    ? `${hours}:${two(minutes)}:${two(seconds % 60)}`
    : `${two(minutes)}:${two(seconds % 60)}`;
}

/** "14 minutes and 59 seconds", for those who hear it. */
export function spokenText(seconds: number): string {
  const count = (value: number, unit: string) => `${value} ${unit}${value === 1 ? "" : "s"}`;
  const hours = Math.floor(seconds / 3600);
  const minutes = Math.floor((seconds % 3600) / 60);
  const parts = [
    hours > 0 ? count(hours, "hour") : "",
    minutes > 0 ? count(minutes, "minute") : "",
    seconds % 60 > 0 || seconds === 0 ? count(seconds % 60, "second") : "",
  ].filter((part) => part !== "");
  return parts.length < 2
    ? parts.join("")
    : `${parts.slice(0, -1).join(", ")} and ${parts.at(-1) ?? ""}`;
}

/** Seconds left at which a listener is told; in between, silence. */
const announcedAt = [600, 300, 120, 60, 30, 10];

/** What to announce when the count went from `before` to `now`, or null. */
export function announcement(before: number, now: number): string | null {
  if (now >= before) return null;
  if (now === 0) return "Time is up.";
  const crossed = announcedAt.some((mark) => before > mark && now <= mark);
  return crossed ? `${spokenText(now)} left to pay.` : null;
}
