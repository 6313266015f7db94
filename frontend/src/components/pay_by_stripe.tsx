import { useEffect, useRef, useState } from "preact/hooks";

import { declinedText } from "../api/decline_words";
import {
  loadStripe,
  type Stripe,
  type StripeElements,
  type StripeFault,
  type StripePaymentElement,
} from "../lib/stripe_js";
import { minorFromMajor } from "../money";
import { stripeAwayText } from "../state/payment_flow";
import { Alert } from "./failure_note";
import { Icon } from "./icons";
import type { PayProps } from "./pay_form";

interface Parts {
  stripe: Stripe;
  elements: StripeElements;
}

/** Stripe's own fields, in frames of Stripe's: card data never reaches this page or the server. */
export function PayByStripe(props: PayProps & { publishableKey: string }) {
  const { order, total, isOver, flow, view, publishableKey } = props;
  const place = useRef<HTMLDivElement>(null);
  const parts = useRef<Parts | null>(null);
  const [state, setState] = useState<"loading" | "ready" | "away">("loading");
  const [tries, setTries] = useState(1);
  const [making, setMaking] = useState(false);
  const amount = minorFromMajor(order.total);
  const { currency } = order;

  useEffect(() => {
    let left = false;
    let element: StripePaymentElement | null = null;
    const become = (next: typeof state) => {
      if (!left) setState(next);
    };
    const mount = async () => {
      become("loading");
      const stripe = await loadStripe(publishableKey);
      if (left) return;
      if (stripe === null || place.current === null) {
        become("away");
        return;
      }
      const elements = stripe.elements({ mode: "payment", amount, currency, appearance: looks() });
      element = elements.create("payment");
      element.on("ready", () => become("ready"));
      element.on("loaderror", () => become("away"));
      element.mount(place.current);
      parts.current = { stripe, elements };
    };
    mount().catch(() => become("away"));
    return () => {
      left = true;
      parts.current = null;
      element?.destroy();
    };
  }, [publishableKey, amount, currency, tries]);

  const busy = making || view.step !== "idle";
  const pay = async () => {
    if (busy || isOver || state !== "ready" || parts.current === null) return;
    setMaking(true);
    flow.report(null);
    const made = await makeToken(parts.current, `${location.origin}/orders/${order.id}?paid=stripe`);
    setMaking(false);
    if (made.token !== null) await flow.pay("stripe", made.token);
    else flow.report(made.problem);
  };
  return (
    <form
      class="stack"
      onSubmit={(event) => {
        event.preventDefault();
        void pay();
      }}
    >
      {state === "loading" && <p role="status">Loading the payment form…</p>}
      {state === "away" && (
        <Alert>
          <p>
            {stripeAwayText} Check your connection, and whether something in your browser blocks
            js.stripe.com. Nothing was charged.
          </p>
          <button
            type="button"
            class="button button-quiet"
            onClick={() => setTries((before) => before + 1)}
          >
            Try again
          </button>
        </Alert>
      )}
      <div ref={place} class="stripe-fields" hidden={state === "away"} />
      {state !== "away" && (
        <button
          class="button button-wide"
          type="submit"
          aria-disabled={busy || isOver || state !== "ready"}
        >
          <Icon name="card" />
          {busy ? "Paying…" : `Pay ${total}`}
        </button>
      )}
    </form>
  );
}

type Made = { token: string } | { token: null; problem: string | null };

/** What the buyer entered as a token of Stripe's, or what is wrong with it. */
async function makeToken({ stripe, elements }: Parts, returnUrl: string): Promise<Made> {
  try {
    const checked = await elements.submit();
    if (checked.error !== undefined) return { token: null, problem: problemOf(checked.error) };
    const made = await stripe.createConfirmationToken({
      elements,
      params: { return_url: returnUrl },
    });
    const token = made.confirmationToken?.id;
    return token === undefined
      ? { token: null, problem: problemOf(made.error ?? {}) }
      : { token };
  } catch {
    return { token: null, problem: `${stripeAwayText} Nothing was charged: try again.` };
  }
}

/** Null where Stripe's own fields show what is wrong with them. */
function problemOf({ type, code, message }: StripeFault): string | null {
  return type === "validation_error" ? null : declinedText(code, message);
}

/** Stripe's fields in this page's colours. */
function looks() {
  const style = getComputedStyle(document.documentElement);
  const colour = (name: string) => style.getPropertyValue(name).trim();
  return {
    theme: matchMedia("(prefers-color-scheme: dark)").matches ? "night" : "stripe",
    variables: {
      colorPrimary: colour("--brand"),
      colorBackground: colour("--surface"),
      colorText: colour("--ink"),
      colorDanger: colour("--danger"),
      borderRadius: colour("--radius-small"),
      fontFamily: "system-ui, sans-serif",
    },
  };
}
