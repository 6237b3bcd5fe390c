/** A real `mockserver serve` on a free port, for one test file. MOCKSERVER is the command, if it is not on the PATH. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after } from "node:test";

const [program, ...first] = (process.env.MOCKSERVER ?? "mockserver").split(" ");

export const TRASH = "/api/push_notifications/trash";
export const EXPORT = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports/100";

/** Start a server and return its URL; it stops after the tests of the file. */
export async function startServer(...options) {
  const server = spawn(program, [...first, "serve", "--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => server.once("exit", done));
  after(async () => {
    server.kill("SIGTERM");
    await ended;
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const match = /^ +docs +(http:\S+)\/docs/.exec(line);
    if (match) return match[1];
  }
  throw new Error("the server exited before it printed its URL");
}

/** Send a request as the app under test would. */
export async function request(base, path, method = "GET") {
  const response = await fetch(base + path, { method, headers: { "X-Access-Token": "any" } });
  return { status: response.status, body: await response.json() };
}
