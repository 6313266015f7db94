import type { ComponentChildren } from "preact";
import { useState } from "preact/hooks";

import { failureText } from "../api/words";
import { useObservable } from "../lib/use_observable";
import { isLive } from "../state/orders";
import { isAdmin } from "../state/session";
import { announcer, orders, router, session } from "../state/services";
import { ConnectionBanner } from "./connection_banner";
import { Countdown } from "./countdown";
import { Icon, type IconName } from "./icons";
import { Notices } from "./notices";

/** What stands around every page. */
export function Shell({ children }: { children: ComponentChildren }) {
  return (
    <>
      <a
        class="skip"
        href="#main"
        onClick={(event) => {
          event.preventDefault();
          document.getElementById("main")?.focus();
        }}
      >
        Skip to content
      </a>
      <header class="top">
        <div class="top-inner">
          <a class="brand" href="/" aria-label="Holdfast, all tickets">
            <BrandMark />
            <span>Holdfast</span>
          </a>
          <Navigation />
          <Account />
        </div>
      </header>
      <ConnectionBanner />
      <OpenOrder />
      <main id="main" tabIndex={-1}>
        {children}
      </main>
      <footer class="foot">
        <p>Holdfast: reserve a ticket, and it is yours while you pay.</p>
      </footer>
      <Notices />
    </>
  );
}

function BrandMark() {
  return (
    <svg class="brand-mark" viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <rect width="32" height="32" rx="8" class="brand-back" />
      <path
        class="brand-ticket"
        d="M6 11.5A1.5 1.5 0 0 1 7.5 10h17a1.5 1.5 0 0 1 1.5 1.5v2.2a2.4 2.4 0 0 0 0 4.6v2.2A1.5 1.5 0 0 1 24.5 22h-17A1.5 1.5 0 0 1 6 20.5v-2.2a2.4 2.4 0 0 0 0-4.6z"
      />
      <path class="brand-letter" d="M12.5 13v6M19.5 13v6M12.5 16h7" />
    </svg>
  );
}

interface Link {
  href: string;
  text: string;
  icon: IconName;
}

const links: Link[] = [
  { href: "/", text: "Tickets", icon: "ticket" },
  { href: "/sell", text: "Sell", icon: "plus" },
  { href: "/my/tickets", text: "My tickets", icon: "stack" },
  { href: "/orders", text: "My orders", icon: "receipt" },
];

const adminLinks: Link[] = [{ href: "/admin/payments", text: "Payments", icon: "card" }];

function Navigation() {
  const { path } = useObservable(router.place);
  const user = useObservable(session.user);
  return (
    <nav class="nav" aria-label="Main">
      {[...links, ...(isAdmin(user) ? adminLinks : [])].map(({ href, text, icon }) => (
        <a key={href} href={href} {...(path === href ? { "aria-current": "page" as const } : {})}>
          <Icon name={icon} />
          <span>{text}</span>
        </a>
      ))}
    </nav>
  );
}

function Account() {
  const user = useObservable(session.user);
  const { path, search } = useObservable(router.place);
  const [busy, setBusy] = useState(false);
  if (user === undefined) return <div class="account" />;
  if (user === null) {
    const next = /^\/sign(in|up)$/.test(path)
      ? search
      : `?next=${encodeURIComponent(path + search)}`;
    return (
      <div class="account">
        <a class="button button-quiet button-small" href={`/signin${next}`}>
          Sign in
        </a>
        <a class="button button-small account-signup" href={`/signup${next}`}>
          Sign up
        </a>
      </div>
    );
  }
  const signOut = async () => {
    if (busy) return;
    setBusy(true);
    const failure = await session.signOut();
    setBusy(false);
    if (failure === null) {
      router.go("/");
      announcer.notify("You are signed out.");
    } else {
      announcer.notify(failureText(failure));
    }
  };
  return (
    <div class="account">
      <span class="account-email" title={user.email}>
        <span class="visually-hidden">Signed in as </span>
        {user.email}
      </span>
      <button
        type="button"
        class="button button-quiet button-small"
        aria-disabled={busy}
        onClick={() => void signOut()}
      >
        Sign out
      </button>
    </div>
  );
}

/** Wherever one is: an order of one's own runs out, and where it is paid. */
function OpenOrder() {
  const { page } = useObservable(router.place);
  const { orders: list } = useObservable(orders.view);
  const open = list.filter((order) => isLive(order) && order.status === "created");
  const first = open.at(-1);
  if (first === undefined || page.name === "order") return null;
  return (
    <aside class="open-order" aria-label="Order to pay">
      <Icon name="clock" />
      <p>
        <strong class="open-order-title">{first.ticket.title}</strong> is held for you:{" "}
        <Countdown until={first.expiresAt} label="Time left to pay" />
        {open.length > 1 && ` (and ${open.length - 1} more)`}
      </p>
      <a class="button button-small" href={open.length > 1 ? "/orders" : `/orders/${first.id}`}>
        {open.length > 1 ? "See orders" : "Pay"}
      </a>
    </aside>
  );
}
