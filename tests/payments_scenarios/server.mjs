// The real server as a process of its own: a random port, a data directory of its own, and a death
// or a new start whenever a scenario wants it.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

import { deadlineMs, until } from "./waiting.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const binary = resolve(root, process.env.HOLDFAST_BINARY ?? "build/release/holdfast");

export const adminEmail = "admin@example.com";
export const password = "a long enough password";

const environment = Object.fromEntries(
  Object.entries(process.env).filter(([name]) => !name.startsWith("HOLDFAST_")),
);

export class Server {
  #child = null;
  #port = 0;
  #log = "";

  constructor(dataDirectory, settings) {
    this.dataDirectory = dataDirectory;
    this.settings = settings;
  }

  static async start(settings) {
    assert.ok(existsSync(binary), `no server at ${binary}: build it, or set HOLDFAST_BINARY`);
    const directory = await mkdtemp(join(tmpdir(), "holdfast-payments-"));
    const server = new Server(directory, settings);
    try {
      await server.restart();
    } catch (error) {
      await server.end();
      throw error;
    }
    return server;
  }

  get alive() {
    return this.#child !== null && this.#child.exitCode === null && this.#child.signalCode === null;
  }

  /** What it has logged, over all of its lives. */
  get log() {
    return this.#log;
  }

  /**
   * Brings it back on the same port with the same data; `more` are settings of this life alone. It
   * may die at once if a fail point is on the way of its recovery (`mayDie`).
   */
  async restart(more = {}, { mayDie = false } = {}) {
    await this.kill9();
    this.#child = spawn(binary, [], {
      cwd: root,
      env: {
        ...environment,
        HOLDFAST_HTTP_PORT: String(this.#port),
        HOLDFAST_DATA_DIR: this.dataDirectory,
        HOLDFAST_RATE_LIMITS: "off",
        HOLDFAST_ADMIN_EMAILS: adminEmail,
        HOLDFAST_PASSWORD_HASH_MEMORY_KIB: "64",
        HOLDFAST_PASSWORD_HASH_PASSES: "1",
        ...this.settings,
        ...more,
      },
      stdio: ["ignore", "ignore", "pipe"],
    });
    const from = this.#log.length;
    this.#child.stderr.setEncoding("utf8").on("data", (text) => (this.#log += text));
    this.#child.on("error", (error) => (this.#log += `\n${error}\n`));
    await until(
      () => {
        if (mayDie && this.#child.signalCode === "SIGKILL") return true;
        assert.ok(this.alive, `the server ended at its start:\n${this.#log.slice(from)}`);
        return /\bevent=ready\b/.test(this.#log.slice(from));
      },
      () => `the server is ready:\n${this.#log.slice(from)}`,
    );
    if (!this.alive && mayDie) return;
    const url = /\bevent=listening\b.*\burl="?(http:\/\/[^\s"]+)/.exec(this.#log.slice(from))[1];
    this.url = url.replace(/\/$/, "");
    this.#port = Number(new URL(this.url).port);
  }

  /** As a power cut would: no goodbye. */
  async kill9() {
    if (!this.alive) return;
    const child = this.#child;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill("SIGKILL");
    await ended;
  }

  /** Waits for it to end by itself, at a fail point. */
  async died() {
    await until(
      () => !this.alive,
      () => `the server dies at its fail point:\n${this.tail()}`,
    );
    assert.equal(this.#child.signalCode, "SIGKILL");
  }

  /** `holdfast admin create`, as an operator would. */
  async createAdmin() {
    const child = spawn(binary, ["admin", "create", adminEmail], {
      env: { ...environment, HOLDFAST_DATA_DIR: this.dataDirectory },
      stdio: ["pipe", "ignore", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    child.stdin.end(`${password}\n`);
    const limit = setTimeout(() => child.kill("SIGKILL"), deadlineMs);
    const code = await new Promise((done) => child.once("close", done));
    clearTimeout(limit);
    assert.equal(code, 0, `holdfast admin create: ${said}`);
  }

  tail(lines = 40) {
    return this.#log.trimEnd().split("\n").slice(-lines).join("\n");
  }

  async end() {
    await this.kill9();
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}
