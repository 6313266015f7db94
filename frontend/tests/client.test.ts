import { describe, expect, it, vi } from "vitest";

import { ApiClient, nextPage, type Method } from "../src/api/client";
import { SeenPosition } from "../src/api/position";
import { failureText, fieldErrors } from "../src/api/words";
import { ServerClock } from "../src/time/server_clock";

function json(status: number, body: unknown, headers: Record<string, string> = {}): Response {
  return new Response(status === 204 ? null : JSON.stringify(body), { status, headers });
}

const refusal = (code: string, message = code, field?: string) => ({
  errors: [{ code, message, ...(field === undefined ? {} : { field }) }],
});

/** A client whose requests are answered one after the other with what is given. */
function clientOf(...answers: (Response | Error | "hang")[]) {
  const requests: { path: string; init: RequestInit }[] = [];
  const signedOut: Method[] = [];
  const waits: number[] = [];
  const position = new SeenPosition();
  const clock = new ServerClock();
  const api = new ApiClient({
    clock,
    position,
    onSignedOut: (method) => signedOut.push(method),
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
    fetch: (path, init = {}) => {
      requests.push({ path: path as string, init });
      const answer = answers.shift() ?? new Error("no more answers");
      if (answer === "hang") {
        return new Promise((_, fail) => {
          init.signal?.addEventListener("abort", () => fail(new Error("aborted")));
        });
      }
      return answer instanceof Error ? Promise.reject(answer) : Promise.resolve(answer);
    },
  });
  const header = (index: number, name: string) =>
    new Headers(requests[index]?.init.headers).get(name);
  return { api, requests, signedOut, waits, position, clock, header };
}

describe("the client", () => {
  it("sends the last position that it has seen with every request", async () => {
    const { api, header } = clientOf(
      json(200, []),
      json(201, {}, { "X-Position": "p7" }),
      json(200, []),
      json(204, null, { "X-Position": "p9" }),
      json(200, []),
    );
    await api.get("/api/tickets");
    await api.post("/api/tickets", {});
    await api.get("/api/tickets");
    await api.delete("/api/tickets/x");
    await api.get("/api/tickets");
    expect([0, 2, 4].map((index) => header(index, "X-After-Position"))).toEqual([null, "p7", "p9"]);
  });

  it("asks a read again when the server is busy or the link broke, as late as it is told", async () => {
    const { api, waits } = clientOf(
      json(503, refusal("unavailable"), { "Retry-After": "2" }),
      new TypeError("Failed to fetch"),
      json(200, ["there"]),
    );
    const outcome = await api.get<string[]>("/api/tickets");
    expect(outcome).toMatchObject({ ok: true, value: ["there"] });
    expect(waits[0]).toBe(2000);
    expect(waits).toHaveLength(2);
  });

  it("gives a read up after three tries, or when it would have to wait for long", async () => {
    const broken = clientOf(new TypeError(), new TypeError(), new TypeError(), json(200, []));
    expect((await broken.api.get("/api/x")).ok).toBe(false);
    expect(broken.requests).toHaveLength(3);
    const limited = clientOf(json(429, refusal("rate_limited"), { "Retry-After": "60" }));
    expect(await limited.api.get("/api/x")).toMatchObject({
      ok: false,
      failure: { kind: "busy", status: 429, retryAfterSeconds: 60 },
    });
    expect(limited.requests).toHaveLength(1);
  });

  it("never repeats a write by itself", async () => {
    const { api, requests } = clientOf(new TypeError("Failed to fetch"));
    expect(await api.post("/api/orders", {})).toMatchObject({
      ok: false,
      failure: { kind: "unreachable", status: 0 },
    });
    expect(requests).toHaveLength(1);
  });

  it("stops waiting for an answer in time", async () => {
    vi.useFakeTimers();
    const { api } = clientOf("hang");
    const outcome = api.post("/api/orders", {}, { timeoutMs: 1000 });
    await vi.advanceTimersByTimeAsync(1000);
    expect(await outcome).toMatchObject({ ok: false, failure: { kind: "timeout" } });
    vi.useRealTimers();
  });

  it("says when the session is over, but not for a wrong password", async () => {
    const { api, signedOut } = clientOf(
      json(401, refusal("not_signed_in")),
      json(401, refusal("invalid_credentials")),
    );
    await api.post("/api/orders", {});
    await api.post("/api/users/signin", {});
    expect(signedOut).toEqual(["POST"]);
  });

  it("takes an answer that isn't JSON for nobody's answer", async () => {
    const { api } = clientOf(new Response("<html>Log in to this Wi-Fi</html>", { status: 200 }));
    expect(await api.get("/api/tickets")).toMatchObject({
      ok: false,
      failure: { kind: "unreadable" },
    });
  });

  it("learns the server's clock from its answers", async () => {
    const { api, clock } = clientOf(
      json(200, [], { Date: new Date(Date.now() + 3_600_000).toUTCString() }),
    );
    await api.get("/api/tickets");
    expect(Math.abs(clock.offsetMs - 3_600_000)).toBeLessThan(1500);
  });

  it("finds the next page in the Link header", () => {
    expect(nextPage('</api/tickets?after=x&limit=50>; rel="next"')).toBe(
      "/api/tickets?after=x&limit=50",
    );
    expect(nextPage("<http://a.example/api/tickets?after=x>; rel=next")).toBe(
      "/api/tickets?after=x",
    );
    expect(nextPage('</a>; rel="prev", </b>; rel="next"')).toBe("/b");
    expect(nextPage('</a>; rel="prev"')).toBeNull();
    expect(nextPage(null)).toBeNull();
  });
});

describe("the position seen", () => {
  it("isn't set back by a subscription that a write has overtaken", () => {
    const position = new SeenPosition();
    position.noteSubscribed("p1", position.writes);
    expect(position.value).toBe("p1");
    const sent = position.writes;
    position.noteWrite("p5");
    position.noteSubscribed("p3", sent);
    expect(position.value).toBe("p5");
    position.noteSubscribed("p8", position.writes);
    expect(position.value).toBe("p8");
  });
});

describe("a position that the server doesn't have", () => {
  const late = () => json(503, refusal("position_not_reached"), { "Retry-After": "1" });

  it("is given up when the server hasn't reached it twice", async () => {
    const { api, position, header } = clientOf(late(), late(), json(200, []), json(200, []));
    position.noteWrite("p9");
    expect((await api.get("/api/tickets")).ok).toBe(true);
    expect(header(1, "X-After-Position")).toBe("p9");
    expect(header(2, "X-After-Position")).toBeNull();
    expect(position.value).toBeNull();
  });

  it("is kept when the server was only late once", async () => {
    const { api, position } = clientOf(late(), json(200, []));
    position.noteWrite("p9");
    expect((await api.get("/api/tickets")).ok).toBe(true);
    expect(position.value).toBe("p9");
  });

  it("is given up at once when the server refuses it", async () => {
    const { api, position, header, waits } = clientOf(
      json(400, refusal("invalid_position")),
      json(200, []),
    );
    position.noteWrite("p9");
    expect((await api.get("/api/tickets")).ok).toBe(true);
    expect(header(1, "X-After-Position")).toBeNull();
    expect(waits).toEqual([]);
  });

  it("gives way to that of a subscription after a reconnection", () => {
    const position = new SeenPosition();
    position.noteWrite("p9");
    position.noteSubscribed("p2", position.writes);
    expect(position.value).toBe("p2");
    position.noteSubscribed("", position.writes);
    expect(position.value).toBeNull();
  });

  it("doesn't take a later one with it", () => {
    const position = new SeenPosition();
    position.noteWrite("p9");
    position.forget("p8");
    expect(position.value).toBe("p9");
  });
});

describe("no position", () => {
  it("is what an empty store has, and nothing to send", async () => {
    const { api, position, header } = clientOf(json(200, []));
    position.noteSubscribed("", position.writes);
    await api.get("/api/tickets");
    expect(header(0, "X-After-Position")).toBeNull();
  });
});

describe("words for a failure", () => {
  const failed = (status: number, code: string, message = code) => ({
    kind: "refused" as const,
    status,
    errors: [{ code, message }],
  });

  it("tell a buyer and a seller what the same refusal means to them", () => {
    expect(failureText(failed(409, "ticket_reserved"))).toMatch(/Somebody else/);
    expect(failureText(failed(409, "ticket_reserved"), "selling")).toMatch(/can't be changed/);
    for (const code of [
      "ticket_sold",
      "ticket_changed",
      "own_ticket",
      "order_expired",
      "payment_in_progress",
    ]) {
      expect(failureText(failed(409, code))).not.toContain(code);
    }
  });

  it("say why a card was declined and that nothing was charged", () => {
    expect(failureText(failed(402, "declined", "The card has not enough money."))).toMatch(
      /^The card has not enough money\. Nothing was charged/,
    );
  });

  it("say when to try again", () => {
    const busy = { kind: "busy" as const, errors: [] };
    expect(failureText({ ...busy, status: 429, retryAfterSeconds: 7 })).toMatch(/in 7 seconds/);
    expect(failureText({ ...busy, status: 503, retryAfterSeconds: 1 })).toMatch(/in 1 second\./);
    expect(failureText({ ...busy, status: 503 })).toMatch(/in a moment/);
  });

  it("don't claim to know the outcome of a write without an answer", () => {
    const text = failureText({ kind: "unreachable", status: 0, errors: [] });
    expect(text).toMatch(/may or may not have arrived/);
  });

  it("are the server's own where it knows better", () => {
    expect(failureText(failed(409, "something_new", "The box office is closed."))).toBe(
      "The box office is closed.",
    );
  });

  it("stand by their fields, the first of each", () => {
    const errors = [
      { field: "price", message: "one" },
      { field: "price", message: "two" },
      { field: "event.startsAt", message: "three" },
      { message: "four" },
    ];
    expect([...fieldErrors({ kind: "refused", status: 400, errors })]).toEqual([
      ["price", "one"],
      ["startsAt", "three"],
    ]);
  });
});
