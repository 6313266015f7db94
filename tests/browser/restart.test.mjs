// The server dies without a word while people look at it, and comes back.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Person, seconds, stage, until } from "./support.mjs";

test(
  "pages say that they are offline, reconnect by themselves, and the countdown goes on",
  { timeout: 120_000 },
  async (t) => {
    const { server, browser } = await stage(t);
    const seller = await Person.arrive(browser, server);
    await seller.signUp();
    await seller.list("Midnight show", "33");
    await seller.goTo("/");
    const buyer = await Person.arrive(browser, server);
    await buyer.signUp();
    await buyer.reserve("Midnight show");
    await seller.cardIn("Midnight show", "Reserved").waitFor();
    const state = buyer.page.getByRole("region", { name: "State" });
    const left = async () => seconds(await state.getByRole("timer").textContent());
    await until(async () => (await left()) <= 896, "some of the time has passed");

    await server.kill();
    const offline = (person) => person.page.getByRole("status").filter({ hasText: "Offline" });
    await offline(seller).waitFor();
    await offline(buyer).waitFor();
    await buyer.screenshot("order-offline");

    await server.restart();
    for (const person of [seller, buyer]) {
      await person.page
        .getByRole("status")
        .filter({ hasText: "Back online" })
        .waitFor({ timeout: 40_000 });
      await offline(person).waitFor({ state: "detached" });
    }
    await seller.seeCountdownRun(seller.cardIn("Midnight show", "Reserved"));
    // The server's clock is known to a second, and anew after the restart.
    const after = await buyer.seeCountdownRun(state);
    assert.ok(after <= 897, `${after} seconds are left after the restart, 896 before it`);

    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();
    await seller.cardIn("Midnight show", "Sold").waitFor();
    await seller.assertNeverReloaded();
    await buyer.assertNeverReloaded();
  },
);
