// Every page by the rules of WCAG 2.2 AA that a program can check, contrast in both colour schemes
// among them.
import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import { test } from "node:test";

import { admin, Person, stage, until } from "./support.mjs";

const require = createRequire(new URL("../../frontend/package.json", import.meta.url));
const axe = await readFile(require.resolve("axe-core/axe.min.js"), "utf8");

test(
  "no page breaks a rule of accessibility that a program can check",
  { timeout: 180_000 },
  async (t) => {
    const { server, browser } = await stage(t);
    const seller = await Person.arrive(browser, server, { reducedMotion: "reduce" });
    await seller.signUp();
    await seller.list("Sold before", "5", { Category: "Cinema" });
    const buyer = await Person.arrive(browser, server, { reducedMotion: "reduce" });
    await buyer.signUp();
    await buyer.reserve("Sold before");
    await buyer.pay("tok_visa");
    await buyer.orderState("Paid").waitFor();
    await assertAccessible(buyer, "a paid order");

    await seller.list("Still there", "6", { Venue: "Harbour Hall", Starts: "2027-12-01T20:00" });
    await assertAccessible(seller, "the seller's ticket");
    await seller.list("Held now", "7.50");
    await buyer.goTo("/");
    await buyer.reserve("Held now");
    await assertAccessible(buyer, "an order to pay");
    await buyer.pay("tok_requiresAction");
    await buyer.page.getByRole("button", { name: "Pay another way" }).click();
    await assertAccessible(buyer, "a payment to be confirmed");
    await assertStaffPages(server, browser, new URL(buyer.page.url()).pathname);
    await buyer.page.getByRole("button", { name: "Refuse" }).click();
    await buyer.page.getByRole("alert").waitFor();
    await assertAccessible(buyer, "a refused payment");
    for (const path of ["/", "/?status=sold", "/orders", "/my/tickets", "/sell", "/nowhere"]) {
      await buyer.goTo(path);
      await until(
        () => buyer.page.evaluate(() => document.querySelector(".skeleton") === null),
        `${path} is there`,
      );
      await assertAccessible(buyer, path);
    }
    await buyer.goTo("/sell");
    await buyer.page.getByRole("button", { name: "List ticket" }).click();
    await buyer.page.getByText("Enter a title.").waitFor();
    await assertAccessible(buyer, "the seller's form with faults");

    const stranger = await Person.arrive(browser, server, {
      reducedMotion: "reduce",
      path: "/signup",
    });
    await stranger.page.getByRole("heading", { level: 1, name: "Create your account" }).waitFor();
    await assertAccessible(stranger, "/signup");
  },
);

async function assertStaffPages(server, browser, orderPath) {
  await server.createAdmin();
  const staff = await Person.arrive(browser, server, { reducedMotion: "reduce" });
  await staff.signIn(admin);
  await staff.goTo("/admin/payments");
  await staff.page.getByTestId("unsettled-order").waitFor();
  await assertAccessible(staff, "the unsettled payments");
  await staff.goTo(orderPath);
  await staff.page.getByRole("heading", { name: "For staff: refund" }).waitFor();
  await assertAccessible(staff, "another's order, for staff");
}

async function assertAccessible({ page }, where) {
  for (const colorScheme of ["light", "dark"]) {
    await page.emulateMedia({ colorScheme });
    // Colours fade from one scheme to the other; only the final ones count.
    await until(
      () =>
        page.evaluate(() => document.getAnimations().every((one) => one.playState !== "running")),
      "nothing moves",
    );
    await page.evaluate(axe);
    const violations = await page.evaluate(async () => {
      const rules = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
      const result = await globalThis.axe.run(document, { runOnly: rules });
      return result.violations.map(
        ({ id, help, nodes }) => `${id}: ${help}: ${nodes.map((node) => node.html).join(" | ")}`,
      );
    });
    assert.deepEqual(violations, [], `${where}, ${colorScheme}`);
  }
  await page.emulateMedia({ colorScheme: "light" });
}
