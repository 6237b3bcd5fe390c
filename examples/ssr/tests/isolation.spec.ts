/** One app server for all sandboxes: it forwards the name of each request, and mixes none of them. */

import { expect, server, signIn, test } from "./fixture.js";

test("two users see their own data", async ({ page, browser, sandbox, baseURL }) => {
  const other = server.sandbox(`${sandbox.name.slice(0, 50)}-other`);
  await other.reset();
  const context = await browser.newContext({ baseURL });
  await signIn(context, `any@${other.name}`, baseURL ?? "");
  const otherPage = await context.newPage();
  await Promise.all([page.goto("/exports/100"), otherPage.goto("/exports/100")]);
  await page.getByRole("button", { name: "Cancel" }).click();
  await expect(page.getByRole("strong")).toHaveText("canceled");
  await otherPage.reload();
  await expect(otherPage.getByRole("strong")).toHaveText("running");
  await context.close();
  await other.delete();
});

test("the baggage of a request names the sandbox too", async ({ browser, sandbox, baseURL }) => {
  const extraHTTPHeaders = { baggage: `mock.sandbox=${sandbox.name}` };
  const context = await browser.newContext({ baseURL, extraHTTPHeaders });
  await signIn(context, "any", baseURL ?? "");
  await sandbox.on("empty-lists");
  const page = await context.newPage();
  await page.goto("/exports");
  await expect(page.getByText("Nothing was exported yet.")).toBeVisible();
  await context.close();
});

test("a page without a sandbox is an error", async ({ browser, baseURL }) => {
  const context = await browser.newContext({ baseURL });
  await signIn(context, "any", baseURL ?? "");
  const page = await context.newPage();
  const response = await page.goto("/exports");
  expect(response?.status()).toBe(400);
  await expect(page.getByRole("alert")).toContainText("the request names no sandbox");
  await context.close();
});

test("a hundred pages at once are not mixed", async ({ request, sandbox }) => {
  const names = [...Array(20).keys()].map((number) => `${sandbox.name.slice(0, 50)}-${number}`);
  await Promise.all(names.map((name) => server.sandbox(name).reset()));
  const emptied = names.filter((_, index) => index % 2 === 0);
  await Promise.all(emptied.map((name) => server.sandbox(name).on("empty-lists")));
  const requested = [...names, ...names, ...names, ...names, ...names];
  const pages = await Promise.all(
    requested.map(async (name) => (await request.get("/exports", { headers: { cookie: `access_token=any@${name}` } })).text()),
  );
  const areEmpty = pages.map((page) => page.includes("Nothing was exported yet."));
  expect(areEmpty).toEqual(requested.map((name) => emptied.includes(name)));
  await Promise.all(names.map((name) => server.sandbox(name).delete()));
});
