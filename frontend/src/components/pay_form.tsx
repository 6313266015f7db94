import { useEffect, useState } from "preact/hooks";

import type { Order, Provider, ProviderName } from "../api/types";
import { useObservable } from "../lib/use_observable";
import type { PaymentFlow, PaymentView } from "../state/payment_flow";
import { providers } from "../state/services";
import { Alert, FailureNote } from "./failure_note";
import { Icon } from "./icons";
import { PayByStripe } from "./pay_by_stripe";

export interface PayProps {
  order: Order;
  total: string;
  isOver: boolean;
  flow: PaymentFlow;
  view: PaymentView;
}

/** The ways to pay that the server offers, the first chosen. */
export function PayForm(props: PayProps) {
  const { providers: offered, failure } = useObservable(providers.view);
  const [chosen, choose] = useState<ProviderName | null>(null);
  useEffect(() => void providers.load(), []);
  if (failure !== null) {
    return <FailureNote failure={failure} onRetry={() => void providers.load()} />;
  }
  if (offered === null) return <p role="status">Looking up how you can pay…</p>;
  const provider = offered.find(({ name }) => name === chosen) ?? offered[0];
  if (provider === undefined) {
    return (
      <Alert>
        <p>Holdfast can’t take payments at the moment. Your ticket stays held until the deadline.</p>
      </Alert>
    );
  }
  return (
    <div class="stack">
      {offered.length > 1 && <Choice offered={offered} chosen={provider.name} onChoose={choose} />}
      <ProviderForm provider={provider} {...props} />
    </div>
  );
}

const choices: Record<ProviderName, { text: string; hint: string }> = {
  test: { text: "Test payment", hint: "No real money moves" },
  stripe: { text: "Card and more", hint: "Paid here, taken by Stripe" },
  paypal: { text: "PayPal", hint: "Approved on PayPal’s page" },
};

interface ChoiceProps {
  offered: Provider[];
  chosen: ProviderName;
  onChoose: (name: ProviderName) => void;
}

function Choice({ offered, chosen, onChoose }: ChoiceProps) {
  return (
    <fieldset class="choices">
      <legend>How do you want to pay?</legend>
      {offered.map(({ name }) => (
        <label key={name} class="choice">
          <input
            type="radio"
            name="provider"
            value={name}
            checked={name === chosen}
            onChange={() => onChoose(name)}
          />
          <span class="choice-text">{choices[name].text}</span>
          <span class="hint">{choices[name].hint}</span>
        </label>
      ))}
    </fieldset>
  );
}

function ProviderForm({ provider, ...props }: PayProps & { provider: Provider }) {
  switch (provider.name) {
    case "test":
      return <PayByTest {...props} />;
    case "stripe":
      return <PayByStripe publishableKey={provider.publishableKey} {...props} />;
    case "paypal":
      return <PayByPaypal {...props} />;
  }
}

/** The test provider's cards, by what they do. */
const testCards = [
  { token: "tok_visa", text: "Visa: is accepted" },
  { token: "tok_requiresAction", text: "Needs confirmation by the buyer" },
  { token: "tok_slow", text: "Slow card: is accepted after some seconds" },
  { token: "tok_chargeDeclined", text: "Declined card" },
  { token: "tok_chargeDeclinedInsufficientFunds", text: "Declined card: not enough money" },
  { token: "tok_chargeDeclinedExpiredCard", text: "Declined card: expired" },
  { token: "tok_unknown", text: "Lost answer: is accepted, but only known later" },
  { token: "tok_unknownDeclined", text: "Lost answer: is declined, but only known later" },
];

function PayByTest({ total, isOver, flow, view }: PayProps) {
  const [token, setToken] = useState(testCards[0]?.token ?? "");
  const busy = view.step !== "idle";
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOver) void flow.pay("test", token);
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

function PayByPaypal({ total, isOver, flow, view }: PayProps) {
  const busy = view.step !== "idle";
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!isOver) void flow.pay("paypal");
      }}
    >
      <p class="hint">
        You approve the payment of {total} on PayPal’s page and come back here. The ticket stays
        yours meanwhile.
      </p>
      <button class="button button-wide" type="submit" aria-disabled={busy || isOver}>
        {busy ? "Opening PayPal…" : "Continue to PayPal"}
      </button>
    </form>
  );
}
