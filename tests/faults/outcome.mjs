// What is there when everything has come to rest: the feed as every node tells it, Redis's own
// streams, tickets and orders, and the payment provider's ledger.
import { execFile } from "node:child_process";
import { existsSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { promisify } from "node:util";

import { Client, readAll, readOn } from "./client.mjs";
import { now } from "./history.mjs";
import { parseFeedId } from "./ids.mjs";
import { readStreams } from "./streams.mjs";

const execute = promisify(execFile);

const feedPath = "/api/feed?limit=200";

/** Requests under way at once while the orders are read. */
const readersMax = 8;

/**
 * Waits until nothing is under way any more: every order has ended, every node tells the same feed,
 * every watcher has heard the last. {settled, ms, boundMs, what (that is missing)}.
 */
export async function settle(cluster, workload, boundMs) {
  const began = now();
  const feeds = cluster.running.map((node) => new FeedReader(workload.admin, node));
  for (;;) {
    const what = await unsettled(feeds, workload).catch((error) => error.message);
    const ms = now() - began;
    if (!what || ms > boundMs) return { settled: !what, ms, boundMs, what };
    await pause(150);
  }
}

async function unsettled(feeds, workload) {
  await Promise.all(feeds.map((feed) => feed.goOn()));
  const [first] = feeds;
  for (const { type, data } of first.last.values())
    if (/^(order|payment):/.test(type) && /^(created|awaiting:payment)$/.test(data.status))
      return `order ${data.id} is ${data.status}, expires at ${data.expiresAt}`;
  for (const feed of feeds)
    if (feed.count !== first.count)
      return `${feed.name} tells ${feed.count} events, ${first.name} ${first.count}`;
  return watchersBehind(workload, first.last);
}

/** One node's feed, read on from where it was. */
class FeedReader {
  count = 0;
  /** The last event of each entity. */
  last = new Map();
  #next = feedPath;

  constructor(admin, node) {
    Object.assign(this, { admin, node, name: node.name });
  }

  async goOn() {
    const { items, next } = await readOn(this.admin, this.node, this.#next);
    this.count += items.length;
    for (const event of items) this.last.set(event.entity, event);
    this.#next = next;
  }
}

/** Whether a watcher still has to hear of something that it follows. */
function watchersBehind({ watchers, history }, last) {
  for (const watcher of watchers) {
    if (!watcher.node.alive) continue;
    if (!watcher.connection) return `the watcher at ${watcher.node.name} isn't connected`;
    const heard = new Map();
    for (const one of history.seen)
      if (one.connection === watcher.connection.connection) heard.set(one.id, one.version);
    for (const id of watcher.narrow)
      if (heard.get(id) !== last.get(id).version)
        return `the watcher at ${watcher.node.name} knows version ${heard.get(id)} of ${id}`;
  }
  return null;
}

async function readFeed(admin, node) {
  const { items } = await readOn(admin, node, feedPath);
  return items.map((event) => ({
    ...event,
    ...parseFeedId(event.id),
    time: Date.parse(event.time),
  }));
}

/** Everything that the checker looks at beside the history. */
export async function collect(cluster, workload) {
  const { admin, buyers } = workload;
  const nodes = cluster.running;
  const feeds = {};
  const tickets = {};
  const lists = {};
  for (const node of nodes) {
    feeds[node.name] = await readFeed(admin, node);
    tickets[node.name] = await readAll(admin, node, "/api/tickets?status=all&limit=200");
    lists[node.name] = [];
    for (const buyer of buyers)
      lists[node.name].push(...(await readAll(buyer, node, "/api/orders?limit=200")));
  }
  const events = feeds[nodes[0].name];
  const ids = new Set(
    events.filter((one) => one.type === "order:created").map((one) => one.entity),
  );
  return {
    feeds,
    tickets,
    lists,
    orders: await readOrders(workload, nodes, [...ids]),
    ledger: await readLedger(cluster.ledgerFile),
    streams: cluster.redis ? await cluster.redis.with(readStreams) : null,
  };
}

/** Each order from its actor, at nodes in turn; its history stays free of these. */
async function readOrders({ admin, balancer, history }, nodes, ids) {
  const orders = {};
  const reader = async (at) => {
    const client = new Client(balancer, history, "checker");
    client.session = admin.session;
    for (let next = at; next < ids.length; next += readersMax) {
      const node = nodes[next % nodes.length];
      const path = `/api/orders/${ids[next]}`;
      const answer = await client.once(node, "check", "GET", path, { recorded: false });
      orders[ids[next]] =
        answer.status === 200 ? answer.body : { failed: answer.status ?? answer.error };
    }
  };
  await Promise.all(Array.from({ length: readersMax }, (_, at) => reader(at)));
  return orders;
}

async function readLedger(file) {
  if (!existsSync(file)) return [];
  const columns = "key, order_id, amount_minor, status, charged_times, refunded_times";
  const words = ["-readonly", "-json", file, `SELECT ${columns} FROM charges ORDER BY id`];
  const { stdout } = await execute("sqlite3", words, { maxBuffer: 64 * 1024 * 1024 });
  return stdout.trim() === "" ? [] : JSON.parse(stdout);
}
