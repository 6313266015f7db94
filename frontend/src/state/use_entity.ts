import { useEffect, useMemo } from "preact/hooks";

import type { Order, Ticket } from "../api/types";
import { useObservable } from "../lib/use_observable";
import { EntityWatch, type EntityView } from "./entity_watch";
import type { Versioned } from "./merge";
import { api, live, orders } from "./services";

function useWatch<T extends Versioned>(watch: EntityWatch<T>): EntityView<T> {
  useEffect(() => {
    watch.open();
    return () => watch.close();
  }, [watch]);
  return useObservable(watch.view);
}

export function useTicket(id: string): [EntityView<Ticket>, EntityWatch<Ticket>] {
  const watch = useMemo(
    () =>
      new EntityWatch<Ticket>({
        api,
        live,
        topic: `ticket:${id}`,
        path: `/api/tickets/${id}`,
        pick: (message) =>
          "ticket" in message && message.ticket.id === id
            ? { entity: message.ticket, deleted: message.type === "ticket:deleted" }
            : null,
      }),
    [id],
  );
  return [useWatch(watch), watch];
}

export function useOrder(id: string): [EntityView<Order>, EntityWatch<Order>] {
  const watch = useMemo(
    () =>
      new EntityWatch<Order>({
        api,
        live,
        topic: "orders",
        path: `/api/orders/${id}`,
        pick: (message) =>
          "order" in message && message.order.id === id
            ? { entity: message.order, deleted: false }
            : null,
      }),
    [id],
  );
  const view = useWatch(watch);
  // The list of orders learns what this page learns.
  const { entity } = view;
  const mine = useObservable(orders.view).loaded;
  useEffect(() => {
    if (entity !== null && mine) orders.takeOwn(entity);
  }, [entity, mine]);
  return [view, watch];
}
