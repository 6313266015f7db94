// The judge: takes what was asked and answered, what the log holds and what is there in the end, and
// says what doesn't fit. Pure, so that every rule can be shown to fail (checker.test.mjs).
//
// A run is {requests, seen, connections, samples (history.mjs), feeds, streams, tickets, lists, orders, ledger
// (outcome.mjs), fences (fences.mjs), faults, surprises, logs (cluster.mjs), probing, stalls,
// rest, terms}.
import * as answers from "./rules_answers.mjs";
import * as end from "./rules_end.mjs";
import * as log from "./rules_log.mjs";
import * as time from "./rules_time.mjs";

export const rules = [
  log.oneOrderATicket,
  log.versionsAreDense,
  log.endsAreFinal,
  log.ticketsAndOrdersAgree,
  log.everybodyTellsTheSame,
  log.onlyTheOwnerWrites,
  log.epochsNeverGoBack,
  log.epochsHaveOneNode,
  answers.acknowledgedIsThere,
  answers.nothingComesFromNowhere,
  answers.keysHaveOneEffect,
  answers.versionsAreGivenOnce,
  answers.readsAreFresh,
  answers.refusalsAreTrue,
  time.deadlinesAreKept,
  time.shardsComeBack,
  time.everythingSettles,
  time.nobodyNotices,
  end.theStateIsTheLogs,
  end.moneyAgrees,
  end.watchersKnow,
  end.nodesAreWell,
];

/** Of one rule at most so many sentences: the first say it. */
const reportedMax = 10;

/** What doesn't fit: [{rule, says}]. */
export function check(run) {
  const index = indexOf(run);
  const violations = [];
  for (const rule of rules) {
    let count = 0;
    rule(index, (says) => {
      if (++count <= reportedMax) violations.push({ rule: rule.name, says });
    });
    if (count > reportedMax)
      violations.push({ rule: rule.name, says: `and ${count - reportedMax} more of these` });
  }
  return violations;
}

/** The log by entity and by commit. */
function indexOf(run) {
  const [first = []] = Object.values(run.feeds);
  const events = first
    .map((event) => ({ ...event, commit: `${event.stream}-${event.sequence}` }))
    .sort((a, b) => a.stream - b.stream || a.sequence - b.sequence || a.index - b.index);
  const histories = new Map();
  const commits = new Map();
  const add = (map, key, event) => {
    if (!map.has(key)) map.set(key, []);
    map.get(key).push(event);
  };
  for (const event of events) {
    add(commits, event.commit, event);
    add(histories, event.entity, event);
  }
  return {
    run,
    events,
    histories,
    commits,
    find: (id, fits) => histories.get(id)?.find(fits),
    /** The event of the same entity before this one. */
    before: (event) =>
      histories.get(event.entity).findLast((other) => other.version < event.version),
  };
}
