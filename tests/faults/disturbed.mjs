// When service may have been disturbed, from the faults that were done: what every bound in time
// stands on.

/** How much longer than the lease a shard may be out of service after its node is gone. */
const takeoverMs = { deadline: 2_000, write: 3_000 };
/** What a hand-over may take: when a node is told to stop, comes back or is reached again. */
const handOverMs = 1_000;

/**
 * Merged intervals [{from, until}], ascending. `what`: "deadline" (orders expire late) or "write"
 * (a shard takes no writes).
 */
export function disturbances({ faults, terms }, what) {
  const lasting = terms.leaseSeconds * 1_000 + takeoverMs[what];
  const intervals = [];
  for (const fault of faults) {
    const over = fault.until ?? fault.from;
    if (fault.kind === "stop") intervals.push([fault.from, fault.from + handOverMs]);
    // Without its store nothing can be done; the time counts from when it is back.
    else intervals.push([fault.from, (fault.store ? over : fault.from) + lasting]);
    intervals.push([over, over + handOverMs]);
  }
  intervals.sort((a, b) => a[0] - b[0]);
  const merged = [];
  for (const [from, until] of intervals) {
    const last = merged.at(-1);
    if (last && from <= last.until) last.until = Math.max(last.until, until);
    else merged.push({ from, until });
  }
  return merged;
}

/** How much of [from, to] lies outside of the disturbances. */
export function quietPart(intervals, from, to) {
  let quiet = to - from;
  for (const one of intervals)
    quiet -= Math.max(0, Math.min(to, one.until) - Math.max(from, one.from));
  return quiet;
}

/** How long this machine kept everybody waiting between two instants. */
export function stalledPart(stalls, from, to) {
  return to - from - quietPart(stalls, from, to);
}

/** The worst single one. */
export function worstStallMs(stalls) {
  return Math.max(0, ...stalls.map(({ from, until }) => until - from));
}
