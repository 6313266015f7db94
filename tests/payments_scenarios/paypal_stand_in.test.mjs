// What the stand-in for PayPal promises, checked through plain HTTP as PayPal's pages show it.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { clientId, clientSecret, PayPalStandIn, webhookId } from "./paypal_stand_in.mjs";

async function standIn(t) {
  const paypal = new PayPalStandIn();
  await paypal.listen();
  t.after(() => paypal.end());
  t.after(() => assert.deepEqual(paypal.problems, []));
  const basic = Buffer.from(`${clientId}:${clientSecret}`).toString("base64");
  const answer = await fetch(`${paypal.url}/v1/oauth2/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}` },
    body: new URLSearchParams({ grant_type: "client_credentials" }),
  });
  const token = (await answer.json()).access_token;
  const call = async (method, path, { id, body = {}, whole = true } = {}) => {
    const response = await fetch(paypal.url + path, {
      method,
      headers: {
        authorization: `Bearer ${token}`,
        "content-type": "application/json",
        ...(id && { "paypal-request-id": id }),
        ...(whole && { prefer: "return=representation" }),
      },
      ...(method === "POST" && { body: typeof body === "string" ? body : JSON.stringify(body) }),
    });
    return { status: response.status, body: await response.json() };
  };
  return { paypal, call };
}

const wanted = {
  intent: "CAPTURE",
  purchase_units: [{ custom_id: "order-1-1", amount: { currency_code: "USD", value: "19.99" } }],
  payment_source: { paypal: { experience_context: { return_url: "https://example.com/back" } } },
};
const orders = "/v2/checkout/orders";

async function approved({ paypal, call }) {
  const { body } = await call("POST", orders, { id: "c", body: wanted });
  paypal.approve(body.id);
  return body.id;
}

function issue(answer) {
  return answer.body.details?.[0].issue;
}

test("an order goes from the payer's action over the approval to one capture", async (t) => {
  const { paypal, call } = await standIn(t);
  const made = await call("POST", orders, { id: "c", body: wanted });
  assert.equal(made.body.status, "PAYER_ACTION_REQUIRED");
  const page = made.body.links.find((one) => one.rel === "payer-action").href;
  assert.equal(new URL(page).searchParams.get("token"), made.body.id);
  const capture = (id) => call("POST", `${orders}/${made.body.id}/capture`, { id });
  assert.equal(issue(await capture("k1")), "ORDER_NOT_APPROVED");
  paypal.approve(made.body.id);
  const done = await capture("k1");
  assert.equal(done.status, 201);
  assert.equal(done.body.purchase_units[0].payments.captures[0].status, "COMPLETED");
  assert.equal((await capture("k1")).status, 200);
  assert.equal(issue(await capture("k2")), "ORDER_ALREADY_CAPTURED");
  assert.equal(paypal.ledger.chargesOf("order-1").length, 1);
});

test("a request id shows its order again and refuses another body", async (t) => {
  const { paypal, call } = await standIn(t);
  const first = await call("POST", orders, { id: "c", body: wanted });
  const again = await call("POST", orders, { id: "c", body: wanted });
  assert.equal(again.body.id, first.body.id);
  const other = await call("POST", orders, { id: "c", body: { ...wanted, note: "other" } });
  assert.equal(issue(other), "DUPLICATE_REQUEST_ID");
  assert.equal(issue(await call("POST", orders, { body: wanted })), "PAYPAL_REQUEST_ID_REQUIRED");
  assert.equal(paypal.ordersOf("order-1").length, 1);
});

test("without a preference answers are minimal", async (t) => {
  const { call } = await standIn(t);
  const made = await call("POST", orders, { id: "c", body: wanted, whole: false });
  assert.deepEqual(Object.keys(made.body), ["id", "status", "links"]);
});

test("a declined instrument moves no money", async (t) => {
  const { paypal, call } = await standIn(t);
  const id = await approved({ paypal, call });
  paypal.fault("capture", "decline");
  const refused = await call("POST", `${orders}/${id}/capture`, { id: "k" });
  assert.equal(refused.status, 422);
  assert.equal(issue(refused), "INSTRUMENT_DECLINED");
  assert.deepEqual(paypal.ledger.charges, []);
});

test("refunds go up to what was captured, once per request id", async (t) => {
  const { paypal, call } = await standIn(t);
  const id = await approved({ paypal, call });
  const done = await call("POST", `${orders}/${id}/capture`, { id: "k" });
  const capture = done.body.purchase_units[0].payments.captures[0].id;
  const refund = (key, value) =>
    call("POST", `/v2/payments/captures/${capture}/refund`, {
      id: key,
      body: value ? { amount: { currency_code: "USD", value } } : {},
    });
  const first = await refund("r1", "5.00");
  assert.equal(first.body.status, "COMPLETED");
  assert.equal((await refund("r1", "5.00")).body.id, first.body.id);
  assert.equal(issue(await refund("r2", "15.00")), "REFUND_AMOUNT_EXCEEDED");
  assert.equal((await refund("r3")).body.amount.value, "14.99");
  assert.equal(issue(await refund("r4", "1.00")), "CAPTURE_FULLY_REFUNDED");
  assert.equal(paypal.ledger.keptFor("order-1"), 0);
  const read = await call("GET", `/v2/payments/refunds/${first.body.id}`);
  assert.equal(read.body.status, "COMPLETED");
});

test("tokens are asked for, and end", async (t) => {
  const { paypal, call } = await standIn(t);
  paypal.expireTokens();
  assert.equal((await call("GET", `${orders}/NONE`)).status, 401);
});

test("its judgement of signatures knows its own webhooks by their bytes", async (t) => {
  const { paypal, call } = await standIn(t);
  const received = [];
  const server = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    received.push({ headers: request.headers, body });
    response.writeHead(200).end("{}");
  });
  await new Promise((listening) => server.listen(0, "127.0.0.1", listening));
  t.after(() => server.close());
  paypal.webhooks.target = `http://127.0.0.1:${server.address().port}/`;
  paypal.webhooks.mode = "immediate";
  await approved({ paypal, call });
  await paypal.webhooks.idle();
  const [{ headers, body }] = received;
  const verify = async (event) => {
    const fields = JSON.stringify({
      transmission_id: headers["paypal-transmission-id"],
      transmission_time: headers["paypal-transmission-time"],
      transmission_sig: headers["paypal-transmission-sig"],
      auth_algo: headers["paypal-auth-algo"],
      cert_url: headers["paypal-cert-url"],
      webhook_id: webhookId,
    });
    const text = `${fields.slice(0, -1)},"webhook_event":${event}}`;
    const answer = await call("POST", "/v1/notifications/verify-webhook-signature", { body: text });
    return answer.body.verification_status;
  };
  assert.equal(await verify(body), "SUCCESS");
  assert.equal(await verify(body.replace("order-1", "order-2")), "FAILURE");
  assert.equal(await verify(JSON.stringify(JSON.parse(body))), "FAILURE");
});
