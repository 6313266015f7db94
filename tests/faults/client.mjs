// A sensible client: keeps connections, knows all nodes, goes to another one when a node is gone or
// says 503, and repeats only what is safe to repeat. Every request is written into the history.
import { Agent, request } from "node:http";
import { setTimeout as pause } from "node:timers/promises";

import { effectOf, now } from "./history.mjs";

/** How long a client waits for one answer, and goes on trying for one thing. */
const answerMs = 3_000;
const patienceMs = 12_000;

/** How long a node that failed is avoided. */
const suspicionMs = 400;

/** Which node a client turns to, and the connections to it; shared by all clients. */
export class Balancer {
  isOver = false;
  #agents = new Map();
  #failedAt = new Map();
  #ready = new Map();
  #polling = null;

  /** `patient`: only nodes that say they are ready are asked, as a load balancer does. */
  constructor(cluster, random, { patient = false } = {}) {
    Object.assign(this, { cluster, random, patient });
  }

  /** Looks at the nodes' readiness again and again. */
  start(everyMs = 100) {
    const turn = async () => {
      while (this.#polling) {
        await Promise.all(
          this.cluster.nodes.map(async (node) => this.#ready.set(node, await node.isReady(500))),
        );
        await pause(everyMs);
      }
    };
    this.#polling = true;
    this.turning = turn();
    return this;
  }

  async stop() {
    this.#polling = null;
    await this.turning;
  }

  /** Nobody asks any more, nor waits for an answer. */
  end() {
    this.isOver = true;
    for (const agent of this.#agents.values()) agent.destroy();
    this.#agents.clear();
  }

  isReady(node) {
    return this.#ready.get(node) ?? false;
  }

  pick(unlike) {
    const good = this.candidates().filter((node) => node !== unlike && !this.#isSuspect(node));
    const from = good.length > 0 ? good : this.cluster.nodes;
    return from[Math.floor(this.random() * from.length)];
  }

  /** Whom somebody may ask who has no suspicions. */
  candidates() {
    const { nodes } = this.cluster;
    const ready = this.patient ? nodes.filter((node) => this.isReady(node)) : nodes;
    return ready.length > 0 ? ready : nodes;
  }

  /** A patient client trusts what the node says of itself. */
  #isSuspect(node) {
    return !this.patient && now() - (this.#failedAt.get(node) ?? 0) <= suspicionMs;
  }

  failed(node) {
    this.#failedAt.set(node, now());
  }

  agent(node) {
    if (!this.#agents.has(node))
      this.#agents.set(node, new Agent({ keepAlive: true, keepAliveMsecs: 30_000 }));
    return this.#agents.get(node);
  }
}

export class Client {
  session = null;
  userId = null;
  position = "";

  constructor(balancer, history, who) {
    Object.assign(this, { balancer, history, who });
  }

  async signUp(email, password) {
    return this.enter("/api/users/signup", email, password);
  }

  /** Nothing is wrong yet when people enter, but a busy machine may take its time. */
  async enter(path, email, password) {
    const how = { body: { email, password }, limitMs: patienceMs };
    const enter = (to) => this.once(this.balancer.pick(), "enter", "POST", to, how);
    let answer = await enter(path);
    // Whether the account was made is found out by signing in.
    for (let tries = 0; tries < 3 && effectOf(answer) === "unknown"; ++tries)
      answer = await enter("/api/users/signin");
    if (answer.status !== 200 && answer.status !== 201)
      throw new Error(
        `${email} can't enter: ${answer.status ?? answer.error} ${JSON.stringify(answer.body)}`,
      );
    this.session = answer.session;
    this.userId = answer.body.id;
    return this;
  }

  /**
   * Asks until there is a definite answer, at another node each time; gives the last one's record.
   * `key`: an Idempotency-Key; `safe`: may be sent again although it may have taken effect.
   * `until`: when the client gives up (monotonic wall time).
   */
  async ask(op, method, path, { body, key, safe = method === "GET", within = patienceMs } = {}) {
    const ask = this.history.nextAsk();
    const end = now() + within;
    const mayRepeat = safe || key !== undefined;
    let record = null;
    do {
      const node = this.balancer.pick(
        record && this.balancer.cluster.nodes.length > 1 ? record.at : null,
      );
      record = { at: node, ...(await this.once(node, op, method, path, { body, key, ask })) };
      const effect = effectOf(record);
      const definite = record.outcome === "answered" && record.status < 500;
      if (definite || (effect === "unknown" && !mayRepeat)) break;
      this.balancer.failed(node);
      await pause(20 + this.balancer.random() * 60);
    } while (now() < end && !this.balancer.isOver);
    return record;
  }

  /** One request to one node; never throws. `recorded: false` keeps it out of the history. */
  async once(node, op, method, path, how) {
    const { body, key, ask = this.history.nextAsk(), limitMs = answerMs, recorded = true } = how;
    const record = {
      ask,
      op,
      who: this.who,
      user: this.userId,
      node: node.name,
      ready: this.balancer.isReady(node),
      method,
      path,
      ...(key && { key }),
      ...(body && op !== "enter" && { sent: body }),
      ...(method === "GET" && this.position && { after: this.position }),
      from: now(),
    };
    const answer = await exchange(node, this.balancer.agent(node), {
      method,
      path,
      limitMs,
      text: body === undefined ? "" : JSON.stringify(body),
      headers: {
        ...(this.session && { authorization: `Bearer ${this.session}` }),
        ...(body !== undefined && { "content-type": "application/json" }),
        ...(key && { "idempotency-key": key }),
        ...(record.after && { "x-after-position": record.after }),
      },
    });
    const { session, ...told } = answer;
    Object.assign(record, told, { to: now() });
    if (record.position) this.position = record.position;
    if (recorded) this.history.requests.push(record);
    return { ...record, session };
  }
}

function exchange(node, agent, { method, path, text, headers, limitMs }) {
  return new Promise((answered) => {
    const none = (error) =>
      answered({
        // Where no connection came about, nobody can have done it.
        outcome: error.syscall === "connect" ? "refused" : "unknown",
        error: error.code ?? error.message,
      });
    const call = request(`${node.url}${path}`, {
      method,
      agent,
      headers: { ...headers, ...(text && { "content-length": Buffer.byteLength(text) }) },
    });
    const limit = setTimeout(() => call.destroy(new Error("no answer in time")), limitMs);
    call.on("error", (error) => {
      clearTimeout(limit);
      none(error);
    });
    call.on("response", (response) => {
      let said = "";
      response.setEncoding("utf8").on("data", (part) => (said += part));
      response.on("error", none);
      response.on("end", () => {
        clearTimeout(limit);
        answered(answerOf(response, said));
      });
    });
    call.end(text);
  });
}

function answerOf(response, said) {
  const { statusCode: status, headers } = response;
  const body = parsed(said);
  const session = /\bsession=([^;]+)/.exec(headers["set-cookie"]?.[0] ?? "")?.[1];
  return {
    outcome: "answered",
    status,
    body,
    ...(body?.errors && { code: body.errors[0]?.code }),
    ...(headers["x-position"] && { position: headers["x-position"] }),
    ...(headers.link && { link: headers.link }),
    ...(session && { session }),
  };
}

function parsed(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** All pages of a list, one node alone being asked. Throws when it doesn't answer. */
export async function readAll(client, node, path) {
  return (await readOn(client, node, path)).items;
}

/** From a page on to the last; `next` is the last page's address, for what comes later. */
export async function readOn(client, node, path) {
  const items = [];
  for (let next = path; ;) {
    const { body, link } = await readPage(client, node, next);
    items.push(...body);
    const further = /<([^>]+)>; rel="next"/.exec(link ?? "")?.[1];
    if (!further) return { items, next };
    next = further;
  }
}

/** A reader comes again when he is told to. */
async function readPage(client, node, path, end = now() + patienceMs) {
  const answer = await exchange(node, client.balancer.agent(node), {
    method: "GET",
    path,
    text: "",
    limitMs: 10_000,
    headers: { authorization: `Bearer ${client.session}` },
  });
  const { status, error, body } = answer;
  if (status === 200) return answer;
  if (status !== 503 || now() > end)
    throw new Error(`GET ${path} at ${node.name}: ${status ?? error} ${JSON.stringify(body)}`);
  await pause(200);
  return readPage(client, node, path, end);
}
