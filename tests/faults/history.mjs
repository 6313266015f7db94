// What everybody asked and was told, with times: the evidence that the checker judges. `from` and
// `to` are milliseconds of the wall clock, taken once and carried on by the monotonic one, so that
// they can be compared with the store's times and never run backwards.

const wallAtStart = Date.now() - performance.now();

/** Milliseconds since the epoch, monotonic. */
export const now = () => wallAtStart + performance.now();

export class History {
  requests = [];
  /** What watchers were told: {connection, node, type, id, version, at}. */
  seen = [];
  /** Connections of watchers: {connection, node, opened, subscribed, closed, narrow: [ids]}. */
  connections = [];
  /** Answers of GET /api/admin/cluster: {at, node, body}. */
  samples = [];
  #asks = 0;

  /** A new intention, which may take several requests. */
  nextAsk() {
    return ++this.#asks;
  }

  lines() {
    const kinds = {
      request: this.requests,
      seen: this.seen,
      connection: this.connections,
      sample: this.samples,
    };
    return Object.entries(kinds).flatMap(([kind, list]) =>
      list.map((one) => JSON.stringify({ kind, ...one })),
    );
  }
}

/**
 * What one request came to, for somebody who knows the contract:
 * "done": it was answered and had or has its effect; "refused": certainly nothing was changed;
 * "unknown": it may or may not have taken effect.
 */
export function effectOf({ outcome, status, code }) {
  if (outcome === "refused") return "refused";
  if (outcome === "unknown") return "unknown";
  if (status < 300 || status === 402) return "done";
  if (status === 503 && code !== "outcome_unknown") return "refused";
  return status >= 500 ? "unknown" : "refused";
}
