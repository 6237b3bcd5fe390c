/** The Playwright fixtures: a sandbox for each test, and its name in the cookie of the browser. */

import { test as playwright, type BrowserContext } from "@playwright/test";
import { connect, type Sandbox } from "apib-mockserver-client";

export const server = connect(`http://127.0.0.1:${process.env.EXAMPLE_API_PORT}`);

interface Fixtures {
  sandbox: Sandbox;
  /** The access token of the user, without the name of the sandbox. */
  token: string;
}

export const test = playwright.extend<Fixtures>({
  token: ["any", { option: true }],
  sandbox: async ({}, use, testInfo) => {
    const sandbox = await server.startTest(testInfo);
    await use(sandbox);
    await sandbox.expectNoViolations();
    await sandbox.expectNoUnmatched();
    await sandbox.delete();
  },
  context: async ({ context, sandbox, token, baseURL }, use) => {
    await signIn(context, `${token}@${sandbox.name}`, baseURL ?? "");
    await use(context);
  },
});

/** Set the cookie that the server forwards to the API as the access token. */
export function signIn(context: BrowserContext, token: string, url: string): Promise<void> {
  return context.addCookies([{ name: "access_token", value: token, url, httpOnly: true, sameSite: "Lax" }]);
}

export { expect } from "@playwright/test";
