// People who shop through the entry without pause, and remember what they were told is done.
import assert from "node:assert/strict";
import { randomUUID } from "node:crypto";

import { Person } from "../payments_scenarios/person.mjs";
import { until } from "../payments_scenarios/waiting.mjs";

/** No answer, or one that says "not now". */
const isNotNow = (status) => status === 0 || status === 429 || (status >= 500 && status < 600);

export class Shop {
  /** Each {beganAt, ticket, order, buyer, paid}: what was acknowledged. */
  sales = [];
  /** Each {at, what, status}: what had to be asked again. */
  setbacks = [];
  #open = true;
  #running = [];

  /** Opens with so many sellers, each with a buyer of their own. */
  static async open(entry, pairs) {
    const shop = new Shop();
    shop.entry = entry;
    for (let pair = 0; pair < pairs; ++pair) {
      const seller = await Person.signUp(entry, `seller-${pair}@example.com`);
      const buyer = await Person.signUp(entry, `buyer-${pair}@example.com`);
      shop.#running.push(shop.#trade(seller, buyer));
    }
    return shop;
  }

  /** Resolves when all have ended what they were at; fails if one met an answer that is wrong. */
  async close() {
    this.#open = false;
    await Promise.all(this.#running);
  }

  setbacksSince(moment) {
    return this.setbacks.filter((one) => one.at >= moment);
  }

  /** So many sales that begin from now on. */
  async sell(count, limitMs) {
    const now = performance.now();
    const begun = () => this.sales.filter((one) => one.beganAt >= now);
    const told = () =>
      `${begun().length} of ${count} sales; ${JSON.stringify(this.setbacks.slice(-3))}`;
    const enough = until(() => begun().length >= count, told, limitMs);
    // Who trades ends early only by an answer that is wrong.
    await Promise.race([enough, Promise.all(this.#running)]);
    return begun();
  }

  async #trade(seller, buyer) {
    for (let paid = true; this.#open; paid = !paid) {
      const beganAt = performance.now();
      const price = 10 + (this.sales.length % 90);
      const ticket = await this.#insist(seller, "/api/tickets", { title: "A seat", price });
      const order = await this.#insist(buyer, "/api/orders", { ticketId: ticket.id });
      if (paid) await this.#insist(buyer, "/api/payments", { orderId: order.id, token: "tok_visa" });
      this.sales.push({ beganAt, ticket: ticket.id, order: order.id, buyer, paid });
    }
  }

  /** Asks until it is done: once, however often it was asked, since the key stays the same. */
  #insist(person, path, body) {
    const key = randomUUID();
    return until(async () => {
      const answer = await person.call("POST", path, body, { key });
      if (isNotNow(answer.status)) {
        this.setbacks.push({ at: performance.now(), what: path, status: answer.status });
        return null;
      }
      const done = answer.status === 201 || (path === "/api/payments" && answer.status === 202);
      assert.ok(done, `POST ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
      return answer.body;
    }, `POST ${path}`);
  }

  /** Every sale is there, as it was acknowledged, whoever of the nodes is asked. */
  async checkAll() {
    const unchecked = [...this.sales];
    const check = async () => {
      while (unchecked.length > 0) await this.#checkOne(unchecked.pop());
    };
    await Promise.all(Array.from({ length: 8 }, check));
  }

  async #checkOne({ ticket, order, buyer, paid }) {
    const isPaid = async () => (await buyer.read(`/api/orders/${order}`)).status === "complete";
    if (paid) await until(isPaid, `order ${order} is complete`);
    const ordered = await buyer.read(`/api/orders/${order}`);
    assert.equal(ordered.status, paid ? "complete" : "created", order);
    const held = await buyer.read(`/api/tickets/${ticket}`);
    assert.equal(held.status, paid ? "sold" : "reserved", ticket);
    assert.equal(held.orderId, order, ticket);
  }
}
