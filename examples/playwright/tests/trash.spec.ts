/** The trash: search and restore. */

import { expect, rows, test } from "./fixture";

const NAME = "My push notification";

test("a search is sent when typing stops", async ({ page, sandbox, open }) => {
  await page.clock.install({ time: 0 });
  await open("/trash");
  await expect(rows(page)).toHaveCount(20);
  await page.clock.pauseAt(3_600_000); // from here on the page's timers wait for this test
  for (const key of "my push") {
    await page.getByRole("searchbox", { name: "Search the trash" }).pressSequentially(key);
    await page.clock.runFor(100);
  }
  await page.clock.runFor(250);
  await expect(rows(page)).toHaveText([new RegExp(NAME)]);
  const searches = await sandbox.requests({ method: "GET", path: "/api/push_notifications/trash" });
  expect(searches.map((exchange) => exchange.arguments.searched_text)).toEqual([undefined, "my push"]);
});

test("a search without results", async ({ page, open }) => {
  await open("/trash");
  await page.getByRole("searchbox").fill("no such name");
  await expect(page.getByText("Nothing in the trash has that name.")).toBeVisible();
});

test("a restored notification leaves the list", async ({ page, sandbox, open }) => {
  await open("/trash");
  await rows(page).filter({ hasText: NAME }).getByRole("button", { name: "Restore" }).click();
  await expect(rows(page).filter({ hasText: NAME })).toHaveCount(0);
  await expect(rows(page)).toHaveCount(20); // the next one of the trash takes its row
  await expect(page.getByRole("status")).toHaveText(`${NAME} was restored.`);
  await page.reload();
  await expect(rows(page)).toHaveCount(20);
  await expect(rows(page).filter({ hasText: NAME })).toHaveCount(0);
  expect(await sandbox.count({ method: "PATCH", status: 200 })).toBe(1);
});

test("the keyboard focus moves to the next row after a restore", async ({ page, open }) => {
  await open("/trash");
  const second = (await rows(page).nth(1).locator(".name").textContent()) ?? "";
  await rows(page).first().getByRole("button", { name: `Restore ${NAME}` }).press("Enter");
  await expect(rows(page).first().getByRole("button", { name: `Restore ${second}` })).toBeFocused();
});

test("a refused restore changes nothing", async ({ page, open }) => {
  await open("/trash", "view-only");
  await rows(page).filter({ hasText: NAME }).getByRole("button", { name: "Restore" }).click();
  await expect(page.getByRole("alert")).toHaveText("You may look at this, but not change it.");
  await expect(rows(page).filter({ hasText: NAME })).toHaveCount(1);
});

test("long names fit", async ({ page, sandbox, open }) => {
  const long = "Vánoční dárky ".repeat(30).trim();
  const [first] = await sandbox.records.list("push_notifications/trash", { limit: 1 });
  await sandbox.records.patch("push_notifications/trash", first?.key ?? "", { name: long });
  await open("/trash");
  await expect(rows(page).first().locator(".name")).toHaveText(long);
  await expect(rows(page).first().getByRole("button", { name: "Restore" })).toBeInViewport();
});
