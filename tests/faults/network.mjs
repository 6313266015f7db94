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
  for (const name of readdirSync(folder)) {
    const pid = /^hf(\d+)-/.exec(name)?.[1];
    if (!pid || existsSync(`/proc/${pid}`)) continue;
    for (const orphan of ip("netns", "pids", name).split("\n").filter(Boolean))
      endProcess(Number(orphan));
    ip("netns", "del", name);
  }
}

/** Addresses: .1 is ours, .2 is Redis, .128 and up are nodes, so that "all peers" is one rule. */
const redisHost = 2;
const firstNodeHost = 128;

export class NamespaceNetwork {
  #name = `hf${process.pid}`;
  // The bridge has a namespace of its own: the machine's own firewall may not let bridges forward.
  #switch = `hf${process.pid}-switch`;
  #prefix;
  #made = new Set();
  #nodes = 0;

  constructor() {
    sweep();
    const taken = ip("-4", "-o", "addr", "show");
    const some = (count) => Math.floor(Math.random() * count);
    do this.#prefix = `10.${200 + some(50)}.${some(250)}`;
    while (taken.includes(` ${this.#prefix}.`));
    this.undo = atEnd(() => this.#remove());
    this.#space(this.#switch);
    ip("-n", this.#switch, "link", "add", "bridge", "type", "bridge");
    ip("-n", this.#switch, "link", "set", "bridge", "up");
    this.#plug("ours", ["link", "add", this.#name, "type", "veth", "peer", "name", "ours"]);
    ip("addr", "add", `${this.#prefix}.1/24`, "dev", this.#name);
    ip("link", "set", this.#name, "up");
  }

  #space(name) {
    this.#made.add(name);
    ip("netns", "add", name);
  }

  /** Makes a cable whose end `port` is in the switch. */
  #plug(port, cable) {
    ip(...cable, "netns", this.#switch);
    ip("-n", this.#switch, "link", "set", port, "master", "bridge", "up");
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
    const space = `${this.#name}-${name}`;
    const port = `port${host}`;
    const address = `${this.#prefix}.${host}`;
    this.#space(space);
    this.#plug(port, ["-n", space, "link", "add", "eth0", "type", "veth", "peer", "name", port]);
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

  /** What can't be removed keeps nothing else from being removed. */
  #remove() {
    const problems = [];
    const attempt = (isThere, ...words) => {
      try {
        if (existsSync(isThere)) ip(...words);
      } catch (error) {
        problems.push(error.message);
      }
    };
    attempt(`/sys/class/net/${this.#name}`, "link", "del", this.#name);
    for (const space of this.#made) attempt(`/run/netns/${space}`, "netns", "del", space);
    this.#made.clear();
    if (problems.length > 0) throw new Error(problems.join("; "));
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
