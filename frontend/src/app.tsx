import type { ComponentChildren } from "preact";
import { useEffect } from "preact/hooks";

import type { User } from "./api/types";
import { Shell } from "./components/shell";
import { useObservable } from "./lib/use_observable";
import { AccountPage } from "./pages/account_page";
import { BoardPage } from "./pages/board_page";
import { MyTicketsPage } from "./pages/my_tickets_page";
import { OrderPage } from "./pages/order_page";
import { OrdersPage } from "./pages/orders_page";
import { LoadingPage, NotFoundPage } from "./pages/plain_pages";
import { EditPage, SellPage } from "./pages/sell_page";
import { TicketPage } from "./pages/ticket_page";
import { UnsettledPage } from "./pages/unsettled_page";
import type { Page } from "./router";
import { router, session } from "./state/services";

export function App() {
  const { page, path } = useObservable(router.place);
  return (
    <Shell>
      <PageView key={path} page={page} />
    </Shell>
  );
}

function PageView({ page }: { page: Page }) {
  switch (page.name) {
    case "board":
      return <BoardPage />;
    case "ticket":
      return <TicketPage id={page.id} />;
    case "signin":
    case "signup":
      return <AccountPage mode={page.name} />;
    case "sell":
      return <SignedIn title="Sell a ticket">{() => <SellPage />}</SignedIn>;
    case "edit":
      return (
        <SignedIn title="Edit ticket">{(user) => <EditPage id={page.id} user={user} />}</SignedIn>
      );
    case "my_tickets":
      return <SignedIn title="My tickets">{(user) => <MyTicketsPage user={user} />}</SignedIn>;
    case "orders":
      return <SignedIn title="My orders">{() => <OrdersPage />}</SignedIn>;
    case "order":
      return <SignedIn title="Order">{(user) => <OrderPage id={page.id} user={user} />}</SignedIn>;
    case "unsettled":
      return (
        <SignedIn title="Unsettled payments">{(user) => <UnsettledPage user={user} />}</SignedIn>
      );
    case "not_found":
      return <NotFoundPage />;
  }
}

interface SignedInProps {
  title: string;
  children: (user: User) => ComponentChildren;
}

/** Pages that need an account: to the sign-in page and back without one. */
function SignedIn({ title, children }: SignedInProps) {
  const user = useObservable(session.user);
  useEffect(() => {
    if (user === null) router.askToSignIn();
  }, [user]);
  if (user === null || user === undefined) return <LoadingPage title={title} />;
  return <>{children(user)}</>;
}
