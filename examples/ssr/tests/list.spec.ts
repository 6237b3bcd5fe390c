/** The list of exports, rendered by the server. */

import { expect, test } from "./fixture.js";

test("there are forty", async ({ page, sandbox }) => {
  await page.goto("/exports");
  await expect(page.getByRole("listitem")).toHaveCount(40);
  expect(await sandbox.count({ method: "GET" })).toBe(1);
});

test("there are none", async ({ page, sandbox }) => {
  await sandbox.on("empty-lists");
  await page.goto("/exports");
  await expect(page.getByText("Nothing was exported yet.")).toBeVisible();
  await sandbox.off("empty-lists");
  await page.reload();
  await expect(page.getByRole("listitem")).toHaveCount(40);
});

test("the API breaks the connection", async ({ page, sandbox }) => {
  await sandbox.on("fault-reset");
  const response = await page.goto("/exports");
  expect(response?.status()).toBe(502);
  await expect(page.getByRole("alert")).toHaveText("The API could not be reached.");
});

test("a name is text, not HTML", async ({ page, sandbox }) => {
  const [first] = await sandbox.records.list("push_notifications/exports", { limit: 1 });
  await sandbox.records.patch("push_notifications/exports", first!.key, { name: "<b>Mine</b> & 'yours'" });
  await page.goto("/exports");
  await expect(page.getByRole("link").first()).toHaveText("<b>Mine</b> & 'yours'");
});
