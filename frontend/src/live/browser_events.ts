import type { LiveConnection } from "./live_connection";

/** Tells the connection what the browser knows of the network and of who is looking. */
export function followBrowser(live: LiveConnection): void {
  addEventListener("online", () => live.setOnline(true));
  addEventListener("offline", () => live.setOnline(false));
  document.addEventListener("visibilitychange", () => live.setHidden(document.hidden));
  // A page that comes back from the browser's page cache has a dead socket.
  addEventListener("pageshow", (event) => {
    if (event.persisted) live.restart();
  });
  live.start(navigator.onLine);
  live.setHidden(document.hidden);
}

export function liveUrl(location: Location): string {
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/live`;
}
