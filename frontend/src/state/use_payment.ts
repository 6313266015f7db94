import { useEffect, useMemo, useRef } from "preact/hooks";

import { useObservable } from "../lib/use_observable";
import { providerAddress } from "../lib/provider_address";
import { loadStripe, type Stripe } from "../lib/stripe_js";
import { PaymentFlow, type PaymentView } from "./payment_flow";
import { api, providers, router } from "./services";

/** The payment of the order on this page, which may also be where a provider sent the buyer back. */
export function usePayment(orderId: string, onSettled: () => void): [PaymentView, PaymentFlow] {
  const settled = useRef(onSettled);
  settled.current = onSettled;
  const flow = useMemo(
    () =>
      new PaymentFlow({
        api,
        orderId,
        stripe: offeredStripe,
        leave,
        onSettled: () => settled.current(),
      }),
    [orderId],
  );
  useEffect(() => {
    comeBack(flow);
    const shown = (event: PageTransitionEvent) => {
      if (event.persisted) flow.returned();
    };
    addEventListener("pageshow", shown);
    return () => removeEventListener("pageshow", shown);
  }, [flow]);
  return [useObservable(flow.view), flow];
}

/** Whoever comes back from a provider's page: the outcome is asked for once, the address cleaned. */
function comeBack(flow: PaymentFlow): void {
  const { path, search } = router.place.value;
  const paid = new URLSearchParams(search).get("paid");
  if (paid === null) return;
  // What the provider wrote into the address is nobody else's business, and stays not in history.
  router.go(path, { replace: true, stay: true });
  if (paid === "cancelled") {
    flow.tell("You came back without approving the payment, so nothing was charged.");
  } else {
    void flow.resume();
  }
}

async function offeredStripe(): Promise<Stripe | null> {
  await providers.load();
  for (const provider of providers.view.value.providers ?? []) {
    if (provider.name === "stripe") return loadStripe(provider.publishableKey);
  }
  return null;
}

function leave(url: string | undefined): boolean {
  const address = providerAddress(url, location.hostname);
  if (address !== null) location.assign(address);
  return address !== null;
}
