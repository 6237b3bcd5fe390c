/** One export: its state, and the cancel button. */

import { expect, test } from "./fixture.js";

test("is canceled, and stays canceled", async ({ page, sandbox }) => {
  await page.goto("/exports/100");
  await expect(page.getByRole("strong")).toHaveText("running");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("strong")).toHaveText("canceled");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeDisabled();
  await page.getByRole("link", { name: "All exports" }).click();
  await expect(page.getByRole("listitem").first()).toContainText("canceled");
  expect(await sandbox.count({ transition: true })).toBe(1);
});

test("cannot be canceled when it is finished", async ({ page, sandbox }) => {
  await page.goto("/exports/100");
  await sandbox.on("finished-export-cancel"); // between the page and the click
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toHaveText("Finished export cannot be canceled");
  await expect(page.getByRole("strong")).toHaveText("finished");
});

test("is not found", async ({ page, sandbox }) => {
  await sandbox.on("export-not-found");
  const response = await page.goto("/exports/100");
  expect(response?.status()).toBe(404);
  await expect(page.getByRole("alert")).toContainText("export not found");
});

test.describe("with a read-only token", () => {
  test.use({ token: "view-only" });

  test("cannot be canceled", async ({ page, sandbox }) => {
    await page.goto("/exports/100");
    await page.getByRole("button", { name: "Cancel" }).click();
    await expect(page.getByRole("alert")).toBeVisible();
    await expect(page.getByRole("strong")).toHaveText("running");
    expect(await sandbox.count({ status: 403 })).toBe(1);
  });
});
