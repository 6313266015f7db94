// What the stand-ins of payment providers share: an HTTP server on a loopback port of its own, a
// journal of every call, a ledger, webhooks, and faults that a scenario switches on for a certain
// call. What the provider itself would say is the subclass's (`nameOf`, `answer`, `failures`).
import { createServer } from "node:http";

import { Ledger } from "./ledger.mjs";
import { Webhooks } from "./webhooks.mjs";

/**
 * What may go wrong with a call:
 * - request_lost: the connection breaks before the provider has read it
 * - answer_lost: the provider has done it, the connection breaks before the answer
 * - error_before, error_after: 500, with nothing done or all of it
 * - rate_limited: 429, nothing done
 * - slow: the provider begins when `until` is fulfilled
 * - slow_answer: it has done it and answers when `until` is fulfilled
 * - garbage: it has done it and answers what nobody can read
 * - decline, pending and other outcomes: up to the provider
 */
export const faultKinds = [
  ...["request_lost", "answer_lost", "error_before", "error_after", "rate_limited"],
  ...["slow", "slow_answer", "garbage", "decline", "pending", "declined_capture"],
];

export class StandIn {
  /** Every call in the order of arrival: {op, id, key, status, outcome, ...}. */
  journal = [];
  ledger = new Ledger();
  /** What surprised the stand-in itself; a scenario fails if there is anything. */
  problems = [];
  #faults = [];
  #hooks = [];
  #sockets = new Set();
  #server = null;
  #port = 0;

  constructor() {
    this.webhooks = new Webhooks((body, how) => this.sign(body, how));
  }

  get url() {
    return `http://127.0.0.1:${this.#port}`;
  }

  get port() {
    return this.#port;
  }

  /** Also after `refuse`: on the same port. */
  async listen() {
    this.#server = createServer({ keepAlive: true }, (request, response) => {
      this.#serve(request, response).catch((error) => {
        this.problems.push(error);
        request.socket.destroy();
      });
    });
    this.#server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
      socket.on("error", () => socket.destroy());
    });
    await new Promise((listening, failed) => {
      this.#server.once("error", failed);
      this.#server.listen(this.#port, "127.0.0.1", listening);
    });
    this.#port = this.#server.address().port;
  }

  /** From now on connections are refused, and those that stood are broken. */
  async refuse() {
    if (this.#server === null || !this.#server.listening) return;
    const closed = new Promise((done) => this.#server.close(done));
    for (const socket of this.#sockets) socket.destroy();
    await closed;
  }

  async end() {
    this.webhooks.end();
    await this.refuse();
  }

  /**
   * The next `times` calls of this kind go wrong, after `after` that don't. `until` is a promise or a
   * Gate; `code` is the provider's word for a decline.
   */
  fault(op, kind, { times = 1, after = 0, ...details } = {}) {
    if (!faultKinds.includes(kind)) throw new Error(`no such fault: ${kind}`);
    this.#faults.push({ op, kind, times, after, ...details });
  }

  clearFaults() {
    this.#faults = [];
  }

  /** `action(call)` runs when the next such call has arrived; if it gives "lost", the call is lost. */
  onBefore(op, action) {
    this.#hooks.push({ when: "before", op, action });
  }

  /** `action(call)` runs when the next such call has been carried out, before its answer leaves. */
  onAfter(op, action) {
    this.#hooks.push({ when: "after", op, action });
  }

  /** The journal's calls of this kind. */
  calls(op) {
    return this.journal.filter((one) => one.op === op);
  }

  async #serve(request, response) {
    const url = new URL(request.url, "http://stand-in");
    const call = {
      method: request.method,
      path: url.pathname,
      query: url.search.slice(1),
      headers: request.headers,
      body: await bodyOf(request),
      status: null,
      outcome: null,
    };
    Object.assign(call, this.nameOf(call));
    this.journal.push(call);
    const fault = this.#takeFault(call.op) ?? {};
    const lost = (await this.#runHook("before", call)) === "lost" || fault.kind === "request_lost";
    if (lost) {
      call.outcome = "request_lost";
      request.socket.destroy();
      return;
    }
    const answer =
      fault.kind === "rate_limited" ? this.rateLimited() : await this.answer(call, fault);
    call.status = answer.status;
    await this.#runHook("after", call);
    if (fault.kind === "slow_answer") await opened(fault.until);
    if (fault.kind === "answer_lost") {
      call.outcome = "answer_lost";
      request.socket.destroy();
      return;
    }
    call.outcome = fault.kind === "garbage" ? "garbage" : "answered";
    send(response, fault.kind === "garbage" ? garbage : answer);
  }

  #takeFault(op) {
    const fault = this.#faults.find((one) => one.op === op && one.times > 0);
    if (fault === undefined) return null;
    if (fault.after > 0) {
      fault.after -= 1;
      return null;
    }
    fault.times -= 1;
    return fault;
  }

  async #runHook(when, call) {
    const place = this.#hooks.findIndex((one) => one.when === when && one.op === call.op);
    if (place < 0) return undefined;
    const [hook] = this.#hooks.splice(place, 1);
    return hook.action(call);
  }
}

const garbage = {
  status: 200,
  headers: { "content-type": "text/html" },
  text: "<html><body>Bad gateway somewhere</body></html>",
};

/** A promise, or a Gate. */
export function opened(until) {
  return until?.opened ?? until;
}

async function bodyOf(request) {
  const parts = [];
  for await (const part of request) parts.push(part);
  return Buffer.concat(parts).toString("utf8");
}

function send(response, answer) {
  const text = answer.text ?? JSON.stringify(answer.body, null, 2);
  response.writeHead(answer.status, {
    "content-type": "application/json",
    "content-length": Buffer.byteLength(text),
    ...answer.headers,
  });
  response.end(text);
}
