// The page's own part in paying through Stripe and PayPal: the server offers its test provider, and
// what goes between it and the page is put into the words of the other. The providers themselves
// are tried where their interfaces are stood in for.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createServer } from "node:http";
import { test } from "node:test";

import { Person, stage, until } from "./support.mjs";

const timeout = 120_000;
const script = await readFile(new URL("stripe_script.js", import.meta.url), "utf8");

/** Has the page see `offered` in the place of the test provider. Returns what the page sent. */
async function translate(page, { offered, action, token }) {
  const sent = [];
  await page.route("**/api/payments/providers", (route) => route.fulfill({ json: offered }));
  await page.route("**/api/payments", async (route) => {
    const body = route.request().postDataJSON();
    sent.push(body);
    const said = body.resume ? { token: "tok_approve", resume: true } : { token: token(body) };
    const postData = { orderId: body.orderId, ...said };
    const response = await route.fetch({ postData });
    const answer = await response.json();
    if (answer.action !== undefined) answer.action = action();
    await route.fulfill({ response, json: answer });
  });
  return sent;
}

/**
 * A buyer to whom Stripe's script is stood in for while `isThere` says so. The policy of a server
 * without Stripe would refuse it.
 */
async function stripeBuyer(server, browser, isThere) {
  const buyer = await Person.arrive(browser, server, { bypassCSP: true });
  const { page } = buyer;
  let asked = 0;
  await page.route("https://js.stripe.com/**", (route) => {
    asked += 1;
    if (!isThere()) return route.abort();
    return route.fulfill({ contentType: "text/javascript", body: script });
  });
  await buyer.signUp();
  return { buyer, scriptAsked: () => asked };
}

async function listed(server, browser, title) {
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list(title, "49.50");
}

test(
  "Stripe: fields that come late, a decline that keeps them, the bank's question, the ticket",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    await listed(server, browser, "Winter Tour");
    let isThere = false;
    const { buyer, scriptAsked } = await stripeBuyer(server, browser, () => isThere);
    const { page } = buyer;
    let token = "tok_chargeDeclined";
    const clientSecret = "pi_1_secret_2";
    const sent = await translate(page, {
      offered: [{ name: "stripe", publishableKey: "pk_test_1" }],
      action: () => ({ provider: "stripe", clientSecret }),
      token: () => token,
    });
    assert.equal(scriptAsked(), 0, "Stripe's script is for whoever pays");

    await buyer.reserve("Winter Tour");
    const orderId = new URL(page.url()).pathname.split("/").pop();
    await page.getByRole("alert").filter({ hasText: "can’t be reached" }).waitFor();
    await buyer.screenshot("stripe-away");
    isThere = true;
    await page.getByRole("button", { name: "Try again" }).click();
    const card = page.getByLabel("Card number");
    await card.fill("4242");

    await page.getByRole("button", { name: /^Pay .*\d/ }).click();
    await page.getByRole("alert").filter({ hasText: "Nothing was charged" }).waitFor();
    assert.equal(await card.inputValue(), "4242");
    token = "tok_requiresAction";
    await page.getByRole("button", { name: /^Pay .*\d/ }).click();
    await page.getByText("in the window that your bank opens").waitFor();
    await until(
      () => page.evaluate(() => globalThis.stripe.answerQuestion !== undefined),
      "the bank asks",
    );
    await page.evaluate(() => globalThis.stripe.answerQuestion());
    await buyer.orderState("Paid").waitFor();

    const { publishableKey, calls } = await page.evaluate(() => ({
      ...globalThis.stripe,
      answerQuestion: undefined,
    }));
    assert.equal(publishableKey, "pk_test_1");
    assert.deepEqual(
      calls.map(([name]) => name),
      ["elements", "token", "token", "question", "destroy"],
    );
    const { mode, amount, currency } = calls[0][1];
    assert.deepEqual({ mode, amount, currency }, { mode: "payment", amount: 4950, currency: "usd" });
    assert.deepEqual(calls[3][1], { clientSecret });
    assert.deepEqual(sent, [
      { orderId, provider: "stripe", token: "ctoken_1" },
      { orderId, provider: "stripe", token: "ctoken_1" },
      { orderId, resume: true },
    ]);
    assert.deepEqual(buyer.faults, []);
  },
);

test(
  "PayPal: to its page and back without approving, again, and back with the ticket",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    await listed(server, browser, "Harbour lights");
    const paypal = await paypalPage(t);
    const buyer = await Person.arrive(browser, server);
    const { page } = buyer;
    await buyer.signUp();
    const sent = await translate(page, {
      offered: [{ name: "stripe", publishableKey: "pk_test_1" }, { name: "paypal" }],
      action: () => ({ provider: "paypal", url: paypal(page.url()) }),
      token: () => "tok_requiresAction",
    });
    await page.route("https://js.stripe.com/**", (route) => route.abort());
    await buyer.reserve("Harbour lights");
    const path = new URL(page.url()).pathname;
    await page.getByRole("radio", { name: /Card/ }).focus();
    await page.keyboard.press("ArrowDown");
    await buyer.screenshot("paypal-chosen");
    await page.getByRole("button", { name: "Continue to PayPal" }).click();

    await page.getByRole("link", { name: "Cancel and return" }).click();
    await page.getByText("came back without approving").waitFor();
    await page.waitForURL(server.url + path);
    assert.equal(sent.length, 1);
    await page.getByRole("button", { name: "Pay another way" }).click();
    await page.getByRole("radio", { name: /PayPal/ }).check();
    await page.getByRole("button", { name: "Continue to PayPal" }).click();
    await page.getByRole("link", { name: "Approve" }).click();
    await buyer.orderState("Paid").waitFor();
    await page.waitForURL(server.url + path);
    const orderId = path.split("/").pop();
    assert.deepEqual(sent, [
      { orderId, provider: "paypal" },
      { orderId, provider: "paypal" },
      { orderId, resume: true },
    ]);
  },
);

/** A page to approve on, with the links back that PayPal's has. */
async function paypalPage(t) {
  const site = createServer((request, response) => {
    const back = new URL(request.url, "http://page.invalid").searchParams.get("back");
    response.setHeader("Content-Type", "text/html");
    response.end(`<a href="${back}?paid=paypal&amp;token=T1&amp;PayerID=P1">Approve</a>
      <a href="${back}?paid=cancelled&amp;token=T1">Cancel and return</a>`);
  });
  await new Promise((listening) => site.listen(0, "127.0.0.1", listening));
  t.after(() => {
    site.closeAllConnections();
    site.close();
  });
  return (back) => {
    const { port } = site.address();
    return `http://127.0.0.1:${port}/approve?back=${encodeURIComponent(back)}`;
  };
}
