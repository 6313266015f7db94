// Several nodes over one store, on a network of their own, and every fault that can be done to them.
// What is done is written into `faults`, with its times, because the bounds depend on it.
import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { mkdir } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";

import { until } from "../payments_scenarios/waiting.mjs";
import { atEnd } from "./cleanup.mjs";
import { LoopbackNetwork, NamespaceNetwork, whyNoCuts } from "./network.mjs";
import { adminEmail, binary, Node } from "./node.mjs";
import { Redis } from "./redis.mjs";

/** How long a node may take to be ready, after a start or after the faults are over. */
const readyMs = 30_000;

export class Cluster {
  nodes = [];
  /** {kind, node, from, until (null: not yet), store (it stopped the store itself)} in wall time. */
  faults = [];
  /** What happened that nobody asked for: each a sentence. */
  surprises = [];
  redis = null;
  #named = 0;
  #removed = [];

  /**
   * `nodes`: how many; `store`: "redis" or "sqlite" (then there can be one node only);
   * `cuts`: whether links are to be cut; `terms`: {leaseSeconds, windowSeconds, graceSeconds,
   * shards, settings}.
   */
  static async start({ nodes, store, cuts, terms }) {
    if (!existsSync(binary))
      throw new Error(`no server at ${binary}: build it, or set HOLDFAST_BINARY`);
    const cluster = new Cluster();
    try {
      await cluster.#set(store, cuts, terms);
      for (let at = 0; at < nodes; ++at) await cluster.addNode();
      await cluster.untilReady();
      await cluster.nodes[0].createAdmin();
    } catch (error) {
      await cluster.end();
      throw error;
    }
    return cluster;
  }

  async #set(store, cuts, terms) {
    this.store = store;
    this.terms = terms;
    this.directory = mkdtempSync(join(tmpdir(), "holdfast-faults-"));
    this.undo = atEnd(() => rmSync(this.directory, { recursive: true, force: true }));
    const why = cuts ? whyNoCuts() : null;
    if (why)
      throw new Error(`${why}. With --without-cuts the scenarios that cut links are left out`);
    this.network = cuts ? new NamespaceNetwork() : new LoopbackNetwork();
    this.sessionKey = randomBytes(32).toString("hex");
    if (store === "redis") {
      const place = this.network.addStore();
      const directory = join(this.directory, "redis");
      await mkdir(directory);
      this.redis = new Redis(place, cuts ? 6379 : await freePort(), directory);
      await this.redis.start();
    }
  }

  #settings() {
    const { leaseSeconds, windowSeconds, graceSeconds, shards, settings } = this.terms;
    return {
      HOLDFAST_STORE: this.store,
      HOLDFAST_SHARDS: String(shards),
      HOLDFAST_ORDER_WINDOW_SECONDS: String(windowSeconds),
      HOLDFAST_PAYMENT_GRACE_SECONDS: String(graceSeconds),
      HOLDFAST_PAYMENT_RECONCILE_SECONDS: "2",
      HOLDFAST_TEST_PROVIDER_SLOW_MS: "300",
      HOLDFAST_RATE_LIMITS: "off",
      HOLDFAST_SESSION_KEY: this.sessionKey,
      HOLDFAST_ADMIN_EMAILS: adminEmail,
      HOLDFAST_PASSWORD_HASH_MEMORY_KIB: "64",
      HOLDFAST_PASSWORD_HASH_PASSES: "1",
      ...(this.store === "redis" && {
        HOLDFAST_REDIS_URL: this.redis.url,
        HOLDFAST_LEASE_SECONDS: String(leaseSeconds),
        HOLDFAST_DRAIN_SECONDS: "1",
        HOLDFAST_CLUSTER_PORT: "0",
        HOLDFAST_TEST_PAYMENTS_LEDGER: this.ledgerFile,
      }),
      ...settings,
    };
  }

  /** Where the test provider remembers whom it charged. */
  get ledgerFile() {
    if (this.store === "redis") return join(this.directory, "payments-test.sqlite");
    return join(this.nodes[0].directory, "payments-test.sqlite");
  }

  /** The nodes that run and were not frozen by us. */
  get running() {
    return this.nodes.filter((node) => node.alive && !node.paused);
  }

  async addNode() {
    const name = `n${++this.#named}`;
    const place = this.network.addNode(name);
    const node = new Node({
      name,
      place,
      directory: join(this.directory, name),
      settings: {
        ...this.#settings(),
        HOLDFAST_LOG_LEVEL: process.env.HOLDFAST_FAULTS_LOG_LEVEL ?? "info",
        ...(this.store === "redis" && { HOLDFAST_CLUSTER_ADDRESS: place.address }),
      },
      onSurprise: (which, surprise) => this.#onSurprise(which, surprise),
    });
    await node.start();
    this.nodes.push(node);
    return node;
  }

  /** The node leaves for good, as when a service is scaled down. */
  async removeNode(node) {
    await this.stop(node);
    this.#over("stop", node);
    this.nodes.splice(this.nodes.indexOf(node), 1);
    this.#removed.push(node);
  }

  #onSurprise(node, { mayRestart, what }) {
    this.surprises.push(`${node.name} ${what}; its log ended with:\n${node.tail(12)}`);
    if (!mayRestart) return;
    // What a supervisor is for. No fault of ours replaces the store, so it is a surprise all the same.
    const fault = this.#began("restart by the supervisor", node);
    node
      .start()
      .catch((error) => this.surprises.push(`${node.name} did not come back: ${error.message}`))
      .finally(() => (fault.until = Date.now()));
  }

  // -- faults --------------------------------------------------------------------------------------

  #began(kind, node, store = false) {
    const fault = { kind, node: node?.name ?? null, from: Date.now(), until: null, store };
    this.faults.push(fault);
    return fault;
  }

  #over(kind, node) {
    const fault = this.faults.findLast(
      (one) => one.kind === kind && one.node === (node?.name ?? null) && one.until === null,
    );
    if (fault) fault.until = Date.now();
  }

  /** Dead at once; `restart` brings it back. */
  async kill9(node) {
    // With SQLite a node is its store: nothing is served until it is back.
    this.#began("kill -9", node, this.store === "sqlite");
    await node.kill9();
  }

  async stop(node) {
    this.#began("stop", node);
    await node.stop();
  }

  /** The same node again: same name, same directory, same place. */
  async restart(node) {
    // A node that is started while Redis is away may give up; a supervisor starts it again.
    await until(
      async () => {
        const isUp = () => this.redis?.alive ?? true;
        const wasUp = isUp();
        return node.start().then(
          () => true,
          (error) => {
            if (wasUp && isUp()) throw error;
            return false;
          },
        );
      },
      `${node.name} starts`,
      readyMs,
    );
    await node.untilReady(readyMs);
    for (const kind of ["kill -9", "stop"]) this.#over(kind, node);
  }

  pause(node) {
    this.#began("pause", node);
    node.pause();
  }

  resume(node) {
    node.resume();
    this.#over("pause", node);
  }

  cutFromStore(node) {
    this.#began("cut from the store", node);
    this.network.cutFromStore(node.place);
  }

  cutFromPeers(node) {
    this.#began("cut from its peers", node);
    this.network.cutFromPeers(node.place);
  }

  heal(node) {
    this.network.heal(node.place);
    for (const kind of ["cut from the store", "cut from its peers"]) this.#over(kind, node);
  }

  /** Redis dies as of a power cut and comes back with what its file holds. */
  async restartRedis(meanwhile = async () => {}) {
    this.#began("restart of Redis", null, true);
    await this.redis.kill9();
    await meanwhile();
    await this.redis.start();
    this.#over("restart of Redis", null);
  }

  /** Each node in turn: told to stop, started anew, and only when it is ready the next one. */
  async rollAll() {
    for (const node of [...this.nodes]) {
      await this.stop(node);
      await this.restart(node);
    }
  }

  /** Undoes every fault that is still there. */
  async healAll() {
    for (const node of this.nodes) {
      if (node.paused) this.resume(node);
      if (this.network.canCut) this.heal(node);
      if (!node.alive) await this.restart(node);
    }
    await this.untilReady();
  }

  async untilReady() {
    for (const node of this.nodes) await node.untilReady(readyMs);
  }

  // -- looking -------------------------------------------------------------------------------------

  get logs() {
    return [...this.nodes, ...this.#removed].map((node) => ({ name: node.name, text: node.log }));
  }

  async end() {
    for (const node of this.nodes) await node.kill9();
    await this.redis?.kill9();
    this.network?.end();
    this.undo?.done();
    if (this.directory) rmSync(this.directory, { recursive: true, force: true });
  }
}

/** A port of 127.0.0.1 that is free now, for a program that can't be told to choose one. */
async function freePort() {
  const server = createServer();
  server.listen(0, "127.0.0.1");
  await until(() => server.listening, "a port");
  const { port } = server.address();
  await new Promise((closed) => server.close(closed));
  return port;
}
