import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { SeenPosition } from "../src/api/position";
import type { LiveMessage } from "../src/api/types";
import { backoffMs } from "../src/live/backoff";
import { LiveConnection, liveLimits, type LiveSocket } from "../src/live/live_connection";
import { ticket, idOf } from "./samples";

class FakeSocket implements LiveSocket {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: (() => void) | null = null;
  readonly sent: { type: string; topics?: string[] }[] = [];
  closed = false;

  send(text: string): void {
    this.sent.push(JSON.parse(text) as { type: string });
  }

  close(): void {
    this.closed = true;
  }

  say(message: unknown): void {
    this.onmessage?.({ data: typeof message === "string" ? message : JSON.stringify(message) });
  }

  topics(type: string): string[] {
    return this.sent.filter((frame) => frame.type === type).flatMap((frame) => frame.topics ?? []);
  }
}

function connection() {
  const sockets: FakeSocket[] = [];
  const position = new SeenPosition();
  const live = new LiveConnection({
    open: () => {
      const socket = new FakeSocket();
      sockets.push(socket);
      return socket;
    },
    position,
    backoff: (tries) => tries * 1000,
  });
  const last = () => {
    const socket = sockets.at(-1);
    if (socket === undefined) throw new Error("no socket was opened");
    return socket;
  };
  return { live, sockets, last, position };
}

function watcher() {
  const messages: LiveMessage[] = [];
  let subscribed = 0;
  return {
    onSubscribed: () => (subscribed += 1),
    onMessage: (message: LiveMessage) => messages.push(message),
    messages,
    get subscribed() {
      return subscribed;
    },
  };
}

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

describe("the live connection", () => {
  it("subscribes to what is watched, and tells when it is so", () => {
    const { live, last, position } = connection();
    const board = watcher();
    live.watch("tickets", board);
    live.start();
    last().onopen?.();
    expect(last().topics("subscribe")).toEqual(["tickets"]);
    expect(board.subscribed).toBe(0);
    last().say({ type: "subscribed", topics: ["tickets"], position: "p4" });
    expect(board.subscribed).toBe(1);
    expect(position.value).toBe("p4");
    expect(live.phase.value).toBe("open");
  });

  it("tells a watcher once, however often the server lists its topics", () => {
    const { live, last } = connection();
    const board = watcher();
    live.watch("tickets", board);
    live.start();
    last().onopen?.();
    last().say({ type: "subscribed", topics: ["tickets"] });
    live.watch("orders", watcher());
    last().say({ type: "subscribed", topics: ["tickets", "orders"] });
    expect(board.subscribed).toBe(1);
  });

  it("hands each message to those who watch its topic", () => {
    const { live, last } = connection();
    const [board, page, other, orders] = [watcher(), watcher(), watcher(), watcher()];
    live.watch("tickets", board);
    live.watch(`ticket:${idOf(1)}`, page);
    live.watch(`ticket:${idOf(2)}`, other);
    live.watch("orders", orders);
    live.start();
    last().onopen?.();
    last().say({ type: "ticket:updated", ticket: ticket(1) });
    expect([board, page, other, orders].map((one) => one.messages.length)).toEqual([1, 1, 0, 0]);
  });

  it("ignores what isn't a message of the contract", () => {
    const { live, last } = connection();
    const board = watcher();
    live.watch("tickets", board);
    live.start();
    last().onopen?.();
    for (const text of [
      "{",
      "null",
      "7",
      '{"type":3}',
      '{"type":"ticket:updated"}',
      '{"type":"later:thing"}',
    ]) {
      last().say(text);
    }
    last().say({ type: "ticket:updated", ticket: { id: 5 } });
    expect(board.messages).toEqual([]);
  });

  it("comes back by itself after a break, each time later, and subscribes anew", () => {
    const { live, last, sockets } = connection();
    const board = watcher();
    live.watch("tickets", board);
    live.start();
    last().onopen?.();
    last().say({ type: "subscribed", topics: ["tickets"] });
    last().onclose?.();
    expect(live.phase.value).toBe("lost");
    vi.advanceTimersByTime(999);
    expect(sockets).toHaveLength(1);
    vi.advanceTimersByTime(1);
    expect(sockets).toHaveLength(2);
    last().onclose?.();
    vi.advanceTimersByTime(1999);
    expect(sockets).toHaveLength(2);
    vi.advanceTimersByTime(1);
    last().onopen?.();
    expect(live.phase.value).toBe("lost");
    last().say({ type: "subscribed", topics: ["tickets"] });
    expect(live.phase.value).toBe("open");
    expect(board.subscribed).toBe(2);
    last().onclose?.();
    vi.advanceTimersByTime(1000);
    expect(sockets).toHaveLength(4);
  });

  it("finds a dead link by a ping that nobody answers", () => {
    const { live, last } = connection();
    live.watch("tickets", watcher());
    live.start();
    last().onopen?.();
    last().say({ type: "subscribed", topics: ["tickets"] });
    const first = last();
    vi.advanceTimersByTime(liveLimits.pingEveryMs);
    expect(first.sent.at(-1)).toEqual({ type: "ping" });
    first.say({ type: "pong" });
    vi.advanceTimersByTime(liveLimits.pongMs);
    expect(live.phase.value).toBe("open");
    vi.advanceTimersByTime(liveLimits.pingEveryMs - liveLimits.pongMs);
    vi.advanceTimersByTime(liveLimits.pongMs);
    expect(live.phase.value).toBe("lost");
    expect(first.closed).toBe(true);
  });

  it("gives up a socket that doesn't open in time", () => {
    const { live, sockets } = connection();
    live.start();
    vi.advanceTimersByTime(liveLimits.connectMs);
    expect(live.phase.value).toBe("lost");
    expect(sockets[0]?.closed).toBe(true);
  });

  it("rests while there is no network, and tries at once when there is", () => {
    const { live, sockets } = connection();
    live.start();
    sockets[0]?.onopen?.();
    live.setOnline(false);
    expect(live.phase.value).toBe("offline");
    vi.advanceTimersByTime(3_600_000);
    expect(sockets).toHaveLength(1);
    live.setOnline(true);
    expect(sockets).toHaveLength(2);
  });

  it("lets go after a while that nobody looks, and is back when somebody does", () => {
    const { live, sockets, last } = connection();
    live.start();
    last().onopen?.();
    last().say({ type: "pong" });
    live.setHidden(true);
    // A server that answers every ping.
    last().send = () => last().say({ type: "pong" });
    vi.advanceTimersByTime(liveLimits.hiddenMs);
    expect(live.phase.value).toBe("paused");
    expect(sockets).toHaveLength(1);
    live.setHidden(false);
    expect(live.phase.value).toBe("connecting");
    expect(sockets).toHaveLength(2);
  });

  it("asks at once whether the link lives when somebody looks again", () => {
    const { live, last } = connection();
    live.start();
    last().onopen?.();
    last().say({ type: "pong" });
    live.setHidden(true);
    live.setHidden(false);
    expect(last().sent.at(-1)).toEqual({ type: "ping" });
    vi.advanceTimersByTime(liveLimits.pongMs);
    expect(live.phase.value).toBe("lost");
  });

  it("takes a fresh socket for another user without calling itself lost", () => {
    const { live, sockets, last } = connection();
    live.start();
    last().onopen?.();
    last().say({ type: "pong" });
    live.restart();
    expect(live.phase.value).toBe("connecting");
    expect(sockets).toHaveLength(2);
    expect(sockets[0]?.closed).toBe(true);
  });

  it("unsubscribes when the last watcher has gone", () => {
    const { live, last } = connection();
    const end1 = live.watch("tickets", watcher());
    const end2 = live.watch("tickets", watcher());
    live.start();
    last().onopen?.();
    last().say({ type: "subscribed", topics: ["tickets"] });
    end1();
    expect(last().topics("unsubscribe")).toEqual([]);
    end2();
    expect(last().topics("unsubscribe")).toEqual(["tickets"]);
  });

  it("tells a second watcher of a topic that it is subscribed already", async () => {
    const { live, last } = connection();
    live.watch("tickets", watcher());
    live.start();
    last().onopen?.();
    last().say({ type: "subscribed", topics: ["tickets"] });
    const late = watcher();
    live.watch("tickets", late);
    await vi.advanceTimersByTimeAsync(0);
    expect(late.subscribed).toBe(1);
    expect(last().topics("subscribe")).toEqual(["tickets"]);
  });
});

describe("the wait between two tries", () => {
  it("doubles up to a limit and is spread", () => {
    expect([1, 2, 3, 4].map((tries) => backoffMs(tries, () => 1))).toEqual([500, 1000, 2000, 4000]);
    expect(backoffMs(50, () => 1)).toBe(20_000);
    expect(backoffMs(50, () => 0)).toBe(10_000);
  });
});
