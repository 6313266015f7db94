import type { User } from "../api/types";
import { Page } from "../components/page";
import { TicketList } from "../components/ticket_list";

export function MyTicketsPage({ user }: { user: User }) {
  return (
    <Page
      title="My tickets"
      lead="What you sell, and how it stands."
      actions={
        <a class="button" href="/sell">
          Sell a ticket
        </a>
      }
    >
      <TicketList
        label="My tickets"
        status="all"
        sellerId={user.id}
        empty={
          <>
            <h2>You haven’t listed a ticket</h2>
            <p>A ticket that you list is on everybody’s board at once.</p>
            <a class="button" href="/sell">
              Sell a ticket
            </a>
          </>
        }
      />
    </Page>
  );
}
