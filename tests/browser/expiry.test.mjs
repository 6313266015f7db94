// An order that isn't paid in time, seen by both sides on pages that are never reloaded.
import { test } from "node:test";

import { Person, stage } from "./support.mjs";

test(
  "an unpaid order expires on its page, and its ticket comes free on every open board",
  { timeout: 120_000 },
  async (t) => {
    const { server, browser } = await stage(t, { orderWindowSeconds: 6 });
    const seller = await Person.arrive(browser, server);
    await seller.signUp();
    await seller.list("Last train home", "9.99");
    await seller.goTo("/");
    const watcher = await Person.arrive(browser, server);
    await watcher.cardIn("Last train home", "Available").waitFor();
    const buyer = await Person.arrive(browser, server);
    await buyer.signUp();
    await buyer.reserve("Last train home");
    await buyer.seeCountdownRun(buyer.page.getByRole("region", { name: "State" }));

    await seller.cardIn("Last train home", "Reserved").waitFor();
    await watcher.cardIn("Last train home", "Reserved").waitFor();

    await buyer.page.getByText("This order expired").first().waitFor();
    await buyer.orderState("Expired").waitFor();
    await buyer.screenshot("order-expired");
    await seller.cardIn("Last train home", "Available").waitFor();
    await watcher.cardIn("Last train home", "Available").waitFor();

    for (const person of [seller, watcher, buyer]) await person.assertNeverReloaded();
  },
);
