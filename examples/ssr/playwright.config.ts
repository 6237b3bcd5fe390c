/** One mock server and one app server for all tests. Each test has its own sandbox, so all tests run in parallel. */

import { createServer, type AddressInfo } from "node:net";

import { defineConfig } from "@playwright/test";

/** Workers load this file again, and get the ports of the first load from the environment. */
const api = (process.env.EXAMPLE_API_PORT ??= await freePort());
const app = (process.env.EXAMPLE_APP_PORT ??= await freePort());
/** As root, in a container, Chromium does not start with its own sandbox. */
const root = process.getuid?.() === 0;
const mockserver = process.env.MOCKSERVER ?? "mockserver";

export default defineConfig({
  testDir: "tests",
  fullyParallel: true,
  workers: "100%",
  forbidOnly: Boolean(process.env.CI),
  reporter: "list",
  use: {
    baseURL: `http://127.0.0.1:${app}`,
    // The Chromium of the system; by default Playwright uses the one of `npx playwright install`.
    launchOptions: { executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: root ? ["--no-sandbox"] : [] },
  },
  webServer: [
    {
      // A call that loses the name of its sandbox fails at once.
      command: `${mockserver} serve --port ${api} --workers 2 --require-sandbox`,
      url: `http://127.0.0.1:${api}/__admin/health`,
      gracefulShutdown: { signal: "SIGTERM", timeout: 10_000 },
    },
    {
      command: "node dist/src/server.js",
      env: { API: `http://127.0.0.1:${api}/api`, PORT: app },
      url: `http://127.0.0.1:${app}/health`,
    },
  ],
});

function freePort(): Promise<string> {
  return new Promise((done) => {
    const server = createServer().listen(0, "127.0.0.1", () => {
      const { port } = server.address() as AddressInfo;
      server.close(() => done(String(port)));
    });
  });
}
