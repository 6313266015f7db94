import { useState } from "preact/hooks";

import type { Failure } from "../api/client";
import type { Order, Payment } from "../api/types";
import { api } from "../state/services";
import { Icon } from "./icons";

/** The test provider's cards, by what they do. */
const testCards = [
  { token: "tok_visa", text: "Visa: is accepted" },
  { token: "tok_slow", text: "Slow card: is accepted after some seconds" },
  { token: "tok_chargeDeclined", text: "Declined card" },
  { token: "tok_chargeDeclinedInsufficientFunds", text: "Declined card: not enough money" },
  { token: "tok_unknown", text: "Lost answer: is accepted, but only known later" },
  { token: "tok_unknownDeclined", text: "Lost answer: is declined, but only known later" },
];

/** A provider may take its time; the order tells the outcome in any case. */
const payTimeoutMs = 45_000;

interface Props {
  order: Order;
  total: string;
  isOver: boolean;
  onFailure: (failure: Failure | null) => void;
  /** There is something to learn: ask for the order. */
  onSettled: () => void;
}

export function PayForm({ order, total, isOver, onFailure, onSettled }: Props) {
  const [token, setToken] = useState(testCards[0]?.token ?? "");
  const [busy, setBusy] = useState(false);
  const pay = async () => {
    if (busy || isOver) return;
    setBusy(true);
    onFailure(null);
    const outcome = await api.post<Payment>(
      "/api/payments",
      { orderId: order.id, token },
      { timeoutMs: payTimeoutMs },
    );
    setBusy(false);
    if (!outcome.ok) onFailure(outcome.failure);
    onSettled();
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void pay();
      }}
    >
      <div class="field">
        <label for="pay-card">Test payment: choose a test card</label>
        <select
          id="pay-card"
          value={token}
          aria-describedby="pay-card-hint"
          onChange={(event) => setToken(event.currentTarget.value)}
        >
          {testCards.map((card) => (
            <option key={card.token} value={card.token}>
              {card.text}
            </option>
          ))}
        </select>
        <p class="hint" id="pay-card-hint">
          No real money moves. Each card shows one way a payment can go.
        </p>
      </div>
      <button class="button button-wide" type="submit" aria-disabled={busy || isOver}>
        <Icon name="card" />
        {busy ? "Paying…" : `Pay ${total}`}
      </button>
    </form>
  );
}
