/** What each test gets: a sandbox of its own, and the app's screens in front of it. */

import { test as playwright, type Page } from "@playwright/test";
import { connect, sandboxFor, type Sandbox } from "mockserver-client";

interface Given {
  sandbox: Sandbox;
  /** Opens a screen of the app, `/exports/100`, with the sandbox behind it; whose token it is can be chosen. */
  open: (screen: string, token?: string) => Promise<void>;
}

const server = connect(`http://127.0.0.1:${process.env.EXAMPLE_API_PORT}`);

export const test = playwright.extend<Given>({
  sandbox: async ({}, use, testInfo) => {
    const sandbox = server.sandbox(sandboxFor(testInfo));
    await sandbox.reset(); // a server that is kept from run to run has seen this test before
    await use(sandbox);
    if (testInfo.status !== testInfo.expectedStatus) {
      await testInfo.attach("requests", { body: JSON.stringify(await sandbox.requests(), null, 2), contentType: "application/json" });
    }
    await sandbox.expectNoViolations();
    await sandbox.expectNoUnmatched();
    await sandbox.delete();
  },
  open: async ({ page, sandbox }, use) => {
    await use(async (screen, token = "any") => {
      const query = new URLSearchParams({ api: `${sandbox.apiBase}/api`, token, poll: "50" });
      await page.goto(`/?${query}#${screen}`, { waitUntil: "commit" }); // what is shown while the page loads is tested too
    });
  },
});

/** The rows of the list that is shown. */
export const rows = (page: Page) => page.getByRole("main").getByRole("listitem");

/** Has the page's calls of the API ask for an answer of a certain kind (RFC 7240), as a proxy in between would. */
export const preferring = (page: Page, prefer: string) =>
  page.route("**/api/**", (route) => route.continue({ headers: { ...route.request().headers(), prefer } }));

export { expect } from "@playwright/test";
