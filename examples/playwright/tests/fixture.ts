/** The Playwright fixtures: a sandbox for each test, and a function that opens the app with it. */

import { test as playwright, type Page } from "@playwright/test";
import { connect, type Sandbox } from "apib-mockserver-client";

interface Fixtures {
  sandbox: Sandbox;
  /** Opens a screen of the app, such as `/exports/100`, with the sandbox as its API and an access token. */
  open: (screen: string, token?: string) => Promise<void>;
}

const server = connect(`http://127.0.0.1:${process.env.EXAMPLE_API_PORT}`);

export const test = playwright.extend<Fixtures>({
  sandbox: async ({}, use, testInfo) => {
    const sandbox = await server.startTest(testInfo);
    await use(sandbox);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("requests", { body: JSON.stringify(await sandbox.requests(), null, 2), contentType: "application/json" });
    }
    await sandbox.expectNoViolations();
    await sandbox.expectNoUnmatched();
    await sandbox.delete();
  },
  // The pages close before the sandbox is deleted: a page that polls would create it again.
  context: ({ sandbox: _, context }, use) => use(context),
  open: async ({ page, sandbox }, use) => {
    await use(async (screen, token = "any") => {
      const query = new URLSearchParams({ api: `${sandbox.apiBase}/api`, token, poll: "50" });
      await page.goto(`/?${query}#${screen}`, { waitUntil: "commit" }); // so that tests see the page while it loads
    });
  },
});

/** Return the rows of the visible list. */
export const rows = (page: Page) => page.getByRole("main").getByRole("listitem");

/** Add a `Prefer` header (RFC 7240) to the API requests of the page, as a proxy could. */
export const preferring = (page: Page, prefer: string) =>
  page.route("**/api/**", (route) => route.continue({ headers: { ...route.request().headers(), prefer } }));

export { expect } from "@playwright/test";
