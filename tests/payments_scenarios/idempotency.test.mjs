// `Idempotency-Key`: the same key, user, route and body give the same answer and one effect, also when
// the server died in between.
import assert from "node:assert/strict";

import { codeOf, declined, scenario, secure, visa } from "./support.mjs";

function same(first, again) {
  assert.equal(again.status, first.status, JSON.stringify(again.body));
  assert.deepEqual(again.body, first.body);
}

const seat = { title: "Seat 1", price: 12.5 };

scenario("a ticket is listed once per key", {}, async ({ seller }) => {
  const list = (body) => seller.call("POST", "/api/tickets", body, { key: "list-1" });
  const first = await list(seat);
  assert.equal(first.status, 201);
  same(first, await list(seat));
  const mine = await seller.read("/api/tickets?seller=me");
  assert.equal(mine.length, 1);
});

scenario("a key with another body is refused", {}, async ({ seller }) => {
  const list = (body) => seller.call("POST", "/api/tickets", body, { key: "list-1" });
  assert.equal((await list(seat)).status, 201);
  assert.equal((await list({ ...seat, price: 13 })).status, 422);
  assert.equal((await seller.read("/api/tickets?seller=me")).length, 1);
});

scenario("keys are each user's own", {}, async ({ seller, buyer }) => {
  const list = (who) => who.call("POST", "/api/tickets", seat, { key: "list-1" });
  const [one, other] = [await list(seller), await list(buyer)];
  assert.equal(one.status, 201);
  assert.equal(other.status, 201);
  assert.notEqual(one.body.id, other.body.id);
});

scenario("an order is made once per key", {}, async (stage) => {
  const ticket = await stage.seller.list();
  const order = () =>
    stage.buyer.call("POST", "/api/orders", { ticketId: ticket.id }, { key: "order-1" });
  const first = await order();
  assert.equal(first.status, 201);
  same(first, await order());
  assert.equal((await stage.buyer.read("/api/orders")).length, 1);
});

scenario("the same key at once makes one order", {}, async (stage) => {
  const ticket = await stage.seller.list();
  const order = () =>
    stage.buyer.call("POST", "/api/orders", { ticketId: ticket.id }, { key: "order-1" });
  const answers = await Promise.all([order(), order(), order()]);
  const made = answers.filter((one) => one.status === 201);
  assert.ok(made.length >= 1, JSON.stringify(answers.map((one) => one.body)));
  assert.equal(new Set(made.map((one) => one.body.id)).size, 1);
  assert.equal((await stage.buyer.read("/api/orders")).length, 1);
});

scenario("a refusal is not kept: it is judged anew", {}, async (stage) => {
  const held = await stage.order();
  const order = () =>
    stage.buyer.call("POST", "/api/orders", { ticketId: held.ticket.id }, { key: "order-2" });
  assert.equal((await order()).status, 409);
  assert.equal((await stage.buyer.cancel(held)).status, 204);
  assert.equal((await order()).status, 201);
});

scenario("a payment is made once per key and answered alike", {}, async (stage) => {
  const order = await stage.order();
  const pay = () => stage.buyer.pay(order, visa, { key: "pay-1" });
  const first = await pay();
  assert.equal(first.status, 201, JSON.stringify(first.body));
  same(first, await pay());
  const other = await stage.buyer.pay(
    order,
    { ...visa, token: "pm_card_mastercard" },
    { key: "pay-1" },
  );
  assert.equal(other.status, 422);
  assert.equal(codeOf(await stage.buyer.pay(order, visa, { key: "pay-2" })), "order_complete");
  assert.equal(stage.stripe.intentsOf(order.id).length, 1);
});

scenario("a decline is kept under its key, another key tries again", {}, async (stage) => {
  const order = await stage.order();
  const pay = () => stage.buyer.pay(order, declined, { key: "pay-1" });
  const first = await pay();
  assert.equal(first.status, 402, JSON.stringify(first.body));
  const again = await pay();
  assert.equal(again.status, 402);
  assert.equal(codeOf(again), codeOf(first));
  assert.equal(stage.stripe.intentsOf(order.id).length, 1);
  assert.equal((await stage.buyer.pay(order, visa, { key: "pay-2" })).status, 201);
});

scenario("two payments at once under one key charge once", {}, async (stage) => {
  const order = await stage.order();
  const pay = () => stage.buyer.pay(order, visa, { key: "pay-1" });
  const answers = await Promise.all([pay(), pay()]);
  assert.ok(answers.some((one) => one.status === 201));
  await stage.status(order, "complete");
  assert.equal(stage.stripe.intentsOf(order.id).length, 1);
});

scenario("keys outlive kill -9", {}, async (stage) => {
  const { seller, buyer, server } = stage;
  const list = () => seller.call("POST", "/api/tickets", seat, { key: "list-1" });
  const listed = await list();
  const order = () =>
    buyer.call("POST", "/api/orders", { ticketId: listed.body.id }, { key: "order-1" });
  const ordered = await order();
  const pay = () => buyer.pay(ordered.body, visa, { key: "pay-1" });
  const paid = await pay();
  assert.deepEqual([listed.status, ordered.status, paid.status], [201, 201, 201]);
  await server.kill9();
  await server.restart();
  same(listed, await list());
  same(ordered, await order());
  const again = await pay();
  assert.equal(again.status, 201, JSON.stringify(again.body));
  assert.equal(again.body.id, paid.body.id);
  assert.equal((await buyer.read("/api/orders")).length, 1);
  assert.equal(stage.stripe.ledger.charges.length, 1);
});

for (const point of ["before_order_commit", "after_order_commit"])
  scenario(
    `an order whose answer was lost at ${point} is asked for again under its key`,
    {},
    async (stage) => {
      const ticket = await stage.seller.list();
      await stage.arm(point);
      const order = () =>
        stage.buyer.call("POST", "/api/orders", { ticketId: ticket.id }, { key: "order-1" });
      assert.equal((await order()).status, 0);
      await stage.server.died();
      await stage.server.restart();
      const again = await order();
      assert.equal(again.status, 201, JSON.stringify(again.body));
      const orders = await stage.buyer.read("/api/orders");
      assert.deepEqual(
        orders.map((one) => one.id),
        [again.body.id],
      );
    },
  );

for (const point of ["after_payment_settled", "before_payment_settled", "after_payment_begun"])
  scenario(
    `a payment whose answer was lost at ${point} is asked for again under its key`,
    {},
    async (stage) => {
      const order = await stage.order();
      await stage.arm(point);
      const pay = () => stage.buyer.pay(order, visa, { key: "pay-1" });
      assert.equal((await pay()).status, 0);
      await stage.server.died();
      await stage.server.restart();
      await stage.settled(order);
      const again = await pay();
      assert.ok([201, 402, 409].includes(again.status), JSON.stringify(again.body));
      if (stage.stripe.ledger.chargesOf(order.id).length === 1)
        assert.equal((await stage.now(order)).status, "complete");
      await stage.completeAtLast(order);
    },
  );

scenario(
  "a payment that asks the buyer to act is answered alike under its key",
  {},
  async (stage) => {
    const order = await stage.order();
    const pay = () => stage.buyer.pay(order, secure, { key: "pay-1" });
    const first = await pay();
    assert.equal(first.body.status, "requires_action", JSON.stringify(first.body));
    const again = await pay();
    assert.equal(again.status, 201, JSON.stringify(again.body));
    assert.equal(again.body.id, first.body.id);
    assert.equal(stage.stripe.intentsOf(order.id).length, 1);
    assert.equal((await stage.buyer.cancel(order)).status, 204);
  },
);
