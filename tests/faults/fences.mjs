// Who owned a shard when it was written to, as Redis itself saw it: MONITOR tells every command in
// the order in which it was executed, those inside of scripts too. So a write under an old epoch is
// seen even where it did no harm.
import { connect } from "node:net";

import { atEnd } from "./cleanup.mjs";

export class FenceWatch {
  /** {shard, what: "lease" | "write", node, incarnation, epoch, entry} or {restarted: true}. */
  fences = [];
  /** Which node had each shard last. */
  holders = new Map();
  #socket = null;
  #unread = "";
  #script = "";
  #undo = null;

  /** Listens until `end`; again after Redis has come back. */
  async start({ place, port }) {
    this.#undo?.done();
    this.#socket?.destroy();
    this.#unread = "";
    this.fences.push({ restarted: true });
    const socket = connect({ host: place.address, port });
    this.#socket = socket;
    this.#undo = atEnd(() => socket.destroy());
    await new Promise((listening, failed) => {
      socket.once("error", failed);
      socket.once("data", listening);
      socket.write("*1\r\n$7\r\nMONITOR\r\n");
    });
    socket.on("error", () => socket.destroy());
    socket.setEncoding("latin1").on("data", (text) => this.#take(text));
  }

  #take(text) {
    const lines = (this.#unread + text).split("\r\n");
    this.#unread = lines.pop();
    for (const line of lines) this.#line(line);
  }

  /** `+<time> [<db> <from>] "WORD" "WORD"...`; inside of a script <from> is "lua". */
  #line(line) {
    const isInside = /^\+[\d.]+ \[\d+ lua\] /.test(line);
    if (!isInside) {
      this.#script = line;
      return;
    }
    const lease = /"hset" "\{s(\d+)\}:own" "node"/i.exec(line);
    const write = /"xadd" "\{s(\d+)\}:log" "(\d+-0)"/i.exec(line);
    if (lease) {
      const words = wordsOf(line);
      const at = (name) => words[words.indexOf(name) + 1];
      this.holders.set(Number(lease[1]), at("node"));
      this.fences.push({
        shard: Number(lease[1]),
        what: "lease",
        node: at("node"),
        incarnation: at("inc"),
        epoch: Number(at("epoch")),
      });
    } else if (write) {
      // The script's own words: EVALSHA, hash, number of keys, keys, then incarnation and epoch.
      const words = wordsOf(this.#script, 64);
      const first = 3 + Number(words[2]);
      this.fences.push({
        shard: Number(write[1]),
        what: "write",
        incarnation: words[first],
        epoch: Number(words[first + 1]),
        entry: write[2],
      });
    }
  }

  end() {
    this.#undo?.done();
    this.#socket?.destroy();
  }
}

/** The first words of a line, as MONITOR escapes them. */
function wordsOf(line, max = 16) {
  const words = [];
  const pattern = /"((?:[^"\\]|\\.)*)"/g;
  for (let found; words.length < max && (found = pattern.exec(line));) words.push(found[1]);
  return words;
}
