// A provider's own memory of the money it moved: the judge of every scenario. Our server can't
// write it; only what the stand-in really did gets here.

export class Ledger {
  /** In the order in which they happened. */
  #entries = [];

  /** `order` is the order's id as we told the provider, `reference` the provider's payment. */
  charge({ order, reference, id, amount, currency }) {
    this.#entries.push({ kind: "charge", order, reference, id, amount, currency });
  }

  /** status: pending, succeeded or failed; later changed by `refundBecame`. */
  refund({ order, charge, id, amount, status }) {
    this.#entries.push({ kind: "refund", order, charge, id, amount, status });
  }

  refundBecame(id, status) {
    const entry = this.#entries.find((one) => one.kind === "refund" && one.id === id);
    entry.status = status;
    // What unrefunded() replays is the order in which things took effect.
    this.#entries.splice(this.#entries.indexOf(entry), 1);
    this.#entries.push(entry);
  }

  get charges() {
    return this.#entries.filter((one) => one.kind === "charge");
  }

  get refunds() {
    return this.#entries.filter((one) => one.kind === "refund");
  }

  chargesOf(order) {
    return this.charges.filter((one) => one.order === order);
  }

  refundsOf(order) {
    return this.refunds.filter((one) => one.order === order);
  }

  /** What the buyer has paid for this order and not got back, in minor units. */
  keptFor(order) {
    const sum = (list) => list.reduce((total, one) => total + one.amount, 0);
    return (
      sum(this.chargesOf(order)) -
      sum(this.refundsOf(order).filter((one) => one.status === "succeeded"))
    );
  }

  /** How many charges of this order were not refunded in full, at the worst moment. */
  mostChargesAtOnce(order) {
    const open = new Map();
    let most = 0;
    for (const entry of this.#entries.filter((one) => one.order === order)) {
      if (entry.kind === "charge") open.set(entry.id, entry.amount);
      else if (entry.status === "succeeded") {
        const left = open.get(entry.charge) - entry.amount;
        if (left > 0) open.set(entry.charge, left);
        else open.delete(entry.charge);
      }
      most = Math.max(most, open.size);
    }
    return most;
  }
}
