// A watcher of tickets: one WebSocket through the entry, opened again whenever it ends, as the
// browser application does.
import { createHash, randomBytes } from "node:crypto";
import { request } from "node:http";

const opcode = { text: 1, close: 8, ping: 9, pong: 10 };

export class Watcher {
  /** What was seen last of each ticket, by id. */
  tickets = new Map();
  /** How often a ticket's version went back: never, if all is well. */
  wentBack = 0;
  /** Whether the present connection is told of what happens. */
  isSubscribed = false;
  #ended = false;
  #socket = null;

  constructor(url) {
    this.url = url;
    this.#connect();
  }

  end() {
    this.#ended = true;
    this.#socket?.destroy();
  }

  #connect() {
    if (this.#ended) return;
    const again = () => setTimeout(() => this.#connect(), 250);
    const key = randomBytes(16).toString("base64");
    const call = request(`${this.url}/api/live`, {
      agent: false,
      timeout: 5_000,
      headers: {
        connection: "Upgrade",
        upgrade: "websocket",
        "sec-websocket-version": "13",
        "sec-websocket-key": key,
      },
    });
    call.on("timeout", () => call.destroy(new Error("no answer to the handshake")));
    call.on("error", again);
    call.on("response", (response) => {
      response.resume();
      response.on("close", again);
    });
    call.on("upgrade", (response, socket, head) => {
      const expected = createHash("sha1")
        .update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
        .digest("base64");
      socket.on("error", () => socket.destroy());
      socket.on("close", () => {
        this.isSubscribed = false;
        again();
      });
      if (response.headers["sec-websocket-accept"] !== expected) return void socket.destroy();
      this.#socket = socket;
      let unread = head;
      const read = (bytes) => (unread = this.#frames(Buffer.concat([unread, bytes])));
      socket.on("data", read);
      read(Buffer.alloc(0));
      this.#say(opcode.text, JSON.stringify({ type: "subscribe", topics: ["tickets"] }));
    });
    call.end();
  }

  /** Takes whole frames off the front; gives what is left. A server's frames aren't masked. */
  #frames(bytes) {
    for (;;) {
      if (bytes.length < 2) return bytes;
      let length = bytes[1] & 0x7f;
      let begin = 2;
      if (length === 126) {
        if (bytes.length < 4) return bytes;
        length = bytes.readUInt16BE(2);
        begin = 4;
      } else if (length === 127) {
        if (bytes.length < 10) return bytes;
        length = Number(bytes.readBigUInt64BE(2));
        begin = 10;
      }
      if (bytes.length < begin + length) return bytes;
      this.#take(bytes[0] & 0x0f, bytes.subarray(begin, begin + length));
      bytes = bytes.subarray(begin + length);
    }
  }

  #take(kind, payload) {
    if (kind === opcode.ping) this.#say(opcode.pong, payload);
    if (kind === opcode.close) this.#socket.end();
    if (kind !== opcode.text) return;
    const message = JSON.parse(payload.toString());
    if (message.type === "subscribed") this.isSubscribed = true;
    if (message.ticket === undefined) return;
    const known = this.tickets.get(message.ticket.id);
    if (known && known.version > message.ticket.version) this.wentBack += 1;
    else this.tickets.set(message.ticket.id, message.ticket);
  }

  /** Writes one short frame, masked as a client's must be. */
  #say(kind, payload) {
    const mask = randomBytes(4);
    const masked = Buffer.from(payload).map((byte, index) => byte ^ mask[index % 4]);
    const head = Buffer.from([0x80 | kind, 0x80 | masked.length]);
    this.#socket.write(Buffer.concat([head, mask, masked]));
  }
}
