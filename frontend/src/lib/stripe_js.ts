/** Stripe's own script: the little of it that a payment needs, and how it gets onto the page. */

export interface StripeFault {
  type?: string;
  code?: string;
  message?: string;
}

export interface StripePaymentElement {
  mount: (place: HTMLElement) => void;
  destroy: () => void;
  on: (event: "ready" | "loaderror", listener: (event: { error?: StripeFault }) => void) => unknown;
}

export interface StripeElements {
  create: (kind: "payment") => StripePaymentElement;
  submit: () => Promise<{ error?: StripeFault }>;
}

export interface StripeElementsOptions {
  mode: "payment";
  /** Minor units. */
  amount: number;
  currency: string;
  appearance: { theme: string; variables: Record<string, string> };
}

export interface Stripe {
  elements: (options: StripeElementsOptions) => StripeElements;
  createConfirmationToken: (options: {
    elements: StripeElements;
    params: { return_url: string };
  }) => Promise<{ confirmationToken?: { id: string }; error?: StripeFault }>;
  handleNextAction: (options: { clientSecret: string }) => Promise<{ error?: StripeFault }>;
}

declare global {
  interface Window {
    Stripe?: (publishableKey: string) => Stripe;
  }
}

const scriptUrl = "https://js.stripe.com/v3/";
const loadTimeoutMs = 15_000;

let loaded: { key: string; stripe: Promise<Stripe | null> } | null = null;

/** Stripe for the key, or null if its script can't be loaded; asking again tries again. */
export async function loadStripe(publishableKey: string): Promise<Stripe | null> {
  if (loaded?.key !== publishableKey) {
    loaded = { key: publishableKey, stripe: start(publishableKey) };
  }
  const mine = loaded;
  const stripe = await mine.stripe;
  if (stripe === null && loaded === mine) loaded = null;
  return stripe;
}

async function start(publishableKey: string): Promise<Stripe | null> {
  if (window.Stripe === undefined && !(await addScript())) return null;
  try {
    return window.Stripe?.(publishableKey) ?? null;
  } catch {
    // A key that isn't one: to the buyer the same as a script that isn't there.
    return null;
  }
}

function addScript(): Promise<boolean> {
  return new Promise((settle) => {
    const script = document.createElement("script");
    const end = (isThere: boolean) => {
      clearTimeout(limit);
      if (!isThere) script.remove();
      settle(isThere);
    };
    const limit = setTimeout(() => end(false), loadTimeoutMs);
    script.src = scriptUrl;
    script.async = true;
    script.addEventListener("load", () => end(true));
    script.addEventListener("error", () => end(false));
    document.head.append(script);
  });
}
