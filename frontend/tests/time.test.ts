import { describe, expect, it } from "vitest";

import { announcement, clockText, secondsLeft, spokenText } from "../src/time/countdown";
import { isoFromLocalInput, localInputText } from "../src/time/format";
import { ServerClock } from "../src/time/server_clock";

describe("the server's clock", () => {
  /** A server whose clock is `ahead` of ours, answering a request sent at `sent`. */
  function answer(clock: ServerClock, ahead: number, sent: number, there = 20, back = 20) {
    const written = sent + there + ahead;
    clock.observe(
      new Date(Math.floor(written / 1000) * 1000).toUTCString(),
      sent,
      sent + there + back,
    );
  }

  it("is our own until an answer came", () => {
    expect(new ServerClock(() => 5000).nowMs()).toBe(5000);
  });

  it("is known to well under a second after a few answers", () => {
    for (const ahead of [-3_600_000, -730, 0, 250, 86_400_000]) {
      const clock = new ServerClock();
      for (let sent = 1_000_000; sent < 1_010_000; sent += 730) answer(clock, ahead, sent);
      expect(Math.abs(clock.offsetMs - ahead), `${ahead} ms ahead`).toBeLessThan(120);
    }
  });

  it("isn't spoilt by a slow answer", () => {
    const clock = new ServerClock();
    for (let sent = 1_000_000; sent < 1_010_000; sent += 730) answer(clock, 400, sent);
    const before = clock.offsetMs;
    answer(clock, 400, 1_010_000, 9_000, 10);
    expect(Math.abs(clock.offsetMs - before)).toBeLessThan(10);
  });

  it("follows when one of the clocks is set", () => {
    const clock = new ServerClock();
    answer(clock, 0, 1_000_000);
    answer(clock, 60_000, 1_001_000);
    expect(Math.abs(clock.offsetMs - 60_000)).toBeLessThan(600);
  });

  it("takes a time on a message as the least that the server's clock shows", () => {
    const clock = new ServerClock();
    clock.observe(new Date(1_000_000).toUTCString(), 1_000_000, 1_000_010);
    clock.observeAtLeast(new Date(1_000_990).toISOString(), 1_000_020);
    expect(clock.offsetMs).toBeGreaterThanOrEqual(970);
    const before = clock.offsetMs;
    clock.observeAtLeast(new Date(900_000).toISOString(), 1_000_030);
    clock.observeAtLeast(new Date(9_000_000).toISOString(), 1_000_030);
    expect(clock.offsetMs).toBe(before);
  });

  it("ignores what isn't a date", () => {
    const clock = new ServerClock(() => 7);
    clock.observe(null, 0, 1);
    clock.observe("yesterday", 0, 1);
    clock.observeAtLeast("yesterday", 1);
    expect(clock.nowMs()).toBe(7);
  });
});

describe("a countdown", () => {
  it("counts a second that has begun and stops at 0", () => {
    expect(secondsLeft(10_000, 0)).toBe(10);
    expect(secondsLeft(10_000, 1)).toBe(10);
    expect(secondsLeft(10_000, 9_999)).toBe(1);
    expect(secondsLeft(10_000, 10_000)).toBe(0);
    expect(secondsLeft(10_000, 99_999)).toBe(0);
  });

  it("is written as minutes and seconds", () => {
    expect([900, 61, 9, 0, 3723].map(clockText)).toEqual([
      "15:00",
      "01:01",
      "00:09",
      "00:00",
      "1:02:03",
    ]);
  });

  it("is spoken in words", () => {
    expect(spokenText(61)).toBe("1 minute and 1 second");
    expect(spokenText(600)).toBe("10 minutes");
    expect(spokenText(0)).toBe("0 seconds");
    expect(spokenText(3725)).toBe("1 hour, 2 minutes and 5 seconds");
  });

  it("is announced at sensible moments only", () => {
    const said: string[] = [];
    for (let left = 900; left > 0; left -= 1) {
      const text = announcement(left, left - 1);
      if (text !== null) said.push(text);
    }
    expect(said).toEqual([
      "10 minutes left to pay.",
      "5 minutes left to pay.",
      "2 minutes left to pay.",
      "1 minute left to pay.",
      "30 seconds left to pay.",
      "10 seconds left to pay.",
      "Time is up.",
    ]);
  });

  it("announces the present time after a gap, once", () => {
    expect(announcement(400, 45)).toBe("45 seconds left to pay.");
    expect(announcement(45, 45)).toBeNull();
    expect(announcement(3, 900)).toBeNull();
  });
});

describe("a start time", () => {
  it("survives the way into a field and back", () => {
    const iso = new Date(2027, 4, 1, 19, 30).toISOString();
    expect(localInputText(iso)).toBe("2027-05-01T19:30");
    expect(isoFromLocalInput("2027-05-01T19:30")).toBe(iso);
  });

  it("is nothing when the field holds nothing sensible", () => {
    expect(isoFromLocalInput("")).toBeNull();
    expect(isoFromLocalInput("2027-13-41T99:99")).toBeNull();
    expect(localInputText("soon")).toBe("");
  });
});
