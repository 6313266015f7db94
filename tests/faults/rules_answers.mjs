// Rules that hold what clients were told against the log.
import { effectOf } from "./history.mjs";
import { parsePosition } from "./ids.mjs";

/** By how much the store's clock and ours may differ in one machine, and time a message takes. */
const clockMs = 50;

const clock = (time) => new Date(time).toISOString().slice(11, 23);

const name = ({ who, node, method, path, from, to, status, outcome }) =>
  `${who}'s ${method} ${path} at ${node}, asked at ${clock(from)}, answered ` +
  `${status ?? outcome} at ${clock(to)},`;

const isDone = (one, ...statuses) => one.outcome === "answered" && statuses.includes(one.status);

/** What was acknowledged is in the log, as acknowledged, and was there before it was. */
export function acknowledgedIsThere(index, report) {
  for (const one of index.run.requests) {
    const found = trace(index, one);
    if (!found) continue;
    if (found.problem) report(`${name(one)} ${found.problem}`);
    else if (found.event) {
      const { event } = found;
      if (event.time > one.to + clockMs)
        report(
          `${name(one)} was acknowledged ${Math.round(event.time - one.to)} ms before its commit`,
        );
      const reached = parsePosition(one.position).get(event.stream);
      if (one.position && (reached ?? 0) < event.sequence)
        report(
          `${name(one)} says position ${reached} of stream ${event.stream}, it is at ${event.commit}`,
        );
    }
  }
}

/** {event} that the acknowledgement speaks of, or {problem}; null when it acknowledges nothing. */
function trace(index, one) {
  const { op, body, sent } = one;
  if (op === "list" && isDone(one, 201)) {
    const event = index.find(body.id, (each) => each.type === "ticket:created");
    if (!event) return { problem: `made ticket ${body.id}, which the log doesn't hold` };
    return event.data.title === sent.title && cents(event.data.price) === cents(sent.price)
      ? { event }
      : { problem: `made ticket ${body.id}, which the log holds as ${JSON.stringify(event.data)}` };
  }
  if (op === "revise" && isDone(one, 200)) {
    const event = index.find(body.id, (each) => each.version === body.version);
    if (!event) return { problem: `made version ${body.version}, which the log doesn't hold` };
    return cents(event.data.price) === cents(sent.price)
      ? { event }
      : {
          problem: `made version ${body.version}, which the log holds with price ${event.data.price}`,
        };
  }
  if (op === "remove" && isDone(one, 204)) return removed(index, one);
  if (op === "order" && isDone(one, 201)) {
    const event = index.find(body.id, (each) => each.type === "order:created");
    if (!event) return { problem: `made order ${body.id}, which the log doesn't hold` };
    const fits = event.data.userId === one.user && event.data.tickets[0].id === sent.ticketId;
    return fits ? { event } : { problem: `made order ${body.id}, which the log holds otherwise` };
  }
  if (op === "cancel" && isDone(one, 204)) return ended(index, idOf(one), /:(cancelled|expired)$/);
  if (op === "pay" && isDone(one, 201) && body.status === "succeeded")
    return ended(index, sent.orderId, /:completed$/);
  if (op === "pay" && isDone(one, 402)) return declined(index, sent.orderId);
  return null;
}

const cents = (price) => Math.round(price * 100);
const idOf = ({ path }) => path.split("/").at(-1);

function removed(index, one) {
  const event = index.find(idOf(one), (each) => each.type === "ticket:deleted");
  return event ? { event } : { problem: "removed a ticket that the log doesn't hold as removed" };
}

function ended(index, id, type) {
  const event = index.find(id, (each) => type.test(each.type));
  const last = index.histories.get(id)?.at(-1);
  return event
    ? { event }
    : { problem: `ended order ${id}, which the log holds as ${last?.data.status ?? "unknown"}` };
}

function declined(index, id) {
  const event = index.find(id, ({ data }) => /declined|cancelled/.test(data.payment?.status));
  return event
    ? { event }
    : { problem: `declined a payment of ${id} that the log never held declined` };
}

/** Everything in the log was asked for by a request that wasn't refused. */
export function nothingComesFromNowhere(index, report) {
  const asked = groupEffects(index.run.requests);
  const orders = new Map();
  const titles = new Map();
  for (const event of index.events) {
    const { type, entity, data, version } = event;
    const at = `${type} ${entity} v${version} at ${event.commit}`;
    if (type === "ticket:created") {
      titles.set(data.title, (titles.get(data.title) ?? 0) + 1);
      if (titles.get(data.title) > 1) report(`${at}: "${data.title}" was listed twice`);
      if (!asked.has(`list ${data.title}`))
        report(`${at}: nobody's listing of "${data.title}" got through`);
    }
    if (type === "ticket:updated" && index.before(event)?.data.price !== data.price)
      if (!asked.has(`revise ${entity} ${cents(data.price)}`))
        report(`${at}: nobody's price ${data.price} got through`);
    if (type === "ticket:deleted" && !asked.has(`remove ${entity}`))
      report(`${at}: nobody's removal got through`);
    if (type === "order:created") {
      const key = `order ${data.userId} ${data.tickets[0].id}`;
      orders.set(key, [...(orders.get(key) ?? []), event]);
    }
    if (type === "order:cancelled" && data.reason === "user" && !asked.has(`cancel ${entity}`))
      report(`${at}: nobody's cancelling got through`);
    if (type === "order:awaitingpayment" && !asked.has(`pay ${entity}`))
      report(`${at}: nobody's payment got through`);
  }
  for (const [key, made] of orders) {
    const may = asked.get(key)?.size ?? 0;
    if (made.length > may)
      report(
        `${made.length} orders of ${key.slice(6)} are in the log, at most ${may} requests got ` +
          `through: ${made.map((event) => `${event.entity} at ${event.commit}`).join(", ")}`,
      );
  }
}

/** What may have taken effect -> the intentions (a key is one, however often it was sent). */
function groupEffects(requests) {
  const asked = new Map();
  for (const one of requests) {
    if (effectOf(one) === "refused") continue;
    const what = {
      list: () => `list ${one.sent.title}`,
      revise: () => `revise ${idOf(one)} ${cents(one.sent.price)}`,
      remove: () => `remove ${idOf(one)}`,
      order: () => `order ${one.user} ${one.sent.ticketId}`,
      cancel: () => `cancel ${idOf(one)}`,
      pay: () => `pay ${one.sent.orderId}`,
    }[one.op]?.();
    if (!what) continue;
    if (!asked.has(what)) asked.set(what, new Set());
    asked.get(what).add(one.key ?? `${one.ask} ${one.from}`);
  }
  return asked;
}

/** One Idempotency-Key has one effect and one answer. */
export function keysHaveOneEffect({ run }, report) {
  const answers = new Map();
  for (const one of run.requests) {
    if (!one.key || !isDone(one, 201)) continue;
    const first = answers.get(one.key);
    if (first && first.body.id !== one.body.id)
      report(
        `${name(one)} with key ${one.key} made ${one.body.id}, before it was ${first.body.id}`,
      );
    else answers.set(one.key, one);
  }
}

/** No two acknowledged writes made the same version: two owners would. */
export function versionsAreGivenOnce({ run }, report) {
  const made = new Map();
  for (const one of run.requests) {
    if (one.op !== "revise" || !isDone(one, 200)) continue;
    const key = `version ${one.body.version} of ${one.body.id}`;
    if (made.has(key)) report(`${name(one)} made ${key}, and so did ${name(made.get(key))}`);
    else made.set(key, one);
  }
}

/** Nobody was shown what is older than what was acknowledged to anybody before he asked. */
export function readsAreFresh(index, report) {
  ordersAreFresh(index, report);
  ownWritesAreSeen(index, report);
}

/** Orders come from their actors: every read is as of some instant while it was asked. */
function ordersAreFresh(index, report) {
  const told = new Map();
  for (const one of index.run.requests) {
    if (!["order", "readOrder"].includes(one.op) || !isDone(one, 200, 201)) continue;
    const list = told.get(one.body.id) ?? [];
    list.push(one);
    told.set(one.body.id, list);
  }
  for (const [id, list] of told) {
    list.sort((a, b) => a.to - b.to);
    for (const [at, one] of list.entries()) {
      const { version, status } = one.body;
      const committed = index.find(id, (event) => event.version === version);
      if (!committed) report(`${name(one)} showed version ${version} of ${id}, which never was`);
      else if (committed.data.status !== status)
        report(
          `${name(one)} showed ${id} v${version} as ${status}, the log has ${committed.data.status}`,
        );
      if (one.op !== "readOrder") continue; // a repeated answer is as of the first time
      const newer = list
        .slice(0, at)
        .find((other) => other.to < one.from && other.body.version > version);
      if (newer)
        report(
          `${name(one)} showed version ${version} of ${id}; ${name(newer)} had shown ${newer.body.version}`,
        );
    }
  }
}

/** Who sends the position of his own write along sees it. */
function ownWritesAreSeen({ run }, report) {
  const written = new Map();
  const list = run.requests.filter(({ op }) => op === "revise" || op === "readTicket");
  for (const one of list.sort((a, b) => a.to - b.to)) {
    const key = `${one.who} ${idOf(one)}`;
    if (one.op === "revise" && isDone(one, 200)) {
      const before = written.get(key) ?? [];
      written.set(key, [...before.slice(-20), one]);
    }
    if (one.op !== "readTicket" || !isDone(one, 200) || !one.after) continue;
    const reached = parsePosition(one.after);
    for (const write of written.get(key) ?? []) {
      const isBefore =
        write.to < one.from &&
        [...parsePosition(write.position)].every(
          ([at, sequence]) => (reached.get(at) ?? 0) >= sequence,
        );
      if (isBefore && write.body.version > one.body.version)
        report(
          `${name(one)} showed version ${one.body.version}, ${name(write)} had made ${write.body.version}`,
        );
    }
  }
}

/** Who was told that a ticket isn't to be had was told the truth of some instant meanwhile. */
export function refusalsAreTrue(index, report) {
  for (const one of index.run.requests) {
    if (one.op !== "order" || !["ticket_reserved", "ticket_sold"].includes(one.code)) continue;
    const events = index.histories.get(one.sent.ticketId) ?? [];
    const wasSo = events.some((event, at) => {
      const until = events[at + 1]?.time ?? Infinity;
      const fits = one.code === "ticket_sold" ? ["sold"] : ["reserved", "sold"];
      return (
        fits.includes(event.data.status) &&
        event.time <= one.to + clockMs &&
        until >= one.from - clockMs
      );
    });
    if (!wasSo)
      report(`${name(one)} was told ${one.code} when ticket ${one.sent.ticketId} was free`);
  }
}
