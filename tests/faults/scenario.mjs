// What every scenario is made of: a cluster under load, faults, rest, and the checker's judgement.
import { appendFile, mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { test } from "node:test";
import { setTimeout as pause } from "node:timers/promises";

import { until } from "../payments_scenarios/waiting.mjs";
import { check } from "./checker.mjs";
import { Cluster } from "./cluster.mjs";
import { FenceWatch } from "./fences.mjs";
import { worstStallMs } from "./disturbed.mjs";
import { History, now } from "./history.mjs";
import { randomFrom } from "./ids.mjs";
import { root } from "./node.mjs";
import { collect, settle } from "./outcome.mjs";
import { stallMsMax } from "./rules_time.mjs";
import { Workload } from "./workload.mjs";

const scenarioLimitMs = 240_000;

/** Given on the command line of run.mjs. */
export const given = {
  cuts: process.env.HOLDFAST_FAULTS_CUTS !== "off",
  seed: Number(process.env.HOLDFAST_FAULTS_SEED) || Math.floor(Math.random() * 2 ** 31),
  break: process.env.HOLDFAST_FAULTS_BREAK ?? "",
  longer: Number(process.env.HOLDFAST_FAULTS_LONGER) || 1,
  keep: process.env.HOLDFAST_FAULTS_KEEP === "yes",
};

const defaults = {
  leaseSeconds: 2,
  windowSeconds: 3,
  graceSeconds: 3,
  shards: Number(process.env.HOLDFAST_FAULTS_SHARDS) || 16,
  workers: 24,
  accounts: 8,
};

/** What is taken out of the server to see whether the checker notices. */
const breaks = { epoch: { HOLDFAST_FAULT_IGNORE_EPOCH: "1" } };

/**
 * One test. Options: nodes, store ("redis"), cuts (whether it cuts links; true), patient (clients
 * ask ready nodes only and nobody may notice anything), settings, and any of `defaults`.
 * `act(stage)` does the faults; what it left behind is healed afterwards.
 */
export function scenario(name, options, act) {
  test(name, { timeout: scenarioLimitMs }, async () => {
    const stage = new Stage(name, options);
    try {
      await stage.set();
      await act(stage);
      await stage.rest();
      stage.judge(await stage.dump());
    } catch (error) {
      error.message += `\n(seed ${given.seed})\n${await stage.story()}`;
      throw error;
    } finally {
      await stage.end();
    }
  });
}

export class Stage {
  history = new History();

  constructor(name, options) {
    this.name = name;
    this.options = options;
    this.terms = { ...defaults, ...options, seed: given.seed };
    this.random = randomFrom(given.seed + 1);
  }

  async set() {
    const { nodes, store = "redis", cuts = true, settings = {} } = this.options;
    const terms = { ...this.terms, settings: { ...settings, ...breaks[given.break] } };
    this.cluster = await Cluster.start({
      nodes,
      store,
      cuts: store === "redis" && cuts && given.cuts,
      terms,
    });
    if (this.cluster.redis) {
      this.fences = new FenceWatch();
      await this.fences.start(this.cluster.redis);
    }
    this.workload = new Workload(this.cluster, this.history, this.terms);
    await this.workload.prepare();
    this.probing = { from: now(), to: null, shards: [...this.workload.probes.keys()] };
    this.workload.start();
    await this.load(1_000);
  }

  get nodes() {
    return this.cluster.nodes;
  }

  get canCut() {
    return this.cluster.network.canCut;
  }

  get leaseMs() {
    return this.terms.leaseSeconds * 1_000;
  }

  /** The load goes on for so long; faults need time to do harm. */
  load(ms) {
    return pause(ms);
  }

  /** Waits until others have taken over all that the node had, and a moment more. */
  async takeover(node) {
    const { holders } = this.fences;
    const left = () => [...holders].filter(([, holder]) => holder === node.name);
    await until(
      () => left().length === 0,
      () => `shards ${left().map(([shard]) => shard)} of ${node.name} are taken over`,
    );
    await this.load(300);
  }

  /** Waits until a node that is cut off says so, and prints how long that took. */
  async untilNotReady(node) {
    const began = now();
    await until(async () => !(await node.isReady()), `${node.name} says that it isn't ready`);
    console.log(`${this.name}: ${node.name} said so after ${Math.round(now() - began)} ms`);
  }

  /** One that has shards, so that something is lost with it. */
  anyNode(fits = () => true) {
    const holders = new Set(this.fences.holders.values());
    const from = this.nodes.filter((node) => fits(node) && holders.has(node.name));
    return from[Math.floor(this.random() * from.length)] ?? this.nodes.find(fits);
  }

  async addNode() {
    const node = await this.cluster.addNode();
    await node.untilReady();
    this.workload.watch(node);
    return node;
  }

  async restartRedis(meanwhile) {
    await this.cluster.restartRedis(meanwhile);
    await this.fences.start(this.cluster.redis);
  }

  /** The faults are over; people finish; everything comes to rest, and is collected. */
  async rest() {
    const { cluster, workload, terms } = this;
    await cluster.healAll();
    await this.load(1_500);
    this.probing.to = now();
    await workload.stop();
    const { leaseSeconds, windowSeconds, graceSeconds } = terms;
    const boundMs = (windowSeconds + graceSeconds + leaseSeconds + 5) * 1_000;
    const rest = await settle(cluster, workload, boundMs);
    const collected = await collect(cluster, workload);
    this.fences?.end();
    this.run = {
      ...this.history,
      ...collected,
      rest,
      probing: this.probing,
      fences: this.fences?.fences ?? null,
      faults: cluster.faults,
      surprises: cluster.surprises,
      logs: cluster.logs,
      stalls: workload.stalls,
      terms,
    };
    this.violations = check(this.run);
  }

  /** Prints what was checked, and fails if something didn't fit (or, with --break, if nothing did). */
  judge(folder) {
    const { run, violations } = this;
    const [feed] = Object.values(run.feeds);
    const stallMs = Math.round(worstStallMs(run.stalls));
    const count = (type) => feed.filter((event) => event.type === type).length;
    console.log(
      `${this.name}: seed ${given.seed}; ${run.requests.length} requests, ` +
        `${count("order:created")} orders (${count("order:completed")} paid, ` +
        `${count("order:cancelled")} cancelled, ${count("order:expired")} expired), ` +
        `${feed.length} events, ${run.seen.length} live messages, ${run.faults.length} faults; ` +
        `at rest after ${Math.round(run.rest.ms)} ms; our timers late by ${stallMs} ms at worst`,
    );
    if (stallMs > stallMsMax)
      console.log(`${this.name}: NOT JUDGED by the clock, the machine is too busy for that`);
    const says = violations.map(({ rule, says: what }) => `${rule}: ${what}`).join("\n");
    if (given.break) {
      if (violations.length === 0)
        throw new Error(`broken by ${given.break}, and nothing was noticed`);
      console.log(`${this.name}: broken by ${given.break}, and noticed:\n${says}`);
    } else if (violations.length > 0)
      throw new Error(`${violations.length} violations; the evidence is in ${folder}\n${says}`);
  }

  /** Writes the evidence if there are violations, and says where. */
  async dump() {
    if ((this.violations.length === 0 && !given.keep) || given.break) return null;
    const folder = join(root, "build/faults", `${this.name.replace(/\W+/g, "-")}-${given.seed}`);
    await rm(folder, { recursive: true, force: true });
    await mkdir(folder, { recursive: true });
    await writeFile(join(folder, "history.jsonl"), `${this.history.lines().join("\n")}\n`);
    const { requests, seen, connections, samples, logs, ...rest } = this.run;
    await writeFile(join(folder, "run.json"), JSON.stringify(rest, null, 1));
    for (const [event, list] of Object.entries({
      violations: this.violations,
      faults: rest.faults,
    }))
      await writeFile(join(folder, `${event}.json`), JSON.stringify(list, null, 1));
    for (const { name, text } of logs) await appendFile(join(folder, `${name}.log`), text);
    await writeFile(join(folder, "redis.log"), this.cluster.redis?.log ?? "");
    return folder;
  }

  /** For the one who reads why it failed. */
  async story() {
    if (!this.cluster) return "";
    const tails = this.nodes.map((node) => `-- ${node.name}\n${node.tail(15)}`);
    const faults = this.cluster.faults.map(
      (one) => `${one.kind} ${one.node ?? ""} ${one.from} - ${one.until ?? ""}`,
    );
    return [...faults, ...this.cluster.surprises, ...tails].join("\n");
  }

  async end() {
    await this.workload?.end();
    this.fences?.end();
    await this.cluster?.end();
  }
}
