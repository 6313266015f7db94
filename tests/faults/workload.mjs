// People who buy: tens of them, racing for the same few tickets at whichever node they come to; one
// who sells; and a prober that writes to every shard again and again, so that it is known when a
// shard was out of service.
import { setTimeout as pause } from "node:timers/promises";

import { Balancer, Client } from "./client.mjs";
import { effectOf, now } from "./history.mjs";
import { randomFrom, shardOf } from "./ids.mjs";
import { adminEmail, password } from "./node.mjs";
import { Watcher } from "./watcher.mjs";

/** How many tickets are to be had at a time; few, so that buyers meet. */
const openTickets = 30;
const probeEveryMs = 200;
const probeAnswerMs = 1_000;
/** Our own timer, and how late it may be before that counts. */
const clockMs = 20;
const lateMs = 10;
/** Rounds of listing until every shard has a ticket to probe; far more than chance needs. */
const probeTicketsMax = 1_500;

/** What buyers pay with, and how often. */
const tokens = [
  ["tok_visa", 0.72],
  ["tok_chargeDeclined", 0.12],
  ["tok_unknown", 0.06],
  ["tok_slow", 0.05],
  ["tok_unknownDeclined", 0.03],
  ["tok_pending", 0.02],
];

export class Workload {
  watchers = [];
  pool = [];
  /** When our own timers were late, {from, until}: what this machine owes the nodes. */
  stalls = [];
  #running = false;
  #turns = [];
  #prices = 1_000;
  #titles = 0;

  /** terms: {workers, accounts, seed, patient, shards}. */
  constructor(cluster, history, terms) {
    Object.assign(this, { cluster, history, terms });
    this.random = randomFrom(terms.seed);
    this.balancer = new Balancer(cluster, this.random, { patient: terms.patient });
    this.probes = new Map();
  }

  /** Everybody signs up, every shard gets its probe ticket. */
  async prepare() {
    this.balancer.start();
    const person = (name) => new Client(this.balancer, this.history, name);
    const mail = (name) => `${name}@example.com`;
    const signUp = (name) => person(name).signUp(mail(name), password);
    this.admin = await person("admin").enter("/api/users/signin", adminEmail, password);
    this.seller = await signUp("seller");
    this.prober = await signUp("prober");
    this.buyers = [];
    for (let at = 0; at < this.terms.accounts; ++at) this.buyers.push(await signUp(`buyer${at}`));
    await this.#listProbes();
    for (let at = 0; at < openTickets; ++at) await this.#list();
    for (const node of this.cluster.nodes) this.watch(node);
  }

  async #listProbes() {
    const { shards } = this.terms;
    for (let made = 0; this.probes.size < shards; made += 8) {
      if (made > probeTicketsMax) throw new Error("new tickets don't reach every shard");
      const answers = await Promise.all(
        Array.from({ length: 8 }, () => this.#offer(this.prober, "a probe")),
      );
      for (const { status, body } of answers)
        if (status === 201) this.probes.set(shardOf(body.id, shards), body.id);
    }
  }

  watch(node) {
    const ids = [...this.probes.values()].slice(0, 60);
    this.watchers.push(new Watcher(node, this.history, this.buyers[0].session, ids));
  }

  start() {
    this.#running = true;
    for (let at = 0; at < this.terms.workers; ++at) this.#go(() => this.#buy(at));
    this.#go(() => this.#sell());
    for (const [shard, id] of this.probes) {
      const probe = { shard, id, node: null };
      this.#go(() => this.#probe(probe));
    }
    if (this.cluster.store === "redis") this.#go(() => this.#sample());
    this.#go(() => this.#watchTheClock());
  }

  #go(turn) {
    this.#turns.push(
      (async () => {
        while (this.#running) await turn();
      })(),
    );
  }

  /** Everybody finishes what they are at; the last tries that were left behind end by their limit. */
  async stop() {
    this.#running = false;
    await Promise.all(this.#turns);
    await pause(probeAnswerMs);
  }

  async end() {
    this.#running = false;
    this.balancer.end();
    await Promise.all(this.watchers.map((one) => one.end()));
    await this.balancer.stop();
  }

  #chance(share) {
    return this.random() < share;
  }

  // -- who sells -----------------------------------------------------------------------------------

  /** Titles and prices occur once, so that what the log holds names the request that it came from. */
  #offer(client, what, key) {
    const title = `${what} ${++this.#titles}`;
    const body = { title, price: this.#price() };
    return client.ask("list", "POST", "/api/tickets", {
      body,
      key: key ? `list-${title.replaceAll(" ", "-")}` : undefined,
    });
  }

  #price() {
    return ++this.#prices / 100;
  }

  async #list() {
    const answer = await this.#offer(this.seller, "A seat", this.#chance(0.5));
    if (answer.status === 201) this.pool.push(answer.body);
    return answer.status === 201;
  }

  async #sell() {
    while (this.#running && this.pool.length < openTickets && (await this.#list()));
    if (this.#chance(0.2)) await this.#revise();
    else if (this.#chance(0.05)) await this.#remove();
    await pause(40);
  }

  async #revise() {
    const ticket = this.#anyTicket();
    if (!ticket) return;
    const body = { title: ticket.title, price: this.#price() };
    // No second try: each price belongs to one request.
    await this.seller.once(this.balancer.pick(), "revise", "PUT", `/api/tickets/${ticket.id}`, {
      body,
    });
  }

  async #remove() {
    const ticket = this.#anyTicket();
    if (!ticket) return;
    const answer = await this.seller.ask("remove", "DELETE", `/api/tickets/${ticket.id}`, {
      safe: true,
    });
    if (answer.status === 204 || answer.status === 404) this.#gone(ticket);
  }

  // -- who buys ------------------------------------------------------------------------------------

  /** The first in the pool are wanted most. */
  #anyTicket() {
    return this.pool[Math.floor(this.random() ** 1.5 * this.pool.length)];
  }

  #gone(ticket) {
    const at = this.pool.indexOf(ticket);
    if (at >= 0) this.pool.splice(at, 1);
  }

  async #buy(worker) {
    await pause(20 + this.random() * 60);
    const ticket = this.#anyTicket();
    if (!ticket) return;
    const buyer = this.buyers[worker % this.buyers.length];
    if (this.#chance(0.2)) await buyer.ask("readTicket", "GET", `/api/tickets/${ticket.id}`);
    const order = await this.#order(buyer, ticket);
    if (!order) return;
    const fate = this.random();
    if (fate < 0.5) await this.#pay(buyer, order, ticket);
    else if (fate < 0.78) await this.#cancel(buyer, order);
    else if (fate < 0.9) {
      // Both at once: one of them has to lose.
      await Promise.all([this.#pay(buyer, order, ticket), this.#cancel(buyer, order)]);
    }
    // The rest forget it, and it expires.
    if (this.#chance(0.5)) await this.#look(buyer, order);
  }

  async #order(buyer, ticket) {
    const key = this.#chance(0.5)
      ? `order-${this.history.nextAsk()}-${this.terms.seed}`
      : undefined;
    const body = { ticketId: ticket.id };
    const answer = await buyer.ask("order", "POST", "/api/orders", { body, key });
    if (answer.status === 201) return answer.body;
    if (answer.status === 404 || answer.code === "ticket_sold") this.#gone(ticket);
    return null;
  }

  async #pay(buyer, order, ticket) {
    let left = this.random();
    const [token] = tokens.find(([, share]) => (left -= share) < 0) ?? tokens[0];
    const key = this.#chance(0.5) ? `pay-${this.history.nextAsk()}-${this.terms.seed}` : undefined;
    const body = { orderId: order.id, token };
    const answer = await buyer.ask("pay", "POST", "/api/payments", { body, key });
    if (answer.status === 201) this.#gone(ticket);
    return answer;
  }

  #cancel(buyer, order) {
    return buyer.ask("cancel", "DELETE", `/api/orders/${order.id}`, { safe: true });
  }

  #look(buyer, order) {
    return buyer.ask("readOrder", "GET", `/api/orders/${order.id}`);
  }

  // -- who watches ---------------------------------------------------------------------------------

  /**
   * At the node that took the last write and now and then at another one too; if it isn't taken, at
   * all of them: a shard is in service when somebody takes writes to it. Each try has a price of its
   * own; a try that is left behind ends by its time limit.
   */
  async #probe(probe) {
    const began = now();
    const { id, shard } = probe;
    const path = `/api/tickets/${id}`;
    const write = async (node) => {
      const body = { title: `probe of ${shard}`, price: this.#price() };
      // A hand-over may hold a request up; a patient client only minds what fails.
      const how = { body, ...(!this.terms.patient && { limitMs: probeAnswerMs }) };
      const answer = await this.prober.once(node, "revise", "PUT", path, how);
      const done = effectOf(answer) === "done";
      if (done) probe.node = node;
      return done;
    };
    const candidates = this.balancer.candidates();
    let tries = [candidates.includes(probe.node) ? probe.node : candidates[0]];
    if (this.#chance(0.3)) tries.push(this.balancer.pick());
    while (this.#running && !(await anyOf(tries.map(write)))) {
      await pause(40);
      tries = this.balancer.candidates();
    }
    if (this.#chance(0.1)) await this.prober.ask("readTicket", "GET", path, { within: 2_000 });
    await pause(Math.max(0, probeEveryMs - (now() - began)));
  }

  /** Who holds which shard, as the nodes say it. */
  async #sample() {
    const node = this.balancer.pick();
    const answer = await this.admin.once(node, "sample", "GET", "/api/admin/cluster", {
      limitMs: probeAnswerMs,
      recorded: false,
    });
    if (answer.status === 200)
      this.history.samples.push({
        at: answer.to,
        from: answer.from,
        node: node.name,
        body: answer.body,
      });
    await pause(250);
  }

  async #watchTheClock() {
    const due = now() + clockMs;
    await pause(clockMs);
    if (now() - due > lateMs) this.stalls.push({ from: due, until: now() });
  }
}

/** Whether one of them comes true, as soon as one does. */
function anyOf(promises) {
  const trueOnes = promises.map(async (one) => {
    if (!(await one)) throw new Error("not done");
    return true;
  });
  return Promise.any(trueOnes).catch(() => false);
}
