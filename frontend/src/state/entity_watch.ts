import type { ApiClient, Failure } from "../api/client";
import type { LiveMessage } from "../api/types";
import { Observable } from "../lib/observable";
import type { LiveConnection } from "../live/live_connection";
import { later, type Known, type Versioned } from "./merge";

export interface EntityView<T> {
  entity: T | null;
  /** It doesn't exist, or no longer. */
  gone: boolean;
  failure: Failure | null;
}

interface Parts<T extends Versioned> {
  api: ApiClient;
  live: LiveConnection;
  topic: string;
  path: string;
  /** What a message says of this entity, or null. */
  pick: (message: LiveMessage) => Known<T> | null;
}

/** How long a page waits for its topic before it fetches without. */
const subscribeWaitMs = 1500;

/** One ticket or order as it is now, and as it becomes. */
export class EntityWatch<T extends Versioned> {
  readonly view = new Observable<EntityView<T>>({ entity: null, gone: false, failure: null });
  readonly #parts: Parts<T>;
  #known: Known<T> | undefined;
  #unwatch: (() => void) | null = null;
  #fallback: ReturnType<typeof setTimeout> | undefined;
  #abort = new AbortController();

  constructor(parts: Parts<T>) {
    this.#parts = parts;
  }

  open(): void {
    const { live, topic, pick } = this.#parts;
    this.#fallback = setTimeout(() => void this.fetch(), subscribeWaitMs);
    this.#unwatch = live.watch(topic, {
      onSubscribed: () => void this.fetch(),
      onMessage: (message) => {
        const incoming = pick(message);
        if (incoming !== null) this.#merge(incoming);
      },
    });
  }

  close(): void {
    clearTimeout(this.#fallback);
    this.#abort.abort();
    this.#unwatch?.();
    this.#unwatch = null;
  }

  async fetch(): Promise<void> {
    clearTimeout(this.#fallback);
    this.#abort.abort();
    const abort = new AbortController();
    this.#abort = abort;
    const outcome = await this.#parts.api.get<T>(this.#parts.path, { signal: abort.signal });
    if (abort.signal.aborted) return;
    if (outcome.ok) {
      this.#merge({ entity: outcome.value, deleted: false });
    } else if (outcome.failure.status === 404) {
      this.view.set({ entity: this.#known?.entity ?? null, gone: true, failure: null });
    } else if (this.#known === undefined) {
      // What is shown already stays; the connection's banner says that it may be old.
      this.view.set({ entity: null, gone: false, failure: outcome.failure });
    }
  }

  /** A state that came with an answer. */
  take(entity: T): void {
    this.#merge({ entity, deleted: false });
  }

  #merge(incoming: Known<T>): void {
    this.#known = later(this.#known, incoming);
    const { entity, deleted } = this.#known;
    const { view } = this;
    if (view.value.entity === entity && view.value.gone === deleted && !view.value.failure) return;
    view.set({ entity, gone: deleted, failure: null });
  }
}
