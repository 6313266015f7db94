// Rules about what is there in the end: the state follows from the log, money agrees, watchers know.

const cents = (price) => Math.round(price * 100);

/** What the nodes show is what the log ended with. */
export function theStateIsTheLogs({ run, histories }, report) {
  const last = new Map([...histories].map(([id, events]) => [id, events.at(-1)]));
  for (const [node, list] of Object.entries(run.tickets)) {
    const shown = new Map(list.map((one) => [one.id, one]));
    if (shown.size !== list.length) report(`${node} lists a ticket twice`);
    for (const [id, event] of last) {
      if (!event.type.startsWith("ticket:")) continue;
      const isThere = event.type !== "ticket:deleted";
      if (isThere !== shown.has(id))
        report(
          `${node} ${isThere ? "lacks" : "still lists"} ticket ${id}: ${event.type} was the last`,
        );
      else if (isThere) compare(`ticket ${id} at ${node}`, shown.get(id), event.data, report);
    }
    for (const id of shown.keys())
      if (!last.has(id)) report(`${node} lists ${id}, which the log hasn't`);
  }
  for (const [node, list] of Object.entries(run.lists))
    for (const one of list)
      if (last.has(one.id))
        compare(`order ${one.id} in ${node}'s list`, one, last.get(one.id).data, report);
      else report(`${node} lists order ${one.id}, which the log doesn't hold`);
  for (const [id, one] of Object.entries(run.orders))
    if (one.failed !== undefined) report(`order ${id} can't be read: ${one.failed}`);
    else compare(`order ${id}`, one, last.get(id).data, report);
}

function compare(what, shown, logged, report) {
  for (const field of ["version", "status", "orderId", "price", "title", "reason"])
    if (shown[field] !== logged[field])
      report(`${what} shows ${field} ${shown[field]}, the log ended with ${logged[field]}`);
}

/** One charge for each complete order, none kept for any other. */
export function moneyAgrees({ run, histories }, report) {
  const charges = new Map();
  for (const row of run.ledger) {
    if (row.charged_times > 1) report(`charge ${row.key} moved money ${row.charged_times} times`);
    if (row.charged_times - row.refunded_times <= 0) continue;
    charges.set(row.order_id, [...(charges.get(row.order_id) ?? []), row]);
  }
  for (const [id, events] of histories) {
    const { type, data } = events.at(-1);
    if (!/^(order|payment):/.test(type)) continue;
    const kept = charges.get(id) ?? [];
    charges.delete(id);
    const what = kept.map((row) => `${row.key}: ${row.amount_minor}`).join(", ") || "nothing";
    if (data.status !== "complete") {
      if (kept.length > 0) report(`order ${id} is ${data.status}, the provider keeps ${what}`);
    } else if (kept.length !== 1 || kept[0].amount_minor !== cents(data.total))
      report(`order ${id} is complete for ${cents(data.total)}, the provider keeps ${what}`);
    else if (data.payment?.status !== "succeeded")
      report(`order ${id} is complete and its payment ${data.payment?.status}`);
  }
  for (const [id, rows] of charges)
    report(
      `the provider keeps ${rows.map((row) => row.key).join(", ")} for an order ${id} that isn't there`,
    );
}

/** A watcher's versions never go back, and it ends with the last state. */
export function watchersKnow({ run, histories }, report) {
  const told = new Map();
  for (const { connection, id, version, type } of run.seen) {
    if (!told.has(connection)) told.set(connection, new Map());
    const last = told.get(connection).get(id);
    if (last !== undefined && version < last)
      report(`connection ${connection} was told ${type} ${id} v${version} after version ${last}`);
    const isMade = histories.get(id)?.some((event) => event.version === version);
    if (!isMade)
      report(`connection ${connection} was told ${type} ${id} v${version}, which never was`);
    told.get(connection).set(id, version);
  }
  for (const { connection, node, subscribed, closed, narrow } of run.connections) {
    if (closed || !subscribed) continue;
    const known = told.get(connection) ?? new Map();
    const must = new Set(narrow);
    for (const [id, events] of histories)
      if (events[0].type.startsWith("ticket:") && events.at(-1).time > subscribed + 1_000)
        must.add(id);
    for (const id of must) {
      const last = histories.get(id)?.at(-1);
      if (last && known.get(id) !== last.version)
        report(
          `the watcher at ${node} ends with version ${known.get(id)} of ${id}, ` +
            `the last is ${last.version} (${last.data.status})`,
        );
    }
  }
}

/** No node ended, or caught a bug of ours, behind everybody's back. */
export function nodesAreWell({ run }, report) {
  for (const surprise of run.surprises) report(surprise);
  for (const { name, text } of run.logs)
    for (const line of text.split("\n")) if (bugs.test(line)) report(`${name} logged: ${line}`);
}

/** What operations.md calls a bug of ours, caught. */
const bugs =
  /outcome=conflict|event=(ticket_not_held|record_damaged|payment_key_reused|payment_without_order|internal_error)\b/;
