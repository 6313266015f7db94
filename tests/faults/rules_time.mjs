// Rules about time: deadlines are kept, shards come back into service, everything comes to rest.
import { disturbances, quietPart, stalledPart, worstStallMs } from "./disturbed.mjs";
import { effectOf } from "./history.mjs";
import { shardOf } from "./ids.mjs";

/** An unpaid order frees its tickets within so long of its deadline when nothing is wrong. */
const deadlineMs = 1_000;
/** Between two writes of the prober that succeed, when nothing is wrong. */
const writeGapMs = 2_000;

const clock = (time) => new Date(time).toISOString().slice(11, 23);

/** Beyond this our own timers say that the machine is too busy to judge a node by its times. */
export const stallMsMax = 1_500;

const isJudged = ({ stalls }) => worstStallMs(stalls) <= stallMsMax;

/** No order expires early, or later than promised. */
export function deadlinesAreKept({ run, events, before }, report) {
  const disturbed = disturbances(run, "deadline");
  for (const event of events) {
    if (event.type !== "order:expired") continue;
    const due = Date.parse(event.data.expiresAt);
    const late = event.time - due;
    if (late < 0) report(`order ${event.entity} expired ${-late} ms before its deadline`);
    // An attempt that is under way at the deadline may outlast it; it has a bound of its own.
    const last = before(event);
    const isPaying = last && (last.time > due || last.data.status === "awaiting:payment");
    if (!last || isPaying || !isJudged(run)) continue;
    const within = disturbed.find(({ from, until }) => from < due + deadlineMs && due < until);
    const latest = Math.max(due + deadlineMs, within?.until ?? 0);
    if (event.time > latest + stalledPart(run.stalls, due, event.time))
      report(
        `order ${event.entity} expired ${late} ms after its deadline ${clock(due)}` +
          (within
            ? `, though the fault was over by ${clock(within.until)}`
            : `, at most ${deadlineMs}`),
      );
  }
}

/** Every shard takes writes again within the bound. */
export function shardsComeBack({ run }, report) {
  if (!run.probing || !isJudged(run)) return;
  const disturbed = disturbances(run, "write");
  const { from: began, to: ended } = run.probing;
  const writes = new Map(run.probing.shards.map((shard) => [shard, []]));
  for (const one of run.requests)
    if (one.who === "prober" && one.op === "revise" && effectOf(one) === "done")
      writes.get(shardOf(one.body.id, run.terms.shards))?.push(one);
  for (const [shard, list] of writes) {
    list.sort((a, b) => a.to - b.to);
    let last = began;
    for (const to of [...list.map((one) => one.to), ended]) {
      const quiet = quietPart(disturbed, last, to) - stalledPart(run.stalls, last, to);
      if (quiet > writeGapMs)
        report(
          `shard ${shard} took no write from ${clock(last)} to ${clock(to)}, and ` +
            `${Math.round(quiet)} ms of that is not excused by a fault`,
        );
      last = to;
    }
  }
}

/** When the faults are over everything comes to rest in time. */
export function everythingSettles({ run }, report) {
  const { settled, ms, boundMs, what } = run.rest;
  if (!settled) report(`after ${Math.round(ms)} ms (bound ${boundMs}) there still was: ${what}`);
}

/** Under a rolling restart nobody who asks ready nodes notices anything. */
export function nobodyNotices({ run }, report) {
  if (!run.terms.patient) return;
  for (const one of run.requests) {
    const isGood = one.outcome === "answered" && one.status < 500;
    // A balancer's list may be a moment old; nobody listening is the one thing it has to bear.
    const wasDown = one.outcome === "refused" && !one.ready;
    // Nor can a node help it when the machine keeps it from answering.
    const isLate = one.outcome === "unknown" && stalledPart(run.stalls, one.from, one.to) > 500;
    if (isGood || wasDown || isLate) continue;
    report(
      `${one.who}'s ${one.method} ${one.path} at ${one.node} (${one.ready ? "ready" : "not ready"}) ` +
        `at ${clock(one.from)} came to ${one.status ?? one.error} ${one.code ?? ""}`,
    );
  }
}
