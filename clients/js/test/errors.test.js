/** What is refused, and where no mock server is, as clear sentences. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { connect, NoAnswer, ProblemAnswered } from "mockserver-client";
import { serving } from "./server.js";

const url = await serving("--admin-token", "secret");
const open = (name) => connect(url, { token: "secret" }).sandbox(name);

const REFUSED = {
  "an unknown scenario": [() => open("a").on("nothing"), 404, "unknown-scenario", /there is no scenario nothing/],
  "a stamp that is none": [() => open("a").clock.set("noon"), 400, "control-request-invalid", /\n {2}\/now: expected a stamp/],
  "a sandbox's name": [() => open("a b").reset(), 400, "sandbox-name-invalid", /a b/],
  "a call without the token": [() => connect(url).sandbox("a").reset(), 401, "admin-token-missing", /expected the token/],
  "a state that is none": [() => open("a").import({ state: { records: 1 } }), 400, "control-request-invalid", /records/],
};

for (const [what, [call, status, type, sentence]] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ProblemAnswered);
      assert.deepEqual([error.status, error.type], [status, `urn:mockserver:problem:${type}`]);
      assert.match(error.message, sentence);
      assert.ok(error.message.includes(error.type));
      return true;
    });
  });
}

test("the token opens the control plane", async () => {
  assert.equal((await open("b").clock.get()).mode, "frozen");
});

/** Another server on a free port, for as long as the call lasts. */
async function beside(answer, call) {
  const other = createServer(answer);
  await new Promise((done) => other.listen(0, "127.0.0.1", done));
  try {
    return await call(`http://127.0.0.1:${other.address().port}`);
  } finally {
    other.close();
    other.closeAllConnections();
  }
}

test("something else at the URL", () =>
  beside(
    (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<p>"),
    (base) =>
      assert.rejects(connect(base).sandbox("a").reset(), (error) => {
        assert.ok(error instanceof NoAnswer);
        assert.equal(error.message, `expected JSON of a mock server from ${base}/~a/__admin/reset, got 200, text/html`);
        return true;
      }),
  ));

test("nothing at the URL", async () => {
  const gone = await beside(undefined, (base) => base);
  await assert.rejects(connect(gone).sandbox("a").reset(), {
    name: "NoAnswer",
    message: `expected a mock server at ${gone}, got no answer: ECONNREFUSED`,
  });
});
