// Somebody with an account, speaking to the server as a program would.
import assert from "node:assert/strict";
import { request } from "node:http";

import { password } from "./server.mjs";
import { deadlineMs } from "./waiting.mjs";

export class Person {
  #session = null;

  constructor(server, email) {
    this.server = server;
    this.email = email;
  }

  static async signUp(server, email) {
    return new Person(server, email).#enter("/api/users/signup", 201);
  }

  static async signIn(server, email) {
    return new Person(server, email).#enter("/api/users/signin", 200);
  }

  async #enter(path, status) {
    const answer = await this.call("POST", path, { email: this.email, password });
    assert.equal(answer.status, status, JSON.stringify(answer.body));
    this.#session = /\bsession=([^;]+)/.exec(answer.headers["set-cookie"][0])[1];
    return this;
  }

  /** {status, body, headers}; status 0 when there was no answer. `key` is an Idempotency-Key. */
  call(method, path, body, { key } = {}) {
    const text = body === undefined ? "" : JSON.stringify(body);
    return exchange(this.server.url + path, method, text, {
      ...(this.#session && { authorization: `Bearer ${this.#session}` }),
      ...(body !== undefined && { "content-type": "application/json" }),
      ...(key && { "idempotency-key": key }),
    });
  }

  /** The body, where everything but success is a surprise. */
  async read(path) {
    const answer = await this.call("GET", path);
    assert.equal(
      answer.status,
      200,
      `GET ${path}: ${answer.status} ${JSON.stringify(answer.body)}`,
    );
    return answer.body;
  }

  async list(price = 19.99, title = "A seat") {
    const answer = await this.call("POST", "/api/tickets", { title, price });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  async order(ticket) {
    const answer = await this.call("POST", "/api/orders", { ticketId: ticket.id });
    assert.equal(answer.status, 201, JSON.stringify(answer.body));
    return answer.body;
  }

  pay(order, terms = {}, how = {}) {
    return this.call("POST", "/api/payments", { orderId: order.id, ...terms }, how);
  }

  cancel(order) {
    return this.call("DELETE", `/api/orders/${order.id}`);
  }

  refund(order, terms = {}, how = {}) {
    return this.call("POST", `/api/orders/${order.id}/refunds`, terms, how);
  }
}

/** One request on a connection of its own, so that no dead server's connection is reused. */
export function exchange(url, method, text, headers) {
  return new Promise((answered) => {
    const nobody = () => answered({ status: 0, body: null, headers: {} });
    const call = request(url, {
      method,
      agent: false,
      timeout: deadlineMs,
      headers: { ...headers, ...(text && { "content-length": Buffer.byteLength(text) }) },
    });
    call.on("response", (response) => {
      let said = "";
      response.setEncoding("utf8").on("data", (part) => (said += part));
      response.on("error", nobody);
      response.on("end", () =>
        answered({ status: response.statusCode, body: parsed(said), headers: response.headers }),
      );
    });
    call.on("timeout", () => call.destroy());
    call.on("error", nobody);
    call.end(text);
  });
}

function parsed(text) {
  try {
    return text === "" ? null : JSON.parse(text);
  } catch {
    return text;
  }
}

/** The code of a refusal. */
export function codeOf(answer) {
  return answer.body?.errors?.[0]?.code;
}
