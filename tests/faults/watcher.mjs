// Somebody who keeps a page open at one node: a WebSocket that is opened again whenever it ends, and
// everything that comes over it, for the checker.
import { setTimeout as pause } from "node:timers/promises";

import { now } from "./history.mjs";
import { openSocket } from "./websocket.mjs";

/** How long a watcher waits before it tries again, and how often it asks whether it is still heard. */
const againMs = 150;
const pingMs = 1_000;
/** Without a word for so long a page gives its connection up. */
const silenceMs = 4_000;

let connections = 0;

export class Watcher {
  #socket = null;
  #connection = null;
  #heardAt = 0;
  #over = false;

  /** `narrow`: ids of tickets that it follows one by one, beside all of them. */
  constructor(node, history, session, narrow) {
    Object.assign(this, { node, history, session, narrow });
    this.turning = this.#turn();
  }

  /** The connection that is open now, if it has subscribed. */
  get connection() {
    return this.#connection?.subscribed && !this.#connection.closed ? this.#connection : null;
  }

  async #turn() {
    while (!this.#over) {
      if (this.#socket === null) await this.#open();
      else if (now() - this.#heardAt > silenceMs) this.#socket.end();
      else this.#socket.send('{"type":"ping"}');
      await pause(this.#socket === null ? againMs : pingMs, undefined, { ref: false });
    }
  }

  async #open() {
    if (!this.node.alive) return;
    const connection = {
      connection: ++connections,
      node: this.node.name,
      opened: now(),
      subscribed: null,
      closed: null,
      narrow: this.narrow,
    };
    try {
      const socket = await openSocket(`${this.node.url}/api/live`, {
        headers: { authorization: `Bearer ${this.session}` },
        limitMs: 2_000,
        onMessage: (text) => this.#hear(connection, JSON.parse(text)),
        onEnd: () => this.#ended(connection),
      });
      if (connection.closed) return;
      this.#socket = socket;
    } catch {
      return; // down, cut off or draining: the next turn tries again
    }
    this.#connection = connection;
    this.history.connections.push(connection);
    this.#heardAt = now();
    const topics = ["tickets", "orders", ...this.narrow.map((id) => `ticket:${id}`)];
    this.#socket.send(JSON.stringify({ type: "subscribe", topics }));
  }

  #ended(connection) {
    connection.closed = now();
    if (connection === this.#connection) this.#socket = null;
  }

  #hear(connection, message) {
    this.#heardAt = now();
    if (message.type === "subscribed") connection.subscribed = now();
    const entity = message.ticket ?? message.order;
    if (!entity) return;
    this.history.seen.push({
      connection: connection.connection,
      type: message.type,
      id: entity.id,
      version: entity.version,
      status: entity.status,
      at: now(),
    });
  }

  async end() {
    this.#over = true;
    this.#socket?.end();
    await this.turning;
  }
}
