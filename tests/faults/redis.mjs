// A real redis-server with the settings that the guarantee needs, which dies and comes back.
import { spawn } from "node:child_process";
import { once } from "node:events";

import { until } from "../payments_scenarios/waiting.mjs";
import { atEnd, endProcess } from "./cleanup.mjs";
import { RespClient } from "./resp.mjs";

export class Redis {
  #child = null;
  #undo = null;
  #log = "";

  /** `place` as a network gives it; `directory` holds the append-only file. */
  constructor(place, port, directory) {
    this.place = place;
    this.port = port;
    this.directory = directory;
  }

  get url() {
    return `redis://${this.place.address}:${this.port}/0`;
  }

  get alive() {
    return this.#child?.exitCode === null && this.#child.signalCode === null;
  }

  get log() {
    return this.#log;
  }

  async start() {
    const words = [
      ...this.place.around,
      "redis-server",
      ...["--bind", this.place.address, "--port", String(this.port), "--protected-mode", "no"],
      ...["--dir", this.directory, "--appendonly", "yes", "--appendfsync", "always", "--save", ""],
      ...["--maxmemory-policy", "noeviction", "--daemonize", "no"],
    ];
    const child = spawn(words[0], words.slice(1), { stdio: ["ignore", "pipe", "pipe"] });
    this.#child = child;
    for (const stream of [child.stdout, child.stderr])
      stream.setEncoding("utf8").on("data", (text) => (this.#log += text));
    child.on("error", (error) => (this.#log += `${error}\n`));
    this.#undo = atEnd(() => child.pid && endProcess(child.pid));
    await until(
      async () => {
        if (child.exitCode !== null) throw new Error(`redis-server ended:\n${this.#log}`);
        return this.#isUp();
      },
      () => `redis-server answers:\n${this.#log}`,
    );
  }

  async #isUp() {
    try {
      const client = await RespClient.open(this);
      try {
        return (await client.command("PING")) === "PONG";
      } finally {
        client.end();
      }
    } catch {
      return false; // not listening yet, or still loading its file
    }
  }

  async with(use) {
    const client = await RespClient.open({ address: this.place.address, port: this.port });
    try {
      return await use(client);
    } finally {
      client.end();
    }
  }

  get address() {
    return this.place.address;
  }

  async kill9() {
    if (!this.alive) return;
    const child = this.#child;
    const ended = once(child, "exit");
    endProcess(child.pid);
    await ended;
    this.#undo.done();
  }
}
