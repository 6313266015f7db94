import type { ApiClient, Failure } from "../api/client";
import type { Provider } from "../api/types";
import { Observable } from "../lib/observable";

export interface ProvidersView {
  /** Null until the server has said. The first is the one to start with. */
  providers: Provider[] | null;
  failure: Failure | null;
}

/** The ways to pay, asked for once and only when somebody is about to pay. */
export class ProvidersStore {
  readonly view = new Observable<ProvidersView>({ providers: null, failure: null });
  readonly #api: ApiClient;
  #asking: Promise<void> | null = null;

  constructor(api: ApiClient) {
    this.#api = api;
  }

  /** Asks unless that is known or under way. */
  load(): Promise<void> {
    if (this.view.value.providers !== null) return Promise.resolve();
    this.#asking ??= this.#ask().finally(() => (this.#asking = null));
    return this.#asking;
  }

  async #ask(): Promise<void> {
    const outcome = await this.#api.get<unknown>("/api/payments/providers");
    if (!outcome.ok) this.view.set({ providers: null, failure: outcome.failure });
    else this.view.set({ providers: known(outcome.value), failure: null });
  }
}

/** Those that this page can pay through; a later server may have others. */
function known(list: unknown): Provider[] {
  return (Array.isArray(list) ? list : []).filter((one: Partial<Provider> | null): one is Provider => {
    switch (one?.name) {
      case "test":
      case "paypal":
        return true;
      case "stripe":
        return typeof one.publishableKey === "string" && one.publishableKey !== "";
      default:
        return false;
    }
  });
}
