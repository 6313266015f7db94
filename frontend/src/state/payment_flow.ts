import { failureCode, type ApiClient, type Failure } from "../api/client";
import type { Payment, PaymentAction, ProviderName } from "../api/types";
import { failureText } from "../api/words";
import { Observable } from "../lib/observable";
import type { Stripe } from "../lib/stripe_js";

/** A provider may take its time; the order tells the outcome in any case. */
const payTimeoutMs = 45_000;

export type PaymentStep =
  | "idle"
  /** The provider is asked to take the money. */
  | "paying"
  /** The buyer confirms in the window that Stripe has opened. */
  | "confirming"
  /** The provider is asked how it went. */
  | "asking"
  /** The browser is on its way to the provider's page. */
  | "leaving";

export interface PaymentView {
  step: PaymentStep;
  /** What went wrong last, in words for the buyer. */
  problem: string | null;
  /** The problem is a decline: the order may know better why. */
  declined: boolean;
  /** What the provider said last when nothing went wrong and nothing was settled either. */
  news: string | null;
}

interface Parts {
  api: ApiClient;
  orderId: string;
  /** Stripe's script with the key that the server names; null if it can't be had. */
  stripe: () => Promise<Stripe | null>;
  /** To the provider's page; false for an address that one shouldn't go to. */
  leave: (url: string | undefined) => boolean;
  /** There is something to learn: ask for the order. */
  onSettled: () => void;
}

/** Answers that only say that the order has gone on: its own page tells how. */
const overtaken = new Set(["order_complete", "order_cancelled", "order_expired"]);

const idle: PaymentView = { step: "idle", problem: null, declined: false, news: null };

/** One order's payment from this page: starting it, what the buyer has to do, asking how it went. */
export class PaymentFlow {
  readonly view = new Observable<PaymentView>(idle);
  readonly #parts: Parts;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get busy(): boolean {
    return this.view.value.step !== "idle";
  }

  /** Starts an attempt. What the buyer has to do then follows at once. */
  async pay(provider: ProviderName, token?: string): Promise<void> {
    if (this.busy) return;
    this.#step("paying");
    const payment = await this.#post({ provider, ...(token === undefined ? {} : { token }) });
    const { action, status } = payment ?? {};
    if (status !== "requires_action" || action === undefined || action.provider === "test") {
      this.#end({});
      return;
    }
    // The order waits for the buyer now; the page shows that behind whatever opens.
    this.#parts.onSettled();
    await this.#act(action);
  }

  /** Goes on with what the buyer has to do. */
  async continue(action: PaymentAction): Promise<void> {
    if (!this.busy) await this.#act(action);
  }

  /** Asks the provider how it went. `token` is the test provider's answer of the buyer. */
  async resume(token?: string): Promise<void> {
    if (this.busy) return;
    await this.#ask(token);
  }

  /** The page was left and is back as it was. */
  returned(): void {
    if (this.view.value.step === "leaving") this.#end({});
  }

  /** Something outside the flow went wrong, or (null) is no longer wrong. */
  report(problem: string | null): void {
    this.view.set({ ...this.view.value, problem, declined: false, news: null });
  }

  /** Something worth knowing that is no fault. */
  tell(news: string): void {
    this.view.set({ ...this.view.value, problem: null, declined: false, news });
  }

  fail(failure: Failure | null): void {
    this.report(failure === null ? null : failureText(failure));
  }

  async #act(action: PaymentAction): Promise<void> {
    if (action.provider === "stripe") return this.#confirm(action.clientSecret ?? "");
    this.#step("leaving");
    if (this.#parts.leave(action.url)) return;
    this.#end({ problem: "The payment provider named a page that isn’t safe to open." });
  }

  async #confirm(clientSecret: string): Promise<void> {
    this.#step("confirming");
    const stripe = await this.#parts.stripe();
    if (stripe === null) {
      this.#end({ problem: `${stripeAwayText} Your payment waits: continue in a moment.` });
      return;
    }
    try {
      // Whether the buyer did confirm is the provider's to say, and asked for in any case.
      await stripe.handleNextAction({ clientSecret });
    } catch {
      this.#end({ problem: "Your bank’s question could not be shown. Continue to try again." });
      return;
    }
    await this.#ask();
  }

  async #ask(token?: string): Promise<void> {
    this.#step("asking");
    const payment = await this.#post({ resume: true, ...(token === undefined ? {} : { token }) });
    this.#end({ news: newsOf(payment) });
  }

  async #post(request: object): Promise<Payment | null> {
    const { api, orderId } = this.#parts;
    const body = { orderId, ...request };
    const outcome = await api.post<Payment>("/api/payments", body, { timeoutMs: payTimeoutMs });
    if (outcome.ok) return outcome.value;
    const { failure } = outcome;
    if (!overtaken.has(failureCode(failure))) {
      const declined = failure.status === 402;
      this.view.set({ ...this.view.value, problem: failureText(failure), declined });
    }
    return null;
  }

  #step(step: PaymentStep): void {
    this.view.set({ ...idle, step });
  }

  #end(change: Partial<PaymentView>): void {
    this.view.set({ ...this.view.value, step: "idle", ...change });
    this.#parts.onSettled();
  }
}

export const stripeAwayText = "Stripe, which takes the payment, can’t be reached.";

function newsOf(payment: Payment | null): string | null {
  switch (payment?.status) {
    case "pending":
      return "Checked just now: the provider doesn’t know yet.";
    case "requires_action":
      return "Checked just now: the payment isn’t confirmed yet.";
    default:
      return null;
  }
}
