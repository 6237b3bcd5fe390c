/** One export: polls and cancel. Export 100 is running, export 102 is waiting. */

import type { Exchange } from "apib-mockserver-client";

import { expect, test } from "./fixture";

/** Return the state in the response of an exchange. */
const stateOf = (exchange: Exchange) => JSON.parse(exchange.response_body ?? "").push_notification_export.status;

test("moves from waiting to finished while the page polls", async ({ page, sandbox, open }) => {
  await sandbox.clock.progression("time");
  await open("/exports/102");
  const state = page.locator(".chip");
  const bar = page.getByRole("progressbar", { name: "Sent" });
  await expect(state).toHaveText("waiting");
  await expect(bar).toHaveJSProperty("value", 0);

  await sandbox.clock.advance(5 + 30);
  await expect(state).toHaveText("running");
  await expect(bar).not.toHaveJSProperty("value", 0);
  await expect(bar).not.toHaveJSProperty("position", 1);

  await sandbox.clock.advance(30);
  await expect(state).toHaveText("finished");
  const { sent, total } = JSON.parse((await sandbox.requests()).at(-1)?.response_body ?? "").push_notification_export.message_counts;
  await expect(page.getByText(`${sent} of ${total} sent`)).toBeVisible();
});

test("is finished after some reads", async ({ page, sandbox, open }) => {
  await sandbox.clock.progression("polls");
  await open("/exports/102");
  await expect(page.locator(".chip")).toHaveText("finished");
  expect((await sandbox.requests()).map(stateOf)).toEqual(["waiting", "running", "finished"]);
});

test("is canceled, and stays canceled", async ({ page, sandbox, open }) => {
  await open("/exports/100");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.locator(".chip")).toHaveText("canceled");
  await expect(page.getByRole("button", { name: "Cancel" })).toBeDisabled();
  await page.reload();
  await expect(page.locator(".chip")).toHaveText("canceled");
  expect(await sandbox.count({ transition: true })).toBe(1);
});

test("cannot be canceled when it is finished", async ({ page, sandbox, open }) => {
  await open("/exports/100");
  await expect(page.locator(".chip")).toHaveText("running");
  await sandbox.on("finished-export-cancel"); // between the poll and the click
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toHaveText("Finished export cannot be canceled");
  await expect(page.locator(".chip")).toHaveText("finished");
});

test("cannot be canceled with a read-only token", async ({ page, open }) => {
  await open("/exports/100", "view-only");
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("alert")).toHaveText("You may look at this, but not change it.");
  await expect(page.locator(".chip")).toHaveText("running");
});

test("is not found", async ({ page, sandbox, open }) => {
  await sandbox.on("export-not-found");
  await open("/exports/100");
  await expect(page.getByRole("alert")).toContainText("Push notification export not found");
  await expect(page.getByText("Loading…")).toHaveCount(0);
  await sandbox.off("export-not-found");
  await page.getByRole("button", { name: "Try again" }).click();
  await expect(page.getByRole("heading", { name: "export example" })).toBeVisible();
  await expect(page.getByRole("alert")).toHaveCount(0);
});

test("is not polled after the user leaves its screen", async ({ page, sandbox, open }) => {
  await page.clock.install({ time: 0 });
  await open("/exports/100", "view-only");
  await expect(page.locator(".chip")).toHaveText("running");
  await page.clock.pauseAt(3_600_000); // from here on the page's timers wait for this test
  let release = () => {};
  const released = new Promise<void>((done) => (release = done));
  await page.route("**/exports/100", async (route) => released.then(() => route.continue()), { times: 1 });
  const refused = page.waitForResponse((response) => response.status() === 403);
  await page.getByRole("button", { name: "Cancel" }).click();
  await page.getByRole("link", { name: "Trash" }).click();
  await expect(page.getByRole("heading", { name: "Trash" })).toBeFocused();
  await sandbox.clearRequests();
  release();
  await (await refused).finished();
  await page.clock.runFor(1000);
  await page.getByRole("link", { name: "Exports" }).click();
  await expect(page.getByRole("listitem")).toHaveCount(40);
  expect(await sandbox.count({ method: "GET", urlPathPattern: ".*/exports/100" })).toBe(0);
});
