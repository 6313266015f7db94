// A small run that is right in every respect, made by hand: the checker's tests spoil it rule by rule.

/** When it began. */
export const start = Date.parse("2030-01-10T09:15:00.000Z");

const seller = "user-seller";
const buyer = "user-buyer";

/** An id of slot 0, so of shard 0: only the last characters count. */
export const idOf = (tail) => `01977e8a-3c40-8000-8c3d-0000000000${tail}`;

export const ids = {
  sold: idOf("a1"),
  free: idOf("a2"),
  probe: idOf("a3"),
  gone: idOf("a4"),
  paid: idOf("b1"),
  expired: idOf("b2"),
  cancelled: idOf("b3"),
};

const prices = { [ids.sold]: 19.99, [ids.free]: 12.5, [ids.probe]: 1.01, [ids.gone]: 3 };

class Builder {
  sequence = 0;
  events = [];
  fences = [];
  streams = [];
  versions = new Map();

  /** One commit: [type, entity, data] of each feed event. */
  commit(time, ...made) {
    ++this.sequence;
    const lines = [];
    const inThis = new Map();
    for (const [index, [type, entity, data]] of made.entries()) {
      const version = inThis.get(entity) ?? (this.versions.get(entity) ?? -1) + 1;
      inThis.set(entity, version);
      this.versions.set(entity, version);
      const place = { stream: 0, sequence: this.sequence, index };
      const whole = { id: entity, version, ...data };
      this.events.push({ type, time: start + time, entity, version, data: whole, ...place });
      lines.push({ type, entity, version });
    }
    const entry = `${this.sequence}-0`;
    this.streams.push({ shard: 0, id: entry, epoch: 4, events: lines });
    this.fences.push({ shard: 0, what: "write", incarnation: "abc", epoch: 4, entry });
  }
}

const ticket = (id, more = {}) => ({
  title: `ticket ${id.slice(-2)}`,
  price: prices[id],
  status: "available",
  ...more,
});

const order = (of, status, more = {}) => ({
  userId: buyer,
  status,
  expiresAt: new Date(start + 4_000).toISOString(),
  total: prices[of],
  tickets: [{ id: of }],
  ...more,
});

const held = (id, by) => ticket(id, { status: "reserved", orderId: by });

/** What was committed, in order. */
function log() {
  const made = new Builder();
  made.fences.push({ restarted: true });
  made.fences.push({ shard: 0, what: "lease", incarnation: "abc", epoch: 4 });
  for (const id of [ids.sold, ids.free, ids.probe, ids.gone])
    made.commit(0, ["ticket:created", id, ticket(id)]);
  made.commit(
    1_000,
    ["order:created", ids.paid, order(ids.sold, "created")],
    ["ticket:updated", ids.sold, held(ids.sold, ids.paid)],
  );
  made.commit(
    1_000,
    ["order:created", ids.expired, order(ids.free, "created")],
    ["ticket:updated", ids.free, held(ids.free, ids.expired)],
  );
  made.commit(1_500, [
    "order:awaitingpayment",
    ids.paid,
    order(ids.sold, "awaiting:payment", { payment: { status: "pending" } }),
  ]);
  const complete = order(ids.sold, "complete", { payment: { status: "succeeded" } });
  made.commit(
    1_600,
    ["order:completed", ids.paid, complete],
    ["payment:created", ids.paid, complete],
    ["ticket:updated", ids.sold, ticket(ids.sold, { status: "sold", orderId: ids.paid })],
  );
  made.commit(2_000, ["ticket:updated", ids.probe, { ...ticket(ids.probe), price: 1.02 }]);
  made.commit(3_000, ["ticket:updated", ids.probe, { ...ticket(ids.probe), price: 1.03 }]);
  made.commit(
    4_200,
    ["order:expired", ids.expired, order(ids.free, "cancelled", { reason: "expired" })],
    ["ticket:updated", ids.free, ticket(ids.free)],
  );
  made.commit(
    4_500,
    ["order:created", ids.cancelled, order(ids.free, "created")],
    ["ticket:updated", ids.free, held(ids.free, ids.cancelled)],
  );
  made.commit(
    4_600,
    ["order:cancelled", ids.cancelled, order(ids.free, "cancelled", { reason: "user" })],
    ["ticket:updated", ids.free, ticket(ids.free)],
  );
  made.commit(4_700, ["ticket:deleted", ids.gone, ticket(ids.gone)]);
  return made;
}

/** What was asked, in order; each took 10 ms around its commit. */
function requests(events) {
  const all = [];
  let ask = 0;
  const say = (op, who, time, method, path, more) =>
    all.push({
      ask: ++ask,
      op,
      who,
      user: who === "buyer" ? buyer : seller,
      node: "n1",
      ready: true,
      method,
      path,
      from: start + time - 5,
      to: start + time + 5,
      outcome: "answered",
      ...more,
    });
  const told = (id, version) =>
    structuredClone(events.find((one) => one.entity === id && one.version === version).data);
  for (const id of [ids.sold, ids.free, ids.probe, ids.gone])
    say("list", "seller", 0, "POST", "/api/tickets", {
      status: 201,
      sent: { title: ticket(id).title, price: prices[id] },
      body: told(id, 0),
      position: "0-4",
    });
  const orders = (id, of, time, more) =>
    say("order", "buyer", time, "POST", "/api/orders", {
      status: 201,
      sent: { ticketId: of },
      body: told(id, 0),
      ...more,
    });
  orders(ids.paid, ids.sold, 1_000, { position: "0-6", key: "one" });
  orders(ids.paid, ids.sold, 1_100, { position: "0-6", key: "one" });
  orders(ids.expired, ids.free, 1_000, { position: "0-6" });
  say("order", "buyer", 1_200, "POST", "/api/orders", {
    status: 409,
    code: "ticket_reserved",
    sent: { ticketId: ids.sold },
  });
  say("pay", "buyer", 1_600, "POST", "/api/payments", {
    status: 201,
    sent: { orderId: ids.paid },
    body: { status: "succeeded" },
    position: "0-8",
  });
  say("readOrder", "buyer", 1_700, "GET", `/api/orders/${ids.paid}`, {
    status: 200,
    body: told(ids.paid, 2),
  });
  for (const [version, time] of [
    [1, 2_000],
    [2, 3_000],
  ])
    say("revise", "prober", time, "PUT", `/api/tickets/${ids.probe}`, {
      status: 200,
      sent: { price: told(ids.probe, version).price },
      body: told(ids.probe, version),
      position: `0-${8 + version}`,
    });
  say("readTicket", "prober", 3_100, "GET", `/api/tickets/${ids.probe}`, {
    status: 200,
    body: told(ids.probe, 2),
    after: "0-10",
  });
  orders(ids.cancelled, ids.free, 4_500, { position: "0-12" });
  say("cancel", "buyer", 4_600, "DELETE", `/api/orders/${ids.cancelled}`, { status: 204 });
  say("remove", "seller", 4_700, "DELETE", `/api/tickets/${ids.gone}`, { status: 204 });
  return all;
}

/** The whole run. */
export function cleanRun() {
  const made = log();
  const last = new Map(made.events.map((event) => [event.entity, event]));
  const inTheEnd = (fits) =>
    [...last.values()].filter(fits).map((event) => structuredClone(event.data));
  const isOrder = ({ type }) => /^(order|payment):/.test(type);
  const isTicket = ({ type }) => type.startsWith("ticket:") && type !== "ticket:deleted";
  const nodes = ["n1", "n2"];
  const each = (what) => Object.fromEntries(nodes.map((node) => [node, what()]));
  return {
    requests: requests(made.events),
    feeds: each(() => structuredClone(made.events)),
    streams: made.streams,
    fences: made.fences,
    tickets: each(() => inTheEnd(isTicket)),
    lists: each(() => inTheEnd(isOrder)),
    orders: Object.fromEntries(inTheEnd(isOrder).map((one) => [one.id, one])),
    ledger: [
      {
        key: `${ids.paid}-1`,
        order_id: ids.paid,
        amount_minor: 1999,
        status: "succeeded",
        charged_times: 1,
        refunded_times: 0,
      },
    ],
    seen: made.events
      .filter(({ type }) => type.startsWith("ticket:"))
      .map(({ type, entity, version, time }) => ({
        connection: 1,
        type,
        id: entity,
        version,
        at: time + 3,
      })),
    connections: [
      {
        connection: 1,
        node: "n1",
        opened: start,
        subscribed: start,
        closed: null,
        narrow: [ids.probe],
      },
    ],
    samples: [4, 4, 5].map((epoch, at) => ({
      at: start + at,
      node: "n1",
      body: { shards: [{ shard: 0, node: epoch === 4 ? "n1" : "n2", epoch, remainingMs: 900 }] },
    })),
    faults: [],
    surprises: [],
    logs: [{ name: "n1", text: "level=info event=ready" }],
    probing: { from: start + 1_000, to: start + 4_000, shards: [0] },
    rest: { settled: true, ms: 100, boundMs: 5_000, what: null },
    stalls: [],
    terms: { leaseSeconds: 2, shards: 16, patient: true },
  };
}
