import { describe, expect, it } from "vitest";

import { pageOf, safeNext } from "../src/router";
import { checkDraft, draftOf, emptyDraft } from "../src/state/ticket_form";
import { idOf, ticket } from "./samples";

describe("addresses", () => {
  it("name their pages", () => {
    expect(pageOf("/")).toEqual({ name: "board" });
    expect(pageOf("/sell/")).toEqual({ name: "sell" });
    expect(pageOf(`/tickets/${idOf(1)}`)).toEqual({ name: "ticket", id: idOf(1) });
    expect(pageOf(`/tickets/${idOf(1)}/edit`)).toEqual({ name: "edit", id: idOf(1) });
    expect(pageOf("/admin/payments")).toEqual({ name: "unsettled" });
    expect(pageOf(`/orders/${idOf(1)}`)).toEqual({ name: "order", id: idOf(1) });
  });

  it("that are none lead to the page that says so", () => {
    for (const path of [
      "/nowhere",
      "/tickets",
      "/tickets/1",
      "/tickets/1/edit",
      "/Sell",
      "/orders/x/y",
    ]) {
      expect(pageOf(path).name, path).toBe("not_found");
    }
  });

  it("to come back to after signing in stay within the application", () => {
    const next = (path: string) => safeNext(`?next=${encodeURIComponent(path)}`);
    expect(next("/orders?x=1")).toBe("/orders?x=1");
    const foreign = [
      "//evil.example",
      "/\\evil.example",
      "https://evil.example",
      "/\t/evil.example",
      "javascript:x",
      "",
    ];
    for (const path of foreign) expect(next(path), path).toBe("/");
    expect(next("/signin?next=/signin")).toBe("/");
    expect(safeNext("")).toBe("/");
  });
});

describe("the seller's form", () => {
  const draft = { ...emptyDraft, title: " Front row ", price: "19,90" };

  it("becomes a request: trimmed, in the currency's major unit, without empty details", () => {
    expect(checkDraft(draft)).toEqual({
      ok: true,
      content: { title: "Front row", price: 19.9, currency: "usd" },
    });
  });

  it("sends the start in UTC and only the details that are there", () => {
    const checked = checkDraft({ ...draft, venue: "Harbour Hall", startsAt: "2027-05-01T19:30" });
    expect(checked).toMatchObject({
      ok: true,
      content: {
        event: { venue: "Harbour Hall", startsAt: new Date(2027, 4, 1, 19, 30).toISOString() },
      },
    });
  });

  it("names every fault, in the order of the fields", () => {
    const checked = checkDraft({
      ...emptyDraft,
      price: "0",
      currency: "dollars",
      startsAt: "soon",
    });
    expect(checked.ok ? [] : [...checked.faults.keys()]).toEqual([
      "title",
      "price",
      "currency",
      "startsAt",
    ]);
    expect(checkDraft({ ...draft, title: "é".repeat(200) }).ok).toBe(true);
    expect(checkDraft({ ...draft, title: "😀".repeat(201) }).ok).toBe(false);
  });

  it("keeps a start's seconds when nobody changed it", () => {
    const before = ticket(1, { event: { startsAt: "2027-05-01T19:30:45.123Z" } });
    expect(checkDraft(draftOf(before), before)).toMatchObject({
      ok: true,
      content: { event: { startsAt: "2027-05-01T19:30:45.123Z" } },
    });
  });
});
