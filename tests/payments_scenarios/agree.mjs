// What must hold after every scenario, whatever went wrong in it: the money that the provider moved,
// as its own ledger tells, and the tickets, as our server tells, say the same.
import assert from "node:assert/strict";

import { until } from "./waiting.mjs";

const settlingMs = 40_000;
const minor = (amount) => Math.round(amount * 100);
const sum = (list) => list.reduce((total, one) => total + one, 0);

/** Waits until order, ticket, refunds, feed and ledger agree. */
export async function agree(stage, { id }, chargesMax = 1) {
  let problem = null;
  await until(
    async () => {
      problem = await disagreement(stage, id).catch((error) => String(error));
      return problem === null;
    },
    () => `order and ledger agree, but: ${problem}`,
    settlingMs,
  );
  const most = stage.providers.map((one) => one.ledger.mostChargesAtOnce(id));
  assert.ok(sum(most) <= chargesMax, `order ${id} was charged ${most} times at once`);
}

/** The first thing that doesn't fit (yet), or null. */
async function disagreement(stage, id) {
  const order = await stage.admin.read(`/api/orders/${id}`);
  if (order.status === "awaiting:payment")
    return `it still waits: ${JSON.stringify(order.payment)}`;
  if (["pending", "requires_action", "refund_due"].includes(order.payment?.status))
    return `its payment is not settled: ${JSON.stringify(order.payment)}`;
  const charges = stage.providers.flatMap((one) => one.ledger.chargesOf(id));
  const refunds = stage.providers.flatMap((one) => one.ledger.refundsOf(id));
  return (
    refundsDisagree(order, refunds) ??
    moneyDisagrees(order, charges, refunds) ??
    (await ticketsDisagree(stage, order)) ??
    (await feedDisagrees(stage, order, charges))
  );
}

function refundsDisagree(order, refunds) {
  const ours = order.refunds ?? [];
  for (const status of ["pending", "succeeded"]) {
    const said = sum(ours.filter((one) => one.status === status).map((one) => minor(one.amount)));
    const done = sum(refunds.filter((one) => one.status === status).map((one) => one.amount));
    if (said !== done) return `refunds ${status}: the order says ${said}, the ledger ${done}`;
  }
  const due = ours.find((one) => one.status === "due");
  return due ? `a refund is due: ${JSON.stringify(due)}` : null;
}

function moneyDisagrees(order, charges, refunds) {
  const back = (charge) =>
    sum(
      refunds
        .filter((one) => one.charge === charge.id && one.status === "succeeded")
        .map((one) => one.amount),
    );
  const wrong = charges.find((one) => one.amount !== minor(order.total));
  if (wrong) return `charged ${wrong.amount} for an order of ${order.total}`;
  const kept = sum(charges.map((one) => one.amount - back(one)));
  if (order.status !== "complete")
    return kept === 0 ? null : `${kept} is kept for an order that is ${order.status}`;
  if (charges.length === 0) return "the order is complete and nothing was charged";
  const others = charges.filter((one) => back(one) < one.amount);
  if (others.length > 1) return `${others.length} charges were not refunded`;
  if (!["succeeded", "refunded"].includes(order.payment.status))
    return `the order is complete and its payment ${order.payment.status}`;
  return null;
}

async function ticketsDisagree(stage, order) {
  for (const { id } of order.tickets) {
    const ticket = await stage.admin.read(`/api/tickets/${id}`);
    const ours = ticket.orderId === order.id;
    const wanted = { complete: "sold", created: "reserved" }[order.status];
    if (wanted && !(ours && ticket.status === wanted))
      return `the order is ${order.status}, its ticket ${ticket.status}`;
    if (!wanted && ours) return `the order is ${order.status} and still has its ticket`;
  }
  return null;
}

async function feedDisagrees(stage, order, charges) {
  const events = (await feed(stage.admin)).filter((one) => one.entity === order.id);
  const count = (type) => events.filter((one) => one.type === type).length;
  const created = count("payment:created");
  if (order.status === "complete" && created !== 1) return `payment:created came ${created} times`;
  if (created > Math.min(1, charges.length))
    return `payment:created came ${created} times for ${charges.length} charges`;
  const refunded = (order.refunds ?? []).filter((one) => one.status === "succeeded").length;
  if (count("payment:refunded") !== refunded)
    return `payment:refunded came ${count("payment:refunded")} times for ${refunded} refunds`;
  return null;
}

/** All events, page by page. */
export async function feed(admin) {
  const events = [];
  for (;;) {
    const after = events.length > 0 ? `&after=${encodeURIComponent(events.at(-1).id)}` : "";
    const page = await admin.read(`/api/feed?limit=200${after}`);
    if (page.length === 0) return events;
    events.push(...page);
  }
}
