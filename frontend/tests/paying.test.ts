import { describe, expect, it, vi } from "vitest";

import { providerAddress } from "../src/lib/provider_address";
import type { Stripe } from "../src/lib/stripe_js";
import { PaymentFlow } from "../src/state/payment_flow";
import { ProvidersStore } from "../src/state/providers";
import { clientOf } from "./answers";
import { idOf } from "./samples";

const refusal = (code: string) => ({ errors: [{ code, message: code }] });
const paymentOf = (status: string, action?: object) => ({
  id: idOf(1),
  orderId: idOf(5),
  status,
  ...(action === undefined ? {} : { action }),
});

function flowOf(answers: Parameters<typeof clientOf>, stripe: Partial<Stripe> | null = null) {
  const { api, requests } = clientOf(...answers);
  const left: (string | undefined)[] = [];
  const steps: string[] = [];
  const settled = vi.fn();
  const flow = new PaymentFlow({
    api,
    orderId: idOf(5),
    stripe: () => Promise.resolve(stripe as Stripe | null),
    leave: (url) => {
      left.push(url);
      return url?.startsWith("https:") ?? false;
    },
    onSettled: settled,
  });
  flow.view.subscribe(({ step }) => {
    if (steps.at(-1) !== step) steps.push(step);
  });
  return { flow, bodies: () => requests.map(({ body }) => body), left, steps, settled };
}

describe("a payment", () => {
  const orderId = idOf(5);

  it("that succeeds asks for the order and leaves nothing to say", async () => {
    const { flow, bodies, settled } = flowOf([[201, paymentOf("succeeded")]]);
    await flow.pay("test", "tok_visa");
    expect(bodies()).toEqual([{ orderId, provider: "test", token: "tok_visa" }]);
    expect(flow.view.value).toEqual({ step: "idle", problem: null, declined: false, news: null });
    expect(settled).toHaveBeenCalledOnce();
  });

  it("that is declined says why, and the next try takes the words away", async () => {
    const { flow } = flowOf([
      [402, refusal("insufficient_funds")],
      [201, paymentOf("succeeded")],
    ]);
    await flow.pay("test", "tok_x");
    expect(flow.view.value.problem).toMatch(/not enough money.*Nothing was charged/);
    await flow.pay("test", "tok_visa");
    expect(flow.view.value.problem).toBeNull();
  });

  it("is one at a time", async () => {
    const { flow, bodies } = flowOf([[201, paymentOf("succeeded")]]);
    await Promise.all([flow.pay("test", "tok_visa"), flow.pay("test", "tok_visa"), flow.resume()]);
    expect(bodies()).toHaveLength(1);
  });

  it("through Stripe shows the bank's question and then asks how it went", async () => {
    const handleNextAction = vi.fn(() => Promise.resolve({}));
    const action = { provider: "stripe", clientSecret: "pi_1_secret_2" };
    const { flow, bodies, steps } = flowOf(
      [
        [201, paymentOf("requires_action", action)],
        [201, paymentOf("succeeded")],
      ],
      { handleNextAction },
    );
    await flow.pay("stripe", "ctoken_1");
    expect(handleNextAction).toHaveBeenCalledWith({ clientSecret: "pi_1_secret_2" });
    expect(bodies()).toEqual([
      { orderId, provider: "stripe", token: "ctoken_1" },
      { orderId, resume: true },
    ]);
    expect(steps).toEqual(["paying", "confirming", "asking", "idle"]);
  });

  it("whose confirmation failed is told by the provider's answer", async () => {
    const { flow } = flowOf([[402, refusal("authentication_failed")]], {
      handleNextAction: () => Promise.resolve({ error: { code: "x", message: "no" } }),
    });
    await flow.continue({ provider: "stripe", clientSecret: "pi_1_secret_2" });
    expect(flow.view.value.problem).toMatch(/wasn’t confirmed/);
  });

  it("waits when Stripe's script can't be had or its window breaks", async () => {
    const action = { provider: "stripe", clientSecret: "s" };
    const away = flowOf([]);
    await away.flow.continue(action);
    expect(away.flow.view.value.problem).toMatch(/can’t be reached/);
    expect(away.bodies()).toEqual([]);
    const broken = flowOf([], { handleNextAction: () => Promise.reject(new Error("frame")) });
    await broken.flow.continue(action);
    expect(broken.flow.view.value).toMatchObject({ step: "idle", news: null });
    expect(broken.flow.view.value.problem).toMatch(/could not be shown/);
  });

  it("through PayPal goes to PayPal's page and is as before on coming back", async () => {
    const action = { provider: "paypal", url: "https://paypal.example/approve" };
    const { flow, bodies, left } = flowOf([[201, paymentOf("requires_action", action)]]);
    await flow.pay("paypal");
    expect(bodies()).toEqual([{ orderId, provider: "paypal" }]);
    expect(left).toEqual(["https://paypal.example/approve"]);
    expect(flow.view.value.step).toBe("leaving");
    flow.returned();
    expect(flow.view.value.step).toBe("idle");
  });

  it("stays here when the address isn't one to go to", async () => {
    const { flow } = flowOf([]);
    await flow.continue({ provider: "paypal", url: "javascript:x" });
    expect(flow.view.value).toMatchObject({ step: "idle" });
    expect(flow.view.value.problem).toMatch(/isn’t safe/);
  });

  it("leaves a test card's question to the page, which sends the answer", async () => {
    const { flow, bodies } = flowOf([
      [201, paymentOf("requires_action", { provider: "test" })],
      [201, paymentOf("succeeded")],
    ]);
    await flow.pay("test", "tok_requiresAction");
    expect(flow.view.value.step).toBe("idle");
    await flow.resume("tok_approve");
    expect(bodies()[1]).toEqual({ orderId, token: "tok_approve", resume: true });
  });

  it("that was asked for says that nothing is known yet, and nothing when the order went on", async () => {
    const { flow } = flowOf([
      [202, paymentOf("pending")],
      [201, paymentOf("requires_action")],
      [409, refusal("order_complete")],
      [409, refusal("payment_in_progress")],
    ]);
    await flow.resume();
    expect(flow.view.value.news).toMatch(/doesn’t know yet/);
    await flow.resume();
    expect(flow.view.value.news).toMatch(/isn’t confirmed yet/);
    await flow.resume();
    expect(flow.view.value).toEqual({ step: "idle", problem: null, declined: false, news: null });
    await flow.resume();
    expect(flow.view.value.problem).toMatch(/under way/);
  });
});

describe("the address of a provider's page", () => {
  it("is HTTPS", () => {
    expect(providerAddress("https://paypal.example/a?b=1", "shop.example")).toBe(
      "https://paypal.example/a?b=1",
    );
    for (const url of [
      "http://paypal.example/",
      "javascript:x",
      "data:text/html,x",
      "//paypal.example",
      "/orders",
      "https://user:pass@paypal.example/",
      "",
      undefined,
    ]) {
      expect(providerAddress(url, "shop.example"), url).toBeNull();
    }
  });

  it("may be plain HTTP only from this machine to this machine", () => {
    expect(providerAddress("http://127.0.0.1:9/x", "127.0.0.1")).toBe("http://127.0.0.1:9/x");
    expect(providerAddress("http://localhost:9/x", "127.0.0.1")).toBeNull();
    expect(providerAddress("http://shop.example/x", "shop.example")).toBeNull();
  });
});

describe("the ways to pay", () => {
  it("are those of the server that the page knows, asked for once", async () => {
    const { api, requests } = clientOf([
      200,
      [
        { name: "stripe", publishableKey: "pk_1" },
        { name: "paypal" },
        { name: "stripe" },
        { name: "barter" },
        null,
      ],
    ]);
    const store = new ProvidersStore(api);
    await Promise.all([store.load(), store.load()]);
    await store.load();
    expect(requests).toHaveLength(1);
    expect(store.view.value.providers).toEqual([
      { name: "stripe", publishableKey: "pk_1" },
      { name: "paypal" },
    ]);
  });

  it("are asked for again after a failure", async () => {
    const { api } = clientOf([500, {}], [200, [{ name: "test" }]]);
    const store = new ProvidersStore(api);
    await store.load();
    expect(store.view.value).toMatchObject({ providers: null, failure: { status: 500 } });
    await store.load();
    expect(store.view.value).toEqual({ providers: [{ name: "test" }], failure: null });
  });
});
