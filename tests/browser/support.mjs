// What every browser test needs: the real server on a random port with a data directory of its
// own, Chromium, and people who use pages. Nothing here waits for a time; everything waits for the
// very thing, with a deadline.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { mkdir, mkdtemp, rm } from "node:fs/promises";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../", import.meta.url));
const require = createRequire(join(root, "frontend/package.json"));
const { chromium } = require("playwright-core");

/** How long anything may take that should be there at once, on a busy machine. */
export const deadlineMs = 15_000;

const binary = resolve(root, process.env.HOLDFAST_BINARY ?? "build/release/holdfast");
const pages = join(root, "frontend/dist");

/** The account that is an admin once `createAdmin` has made it. */
export const admin = { email: "staff@example.com", password: "a long enough password" };

/** A holdfast of one's own. `restart` brings it back on the same port with the same data. */
export class Server {
  #process = null;
  #port = 0;

  constructor(dataDirectory, orderWindowSeconds, settings) {
    this.dataDirectory = dataDirectory;
    this.orderWindowSeconds = orderWindowSeconds;
    this.settings = settings;
  }

  /** `settings`: further variables of the environment. */
  static async start({ orderWindowSeconds = 900, settings = {} } = {}) {
    assert.ok(existsSync(binary), `no server at ${binary}: build it, or set HOLDFAST_BINARY`);
    assert.ok(
      existsSync(join(pages, "index.html")),
      "no frontend/dist: npm run build in frontend/",
    );
    const server = new Server(
      await mkdtemp(join(tmpdir(), "holdfast-browser-")),
      orderWindowSeconds,
      settings,
    );
    await server.restart();
    return server;
  }

  async restart() {
    const child = spawn(binary, [], {
      env: this.#environment(),
      stdio: ["ignore", "ignore", "pipe"],
    });
    this.#process = child;
    this.url = await listening(child);
    this.#port = Number(new URL(this.url).port);
  }

  #environment() {
    return {
      ...process.env,
      HOLDFAST_HTTP_PORT: String(this.#port),
      HOLDFAST_DATA_DIR: this.dataDirectory,
      HOLDFAST_STATIC_DIR: pages,
      HOLDFAST_ORDER_WINDOW_SECONDS: String(this.orderWindowSeconds),
      HOLDFAST_RATE_LIMITS: "off",
      HOLDFAST_ADMIN_EMAILS: admin.email,
      ...this.settings,
    };
  }

  /** Makes the account of `admin`, which nobody can sign up for. */
  async createAdmin() {
    const child = spawn(binary, ["admin", "create", admin.email], {
      env: this.#environment(),
      stdio: ["pipe", "ignore", "pipe"],
      timeout: deadlineMs,
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (text) => (said += text));
    child.stdin.end(`${admin.password}\n`);
    const code = await new Promise((ended, failed) => {
      child.once("error", failed);
      child.once("close", ended);
    });
    assert.equal(code, 0, `no admin could be made:\n${said}`);
  }

  /** As a power cut would: no goodbye. */
  async kill(signal = "SIGKILL") {
    const child = this.#process;
    this.#process = null;
    if (child === null || child.exitCode !== null || child.signalCode !== null) return;
    const ended = new Promise((done) => child.once("exit", done));
    child.kill(signal);
    await ended;
  }

  async end() {
    await this.kill();
    await rm(this.dataDirectory, { recursive: true, force: true });
  }
}

/** The address that the server's log names once it listens. The log is read on, so it can't block. */
function listening(child) {
  return new Promise((found, failed) => {
    let log = "";
    const limit = setTimeout(() => {
      failed(new Error(`the server doesn't listen after ${deadlineMs} ms:\n${log}`));
    }, deadlineMs);
    child.stderr.setEncoding("utf8").on("data", (text) => {
      log = (log + text).slice(-20_000);
      const line = log.split("\n").find((one) => /\bevent=listening\b/.test(one));
      const url = /\burl="?(http:\/\/[^\s"]+)/.exec(line ?? "")?.[1];
      if (url === undefined) return;
      clearTimeout(limit);
      found(url.replace(/\/$/, ""));
    });
    child.once("error", failed);
    child.once("exit", (code, signal) => {
      clearTimeout(limit);
      failed(new Error(`the server ended (${code ?? signal}):\n${log}`));
    });
  });
}

export function launchBrowser() {
  return chromium.launch({
    executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
    headless: true,
    args: [
      "--no-sandbox",
      "--disable-gpu",
      "--disable-quic",
      "--no-first-run",
      "--disable-background-networking",
      "--disable-component-update",
      "--disable-sync",
    ],
  });
}

export const desktop = { width: 1280, height: 860 };
export const phone = { width: 360, height: 740 };

let people = 0;

/** Somebody with a browser profile of their own and one open page. */
export class Person {
  constructor(context, page, url) {
    this.context = context;
    this.page = page;
    this.url = url;
    people += 1;
    this.email = `person${people}.${process.pid}@example.com`;
    /** What went wrong on the page without anybody asking. */
    this.faults = [];
    page.on("pageerror", (error) => this.faults.push(String(error)));
    page.on("console", (message) => {
      if (/Content Security Policy/i.test(message.text())) this.faults.push(message.text());
    });
  }

  static async arrive(browser, server, { viewport = desktop, path = "/", ...options } = {}) {
    const context = await browser.newContext({ viewport, locale: "en-US", ...options });
    context.setDefaultTimeout(deadlineMs);
    const page = await context.newPage();
    const person = new Person(context, page, server.url);
    await page.goto(server.url + path);
    await page.evaluate(() => (globalThis.neverReloaded = true));
    return person;
  }

  async signUp() {
    const { page } = this;
    await this.goTo("/signup");
    await page.getByLabel("E-mail").fill(this.email);
    await page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await page.getByRole("button", { name: "Sign up" }).click();
    await page.getByText(this.email).first().waitFor({ state: "attached" });
    await page.getByRole("heading", { level: 1, name: "Tickets" }).waitFor();
  }

  async signIn({ email, password }) {
    const { page } = this;
    await this.goTo("/signin");
    await page.getByLabel("E-mail").fill(email);
    await page.getByLabel("Password", { exact: true }).fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByRole("heading", { level: 1, name: "Tickets" }).waitFor();
  }

  /** To a path of the application without loading the page anew. */
  async goTo(path) {
    await this.page.evaluate((to) => {
      const link = document.createElement("a");
      link.href = to;
      document.body.append(link);
      link.click();
      link.remove();
    }, path);
    await this.page.waitForURL((url) => url.pathname + url.search === path);
  }

  async list(title, price, event = {}) {
    const { page } = this;
    await this.goTo("/sell");
    await page.getByLabel("Title").fill(title);
    await page.getByLabel("Price").fill(price);
    for (const [label, value] of Object.entries(event)) await page.getByLabel(label).fill(value);
    await page.getByRole("button", { name: "List ticket" }).click();
    await page.getByRole("heading", { level: 1, name: title }).waitFor();
  }

  /** The ticket's card on a board. */
  card(title) {
    return this.page.getByTestId("ticket").filter({ hasText: title });
  }

  cardIn(title, status) {
    return this.card(title).filter({
      has: this.page.getByTestId("ticket-status").getByText(status),
    });
  }

  async reserve(title) {
    const { page } = this;
    await page.getByRole("link", { name: title }).click();
    await page.getByRole("button", { name: "Reserve ticket" }).click();
    await this.orderState("Waiting for payment").waitFor();
  }

  orderState(text) {
    return this.page.getByTestId("order-status").getByText(text);
  }

  async pay(card) {
    await this.page.getByLabel(/choose a test card/).selectOption(card);
    await this.page.getByRole("button", { name: /^Pay .*\d/ }).click();
  }

  /** Nothing on the page reaches beyond its width. */
  async assertFits(where) {
    const wide = await this.page.evaluate(() => ({
      page: document.documentElement.scrollWidth,
      window: innerWidth,
      culprits: [...document.querySelectorAll("main *")]
        .filter((element) => element.getBoundingClientRect().right > innerWidth + 1)
        .map((element) => `${element.tagName}.${element.className}`)
        .slice(0, 5),
    }));
    assert.ok(
      wide.page <= wide.window,
      `${where} is ${wide.page} pixels wide on ${wide.window}: ${wide.culprits.join(", ")}`,
    );
  }

  /** Waits until the countdown has been seen to go down. */
  async seeCountdownRun(scope) {
    const timer = scope.getByRole("timer");
    const before = seconds(await timer.textContent());
    await until(async () => seconds(await timer.textContent()) < before, "the countdown runs");
    return before;
  }

  async assertNeverReloaded() {
    assert.equal(await this.page.evaluate(() => globalThis.neverReloaded), true, "was reloaded");
    assert.deepEqual(this.faults, []);
  }

  async screenshot(name, options = {}) {
    const folder = process.env.HOLDFAST_SCREENSHOTS;
    if (!folder) return;
    await mkdir(folder, { recursive: true });
    await this.page.screenshot({ path: join(folder, `${name}.png`), ...options });
  }
}

/** "14:59" in seconds. */
export function seconds(text) {
  return text.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
}

/** Asks again with every turn until the answer is yes; fails at the deadline. */
export async function until(isSo, what) {
  const end = performance.now() + deadlineMs;
  while (!(await isSo())) {
    if (performance.now() > end) throw new Error(`not within ${deadlineMs} ms: ${what}`);
  }
}

/** A server and a browser for one test, ended after it whatever happens. */
export async function stage(test, options) {
  const server = await Server.start(options);
  test.after(() => server.end());
  const browser = await launchBrowser();
  test.after(() => browser.close());
  return { server, browser };
}
