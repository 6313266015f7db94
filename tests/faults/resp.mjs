// As much of Redis's protocol as the suite speaks: a command, its answer, one after the other.
import { connect } from "node:net";

const answerMs = 5_000;

export class RespClient {
  #socket;
  #read = Buffer.alloc(0);
  #waiting = [];

  static async open({ address, port }) {
    const client = new RespClient();
    client.#socket = connect({ host: address, port });
    client.#socket.setTimeout(answerMs, () => client.#fail(new Error("Redis doesn't answer")));
    client.#socket.on("error", (error) => client.#fail(error));
    client.#socket.on("close", () => client.#fail(new Error("Redis closed the connection")));
    client.#socket.on("data", (bytes) => client.#take(bytes));
    await new Promise((opened, failed) => {
      client.#socket.once("connect", opened);
      client.#socket.once("error", failed);
    });
    return client;
  }

  /** The answer as strings, numbers, arrays and null; an error answer is thrown. */
  command(...words) {
    const parts = words.map((word) => `$${Buffer.byteLength(String(word))}\r\n${word}\r\n`);
    return new Promise((answered, failed) => {
      this.#waiting.push({ answered, failed });
      this.#socket.write(`*${words.length}\r\n${parts.join("")}`);
    });
  }

  end() {
    this.#socket.destroy();
  }

  #fail(error) {
    this.#socket.destroy();
    for (const one of this.#waiting.splice(0)) one.failed(error);
  }

  #take(bytes) {
    this.#read = Buffer.concat([this.#read, bytes]);
    for (;;) {
      const found = valueAt(this.#read, 0);
      if (!found) return;
      this.#read = this.#read.subarray(found.end);
      const one = this.#waiting.shift();
      if (found.value instanceof Error) one.failed(found.value);
      else one.answered(found.value);
    }
  }
}

/** {value, end}, or null while a part of it is still to come. */
function valueAt(bytes, start) {
  const line = bytes.indexOf("\r\n", start);
  if (line < 0) return null;
  const text = bytes.toString("utf8", start + 1, line);
  const end = line + 2;
  switch (String.fromCharCode(bytes[start])) {
    case "+":
      return { value: text, end };
    case "-":
      return { value: new Error(`Redis: ${text}`), end };
    case ":":
      return { value: Number(text), end };
    case "$":
      return bulkAt(bytes, end, Number(text));
    case "*":
      return arrayAt(bytes, end, Number(text));
    default:
      throw new Error(`Redis speaks another protocol: ${text}`);
  }
}

function bulkAt(bytes, start, length) {
  if (length < 0) return { value: null, end: start };
  if (bytes.length < start + length + 2) return null;
  return { value: bytes.toString("utf8", start, start + length), end: start + length + 2 };
}

function arrayAt(bytes, start, length) {
  if (length < 0) return { value: null, end: start };
  const value = [];
  let end = start;
  for (let at = 0; at < length; ++at) {
    const found = valueAt(bytes, end);
    if (!found) return null;
    value.push(found.value);
    end = found.end;
  }
  return { value, end };
}
