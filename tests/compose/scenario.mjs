// What tests/compose/run tries, step by step; each says what it saw.
import assert from "node:assert/strict";

import { Person } from "../payments_scenarios/person.mjs";
import { password } from "../payments_scenarios/server.mjs";
import { until } from "../payments_scenarios/waiting.mjs";
import { Watcher } from "./live.mjs";
import { Shop } from "./shop.mjs";
import { Stack, stopAll } from "./stack.mjs";

const single = process.argv.includes("--single");
const watcherCount = 6;
/** From when the image is there to the end. */
const limitMs = 900_000;
const began = performance.now();
let startedAt = Infinity;

function say(text) {
  console.log(`[${Math.round((performance.now() - began) / 1000)}s] ${text}`);
}

async function answers(url, status) {
  try {
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) });
    await answer.arrayBuffer();
    return answer.status === status;
  } catch {
    return false;
  }
}

async function start(stack, count) {
  if (stack.buildsImage) {
    say("building the image");
    await stack.build();
  }
  startedAt = performance.now();
  say(`starting ${count} node(s)`);
  await stack.scale(count);
  await until(() => answers(`${stack.url}/readyz`, 200), "the entry is ready", 120_000);
  const areHealthy = async () => {
    const nodes = await stack.nodes();
    return nodes.length === count && nodes.every((node) => node.health === "healthy");
  };
  await until(areHealthy, "Docker finds every node healthy", 60_000);
  assert.ok(await answers(`${stack.url}/`, 200), "the browser application is served");
  assert.ok(await answers(`${stack.url}/metrics`, 404), "the entry keeps metrics to itself");
  say("ready");
}

/** Until so many nodes are ready and hold all shards among them, each its part. */
async function clusterOf(admin, count, limitMs) {
  let seen = null;
  const isWhole = async () => {
    const answer = await admin.call("GET", "/api/admin/cluster");
    seen = answer.body ?? answer.status;
    if (answer.status !== 200) return false;
    const ready = seen.nodes.filter((node) => node.ready).map((node) => node.name);
    const held = seen.shards.filter((one) => one.remainingMs > 0 && ready.includes(one.node));
    const share = Math.floor(seen.shards.length / count);
    const isShared = ready.every((name) => held.filter((one) => one.node === name).length >= share);
    return ready.length === count && held.length === seen.shards.length && isShared;
  };
  await until(isWhole, () => `${count} nodes hold all shards: ${JSON.stringify(seen)}`, limitMs);
  say(`${count} node(s) hold all shards`);
}

/** Everybody who watches sees the last state of what was sold meanwhile. */
async function checkWatchers(watchers, sales) {
  for (const watcher of watchers)
    for (const { ticket, paid } of sales)
      await until(
        () => watcher.tickets.get(ticket)?.status === (paid ? "sold" : "reserved"),
        () => `a watcher sees ${ticket}: ${JSON.stringify(watcher.tickets.get(ticket))}`,
      );
  for (const watcher of watchers) assert.equal(watcher.wentBack, 0, "no version went back");
  say(`${watchers.length} watchers saw ${sales.length} sales`);
}

/** Waits until all are subscribed, sells some more, and looks whether all saw it. */
async function sellWatched(shop, watchers, count) {
  await until(() => watchers.every((one) => one.isSubscribed), "all watchers are subscribed");
  await checkWatchers(watchers, await shop.sell(count, 60_000));
}

async function faults(stack, shop, watchers) {
  const nodes = await stack.nodes();
  await stack.makeAdmin(nodes[0], password);
  const admin = await Person.signIn(shop.entry, "admin@example.com");
  await clusterOf(admin, 3, 60_000);

  const lost = nodes.at(-1);
  say(`killing ${lost.name}`);
  const killedAt = performance.now();
  await stack.kill(lost);
  await clusterOf(admin, 2, 30_000);
  const setbacks = shop.setbacksSince(killedAt);
  const lastMs = setbacks.length === 0 ? 0 : setbacks.at(-1).at - killedAt;
  say(`${setbacks.length} requests had to be repeated, the last after ${Math.round(lastMs)} ms`);
  assert.ok(lastMs < 10_000, "requests fail no longer than a lease and some seconds");
  await sellWatched(shop, watchers, 12);

  say("scaling down to one node");
  const leavingAt = performance.now();
  await stack.scale(1);
  await clusterOf(admin, 1, 60_000);
  await sellWatched(shop, watchers, 12);
  const failed = shop.setbacksSince(leavingAt);
  assert.deepEqual(failed, [], "a node that is told to leave lets no request fail");
}

async function scenario(stack) {
  await start(stack, single ? 1 : 3);
  const watchers = Array.from({ length: watcherCount }, () => new Watcher(stack.url));
  let shop = null;
  try {
    shop = await Shop.open({ url: stack.url }, 4);
    await sellWatched(shop, watchers, 20);
    assert.deepEqual(shop.setbacks, [], "nothing fails while all is well");
    if (!single) await faults(stack, shop, watchers);
    await shop.close();
    await shop.checkAll();
    say(`all of ${shop.sales.length} acknowledged sales are there`);
  } finally {
    for (const watcher of watchers) watcher.end();
    await shop?.close().catch(() => {});
  }
}

const stack = await Stack.make({ single, image: process.env.HOLDFAST_TEST_IMAGE });
// An open request alone doesn't keep Node.js running, and its time limit doesn't either: the process
// would end amid the scenario, without a word, and leave all that it started.
const alive = setInterval(() => {
  if (performance.now() - startedAt < limitMs) return;
  clearInterval(alive);
  console.error(`not done within ${limitMs} ms`);
  process.kill(process.pid, "SIGTERM");
}, 1_000);
for (const signal of ["SIGINT", "SIGTERM"])
  process.once(signal, () => {
    stopAll();
    void stack.end().finally(() => process.exit(1));
  });
try {
  await scenario(stack);
  say("passed");
} catch (error) {
  process.exitCode = 1;
  console.error(error);
  console.error(await stack.logs().catch((reason) => String(reason)));
} finally {
  await stack.end();
  clearInterval(alive);
  say("everything that was started is removed");
}
