// The network between the processes: a namespace of its own for each, joined by a bridge, so that a
// link can be cut as a broken switch cuts it: packets vanish, nobody is told. Without namespaces
// (`LoopbackNetwork`) everything stands on 127.0.0.1 and there are no cuts.
import { execFileSync } from "node:child_process";
import { existsSync, readdirSync } from "node:fs";

import { atEnd, endProcess } from "./cleanup.mjs";

const path = `${process.env.PATH}:/usr/sbin:/sbin`;

function run(command, ...words) {
  try {
    return execFileSync(command, words, {
      encoding: "utf8",
      env: { ...process.env, PATH: path },
      stdio: ["ignore", "pipe", "pipe"],
    });
  } catch (error) {
    const said = error.stderr?.trim() || error.message;
    throw new Error(`${command} ${words.join(" ")}: ${said}`, { cause: error });
  }
}

const ip = (...words) => run("ip", ...words);

/** Why there can be no namespaces and cuts here, as a sentence; null when there can. */
export function whyNoCuts() {
  if (process.getuid?.() !== 0) return "cuts need root, to make network namespaces";
  const probe = `hf${process.pid}-probe`;
  try {
    ip("netns", "add", probe);
    try {
      run("ip", "netns", "exec", probe, "iptables", "-w", "-L", "-n");
    } finally {
      ip("netns", "del", probe);
    }
  } catch (error) {
    return `cuts need iproute2 and iptables that work here: ${error.message}`;
  }
  return null;
}

/** Removes what a run left behind that was killed without being able to clean up. */
function sweep() {
  const folder = "/run/netns";
  if (!existsSync(folder)) return;
  const dead = new Set();
  for (const name of readdirSync(folder)) {
    const pid = /^hf(\d+)-/.exec(name)?.[1];
    if (!pid || existsSync(`/proc/${pid}`)) continue;
    for (const orphan of ip("netns", "pids", name).split("\n").filter(Boolean))
      endProcess(Number(orphan));
    ip("netns", "del", name);
    dead.add(pid);
  }
  for (const pid of dead)
    if (existsSync(`/sys/class/net/hf${pid}`)) ip("link", "del", `hf${pid}`);
}

/** Addresses: .1 is ours, .2 is Redis, .128 and up are nodes, so that "all peers" is one rule. */
const redisHost = 2;
const firstNodeHost = 128;

export class NamespaceNetwork {
  #bridge = `hf${process.pid}`;
  #prefix;
  #made = new Map();
  #nodes = 0;

  constructor() {
    sweep();
    const taken = ip("-4", "-o", "addr", "show");
    const free = () => `10.${200 + Math.floor(Math.random() * 50)}.${Math.floor(Math.random() * 250)}`;
    do this.#prefix = free();
    while (taken.includes(` ${this.#prefix}.`));
    this.undo = atEnd(() => this.#remove());
    ip("link", "add", this.#bridge, "type", "bridge");
    ip("addr", "add", `${this.#prefix}.1/24`, "dev", this.#bridge);
    ip("link", "set", this.#bridge, "up");
  }

  get canCut() {
    return true;
  }

  /** A place for Redis. */
  addStore() {
    return this.#add("redis", redisHost);
  }

  /** A place for a node; one that comes back keeps its place. */
  addNode(name) {
    return this.#add(name, firstNodeHost + this.#nodes++);
  }

  #add(name, host) {
    const space = `${this.#bridge}-${name}`;
    const link = `${this.#bridge}v${host}`;
    const address = `${this.#prefix}.${host}`;
    this.#made.set(space, link);
    ip("netns", "add", space);
    ip("link", "add", link, "type", "veth", "peer", "name", "eth0", "netns", space);
    ip("link", "set", link, "master", this.#bridge, "up");
    ip("-n", space, "addr", "add", `${address}/24`, "dev", "eth0");
    ip("-n", space, "link", "set", "eth0", "up");
    ip("-n", space, "link", "set", "lo", "up");
    return { space, address, around: ["ip", "netns", "exec", space] };
  }

  /** From now on nothing passes between the place and Redis, in either direction. */
  cutFromStore({ space }) {
    this.#drop(space, `${this.#prefix}.${redisHost}`);
  }

  /** From now on nothing passes between the place and any other node, also one that comes later. */
  cutFromPeers({ space }) {
    this.#drop(space, `${this.#prefix}.${firstNodeHost}/25`);
  }

  #drop(space, other) {
    const rule = (...words) => run("ip", "netns", "exec", space, "iptables", "-w", "-A", ...words);
    // By the device, because what a node sends to its own address comes over lo.
    rule("INPUT", "-i", "eth0", "-s", other, "-j", "DROP");
    rule("OUTPUT", "-o", "eth0", "-d", other, "-j", "DROP");
  }

  heal({ space }) {
    run("ip", "netns", "exec", space, "iptables", "-w", "-F");
  }

  end() {
    this.undo.done();
    this.#remove();
  }

  #remove() {
    for (const space of this.#made.keys())
      if (existsSync(`/run/netns/${space}`)) ip("netns", "del", space);
    this.#made.clear();
    if (existsSync(`/sys/class/net/${this.#bridge}`)) ip("link", "del", this.#bridge);
  }
}

export class LoopbackNetwork {
  get canCut() {
    return false;
  }

  addStore() {
    return { address: "127.0.0.1", around: [] };
  }

  addNode() {
    return { address: "127.0.0.1", around: [] };
  }

  end() {}
}
