import { Observable } from "../lib/observable";
import type { SeenPosition } from "../api/position";
import type { LiveMessage } from "../api/types";
import { backoffMs } from "./backoff";

/**
 * The page's one WebSocket. Whoever shows something watches a topic; the connection subscribes to
 * what is watched, tells each watcher when its topic is subscribed (the time to fetch), hands it
 * the messages, and starts over by itself whenever the link is gone.
 */
export type LivePhase =
  /** First try, or a wanted fresh start: nothing to worry about. */
  | "connecting"
  | "open"
  /** The link broke or can't be made; tried again by itself. */
  | "lost"
  /** The browser says that there is no network. */
  | "offline"
  /** Nobody has looked at the page for a while. */
  | "paused";

export interface Watcher {
  /** The topic's events flow from now on. Comes again after every reconnection. */
  onSubscribed: () => void;
  onMessage: (message: LiveMessage) => void;
}

/** What the connection needs of a WebSocket. */
export interface LiveSocket {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
  send: (text: string) => void;
  close: () => void;
}

interface Parts {
  open: () => LiveSocket;
  position: SeenPosition;
  /** Hears every message before the watchers do. */
  onMessage?: (message: LiveMessage) => void;
  backoff?: (tries: number) => number;
}

export const liveLimits = {
  /** Until the socket must be open. */
  connectMs: 10_000,
  /** Quiet time after which a ping asks whether the other end is there. */
  pingEveryMs: 20_000,
  /** Until a ping must be answered, by whatever message. */
  pongMs: 8_000,
  /** Hidden for longer than this, the page lets go of its connection. */
  hiddenMs: 5 * 60_000,
};

type Timer = ReturnType<typeof setTimeout> | undefined;

export class LiveConnection {
  readonly phase = new Observable<LivePhase>("connecting");
  readonly #open: () => LiveSocket;
  readonly #position: SeenPosition;
  readonly #onMessage: (message: LiveMessage) => void;
  readonly #backoff: (tries: number) => number;
  readonly #watchers = new Map<string, Set<Watcher>>();
  /** Topics sent on this socket: the count of writes then; confirmed ones: null. */
  readonly #sent = new Map<string, number | null>();
  #socket: LiveSocket | null = null;
  #isOpen = false;
  #tries = 0;
  #online = true;
  #hidden = false;
  #started = false;
  #retryTimer: Timer;
  #linkTimer: Timer;
  #hiddenTimer: Timer;

  constructor({ open, position, onMessage = () => undefined, backoff = backoffMs }: Parts) {
    this.#open = open;
    this.#position = position;
    this.#onMessage = onMessage;
    this.#backoff = backoff;
  }

  start(online = true): void {
    this.#started = true;
    this.#online = online;
    if (online) this.#connect();
    else this.phase.set("offline");
  }

  /** A fresh socket, for instance because the session is another now. */
  restart(): void {
    if (!this.#started) return;
    this.#drop();
    this.#tries = 0;
    if (!this.#online) return;
    if (this.phase.value === "open") this.phase.set("connecting");
    this.#connect();
  }

  /** Tries at once instead of waiting for the next try. */
  retryNow(): void {
    if (this.#started && this.#socket === null) this.#connect();
  }

  setOnline(online: boolean): void {
    if (online === this.#online) return;
    this.#online = online;
    if (!this.#started) return;
    this.#drop();
    if (online) {
      this.#tries = 0;
      this.phase.set("lost");
      this.#connect();
    } else {
      this.phase.set("offline");
    }
  }

  setHidden(hidden: boolean): void {
    this.#hidden = hidden;
    clearTimeout(this.#hiddenTimer);
    if (!this.#started || !this.#online) return;
    if (hidden) {
      this.#hiddenTimer = setTimeout(() => {
        this.#drop();
        this.phase.set("paused");
      }, liveLimits.hiddenMs);
    } else if (this.#socket === null) {
      this.#tries = 0;
      if (this.phase.value === "paused") this.phase.set("connecting");
      this.#connect();
    } else if (this.#isOpen) {
      // The machine may have slept: ask at once whether the link still lives.
      this.#ping();
    }
  }

  /** Returns what ends the watch. */
  watch(topic: string, watcher: Watcher): () => void {
    const watchers = this.#watchers.get(topic) ?? new Set();
    watchers.add(watcher);
    this.#watchers.set(topic, watchers);
    if (this.#isOpen) {
      // A second watcher of a topic is told at once; a first one when the server has answered.
      if (this.#sent.get(topic) === null) queueMicrotask(() => this.#tell(topic, watcher));
      else if (!this.#sent.has(topic)) this.#subscribe(topic);
    }
    return () => {
      watchers.delete(watcher);
      if (watchers.size > 0 || this.#watchers.get(topic) !== watchers) return;
      this.#watchers.delete(topic);
      if (this.#isOpen && this.#sent.delete(topic)) {
        this.#send({ type: "unsubscribe", topics: [topic] });
      }
    };
  }

  #tell(topic: string, watcher: Watcher): void {
    if (this.#watchers.get(topic)?.has(watcher)) watcher.onSubscribed();
  }

  #connect(): void {
    this.#drop();
    let socket: LiveSocket;
    try {
      socket = this.#open();
    } catch {
      this.#lose();
      return;
    }
    this.#socket = socket;
    this.#linkTimer = setTimeout(() => this.#lose(), liveLimits.connectMs);
    socket.onopen = () => {
      this.#isOpen = true;
      this.#listen();
      for (const topic of this.#watchers.keys()) this.#subscribe(topic);
      if (this.#watchers.size === 0) this.#ping();
    };
    socket.onmessage = ({ data }) => this.#take(data);
    socket.onclose = () => this.#lose();
  }

  /** Each topic in a frame of its own: a refused one doesn't take the others with it. */
  #subscribe(topic: string): void {
    this.#sent.set(topic, this.#position.writes);
    this.#send({ type: "subscribe", topics: [topic] });
  }

  #send(frame: object): void {
    this.#socket?.send(JSON.stringify(frame));
  }

  #ping(): void {
    this.#send({ type: "ping" });
    clearTimeout(this.#linkTimer);
    this.#linkTimer = setTimeout(() => this.#lose(), liveLimits.pongMs);
  }

  /** Something was heard: the link lives. */
  #listen(): void {
    clearTimeout(this.#linkTimer);
    this.#linkTimer = setTimeout(() => this.#ping(), liveLimits.pingEveryMs);
  }

  #take(data: unknown): void {
    this.#listen();
    const message = parse(data);
    if (message === null) return;
    // A server that speaks is a server that is back; an open socket alone may be a proxy's.
    this.#tries = 0;
    this.phase.set("open");
    if (message.type === "subscribed") this.#confirm(message.topics, message.position);
    else if (message.type === "error") console.warn("live:", message.code, message.message);
    else if (message.type !== "pong") this.#dispatch(message);
  }

  #confirm(topics: string[], position: string | number | undefined): void {
    for (const topic of topics) {
      const writes = this.#sent.get(topic);
      if (writes === undefined || writes === null) continue;
      this.#sent.set(topic, null);
      if (position !== undefined) this.#position.noteSubscribed(String(position), writes);
      for (const watcher of [...(this.#watchers.get(topic) ?? [])]) this.#tell(topic, watcher);
    }
  }

  #dispatch(message: LiveMessage): void {
    this.#onMessage(message);
    for (const topic of topicsOf(message)) {
      for (const watcher of [...(this.#watchers.get(topic) ?? [])]) watcher.onMessage(message);
    }
  }

  #lose(): void {
    this.#drop();
    this.#tries += 1;
    this.phase.set("lost");
    // A hidden page whose link breaks waits until somebody looks.
    if (this.#hidden) return;
    this.#retryTimer = setTimeout(() => this.#connect(), this.#backoff(this.#tries));
  }

  #drop(): void {
    clearTimeout(this.#retryTimer);
    clearTimeout(this.#linkTimer);
    this.#sent.clear();
    this.#isOpen = false;
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}

export function topicsOf(message: LiveMessage): string[] {
  if ("ticket" in message) return ["tickets", `ticket:${message.ticket.id}`];
  if ("order" in message) return ["orders"];
  return [];
}

/** Null for what isn't a message of the contract. */
function parse(data: unknown): LiveMessage | null {
  if (typeof data !== "string") return null;
  let json: unknown;
  try {
    json = JSON.parse(data);
  } catch {
    return null;
  }
  if (typeof json !== "object" || json === null || !("type" in json)) return null;
  const { type } = json;
  if (typeof type !== "string") return null;
  if (type === "subscribed")
    return "topics" in json && Array.isArray(json.topics) ? (json as LiveMessage) : null;
  if (type.startsWith("ticket:"))
    return "ticket" in json && isEntity(json.ticket) ? (json as LiveMessage) : null;
  if (type.startsWith("order:"))
    return "order" in json && isEntity(json.order) ? (json as LiveMessage) : null;
  return type === "pong" || type === "error" ? (json as LiveMessage) : null;
}

function isEntity(value: unknown): boolean {
  return (
    typeof value === "object" &&
    value !== null &&
    "id" in value &&
    typeof value.id === "string" &&
    "version" in value &&
    typeof value.version === "number"
  );
}
