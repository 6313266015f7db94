// One holdfast process: where it stands, what it was told, how it dies and comes back.
import { spawn } from "node:child_process";
import { once } from "node:events";
import { request } from "node:http";
import { resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { until } from "../payments_scenarios/waiting.mjs";
import { atEnd, endProcess } from "./cleanup.mjs";

export const root = fileURLToPath(new URL("../../", import.meta.url));
export const binary = resolve(root, process.env.HOLDFAST_BINARY ?? "build/release/holdfast");

export const adminEmail = "staff@example.com";
export const password = "a long enough password";

/** The caller's own server's settings are none of ours. */
const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("HOLDFAST_")),
);

/** What the store-replaced rule ends with, for a supervisor to start the process anew. */
const storeReplaced = 3;

export class Node {
  #child = null;
  #undo = null;
  #port = 0;
  #told = false;
  #isStarting = false;

  /** `onSurprise(node, what)`: it ended, and nobody had asked it to. */
  constructor({ name, place, directory, settings, onSurprise }) {
    Object.assign(this, { name, place, directory, settings, onSurprise });
    this.log = "";
    this.lives = 0;
    this.paused = false;
  }

  get alive() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  get pid() {
    return this.#child?.pid;
  }

  /** Starts the process; `listens` and `isReady` tell how far it is. */
  async start() {
    const words = [...this.place.around, binary];
    const child = spawn(words[0], words.slice(1), {
      cwd: root,
      env: {
        ...environment,
        HOLDFAST_NODE_NAME: this.name,
        HOLDFAST_HTTP_ADDRESS: this.place.address,
        HOLDFAST_HTTP_PORT: String(this.#port),
        HOLDFAST_DATA_DIR: this.directory,
        ...this.settings,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#child = child;
    this.#told = false;
    this.#isStarting = true;
    this.paused = false;
    ++this.lives;
    const from = this.log.length;
    child.stderr.setEncoding("utf8").on("data", (text) => (this.log += text));
    child.on("error", (error) => (this.log += `\n${error}\n`));
    child.on("exit", (code, signal) => this.#ended(child, code, signal));
    this.#undo = atEnd(() => child.pid && endProcess(child.pid));
    await until(
      () => {
        if (!this.alive)
          throw new Error(`${this.name} ended at its start:\n${this.log.slice(from)}`);
        return /\bevent=listening\b/.test(this.log.slice(from));
      },
      () => `${this.name} listens:\n${this.log.slice(from)}`,
    );
    const said = /\bevent=listening\b.*\burl="?(http:\/\/[^\s"]+)/.exec(this.log.slice(from));
    this.url = said[1].replace(/\/$/, "");
    this.#port = Number(new URL(this.url).port);
    this.#isStarting = false;
  }

  #ended(child, code, signal) {
    if (child !== this.#child) return;
    this.#undo.done();
    if (this.#told || this.#isStarting) return; // whoever told it, or waits for its start, knows
    this.onSurprise(this, {
      mayRestart: code === storeReplaced,
      what: `ended by itself with ${signal ?? `exit code ${code}`}`,
    });
  }

  /** Whether it says that it can serve. */
  isReady(limitMs = 1_000) {
    return new Promise((answered) => {
      if (!this.alive || this.paused) return answered(false);
      const call = request(`${this.url}/readyz`, { agent: false, timeout: limitMs });
      call.on("response", (response) => {
        response.resume();
        answered(response.statusCode === 200);
      });
      call.on("timeout", () => call.destroy());
      call.on("error", () => answered(false));
      call.end();
    });
  }

  async untilReady(limitMs) {
    await until(
      () => this.isReady(),
      () => `${this.name} is ready:\n${this.tail()}`,
      limitMs,
    );
  }

  /** As a power cut would: no goodbye. */
  async kill9() {
    await this.#end("SIGKILL");
  }

  /** As a supervisor would; gives the exit code. */
  async stop() {
    return this.#end("SIGTERM");
  }

  async #end(signal) {
    if (!this.alive) return null;
    const child = this.#child;
    this.#told = true;
    const ended = once(child, "exit");
    endProcess(child.pid, signal);
    if (this.paused) endProcess(child.pid, "SIGCONT");
    this.paused = false;
    const limit = setTimeout(() => endProcess(child.pid), 20_000);
    const [code, by] = await ended;
    clearTimeout(limit);
    if (signal === "SIGTERM" && code !== 0)
      throw new Error(`${this.name} ended with ${by ?? code} when told to stop:\n${this.tail()}`);
    return code;
  }

  pause() {
    this.paused = true;
    endProcess(this.pid, "SIGSTOP");
  }

  resume() {
    endProcess(this.pid, "SIGCONT");
    this.paused = false;
  }

  /** `holdfast admin create`, as an operator would beside the running node. */
  async createAdmin() {
    const child = spawn(binary, ["admin", "create", adminEmail], {
      env: { ...environment, HOLDFAST_DATA_DIR: this.directory },
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    child.stdin.end(`${password}\n`);
    const limit = setTimeout(() => endProcess(child.pid), 15_000);
    const [code] = await once(child, "close");
    clearTimeout(limit);
    if (code !== 0) throw new Error(`holdfast admin create: ${said}`);
  }

  tail(lines = 40) {
    return this.log.trimEnd().split("\n").slice(-lines).join("\n");
  }
}
