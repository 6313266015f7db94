import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";

import { declinedText } from "../src/api/decline_words";
import type { Order, Refund } from "../src/api/types";
import { failureText } from "../src/api/words";
import { orderNote, refundReasonText, settledByText, stateText } from "../src/state/order_words";
import { checkRefund, refundableMinor, refundUnderWay } from "../src/state/refund_form";
import { UnsettledFeed } from "../src/state/unsettled_feed";
import { clientOf } from "./answers";
import { idOf, order } from "./samples";

describe("words for a decline", () => {
  it("say what the buyer can do, and that nothing was charged", () => {
    for (const code of [
      "card_declined",
      "insufficient_funds",
      "expired_card",
      "incorrect_cvc",
      "authentication_failed",
      "authentication_required",
      "processing_error",
      "instrument_declined",
      "INSTRUMENT_DECLINED",
      "token_missing",
    ]) {
      const text = declinedText(code, "from the server");
      expect(text, code).toMatch(/\. Nothing was charged\. .+\.$/);
      expect(text, code).not.toMatch(/from the server|_/);
    }
  });

  it("don't tell that a card was reported lost or stolen", () => {
    expect(declinedText("stolen_card")).toBe(declinedText("generic_decline"));
    expect(declinedText("lost_card")).not.toMatch(/lost|stolen/);
  });

  it("are the server's for a code that the page doesn't know", () => {
    expect(declinedText("constructor", "The box office says no.")).toMatch(
      /^The box office says no\. Nothing was charged\./,
    );
    expect(declinedText("declined", "No. Nothing was charged; try again")).toBe(
      "No. Nothing was charged; try again.",
    );
    expect(declinedText(undefined)).toMatch(/^The payment was declined\. Nothing/);
  });

  it("stand for a refused payment too", () => {
    const errors = [{ code: "incorrect_cvc", message: "x" }];
    expect(failureText({ kind: "refused", status: 402, errors })).toMatch(/security code/);
  });
});

describe("an order that isn't settled", () => {
  beforeEach(() => void vi.useFakeTimers({ now: new Date("2026-01-01T00:05:00Z") }));
  afterEach(() => void vi.useRealTimers());

  const settledBy = "2026-01-01T00:18:00.000Z";
  const waiting = (next: "ask_provider" | "buyer_acts"): Order =>
    order(5, {
      status: "awaiting:payment",
      payment: {
        status: next === "buyer_acts" ? "requires_action" : "pending",
        unsettled: { next, message: "The provider is asked again.", settledBy },
      },
    });

  it("says what settles it and by when", () => {
    expect(stateText(waiting("ask_provider"))).toMatch(/being confirmed/);
    expect(settledByText(waiting("ask_provider"))).toMatch(/settled by \d+:18.* at the latest/);
    expect(orderNote(waiting("ask_provider"))).toMatch(/^Not settled yet/);
    expect(stateText(waiting("buyer_acts"))).toMatch(/waits for you/);
    expect(settledByText(waiting("buyer_acts"))).toMatch(/^You have until \d+:18/);
    expect(orderNote(waiting("buyer_acts"))).toMatch(/^Waits for your confirmation/);
    expect(orderNote(waiting("buyer_acts"), "the buyer’s")).toMatch(/for the buyer’s conf/);
    expect(settledByText(order(5))).toBeNull();
    expect(orderNote(order(5))).toBeNull();
  });
});

const refund = (parts: Partial<Refund> = {}): Refund => ({
  id: idOf(7),
  amount: 4,
  currency: "usd",
  status: "succeeded",
  reason: "admin",
  createdAt: "2026-01-01T00:00:00.000Z",
  updatedAt: "2026-01-01T00:00:00.000Z",
  ...parts,
});

describe("a refund", () => {
  const paid = (refunds: Refund[] = []) =>
    order(5, { status: "complete", total: 10, payment: { status: "succeeded" }, refunds });

  it("can't be more than what remains of the payment", () => {
    expect(refundableMinor(order(5))).toBe(0);
    expect(refundableMinor(paid())).toBe(1000);
    expect(refundableMinor(paid([refund({ amount: 0.1 }), refund({ amount: 0.2 })]))).toBe(970);
    expect(refundableMinor(paid([refund({ status: "failed" })]))).toBe(1000);
    expect(refundUnderWay(paid([refund({ status: "pending" })]))).toBe(true);
    expect(refundUnderWay(paid([refund()]))).toBe(false);
  });

  it("of all that remains names no amount, and alone may free the tickets", () => {
    const draft = { whole: true, amount: "3", releaseTickets: true };
    expect(checkRefund(draft, 1000)).toEqual({
      ok: true,
      minor: 1000,
      request: { releaseTickets: true },
    });
    expect(checkRefund({ ...draft, releaseTickets: false }, 1000)).toMatchObject({ request: {} });
    expect(checkRefund({ ...draft, whole: false }, 1000)).toEqual({
      ok: true,
      minor: 300,
      request: { amount: 3 },
    });
  });

  it("of a part says what is wrong with the amount", () => {
    const part = (amount: string) =>
      checkRefund({ whole: false, amount, releaseTickets: false }, 1000);
    for (const amount of ["", "0", "10.01", "1.234", "-1", "all"]) {
      expect(part(amount), amount).toMatchObject({ ok: false });
    }
    expect(part("10")).toMatchObject({ ok: true });
  });

  it("of money that came too late says so", () => {
    expect(refundReasonText(refund({ reason: "late_money", status: "pending" }))).toBe(
      "The payment arrived after the order had ended; it goes back to you.",
    );
    expect(orderNote(paid([refund({ status: "pending" })]))).toBe("Refund of $4.00: on its way");
  });
});

describe("the list of unsettled payments", () => {
  const more = "/api/admin/payments?after=x&limit=50";

  it("goes on where the last page ended, and starts anew when it is refreshed", async () => {
    const first = Array.from({ length: 50 }, (_, index) => order(index));
    const { api, requests } = clientOf(
      [200, first, more],
      [200, [order(49), order(50)]],
      [200, [order(50)]],
    );
    const feed = new UnsettledFeed(api);
    await feed.load();
    expect(feed.view.value).toMatchObject({ loaded: true, hasMore: true });
    await feed.loadMore();
    expect(requests[1]?.path).toBe(more);
    expect(feed.view.value.orders).toHaveLength(51);
    expect(feed.view.value.hasMore).toBe(false);
    await feed.load();
    expect(feed.view.value.orders.map(({ id }) => id)).toEqual([idOf(50)]);
  });

  it("keeps what it has when the server can't be asked", async () => {
    const { api } = clientOf([200, [order(1)]], [500, {}]);
    const feed = new UnsettledFeed(api);
    await feed.load();
    await feed.load();
    expect(feed.view.value.orders).toHaveLength(1);
    expect(feed.view.value.failure).toMatchObject({ status: 500 });
  });
});
