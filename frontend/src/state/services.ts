import { ApiClient } from "../api/client";
import { SeenPosition } from "../api/position";
import { liveUrl } from "../live/browser_events";
import { LiveConnection, type LiveSocket } from "../live/live_connection";
import { Router } from "../router";
import { ServerClock } from "../time/server_clock";
import { Announcer } from "./announcer";
import { OrdersStore } from "./orders";
import { ProvidersStore } from "./providers";
import { Session } from "./session";

/** What there is one of on the page, made here and nowhere else. */
export const clock = new ServerClock();
export const position = new SeenPosition();
export const router = new Router();
export const announcer = new Announcer();

export const api: ApiClient = new ApiClient({
  clock,
  position,
  onSignedOut: (method) => {
    session.forget();
    // Whoever did something must sign in to go on; whoever only looks, looks on.
    if (method !== "GET") router.askToSignIn();
  },
});
export const session = new Session(api);
export const live = new LiveConnection({
  open: () => new WebSocket(liveUrl(location)) as LiveSocket,
  position,
  onMessage: (message) => {
    if ("ticket" in message) clock.observeAtLeast(message.ticket.updatedAt);
    if ("order" in message) clock.observeAtLeast(message.order.createdAt);
  },
});
export const orders = new OrdersStore(api, live);
export const providers = new ProvidersStore(api);

/** The socket carries the session it was opened with; another user needs another one. */
export function followSession(): void {
  let userId: string | null | undefined;
  session.user.subscribe((user) => {
    const now = user === undefined ? undefined : (user?.id ?? null);
    if (now === userId) return;
    const known = userId !== undefined;
    userId = now;
    orders.open(typeof now === "string");
    if (known) live.restart();
  });
}
