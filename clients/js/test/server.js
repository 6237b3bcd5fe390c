/** A real `mockserver serve` on a free port, for one test file. MOCKSERVER is the command, where it is not on the PATH. */

import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { after } from "node:test";

const [program, ...first] = (process.env.MOCKSERVER ?? "mockserver").split(" ");

export const TRASH = "/api/push_notifications/trash";
export const EXPORT = "/api/push_notifications/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/exports/100";

/** Starts the server, which ends with the file's tests; gives its URL. */
export async function serving(...options) {
  const server = spawn(program, [...first, "serve", "--port", "0", ...options], { stdio: ["ignore", "pipe", "inherit"] });
  const ended = new Promise((done) => server.once("exit", done));
  after(async () => {
    server.kill("SIGTERM");
    await ended;
  });
  for await (const line of createInterface({ input: server.stdout })) {
    const found = /^ +docs +(http:\S+)\/docs/.exec(line);
    if (found) return found[1];
  }
  throw new Error("expected the server to say where it is, and it ended");
}

/** What the app under test would do. */
export async function ask(base, path, method = "GET") {
  const answer = await fetch(base + path, { method, headers: { "X-Access-Token": "any" } });
  return { status: answer.status, body: await answer.json() };
}
