/** Each method of a sandbox, with a real server. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { connect, sandboxFor } from "apib-mockserver-client";
import { request, EXPORT, startServer, TRASH } from "./server.js";

const url = await startServer();

/** Return the sandbox of a test. */
const sandboxOf = (context) => connect(`${url}/`).sandbox(sandboxFor({ titlePath: ["sandbox.test.js", context.name] }));
const status = async (sandbox) => (await request(sandbox.apiBase, EXPORT)).body.push_notification_export.status;

test("the app's base URL names the sandbox", async (context) => {
  const sandbox = sandboxOf(context);
  assert.equal(sandbox.apiBase, `${url}/~${sandbox.name}`);
  assert.match((await fetch(sandbox.panel)).headers.get("Content-Type"), /^text\/html/);
  const response = await fetch(sandbox.apiBase + TRASH, { headers: { "X-Access-Token": "any" } });
  assert.equal(response.headers.get("X-Mock-Sandbox"), sandbox.name);
});

test("a scenario is on and off, here only", async (context) => {
  const sandbox = sandboxOf(context);
  assert.equal((await sandbox.on("export-not-found")).on, true);
  assert.equal((await request(sandbox.apiBase, EXPORT)).status, 404);
  assert.equal((await request(url, EXPORT)).status, 200);
  assert.equal((await sandbox.off("export-not-found")).on, false);
  assert.equal((await request(sandbox.apiBase, EXPORT)).status, 200);
});

test("overrides replace members of a scenario", async (context) => {
  const sandbox = sandboxOf(context);
  const on = await sandbox.on("export-not-found", { times: 1 });
  assert.deepEqual([on.overrides, on.remaining], [{ times: 1 }, 1]);
  assert.equal((await request(sandbox.apiBase, EXPORT)).status, 404);
  assert.equal((await request(sandbox.apiBase, EXPORT)).status, 200);
});

test("the clock advances records", async (context) => {
  const sandbox = sandboxOf(context);
  assert.equal((await sandbox.clock.progression("time")).progression, "time");
  assert.equal(await status(sandbox), "running");
  assert.equal((await sandbox.clock.advance(60)).now, "2026-11-02 09:01:00");
  assert.equal(await status(sandbox), "finished");
});

test("reads advance records", async (context) => {
  const sandbox = sandboxOf(context);
  await sandbox.clock.progression("polls");
  assert.deepEqual([await status(sandbox), await status(sandbox)], ["running", "finished"]);
});

test("the clock is set, run and frozen", async (context) => {
  const { clock } = sandboxOf(context);
  assert.deepEqual(await clock.set("2026-12-24 18:00:00"), { now: "2026-12-24 18:00:00", mode: "frozen", progression: "manual" });
  assert.equal((await clock.run()).mode, "running");
  assert.equal((await clock.freeze()).mode, "frozen");
  assert.equal((await clock.get()).mode, "frozen");
});

test("the journal is filtered and counted", async (context) => {
  const sandbox = sandboxOf(context);
  await request(sandbox.apiBase, TRASH);
  await request(sandbox.apiBase, EXPORT, "DELETE");
  const [first, second, ...rest] = await sandbox.requests();
  assert.deepEqual([first.method, second.method, rest], ["GET", "DELETE", []]);
  assert.deepEqual((await sandbox.requests({ transition: true }))[0].transition, {
    record: "push_notifications/exports/5f3c1a9e-27d4-4b68-9c0e-8a7d6b5e4f32/100",
    from: "running",
    to: "canceled",
  });
  assert.deepEqual([await sandbox.count(), await sandbox.count({ method: "DELETE" })], [2, 1]);
});

test("violations are reported with their requests", async (context) => {
  const sandbox = sandboxOf(context);
  await request(sandbox.apiBase, `${TRASH}?limit=1`);
  await sandbox.expectNoViolations();
  await request(sandbox.apiBase, `${TRASH}?limit=abc`);
  await assert.rejects(sandbox.expectNoViolations(), {
    name: "ViolationsFound",
    message:
      `expected no violation in sandbox ${sandbox.name}, got 1 exchange(s) with one:` +
      `\n  GET ${TRASH}?limit=abc -> 400` +
      '\n    query/limit: expected an integer from 0 to 1000, got string "abc"',
  });
});

test("unmatched requests are reported with the closest operation", async (context) => {
  const sandbox = sandboxOf(context);
  await request(sandbox.apiBase, TRASH);
  await sandbox.expectNoUnmatched();
  await request(sandbox.apiBase, TRASH.replace("notifications", "notification"));
  await sandbox.expectNoViolations();
  await assert.rejects(sandbox.expectNoUnmatched(), (error) => {
    assert.equal(error.name, "UnmatchedFound");
    assert.match(error.message, /, got 1:\n  GET \/api\/push_notification\/trash -> 404\n    closest: GET \/.*push_notifications\/trash.*: \S/);
    return true;
  });
  await sandbox.clearRequests();
  await sandbox.expectNoUnmatched();
});

test("requests without the base path are unmatched", async (context) => {
  const sandbox = sandboxOf(context);
  assert.equal((await request(sandbox.apiBase, TRASH.replace("/api", ""))).status, 404);
  assert.equal((await request(sandbox.apiBase, "/favicon.ico")).status, 404);
  await assert.rejects(sandbox.expectNoUnmatched(), (error) => {
    assert.match(error.message, /, got 1:\n  GET \/push_notifications\/trash -> 404\n    closest: GET \/api\/push_notifications\/trash: base path: expected \/api, got none$/);
    return true;
  });
});

test("scenarios are listed with their state in the sandbox", async (context) => {
  const sandbox = sandboxOf(context);
  await sandbox.on("slow");
  assert.deepEqual((await sandbox.scenarios()).filter(({ on }) => on).map(({ name }) => name), ["slow"]);
});

test("records are listed, put, patched, transitioned, deleted and restored", async (context) => {
  const { records, apiBase } = sandboxOf(context);
  const [collection, key] = ["push_notifications/exports", `${EXPORT.split("/")[3]}/100`];
  const another = key.replace("/100", "/7001");
  const [{ record }, second, ...rest] = await records.list(collection, { limit: 2, offset: 0 });
  assert.deepEqual([record.id, second.key.endsWith("/101"), rest], [100, true, []]);
  assert.equal((await records.put(collection, another, { ...record, id: 7001, name: "Mine" })).key, another);
  assert.equal((await request(apiBase, EXPORT.replace("/100", "/7001"))).body.push_notification_export.name, "Mine");
  assert.deepEqual((await records.patch(collection, key, { name: "Other" })).record, { ...record, name: "Other" });
  assert.deepEqual((await records.transition(collection, key, "finished")).next_states, []);
  assert.equal((await request(apiBase, EXPORT)).body.push_notification_export.status, "finished");
  assert.equal((await records.delete(collection, key)).deleted, true);
  assert.equal((await request(apiBase, EXPORT)).status, 404);
  assert.deepEqual(await records.restore(collection, key), { key, state: "running", modified: false, deleted: false, next_states: ["finished", "error", "canceled"], record });
});

test("fifty sandboxes are isolated", async (context) => {
  const sandboxes = Array.from({ length: 50 }, (_, index) => connect(url).sandbox(`${sandboxOf(context).name.slice(0, 40)}-${index}`));
  await Promise.all(sandboxes.map((sandbox, index) => sandbox.clock.advance(index)));
  const clocks = await Promise.all(sandboxes.map((sandbox) => sandbox.clock.get()));
  assert.equal(new Set(clocks.map(({ now }) => now)).size, 50);
});

test("reset restores everything", async (context) => {
  const sandbox = sandboxOf(context);
  await request(sandbox.apiBase, EXPORT, "DELETE");
  assert.equal(await status(sandbox), "canceled");
  await sandbox.reset();
  assert.equal(await sandbox.count(), 0);
  assert.equal(await status(sandbox), "running");
});

test("delete returns whether the sandbox existed", async (context) => {
  const sandbox = sandboxOf(context);
  assert.equal(await sandbox.delete(), false);
  await sandbox.on("slow");
  assert.equal(await sandbox.delete(), true);
  assert.equal((await sandbox.export()).last_used, null);
});

/** Return the title of the test that uses a sandbox. */
async function titleOf(sandbox) {
  const init = { method: "PATCH", headers: { "Content-Type": "application/json" }, body: "{}" };
  return (await (await fetch(`${url}/__admin/sandboxes/${sandbox.name}`, init)).json()).test;
}

const TITLES = {
  "without a line": [{ titlePath: ["a.spec.ts", "group", "title"] }, "a.spec.ts › group › title"],
  "with a line": [{ titlePath: ["a.spec.ts", "Zrušení 名前"], line: 41, retry: 1 }, "a.spec.ts:41 › Zrušení 名前"],
  "only a file": [{ titlePath: ["a.spec.ts"], line: 1 }, "a.spec.ts:1"],
  "no titles": [{ titlePath: [] }, ""],
  "1000 characters": [{ titlePath: ["é".repeat(997), "a"] }, `${"é".repeat(997)} › a`.slice(0, 999) + "…"],
};

for (const [title, [info, expected]] of Object.entries(TITLES)) {
  test(`a started test has its title: ${title}`, async () => {
    const sandbox = await connect(url).startTest(info);
    assert.equal(sandbox.name, sandboxFor(info));
    assert.equal(await titleOf(sandbox), expected);
  });
}

test("a started test has no data of an earlier run", async (context) => {
  const info = { titlePath: ["sandbox.test.js", context.name] };
  await request(sandboxOf(context).apiBase, EXPORT, "DELETE");
  const sandbox = await connect(url).startTest(info);
  assert.deepEqual([await sandbox.count(), await status(sandbox)], [0, "running"]);
});

test("a reset keeps the title, and a deletion does not", async (context) => {
  const sandbox = sandboxOf(context);
  await sandbox.setTest("cancels");
  await sandbox.reset();
  assert.equal(await titleOf(sandbox), "cancels");
  await sandbox.delete();
  assert.equal(await titleOf(sandbox), "");
});

test("a copy is equal to the original", async (context) => {
  const sandbox = sandboxOf(context);
  await request(sandbox.apiBase, EXPORT, "DELETE");
  await sandbox.clock.run();
  const exported = await sandbox.export({ frozen: true });
  const copy = connect(url).sandbox(`${sandbox.name.slice(0, 50)}.copy`);
  assert.equal((await copy.import(exported)).name, copy.name);
  assert.equal(await status(copy), "canceled");
  assert.equal((await copy.clock.get()).mode, "frozen");
});
