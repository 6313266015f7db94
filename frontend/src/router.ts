import { Observable } from "./lib/observable";

export type Page =
  | { name: "board" }
  | { name: "ticket"; id: string }
  | { name: "sell" }
  | { name: "edit"; id: string }
  | { name: "my_tickets" }
  | { name: "orders" }
  | { name: "order"; id: string }
  | { name: "unsettled" }
  | { name: "signin" }
  | { name: "signup" }
  | { name: "not_found" };

const idPattern = "([0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12})";
const routes: [RegExp, (id: string) => Page][] = [
  [/^\/$/, () => ({ name: "board" })],
  [/^\/sell$/, () => ({ name: "sell" })],
  [/^\/my\/tickets$/, () => ({ name: "my_tickets" })],
  [/^\/orders$/, () => ({ name: "orders" })],
  [/^\/admin\/payments$/, () => ({ name: "unsettled" })],
  [/^\/signin$/, () => ({ name: "signin" })],
  [/^\/signup$/, () => ({ name: "signup" })],
  [new RegExp(`^/tickets/${idPattern}$`), (id) => ({ name: "ticket", id })],
  [new RegExp(`^/tickets/${idPattern}/edit$`), (id) => ({ name: "edit", id })],
  [new RegExp(`^/orders/${idPattern}$`), (id) => ({ name: "order", id })],
];

/** The page that a path names. A slash at the end doesn't matter. */
export function pageOf(path: string): Page {
  const trimmed = path.length > 1 ? path.replace(/\/+$/, "") || "/" : path;
  for (const [pattern, make] of routes) {
    const match = pattern.exec(trimmed);
    if (match !== null) return make(match[1] ?? "");
  }
  return { name: "not_found" };
}

/** Where to go after signing in: a path of this application, whatever the address bar says. */
export function safeNext(search: string): string {
  const next = new URLSearchParams(search).get("next") ?? "/";
  // "//host" and "/\\host" are other origins to a browser, which also drops control characters.
  if (!/^\/(?![/\\])[\x21-\x7e]*$/.test(next)) return "/";
  return /^\/sign(in|up)\b/.test(next) ? "/" : next;
}

export interface Place {
  page: Page;
  path: string;
  search: string;
  /** Grows with every navigation that should move the focus to the new page's heading. */
  arrival: number;
}

export class Router {
  readonly place: Observable<Place>;

  constructor() {
    this.place = new Observable(this.#read(0));
  }

  follow(): void {
    addEventListener("popstate", () => this.place.set(this.#read(this.place.value.arrival + 1)));
    document.addEventListener("click", (event) => {
      const path = pathOfClick(event);
      if (path === null) return;
      event.preventDefault();
      this.go(path);
    });
  }

  /** `stay` keeps focus and scroll: the same page, seen otherwise. */
  go(path: string, { replace = false, stay = false } = {}): void {
    if (replace) history.replaceState(null, "", path);
    else if (path !== location.pathname + location.search) history.pushState(null, "", path);
    this.place.set(this.#read(this.place.value.arrival + (stay ? 0 : 1)));
    if (!stay) scrollTo(0, 0);
  }

  /** To the sign-in page, and back here afterwards. */
  askToSignIn(): void {
    const { page, path, search } = this.place.value;
    if (page.name === "signin" || page.name === "signup") return;
    this.go(`/signin?next=${encodeURIComponent(path + search)}`, { replace: true });
  }

  #read(arrival: number): Place {
    const { pathname: path, search } = location;
    return { page: pageOf(path), path, search, arrival };
  }
}

/** The path of a plain click on a link within the application, or null. */
function pathOfClick(event: MouseEvent): string | null {
  if (event.defaultPrevented || event.button !== 0) return null;
  if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return null;
  const link = event.target instanceof Element ? event.target.closest("a") : null;
  if (link?.target !== "" || link.hasAttribute("download")) return null;
  if (link.origin !== location.origin || link.pathname.startsWith("/api")) return null;
  if (link.hash !== "" && link.pathname === location.pathname) return null;
  return link.pathname + link.search;
}
