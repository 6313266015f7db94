// Paying through the test provider, with everything that a buyer may meet, and what staff see of it.
import assert from "node:assert/strict";
import { test } from "node:test";

import { admin, Person, phone, stage } from "./support.mjs";

const timeout = 120_000;

/** A seller's ticket that a buyer has reserved: on the order's page. */
async function reserved(server, browser, title, options) {
  const seller = await Person.arrive(browser, server);
  await seller.signUp();
  await seller.list(title, "49.50");
  const buyer = await Person.arrive(browser, server, options);
  await buyer.signUp();
  await buyer.reserve(title);
  return { seller, buyer };
}

function alert(person, text) {
  return person.page.getByRole("alert").filter({ hasText: text });
}

test(
  "a decline says what to do, a refused confirmation too, and an approved one pays",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const { buyer } = await reserved(server, browser, "Winter Tour");
    const { page } = buyer;

    await buyer.pay("tok_chargeDeclinedInsufficientFunds");
    await alert(buyer, "not enough money").waitFor();
    await alert(buyer, "Nothing was charged").waitFor();
    await buyer.screenshot("paying-declined");

    await buyer.pay("tok_requiresAction");
    await buyer.orderState("To be confirmed").waitFor();
    await page.getByTestId("unsettled").getByText("You have until").waitFor();
    await page.getByRole("button", { name: "Check now" }).click();
    await page.getByText("the payment isn’t confirmed yet").waitFor();
    await buyer.screenshot("paying-to-be-confirmed");
    await page.getByRole("button", { name: "Refuse" }).click();
    await alert(buyer, "wasn’t confirmed").waitFor();
    await buyer.orderState("Waiting for payment").waitFor();

    await buyer.pay("tok_requiresAction");
    await page.getByRole("button", { name: "Approve" }).click();
    await buyer.orderState("Paid").waitFor();
    await page.getByText("The ticket is yours").first().waitFor();
    await buyer.assertNeverReloaded();
  },
);

test(
  "what waits for the buyer is in the list of orders, and can be paid another way",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    const { buyer } = await reserved(server, browser, "Harbour lights");
    const { page } = buyer;
    const path = new URL(page.url()).pathname;
    await buyer.pay("tok_requiresAction");
    await buyer.orderState("To be confirmed").waitFor();

    await buyer.goTo("/orders");
    const row = page.getByTestId("order").filter({ hasText: "Harbour lights" });
    await row.getByText("Waits for your confirmation until").waitFor();
    await buyer.screenshot("orders-unsettled");
    await buyer.goTo(path);
    await page.getByRole("button", { name: "Pay another way" }).click();
    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();
    await buyer.assertNeverReloaded();
  },
);

test("an order whose payment waits for the buyer can be cancelled", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const { seller, buyer } = await reserved(server, browser, "Poetry slam");
  const { page } = buyer;
  await buyer.pay("tok_requiresAction");
  await buyer.orderState("To be confirmed").waitFor();
  await page.getByRole("button", { name: "Cancel order" }).click();
  const dialog = page.getByRole("dialog", { name: "Cancel this order?" });
  await dialog.getByText("called off first").waitFor();
  await dialog.getByRole("button", { name: "Yes, cancel it" }).click();
  await buyer.orderState("Cancelled").waitFor();
  await seller.goTo("/");
  await seller.cardIn("Poetry slam", "Available").waitFor();
});

test(
  "staff see that everything is settled, and refund an order so that its ticket is on sale again",
  { timeout },
  async (t) => {
    const { server, browser } = await stage(t);
    await server.createAdmin();
    const { seller, buyer } = await reserved(server, browser, "Cup final");
    const path = new URL(buyer.page.url()).pathname;
    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();

    const staff = await Person.arrive(browser, server);
    await staff.signIn(admin);
    await staff.page.getByRole("link", { name: "Payments" }).click();
    await staff.page.getByRole("heading", { name: "Everything is settled" }).waitFor();
    await staff.screenshot("admin-payments-empty");
    await staff.goTo(path);
    await refundPart(staff, "49.51", "more than can be refunded");
    await refundPart(staff, "9.50");
    await staff.page.getByTestId("refund").filter({ hasText: "$9.50" }).waitFor();
    await buyer.page.getByTestId("refund").getByText("Sent back").waitFor();

    await staff.page.getByLabel("All that remains: $40.00").check();
    await staff.page.getByLabel("Put the tickets back on sale").check();
    await staff.screenshot("admin-refund");
    await confirmRefund(staff);
    await buyer.orderState("Cancelled").waitFor();
    await buyer.page.getByTestId("refund").filter({ hasText: "$40.00" }).waitFor();
    await buyer.screenshot("order-refunded");
    await seller.goTo("/");
    await seller.cardIn("Cup final", "Available").waitFor();
    await buyer.assertNeverReloaded();
    await staff.assertNeverReloaded();
  },
);

async function refundPart(staff, amount, fault) {
  const { page } = staff;
  await page.getByLabel("A part of it").check();
  await page.getByLabel("Amount").fill(amount);
  if (fault === undefined) return confirmRefund(staff);
  await page.getByRole("button", { name: "Refund…" }).click();
  await page.getByText(fault).waitFor();
}

async function confirmRefund({ page }) {
  await page.getByRole("button", { name: "Refund…" }).click();
  await page.getByRole("dialog").getByRole("button", { name: "Yes, refund it" }).click();
}

test("the list of unsettled payments is for staff alone", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  const person = await Person.arrive(browser, server);
  await person.signUp();
  assert.equal(await person.page.getByRole("link", { name: "Payments" }).count(), 0);
  await person.goTo("/admin/payments");
  await person.page.getByRole("heading", { level: 1, name: "This page is for staff" }).waitFor();
});

test("paying and its page for staff fit a phone", { timeout }, async (t) => {
  const { server, browser } = await stage(t);
  await server.createAdmin();
  const title = `Encore${"o".repeat(80)}`;
  const { buyer } = await reserved(server, browser, title, { viewport: phone });
  const path = new URL(buyer.page.url()).pathname;
  await buyer.assertFits("an order to pay");
  await buyer.pay("tok_chargeDeclined");
  await alert(buyer, "Nothing was charged").waitFor();
  await buyer.assertFits("a declined payment");
  await buyer.pay("tok_requiresAction");
  await buyer.page.getByRole("button", { name: "Pay another way" }).click();
  await buyer.assertFits("a payment to be confirmed");
  await buyer.screenshot("phone-to-be-confirmed", { fullPage: true });

  const staff = await Person.arrive(browser, server, { viewport: phone });
  await staff.signIn(admin);
  await staff.goTo("/admin/payments");
  await staff.page.getByTestId("unsettled-order").getByText("buyer’s confirmation").waitFor();
  await staff.assertFits("the unsettled payments");
  await staff.screenshot("phone-admin-payments");
  await buyer.page.getByRole("button", { name: "Approve" }).click();
  await buyer.orderState("Paid").waitFor();
  await staff.page.getByRole("button", { name: "Refresh" }).click();
  await staff.page.getByRole("heading", { name: "Everything is settled" }).waitFor();
  await staff.assertFits("no unsettled payments");
  await staff.goTo(path);
  await staff.page.getByRole("heading", { name: "For staff: refund" }).waitFor();
  await staff.page.getByLabel("A part of it").check();
  await staff.assertFits("the refund form");
});
