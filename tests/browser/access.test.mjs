// Small screens, keyboards, and addresses that lead nowhere.
import assert from "node:assert/strict";
import { test } from "node:test";

import { Person, phone, stage, until } from "./support.mjs";

const timeout = 120_000;
/** What a seller may write: nothing in it offers a place to break the line. */
const longTitle = `Encore${"o".repeat(80)}`;

test("no page is wider than a phone of 360 pixels", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list(longTitle, "999999.99", { Event: "Winter Tour", Venue: "V".repeat(90) });
  const ticketPath = new URL(seller.page.url()).pathname;
  await seller.list("Harbour lights", "24.90", {
    Category: "Theatre",
    Seat: "Block C, row 12, seat 4",
  });

  const buyer = await Person.arrive(browser, server, {
    viewport: phone,
    hasTouch: true,
    reducedMotion: "reduce",
  });
  await buyer.signUp();
  await buyer.reserve(longTitle);
  const orderPath = new URL(buyer.page.url()).pathname;
  const paths = [
    "/",
    "/?status=sold",
    ticketPath,
    "/sell",
    "/my/tickets",
    "/orders",
    orderPath,
    "/nowhere",
  ];
  for (const path of paths) {
    await buyer.goTo(path);
    await until(() => hasSettled(buyer.page), `${path} is there`);
    await buyer.assertFits(path);
    await buyer.screenshot(`phone${path.replace(/[^a-z]+/g, "-").slice(0, 14)}`, {
      fullPage: true,
    });
  }

  const sellerOnPhone = seller.page;
  await sellerOnPhone.setViewportSize(phone);
  for (const path of [`${ticketPath}/edit`, "/my/tickets"]) {
    await seller.goTo(path);
    await until(() => hasSettled(sellerOnPhone), `${path} is there`);
    await seller.assertFits(path);
  }
  const stranger = await Person.arrive(browser, server, { viewport: phone });
  for (const path of ["/signin", "/signup", "/"]) {
    await stranger.goTo(path);
    await until(() => hasSettled(stranger.page), `${path} is there`);
    await stranger.assertFits(path);
    await stranger.screenshot(`phone-stranger${path.replace("/", "-")}`);
  }
});

/** Nothing is loading any more, and the fonts and layout are final. */
async function hasSettled(page) {
  return page.evaluate(
    () => document.querySelector("h1") !== null && document.querySelector(".skeleton") === null,
  );
}

test("a ticket is bought with the keyboard alone", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list("Keyboard concerto", "42");

  const buyer = await Person.arrive(browser, server);
  const { page } = buyer;
  await tabTo(page, page.getByRole("link", { name: "Sign up" }));
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("heading", { level: 1, name: "Create your account" }));
  await tabTo(page, page.getByLabel("E-mail"));
  await page.keyboard.type(buyer.email);
  await page.keyboard.press("Tab");
  await page.keyboard.type("a long enough password");
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("heading", { level: 1, name: "Tickets" }));

  await tabTo(page, page.getByRole("link", { name: "Keyboard concerto" }));
  await page.keyboard.press("Enter");
  await hasFocus(page.getByRole("heading", { level: 1 }));
  await page.getByRole("heading", { level: 1, name: "Keyboard concerto" }).waitFor();
  await tabTo(page, page.getByRole("button", { name: "Reserve ticket" }));
  await page.keyboard.press("Enter");
  await buyer.orderState("Waiting for payment").waitFor();
  await tabTo(page, page.getByRole("button", { name: /^Pay / }));
  await page.keyboard.press("Enter");
  await buyer.orderState("Paid").waitFor();
  await buyer.assertNeverReloaded();
});

/** Tabs on until the element has the focus. */
async function tabTo(page, locator) {
  await locator.waitFor();
  for (let pressed = 0; pressed < 60; pressed += 1) {
    if (await isFocused(locator)) return;
    await page.keyboard.press("Tab");
  }
  assert.fail(`60 presses of Tab don't reach ${locator}`);
}

function isFocused(locator) {
  return locator.evaluate((element) => element === document.activeElement);
}

async function hasFocus(locator) {
  await until(() => isFocused(locator), `${locator} has the focus`);
}

test("the first Tab offers to skip to the content", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const person = await Person.arrive(browser, server);
  await person.page.getByRole("heading", { level: 1, name: "Tickets" }).waitFor();
  await person.page.keyboard.press("Tab");
  await hasFocus(person.page.getByRole("link", { name: "Skip to content" }));
  await person.page.keyboard.press("Enter");
  await hasFocus(person.page.getByRole("main"));
});

test("an address that leads nowhere says so", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const person = await Person.arrive(browser, server, { path: "/no/such/page" });
  await person.page.getByRole("heading", { level: 1, name: "Page not found" }).waitFor();
  await person.goTo("/tickets/00000000-0000-8000-8000-000000000000");
  await person.page.getByRole("heading", { level: 1, name: "This ticket isn’t listed" }).waitFor();
});
