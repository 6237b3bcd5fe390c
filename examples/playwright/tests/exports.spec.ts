/** The list of exports: none, one, many; and a slow, unreachable or unauthorized API. */

import { expect, preferring, rows, test } from "./fixture";

const LIST = "list-all-push-notification-segment-exports";

test("there are none", async ({ page, sandbox, open }) => {
  await sandbox.on("empty-lists");
  await open("/exports");
  await expect(page.getByText("Nothing was exported yet.")).toBeVisible();
  await expect(rows(page)).toHaveCount(0);
});

test("there is one", async ({ page, open }) => {
  await preferring(page, "data=one");
  await open("/exports");
  await expect(rows(page)).toHaveCount(1);
});

test("there are forty, and each leads to its screen", async ({ page, open }) => {
  await open("/exports");
  await expect(rows(page)).toHaveCount(40);
  await rows(page).last().getByRole("link").click();
  await expect(page.getByRole("button", { name: "Cancel" })).toBeVisible();
});

test("long names fit", async ({ page, open }) => {
  await preferring(page, "data=long");
  await open("/exports");
  await expect(rows(page).first()).toBeVisible();
  expect((await rows(page).first().getByRole("link").textContent())?.length).toBeGreaterThan(100);
  await expect(rows(page).first().locator(".chip")).toBeInViewport();
  expect(await page.evaluate(() => document.documentElement.scrollWidth - innerWidth)).toBeLessThanOrEqual(0);
});

test("shows that it is loading during a slow response", async ({ page, sandbox, open }) => {
  await sandbox.on("slow", { times: 1 });
  await open("/exports");
  await expect(page.getByRole("status")).toHaveText("Loading…");
  await expect(rows(page)).toHaveCount(40);
});

test("a broken connection can be retried", async ({ page, sandbox, open }) => {
  await sandbox.on("fault-reset");
  await open("/exports");
  await expect(page.getByRole("alert")).toContainText("The server could not be reached.");
  await sandbox.off("fault-reset");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(rows(page)).toHaveCount(40);
});

test("the session is over", async ({ page, sandbox, open }) => {
  await open("/exports", "expired");
  await expect(page.getByRole("alert")).toContainText("Your session has ended. Sign in again.");
  expect(await sandbox.count({ operation: LIST, status: 401 })).toBe(1);
});

test("a test can create its own exports", async ({ page, sandbox, open }) => {
  const all = await sandbox.records.list("push_notifications/exports");
  const [first, ...others] = all;
  await Promise.all(others.map((other) => sandbox.records.delete("push_notifications/exports", other.key)));
  const key = first?.key.replace(/\d+$/, "7001") ?? "";
  await sandbox.records.put("push_notifications/exports", key, { ...first?.record, id: 7001, name: "<b>Mine</b>" });
  await open("/exports");
  await expect(rows(page).getByRole("link")).toHaveText(["export example", "<b>Mine</b>"]);
  await rows(page).last().getByRole("link").click();
  await expect(page.getByRole("heading", { name: "<b>Mine</b>" })).toBeVisible();
});
