import type { ServerClock } from "../time/server_clock";
import type { SeenPosition } from "./position";
import type { ApiError } from "./types";

export type FailureKind =
  /** The server said no, and why. */
  | "refused"
  /** No answer: no network, or no server. A write's outcome is unknown. */
  | "unreachable"
  /** No answer in time. A write's outcome is unknown. */
  | "timeout"
  /** 429 or 503: not now. */
  | "busy"
  /** An answer that isn't the API's. */
  | "unreadable";

export interface Failure {
  kind: FailureKind;
  /** 0 without an answer. */
  status: number;
  errors: ApiError[];
  retryAfterSeconds?: number;
}

export interface Answer<T> {
  value: T;
  status: number;
  /** Path and query of the list's next page. */
  next: string | null;
}

export type Outcome<T> = ({ ok: true } & Answer<T>) | { ok: false; failure: Failure };

export interface RequestOptions {
  signal?: AbortSignal;
  timeoutMs?: number;
}

interface Parts {
  clock: ServerClock;
  position: SeenPosition;
  /** Called when the server doesn't know the session (any more), with what was asked of it. */
  onSignedOut: (method: Method) => void;
  fetch?: typeof fetch;
  now?: () => number;
  wait?: (ms: number) => Promise<void>;
}

export type Method = "GET" | "POST" | "PUT" | "DELETE";

const timeoutDefaultMs = 15_000;
/** How often a read is tried in all, and how long it may wait between two tries. */
const readTriesMax = 3;
const readWaitMsMax = 5_000;
/** How often the server may say that it hasn't reached a position before the page gives it up. */
const positionTriesMax = 2;

export function failureCode(failure: Failure): string {
  return failure.errors[0]?.code ?? "";
}

/** Speaks the API's contract. Every failure is a value. */
export class ApiClient {
  readonly #parts: Required<Parts>;

  constructor(parts: Parts) {
    this.#parts = {
      fetch: (...request) => fetch(...request),
      now: Date.now,
      wait: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      ...parts,
    };
  }

  /** A read is repeated a few times when the server is busy or the link broke. */
  async get<T>(path: string, options: RequestOptions = {}): Promise<Outcome<T>> {
    const { position } = this.#parts;
    let late = 0;
    for (let tried = 1; ; tried += 1) {
      const after = position.value;
      const outcome = await this.#send<T>("GET", path, undefined, options);
      if (!outcome.ok && after !== null) {
        const code = failureCode(outcome.failure);
        if (code === "position_not_reached") late += 1;
        const unknown = code === "invalid_position";
        if (unknown || late === positionTriesMax) position.forget(after);
        if (unknown && tried < readTriesMax && !options.signal?.aborted) continue;
      }
      if (outcome.ok || tried === readTriesMax || options.signal?.aborted) return outcome;
      const { kind, retryAfterSeconds } = outcome.failure;
      if (kind !== "busy" && kind !== "unreachable") return outcome;
      const waitMs = (retryAfterSeconds ?? 0) * 1000 || 300 * 2 ** tried;
      if (waitMs > readWaitMsMax) return outcome;
      await this.#parts.wait(waitMs);
    }
  }

  post<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<Outcome<T>> {
    return this.#send<T>("POST", path, body, options);
  }

  put<T>(path: string, body: unknown, options: RequestOptions = {}): Promise<Outcome<T>> {
    return this.#send<T>("PUT", path, body, options);
  }

  delete(path: string, options: RequestOptions = {}): Promise<Outcome<null>> {
    return this.#send<null>("DELETE", path, undefined, options);
  }

  async #send<T>(
    method: Method,
    path: string,
    body: unknown,
    { signal, timeoutMs = timeoutDefaultMs }: RequestOptions,
  ): Promise<Outcome<T>> {
    const { clock, position, now, onSignedOut } = this.#parts;
    const limit = deadline(timeoutMs, signal);
    const sentMs = now();
    try {
      const response = await this.#parts.fetch(path, {
        method,
        headers: {
          Accept: "application/json",
          ...(body === undefined ? {} : { "Content-Type": "application/json" }),
          ...(position.value === null ? {} : { "X-After-Position": position.value }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        credentials: "same-origin",
        cache: "no-store",
        redirect: "error",
        signal: limit.signal,
      });
      clock.observe(response.headers.get("Date"), sentMs, now());
      const written = response.headers.get("X-Position");
      if (written !== null && method !== "GET") position.noteWrite(written);
      const outcome = await read<T>(response);
      if (!outcome.ok && outcome.failure.status === 401) {
        if (failureCode(outcome.failure) !== "invalid_credentials") onSignedOut(method);
      }
      return outcome;
    } catch {
      const kind = limit.expired() ? "timeout" : "unreachable";
      return { ok: false, failure: { kind, status: 0, errors: [] } };
    } finally {
      limit.clear();
    }
  }
}

/** One signal from a time limit and the caller's own. */
function deadline(timeoutMs: number, outer: AbortSignal | undefined) {
  const controller = new AbortController();
  let expired = false;
  const timer = setTimeout(() => {
    expired = true;
    controller.abort();
  }, timeoutMs);
  const abort = () => controller.abort();
  if (outer?.aborted) abort();
  outer?.addEventListener("abort", abort);
  return {
    signal: controller.signal,
    expired: () => expired,
    clear: () => {
      clearTimeout(timer);
      outer?.removeEventListener("abort", abort);
    },
  };
}

async function read<T>(response: Response): Promise<Outcome<T>> {
  const { status } = response;
  const text = status === 204 ? "" : await response.text();
  let json: unknown = null;
  let readable = true;
  if (text !== "") {
    try {
      json = JSON.parse(text);
    } catch {
      readable = false;
    }
  }
  if (response.ok) {
    if (!readable) return { ok: false, failure: { kind: "unreadable", status, errors: [] } };
    return { ok: true, value: json as T, status, next: nextPage(response.headers.get("Link")) };
  }
  const retryAfter = Number(response.headers.get("Retry-After"));
  return {
    ok: false,
    failure: {
      kind: status === 429 || status === 503 ? "busy" : readable ? "refused" : "unreadable",
      status,
      errors: errorsOf(json),
      ...(retryAfter > 0 ? { retryAfterSeconds: Math.ceil(retryAfter) } : {}),
    },
  };
}

function errorsOf(json: unknown): ApiError[] {
  if (typeof json !== "object" || json === null || !("errors" in json)) return [];
  if (!Array.isArray(json.errors)) return [];
  return json.errors.filter(
    (error: unknown): error is ApiError =>
      typeof error === "object" &&
      error !== null &&
      "message" in error &&
      typeof error.message === "string",
  );
}

/** `Link: </api/tickets?after=x>; rel="next"` as a path on this origin, or null. */
export function nextPage(link: string | null): string | null {
  for (const part of (link ?? "").split(/,(?=\s*<)/)) {
    const match = /^\s*<([^>]+)>\s*;(.*)$/.exec(part);
    if (match?.[1] === undefined || !/\brel="?next"?/i.test(match[2] ?? "")) continue;
    const url = new URL(match[1], "http://origin.invalid");
    return url.pathname + url.search;
  }
  return null;
}
