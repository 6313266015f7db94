// Rules about the log alone: what was committed, in the order in which it was committed.

const live = new Set(["created", "awaiting:payment"]);
const ends = new Set(["order:cancelled", "order:expired", "order:completed"]);

const name = (event) => `${event.type} ${event.entity} v${event.version} at ${event.commit}`;

/** No ticket is claimed by two orders at once, nor ever again once it is sold. */
export function oneOrderATicket({ events }, report) {
  const holders = new Map();
  for (const event of events) {
    if (!event.type.startsWith("order:")) continue;
    for (const { id } of event.data.tickets) {
      const holder = holders.get(id);
      if (event.type === "order:created" && holder)
        report(
          `ticket ${id} was claimed by ${name(event)} while ${holder.entity} held it, ` +
            `which was ${holder.data.status} since ${holder.commit}`,
        );
      const isHolder = event.type === "order:created" || holder?.entity === event.entity;
      if (isHolder && event.data.status === "cancelled") holders.delete(id);
      else if (isHolder) holders.set(id, event);
    }
  }
}

/** Each version of an entity was committed once, one after the other, in one stream. */
export function versionsAreDense({ histories }, report) {
  for (const [id, events] of histories) {
    let last = null;
    for (const event of events) {
      const isSame = last?.commit === event.commit && last.version === event.version;
      if (last === null && event.version !== 0) report(`${id} begins with ${name(event)}`);
      if (last && last.stream !== event.stream)
        report(`${id} is in stream ${last.stream} and in ${event.stream}`);
      if (last && !isSame && event.version <= last.version)
        report(`${name(event)} was written again after ${name(last)}`);
      if (last && !isSame && event.version > last.version + 1)
        report(`versions are missing between ${name(last)} and ${name(event)}`);
      last = event;
    }
  }
}

/** An order ends once, and stays as it ended. */
export function endsAreFinal({ histories }, report) {
  for (const events of histories.values()) {
    let end = null;
    for (const event of events) {
      if (end && event.commit !== end.commit && ends.has(event.type))
        report(`${name(event)} ended an order that ${name(end)} had ended`);
      else if (end && event.data.status !== end.data.status)
        report(`${name(event)} made ${event.data.status} of what ${name(end)} had ended`);
      if (ends.has(event.type)) end = event;
    }
  }
}

/** After every single commit a ticket is held by exactly the order that says that it holds it. */
export function ticketsAndOrdersAgree({ commits }, report) {
  const tickets = new Map();
  const orders = new Map();
  for (const [commit, events] of commits) {
    for (const { type, entity, data } of events) {
      if (type === "ticket:deleted") tickets.set(entity, { ...data, status: "deleted" });
      else (type.startsWith("ticket:") ? tickets : orders).set(entity, data);
    }
    for (const { type, entity } of events) {
      const problem = type.startsWith("ticket:")
        ? ticketDisagrees(tickets.get(entity), orders)
        : orderDisagrees(orders.get(entity), tickets);
      if (problem) report(`after commit ${commit} ${problem}`);
    }
  }
}

function ticketDisagrees(ticket, orders) {
  const order = orders.get(ticket.orderId);
  const says = `ticket ${ticket.id} is ${ticket.status} for order ${ticket.orderId ?? "none"}`;
  if (ticket.status === "reserved" && !live.has(order?.status))
    return `${says}, which is ${order?.status ?? "unknown"}`;
  if (ticket.status === "sold" && order?.status !== "complete")
    return `${says}, which is ${order?.status ?? "unknown"}`;
  if (order && !order.tickets.some(({ id }) => id === ticket.id))
    return `${says}, which doesn't hold it`;
  return null;
}

function orderDisagrees(order, tickets) {
  for (const { id } of order.tickets) {
    const ticket = tickets.get(id);
    const isHolder = ticket?.orderId === order.id;
    const says = `order ${order.id} is ${order.status}, its ticket ${id} ${ticket?.status}`;
    if (live.has(order.status) && !(isHolder && ticket.status === "reserved")) return says;
    if (order.status === "complete" && !(isHolder && ticket.status === "sold")) return says;
    if (order.status === "cancelled" && isHolder) return `${says} by it`;
  }
  return null;
}

/** Every node tells the same feed, and Redis's own streams hold the same, without a gap. */
export function everybodyTellsTheSame({ run, events }, report) {
  const key = ({ stream, sequence, type, entity, version }) =>
    `${stream}-${sequence} ${type} ${entity} v${version}`;
  const wanted = new Set(events.map(key));
  const compare = (whose, theirs) => {
    const has = new Set(theirs);
    for (const one of wanted) if (!has.has(one)) report(`${whose} lacks ${one}`);
    for (const one of has)
      if (!wanted.has(one)) report(`${whose} has ${one}, the first node hasn't`);
  };
  for (const [node, feed] of Object.entries(run.feeds).slice(1))
    compare(`the feed of ${node}`, feed.map(key));
  if (!run.streams) return;
  const written = [];
  const reached = new Map();
  for (const { shard, id, events: lines } of run.streams) {
    const sequence = Number(id.split("-")[0]);
    const last = reached.get(shard) ?? 0;
    if (sequence !== last + 1) report(`the stream of shard ${shard} has ${id} after ${last}-0`);
    reached.set(shard, sequence);
    for (const one of lines)
      if (/^(ticket|order|payment):/.test(one.type))
        written.push(key({ stream: shard, sequence, ...one }));
  }
  compare("Redis", written);
}

/** Nobody wrote to a shard but its owner of that moment, as Redis itself saw it. */
export function onlyTheOwnerWrites({ run }, report) {
  const owners = new Map();
  for (const { shard, what, incarnation, epoch, entry, restarted } of run.fences ?? []) {
    if (restarted)
      owners.clear(); // what went by meanwhile wasn't seen
    else if (what === "lease") {
      const last = owners.get(shard);
      if (last && epoch < last.epoch)
        report(`shard ${shard} got epoch ${epoch} after ${last.epoch}`);
      if (last && epoch === last.epoch && incarnation !== last.incarnation)
        report(
          `shard ${shard} got epoch ${epoch} twice, for ${last.incarnation} and ${incarnation}`,
        );
      owners.set(shard, { incarnation, epoch });
    } else {
      const owner = owners.get(shard);
      if (owner && (owner.epoch !== epoch || owner.incarnation !== incarnation))
        report(
          `${entry} of shard ${shard} was written with epoch ${epoch} of ${incarnation} ` +
            `when the shard was in epoch ${owner.epoch} of ${owner.incarnation}`,
        );
    }
  }
}

/** Each entry of a stream names the epoch that it was written under: they only grow. */
export function epochsNeverGoBack({ run }, report) {
  const last = new Map();
  for (const { shard, id, epoch } of run.streams ?? []) {
    const before = last.get(shard);
    if (!(epoch > 0)) report(`entry ${id} of shard ${shard} names no epoch`);
    else if (before && epoch < before.epoch)
      report(`entry ${id} of shard ${shard} has epoch ${epoch}, ${before.id} had ${before.epoch}`);
    else last.set(shard, { id, epoch });
  }
}

/** What the nodes say of the leases: an epoch of a shard belongs to one node. */
export function epochsHaveOneNode({ run }, report) {
  const nodes = new Map();
  for (const { body, node: teller } of run.samples) {
    for (const { shard, node, epoch } of body.shards) {
      const key = `epoch ${epoch} of shard ${shard}`;
      const before = nodes.get(key);
      if (!node || epoch === 0) continue;
      if (before !== undefined && before !== node)
        report(`${teller} says that ${key} is ${node}'s, before it was ${before}'s`);
      nodes.set(key, node);
    }
  }
}
