// The judge judged: a run without a fault passes, and each rule fails on a run that breaks it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { check, rules } from "./checker.mjs";
import { cleanRun, ids, start } from "./synthetic.mjs";

const broken = new Set();

/** `spoil(run)` plants one violation; `rule` has to find it, and say something that `says` matches. */
function finds(rule, what, spoil, says) {
  broken.add(rule);
  test(`${rule} finds ${what}`, () => {
    const run = cleanRun();
    spoil(run);
    const found = check(run).filter((one) => one.rule === rule);
    assert.ok(found.length > 0, "nothing was found");
    if (says) assert.match(found.map((one) => one.says).join("\n"), says);
  });
}

/** The same change in every node's feed. */
function inFeeds(run, change) {
  for (const feed of Object.values(run.feeds)) change(feed);
}

const eventOf = (feed, type, entity) =>
  feed.find((event) => event.type === type && event.entity === entity);
const requestOf = (run, op, fits = () => true) =>
  run.requests.find((one) => one.op === op && fits(one));

/** An order that comes out of nowhere, in a commit of its own. */
function plantOrder(feed, id, of, more = {}) {
  const { data } = eventOf(feed, "order:created", ids.paid);
  feed.push({
    type: "order:created",
    entity: id,
    version: 0,
    stream: 0,
    sequence: 90,
    index: 0,
    time: start + 4_800,
    data: { ...data, id, tickets: [{ id: of }] },
    ...more,
  });
}

test("a run without a fault passes", () => assert.deepEqual(check(cleanRun()), []));

finds(
  "oneOrderATicket",
  "a ticket that two orders hold",
  (run) => inFeeds(run, (feed) => plantOrder(feed, ids.probe, ids.free, { sequence: 6, index: 5 })),
  new RegExp(`ticket ${ids.free} was claimed by .* while ${ids.expired} held it`),
);
finds(
  "oneOrderATicket",
  "a ticket that is sold again",
  (run) => inFeeds(run, (feed) => plantOrder(feed, ids.probe, ids.sold)),
  /which was complete/,
);

finds(
  "versionsAreDense",
  "a version that is missing",
  (run) =>
    inFeeds(run, (feed) =>
      feed.splice(feed.indexOf(eventOf(feed, "order:awaitingpayment", ids.paid)), 1),
    ),
  /missing/,
);
finds(
  "versionsAreDense",
  "a version that was written twice",
  (run) =>
    inFeeds(run, (feed) => {
      const event = feed.findLast((one) => one.entity === ids.probe);
      feed.push({ ...event, sequence: 95 });
    }),
  /written again/,
);
finds(
  "versionsAreDense",
  "an entity in two streams",
  (run) =>
    inFeeds(run, (feed) => {
      feed.findLast((one) => one.entity === ids.probe).stream = 3;
    }),
  /in stream/,
);

finds(
  "endsAreFinal",
  "an expired order that was paid after all",
  (run) =>
    inFeeds(run, (feed) => {
      const event = eventOf(feed, "order:expired", ids.expired);
      const data = { ...event.data, status: "complete" };
      feed.push({ ...event, type: "order:completed", version: 2, sequence: 91, data });
    }),
  /had ended/,
);
finds("endsAreFinal", "a paid order that is payable again", (run) =>
  inFeeds(run, (feed) => {
    const event = eventOf(feed, "order:completed", ids.paid);
    const data = { ...event.data, status: "created" };
    feed.push({ ...event, type: "order:updated", version: 3, sequence: 91, data });
  }),
);

finds(
  "ticketsAndOrdersAgree",
  "an order that completed without its ticket",
  (run) =>
    inFeeds(run, (feed) => {
      const at = feed.findLastIndex((one) => one.entity === ids.sold);
      feed.splice(at, 1);
    }),
  /is complete, its ticket .* reserved/,
);
finds("ticketsAndOrdersAgree", "a ticket that is sold to nobody", (run) =>
  inFeeds(run, (feed) => {
    delete feed.findLast((one) => one.entity === ids.sold).data.orderId;
  }),
);
finds("ticketsAndOrdersAgree", "a cancelled order that keeps its ticket", (run) =>
  inFeeds(run, (feed) => {
    const event = feed.findLast((one) => one.entity === ids.free);
    Object.assign(event.data, { status: "reserved", orderId: ids.cancelled });
  }),
);

finds(
  "everybodyTellsTheSame",
  "an event that one node lacks",
  (run) => run.feeds.n2.pop(),
  /n2 lacks/,
);
finds(
  "everybodyTellsTheSame",
  "an event that Redis hasn't",
  (run) => run.streams.at(-1).events.pop(),
  /Redis lacks/,
);
finds("everybodyTellsTheSame", "a gap in a stream", (run) => run.streams.splice(3, 1), /after 3-0/);

finds(
  "onlyTheOwnerWrites",
  "a write under an old epoch",
  (run) => {
    const at = run.fences.length - 2;
    run.fences.splice(at, 0, { shard: 0, what: "lease", incarnation: "def", epoch: 5 });
  },
  /was written with epoch 4/,
);
finds(
  "onlyTheOwnerWrites",
  "an epoch that was given twice",
  (run) => run.fences.push({ shard: 0, what: "lease", incarnation: "def", epoch: 4 }),
  /twice/,
);
finds("onlyTheOwnerWrites", "an epoch that goes back", (run) =>
  run.fences.push({ shard: 0, what: "lease", incarnation: "abc", epoch: 3 }),
);

finds(
  "epochsNeverGoBack",
  "an entry of an old epoch behind one of a newer",
  (run) => {
    run.streams[5].epoch = 5;
  },
  /has epoch 4, 6-0 had 5/,
);
finds("epochsNeverGoBack", "an entry without an epoch", (run) => {
  run.streams[5].epoch = null;
});

finds("epochsHaveOneNode", "an epoch that two nodes have", (run) => {
  run.samples[1].body.shards[0].node = "n2";
});

finds("acknowledgedIsThere", "an acknowledged order that is lost", (run) => {
  requestOf(run, "order", (one) => one.status === 201).body.id = ids.probe;
});
finds("acknowledgedIsThere", "an acknowledged ticket that is lost", (run) => {
  requestOf(run, "list").body.id = "lost";
});
finds("acknowledgedIsThere", "an acknowledged price that the log hasn't", (run) => {
  requestOf(run, "revise").sent.price = 7;
});
finds("acknowledgedIsThere", "an acknowledged removal that isn't there", (run) => {
  requestOf(run, "remove").path = `/api/tickets/${ids.probe}`;
});
finds("acknowledgedIsThere", "an acknowledged cancelling of what was paid", (run) => {
  requestOf(run, "cancel").path = `/api/orders/${ids.paid}`;
});
finds("acknowledgedIsThere", "an acknowledged payment of what expired", (run) => {
  requestOf(run, "pay").sent.orderId = ids.expired;
});
finds("acknowledgedIsThere", "a decline that never was", (run) => {
  requestOf(run, "pay").status = 402;
});
finds(
  "acknowledgedIsThere",
  "an acknowledgement before the commit",
  (run) => {
    requestOf(run, "revise").to -= 200;
  },
  /before its commit/,
);
finds(
  "acknowledgedIsThere",
  "a position that isn't the commit's",
  (run) => {
    requestOf(run, "revise").position = "0-8";
  },
  /says position/,
);

finds(
  "nothingComesFromNowhere",
  "an order that was refused",
  (run) => {
    const one = requestOf(run, "order", ({ body }) => body?.id === ids.cancelled);
    Object.assign(one, { status: 503, code: "unavailable", body: null });
  },
  /2 orders .* at most 1/,
);
finds("nothingComesFromNowhere", "a ticket that was refused", (run) => {
  Object.assign(requestOf(run, "list"), { status: 503, code: "overloaded", body: null });
});
finds("nothingComesFromNowhere", "a ticket that is there twice", (run) =>
  inFeeds(run, (feed) => {
    eventOf(feed, "ticket:created", ids.free).data.title = "ticket a1";
  }),
);
finds("nothingComesFromNowhere", "a price that was refused", (run) => {
  Object.assign(requestOf(run, "revise"), { outcome: "refused", status: undefined });
});
finds("nothingComesFromNowhere", "a removal that was refused", (run) => {
  requestOf(run, "remove").status = 409;
});
finds("nothingComesFromNowhere", "a cancelling that was refused", (run) => {
  requestOf(run, "cancel").status = 409;
});
finds("nothingComesFromNowhere", "a payment that was refused", (run) => {
  requestOf(run, "pay").status = 409;
});

finds("keysHaveOneEffect", "a key with two effects", (run) => {
  requestOf(run, "order", ({ body }) => body?.id === ids.cancelled).key = "one";
});

finds("versionsAreGivenOnce", "a version that two writers were given", (run) => {
  requestOf(run, "revise", ({ body }) => body.version === 2).body.version = 1;
});

finds(
  "readsAreFresh",
  "an order as it was before",
  (run) => {
    const one = requestOf(run, "readOrder");
    const { data } = eventOf(run.feeds.n1, "order:created", ids.paid);
    const older = { ...one, from: one.from + 100, to: one.to + 100, body: structuredClone(data) };
    run.requests.push(older);
  },
  /had shown 2/,
);
finds("readsAreFresh", "an order that never was so", (run) => {
  requestOf(run, "readOrder").body.status = "cancelled";
});
finds("readsAreFresh", "a version that never was", (run) => {
  requestOf(run, "readOrder").body.version = 9;
});
finds("readsAreFresh", "one's own write that isn't shown", (run) => {
  requestOf(run, "readTicket").body.version = 1;
});

finds("refusalsAreTrue", "a free ticket that was called reserved", (run) => {
  requestOf(run, "order", (one) => one.status === 409).sent.ticketId = ids.probe;
});
finds("refusalsAreTrue", "a reserved ticket that was called sold", (run) => {
  requestOf(run, "order", (one) => one.status === 409).code = "ticket_sold";
});

const lateBy = (run, ms) =>
  inFeeds(run, (feed) => {
    for (const one of feed.filter(({ sequence }) => sequence === 11)) one.time = start + 4_000 + ms;
  });
finds(
  "deadlinesAreKept",
  "an order that expired late",
  (run) => lateBy(run, 1_100),
  /1100 ms after/,
);
finds("deadlinesAreKept", "an order that expired early", (run) => lateBy(run, -1), /before its/);
finds(
  "deadlinesAreKept",
  "an order that expired late even for a fault",
  (run) => {
    run.faults.push({ kind: "kill -9", node: "n1", from: start + 3_500, until: start + 3_500 });
    lateBy(run, 3_600);
  },
  /the fault was over/,
);
test("an order may expire late while a node's shards are taken over", () => {
  const run = cleanRun();
  run.faults.push({ kind: "kill -9", node: "n1", from: start + 3_500, until: start + 3_500 });
  lateBy(run, 3_400);
  assert.deepEqual(
    check(run).filter((one) => one.rule === "deadlinesAreKept"),
    [],
  );
});

finds("shardsComeBack", "a shard that took no writes", (run) => {
  run.probing.to = start + 5_100;
});
finds("shardsComeBack", "a shard that came back too late after a fault", (run) => {
  run.faults.push({ kind: "pause", node: "n1", from: start + 3_100, until: start + 9_000 });
  run.probing.to = start + 12_500;
});
test("a shard may be out of service for the lease and three seconds", () => {
  const run = cleanRun();
  run.faults.push({ kind: "pause", node: "n1", from: start + 3_100, until: start + 3_200 });
  run.probing.to = start + 10_000;
  assert.deepEqual(
    check(run).filter((one) => one.rule === "shardsComeBack"),
    [],
  );
});

test("times are not judged on a machine that is too busy, all else is", () => {
  const run = cleanRun();
  run.stalls.push({ from: start, until: start + 1_600 });
  lateBy(run, 60_000);
  run.probing.to = start + 90_000;
  run.ledger.pop();
  assert.deepEqual(
    check(run).map((one) => one.rule),
    ["moneyAgrees"],
  );
});

test("what the machine keeps waiting isn't counted", () => {
  const run = cleanRun();
  run.stalls.push({ from: start + 4_100, until: start + 5_000 });
  lateBy(run, 1_800);
  run.probing.to = start + 5_800;
  const found = check(run).map((one) => one.rule);
  assert.ok(!found.includes("deadlinesAreKept") && !found.includes("shardsComeBack"));
});

finds("everythingSettles", "what doesn't come to rest", (run) => {
  Object.assign(run.rest, { settled: false, what: "order 1 is created" });
});

finds("nobodyNotices", "a 503 in a rolling restart", (run) => {
  Object.assign(requestOf(run, "readTicket"), { status: 503, code: "unavailable" });
});
finds("nobodyNotices", "a refused connection at a node that was ready", (run) => {
  Object.assign(requestOf(run, "readTicket"), { outcome: "refused", status: undefined });
});
test("a refused connection at a node that was known to be down is none", () => {
  const run = cleanRun();
  const change = { outcome: "refused", status: undefined, ready: false };
  Object.assign(requestOf(run, "readTicket"), change);
  assert.deepEqual(check(run), []);
});

finds("theStateIsTheLogs", "a node that shows an old ticket", (run) => {
  run.tickets.n2.find(({ id }) => id === ids.probe).version = 1;
});
finds("theStateIsTheLogs", "a node that lacks a ticket", (run) => run.tickets.n2.pop());
finds("theStateIsTheLogs", "a node that lists what was removed", (run) =>
  run.tickets.n1.push({ id: ids.gone }),
);
finds("theStateIsTheLogs", "an order that isn't as it ended", (run) => {
  run.orders[ids.expired].status = "created";
});
finds("theStateIsTheLogs", "an order that can't be read", (run) => {
  run.orders[ids.expired] = { failed: 503 };
});
finds("theStateIsTheLogs", "a list with an old order", (run) => {
  run.lists.n2.find(({ id }) => id === ids.paid).status = "awaiting:payment";
});

finds(
  "moneyAgrees",
  "a complete order that nobody paid",
  (run) => run.ledger.pop(),
  /keeps nothing/,
);
finds("moneyAgrees", "an order that was charged twice", (run) =>
  run.ledger.push({ ...run.ledger[0], key: `${ids.paid}-2` }),
);
finds("moneyAgrees", "a charge that moved money twice", (run) => {
  run.ledger[0].charged_times = 2;
});
finds("moneyAgrees", "another amount", (run) => {
  run.ledger[0].amount_minor = 1998;
});
finds("moneyAgrees", "money that is kept for a cancelled order", (run) =>
  run.ledger.push({ ...run.ledger[0], order_id: ids.cancelled, key: `${ids.cancelled}-1` }),
);
finds("moneyAgrees", "money that is kept for an order that isn't there", (run) =>
  run.ledger.push({ ...run.ledger[0], order_id: "lost", key: "lost-1" }),
);
finds("moneyAgrees", "a complete order whose payment isn't", (run) =>
  inFeeds(run, (feed) => {
    for (const one of feed.filter(({ entity, version }) => entity === ids.paid && version === 2))
      one.data.payment.status = "refunded";
  }),
);

finds("watchersKnow", "a version that goes back", (run) =>
  run.seen.push({ ...run.seen[5], version: 0 }),
);
finds("watchersKnow", "a version that never was", (run) =>
  run.seen.push({ ...run.seen.at(-1), version: 40 }),
);
finds(
  "watchersKnow",
  "a watcher without the last state",
  (run) => {
    run.seen = run.seen.filter(({ id, version }) => id !== ids.probe || version < 2);
  },
  /ends with version 1/,
);

finds("nodesAreWell", "a node that ended by itself", (run) =>
  run.surprises.push("n1 ended by itself"),
);
finds("nodesAreWell", "a conflict that a node caught", (run) => {
  run.logs[0].text += "\nlevel=error event=commit_failed outcome=conflict";
});

test("every rule is shown to fail", () =>
  assert.deepEqual(
    rules.map((rule) => rule.name).filter((name) => !broken.has(name)),
    [],
  ));
