/**
 * The server's clock, as well as it can be known here.
 *
 * An answer's `Date` says the second in which the server wrote it, and it wrote it between the
 * request's start and the answer's arrival. So every answer bounds the difference between the two
 * clocks from both sides:
 *
 *   date - received  <=  server - local  <  date + 1 s - sent
 *
 * The bounds of many answers are intersected: the estimate narrows to well under a second, and a
 * slow answer can't spoil it. When the bounds contradict each other, one of the clocks was set;
 * then only the newest answer counts.
 */
export interface ClockBounds {
  readonly lowMs: number;
  readonly highMs: number;
}

/** `Date` has whole seconds. */
const dateGranularityMs = 1000;
/** How far two clocks may drift apart per millisecond: 50 parts per million, a poor quartz. */
const driftPerMs = 50e-6;

export function boundsOf(dateMs: number, sentMs: number, receivedMs: number): ClockBounds {
  return { lowMs: dateMs - receivedMs, highMs: dateMs + dateGranularityMs - sentMs };
}

export function narrow(known: ClockBounds | null, sample: ClockBounds): ClockBounds {
  if (known === null) return sample;
  const lowMs = Math.max(known.lowMs, sample.lowMs);
  const highMs = Math.min(known.highMs, sample.highMs);
  return lowMs <= highMs ? { lowMs, highMs } : sample;
}

export class ServerClock {
  readonly #local: () => number;
  #bounds: ClockBounds | null = null;
  #observedMs = 0;

  constructor(local: () => number = Date.now) {
    this.#local = local;
  }

  /** Takes one answer into account. `date` is the header's text; what is unreadable is ignored. */
  observe(date: string | null, sentMs: number, receivedMs: number): void {
    const dateMs = date === null ? NaN : Date.parse(date);
    if (Number.isNaN(dateMs) || receivedMs < sentMs) return;
    const slackMs = Math.max(0, receivedMs - this.#observedMs) * driftPerMs;
    const aged =
      this.#bounds === null
        ? null
        : { lowMs: this.#bounds.lowMs - slackMs, highMs: this.#bounds.highMs + slackMs };
    this.#bounds = narrow(aged, boundsOf(dateMs, sentMs, receivedMs));
    this.#observedMs = receivedMs;
  }

  /**
   * The server has put this time on something, so its clock shows at least that. Finer than `Date`,
   * and what keeps a fresh deadline from being shown as further away than it ever was.
   */
  observeAtLeast(time: string, receivedMs: number = this.#local()): void {
    const timeMs = Date.parse(time);
    if (Number.isNaN(timeMs) || this.#bounds === null) return;
    const lowMs = timeMs - receivedMs;
    const { highMs } = this.#bounds;
    if (lowMs > this.#bounds.lowMs && lowMs <= highMs) this.#bounds = { lowMs, highMs };
  }

  /** Add to the local time to have the server's; 0 until an answer came. Milliseconds. */
  get offsetMs(): number {
    return this.#bounds === null ? 0 : (this.#bounds.lowMs + this.#bounds.highMs) / 2;
  }

  nowMs(): number {
    return this.#local() + this.offsetMs;
  }
}
