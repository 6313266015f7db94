// Selling and buying, seen by two people at once on pages that are never reloaded.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Person, stage, until } from "./support.mjs";

const timeout = 120_000;

test(
  "a ticket appears, locks, counts down and sells on a board that is already open",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const buyer = await Person.arrive(browser, server);
    await buyer.signUp();
    await buyer.page.getByText("No tickets yet").waitFor();
    await buyer.screenshot("board-empty");

    const seller = await Person.arrive(browser, server);
    await seller.signUp();
    await seller.list("Winter Tour, front row", "49.50", {
      Event: "Winter Tour",
      Category: "Concert",
      Venue: "Harbour Hall",
      Starts: "2027-12-01T20:00",
      Seat: "Row 1, seat 7",
    });
    await buyer.cardIn("Winter Tour, front row", "Available").waitFor();

    await seller.goTo("/");
    await seller.cardIn("Winter Tour, front row", "Available").waitFor();
    await buyer.reserve("Winter Tour, front row");
    await buyer.screenshot("order-created");

    const locked = seller.cardIn("Winter Tour, front row", "Reserved");
    await locked.waitFor();
    const left = await seller.seeCountdownRun(locked);
    assert.ok(left > 800 && left <= 900, `${left} seconds are left of 900`);
    await seller.screenshot("board-reserved");

    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();
    await buyer.page.getByText("The ticket is yours").first().waitFor();
    await buyer.screenshot("order-paid");
    await seller.cardIn("Winter Tour, front row", "Sold").waitFor();
    await buyer.goTo("/");
    await buyer.cardIn("Winter Tour, front row", "Sold").waitFor();
    await buyer.goTo("/orders");
    await buyer.page.getByTestId("order").filter({ hasText: "Paid" }).waitFor();

    await buyer.assertNeverReloaded();
    await seller.assertNeverReloaded();
  },
);

test("a declined card is explained, and another card buys the ticket", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list("Cup final", "120");
  const buyer = await Person.arrive(browser, server);
  await buyer.signUp();
  await buyer.reserve("Cup final");

  await buyer.pay("tok_chargeDeclined");
  await buyer.page.getByRole("alert").filter({ hasText: "Nothing was charged" }).waitFor();
  await buyer.orderState("Waiting for payment").waitFor();
  await buyer.screenshot("order-declined");

  await buyer.pay("tok_visa");
  await buyer.orderState("Paid").waitFor();
  await seller.page.getByText("You sold this ticket").waitFor();
  await buyer.assertNeverReloaded();
});

test("a payment whose outcome is unknown at first settles by itself", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list("Chamber music", "18.20");
  const buyer = await Person.arrive(browser, server);
  await buyer.signUp();
  await buyer.reserve("Chamber music");

  await buyer.pay("tok_unknown");
  await buyer.orderState("Payment under way").waitFor();
  await buyer.screenshot("order-awaiting");
  await buyer.orderState("Paid").waitFor({ timeout: 60_000 });
  await buyer.assertNeverReloaded();
});

test(
  "a decline that is only known later gives the order back to be paid",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const seller = await Person.arrive(browser, server);
    await seller.signUp();
    await seller.list("Poetry slam", "8");
    const buyer = await Person.arrive(browser, server);
    await buyer.signUp();
    await buyer.reserve("Poetry slam");

    await buyer.pay("tok_unknownDeclined");
    await buyer.orderState("Payment under way").waitFor();
    await buyer.orderState("Waiting for payment").waitFor({ timeout: 60_000 });
    await buyer.page.getByRole("alert").filter({ hasText: "Nothing was charged" }).waitFor();
    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();
    await buyer.assertNeverReloaded();
  },
);

test("a cancelled order gives the ticket back to the board at once", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list("Opera, balcony", "75");
  await seller.goTo("/");
  const buyer = await Person.arrive(browser, server);
  await buyer.signUp();
  await buyer.reserve("Opera, balcony");
  await seller.cardIn("Opera, balcony", "Reserved").waitFor();

  await buyer.page.getByRole("button", { name: "Cancel order" }).click();
  const dialog = buyer.page.getByRole("dialog", { name: "Cancel this order?" });
  await dialog.waitFor();
  await buyer.screenshot("order-cancel-dialog");
  await buyer.page.keyboard.press("Escape");
  await dialog.waitFor({ state: "hidden" });
  await buyer.page.getByRole("button", { name: "Cancel order" }).click();
  await dialog.getByRole("button", { name: "Yes, cancel it" }).click();
  await buyer.orderState("Cancelled").waitFor();
  await seller.cardIn("Opera, balcony", "Available").waitFor();
  await seller.assertNeverReloaded();
});

test(
  "a seller changes and removes a ticket, and an open page of it follows",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const seller = await Person.arrive(browser, server);
    await seller.signUp();
    await seller.list("Museum night", "12");
    const reader = await Person.arrive(browser, server);
    await reader.page.getByRole("link", { name: "Museum night" }).click();
    await reader.page.getByText("$12.00").waitFor();

    await seller.page.getByRole("link", { name: "Edit" }).click();
    await seller.page.getByLabel("Price").fill("0");
    await seller.page.getByRole("button", { name: "Save changes" }).click();
    await seller.page.getByText("The price must be greater than 0.").waitFor();
    await until(
      () => seller.page.getByLabel("Price").evaluate((field) => field === document.activeElement),
      "the bad field has the focus",
    );
    await seller.page.getByLabel("Price").fill("14.25");
    await seller.page.getByRole("button", { name: "Save changes" }).click();
    await reader.page.getByText("$14.25").waitFor();

    await seller.page.getByRole("button", { name: "Remove" }).click();
    await seller.page.getByRole("dialog").getByRole("button", { name: "Remove ticket" }).click();
    await seller.page.getByRole("heading", { level: 1, name: "My tickets" }).waitFor();
    await reader.page
      .getByRole("heading", { level: 1, name: "This ticket isn’t listed" })
      .waitFor();
    await reader.assertNeverReloaded();
  },
);

test(
  "whoever wants a page that needs an account signs in and comes back to it",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const person = await Person.arrive(browser, server);
    await person.signUp();
    await person.page.getByRole("button", { name: "Sign out" }).click();
    await person.page.getByRole("link", { name: "Sign in" }).waitFor();
    await person.goTo("/my/tickets").catch(() => undefined);
    await person.page.getByRole("heading", { level: 1, name: "Sign in" }).waitFor();

    await person.page.getByLabel("E-mail").fill(person.email);
    await person.page.getByLabel("Password", { exact: true }).fill("a wrong password");
    await person.page.getByRole("button", { name: "Sign in" }).click();
    await person.page.getByRole("alert").filter({ hasText: "is wrong" }).waitFor();
    await person.page.getByLabel("Password", { exact: true }).fill("a long enough password");
    await person.page.getByRole("button", { name: "Sign in" }).click();
    await person.page.getByRole("heading", { level: 1, name: "My tickets" }).waitFor();
  },
);
