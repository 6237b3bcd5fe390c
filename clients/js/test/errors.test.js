/** What is refused, and where no mock server is, as clear sentences. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { connect, NoResponse, ProblemError } from "mockserver-client";
import { serving } from "./server.js";

const url = await serving("--admin-token", "secret");
const open = (name) => connect(url, { token: "secret" }).sandbox(name);

const REFUSED = {
  "an unknown scenario": [() => open("a").on("nothing"), 404, "unknown-scenario", /unknown scenario nothing; expected one of .*slow/],
  "a stamp that is none": [() => open("a").clock.set("noon"), 400, "admin-request-invalid", /^[^\n]*\/now: expected a timestamp[^\n]*$/],
  "a collection that is none": [() => open("a").records.list("exports"), 404, "record-not-found", /unknown collection exports; expected one of/],
  "a call without the token": [() => connect(url).sandbox("a").reset(), 401, "admin-token-missing", /expected the token/],
  "a state that is none": [() => open("a").import({ state: { records: 1 } }), 400, "admin-request-invalid", /records/],
};

for (const [what, [call, status, type, sentence]] of Object.entries(REFUSED)) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.status, error.type], [status, `urn:mockserver:problem:${type}`]);
      assert.match(error.message, sentence);
      assert.ok(error.message.includes(error.type));
      return true;
    });
  });
}

test("the token opens the admin API", async () => {
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
        assert.ok(error instanceof NoResponse);
        assert.equal(error.message, `expected JSON of a mock server from ${base}/~a/__admin/reset, got 200, text/html`);
        return true;
      }),
  ));

/** What is not the whole answer of a mock server: status, type, body, the length that is told. */
const HALF = {
  "half an answer": [200, "application/json", '{"a":', 100],
  "JSON that is none": [200, "application/json", "nope!", 5],
  "another server's error": [404, "application/json", '{"message":"no"}', 16],
};

for (const [what, [status, type, body, length]] of Object.entries(HALF)) {
  test(`no mock server: ${what}`, () =>
    beside(
      (_, response) => {
        response.writeHead(status, { "Content-Type": type, "Content-Length": length }).write(body, () => response.socket?.destroySoon());
      },
      (base) => assert.rejects(connect(base).sandbox("a").clock.get(), { name: "NoResponse", message: /^expected .* got / }),
    ));
}

test("a server that never answers", () =>
  beside(
    () => undefined,
    (base) =>
      assert.rejects(connect(base, { timeout: 20 }).sandbox("a").reset(), {
        name: "NoResponse",
        message: `expected a mock server at ${base}, got no response: none within 20 ms`,
      }),
  ));

test("a connection that is closed says so", () =>
  beside(
    (request) => request.socket.destroy(),
    (base) => assert.rejects(connect(base).sandbox("a").reset(), { name: "NoResponse", message: /got no response: (other side closed|ECONNRESET)$/ }),
  ));

test("the API's own path is not the server's", () =>
  assert.rejects(connect(`${url}/api`).sandbox("a").reset(), { name: "NoResponse", message: /without the API's own path/ }));

for (const wrong of [undefined, "", "localhost:8080", "not a url", "http://a/?b", "http://a/#b", "http://u:p@a", "ftp://a"]) {
  test(`no URL of a server: ${wrong}`, () =>
    assert.throws(() => connect(wrong), { name: "TypeError", message: /^expected the URL of a mock server, such as .*, got "/ }));
}

for (const right of ["http://a:1", "http://a:1/", new URL("http://a:1"), "http://a:1/below//"]) {
  test(`a URL of a server: ${right}`, () => assert.match(connect(right).url, /^http:\/\/a:1(\/below)?$/));
}

for (const wrong of [undefined, null, 1, "", ".", "..", "a/b", "a b", "-a", "é", "x".repeat(65)]) {
  test(`no name of a sandbox: ${String(wrong).slice(0, 9)}`, () =>
    assert.throws(() => connect(url).sandbox(wrong), { name: "TypeError", message: /^expected the name of a sandbox, .*, got / }));
}

test("nothing at the URL", async () => {
  const gone = await beside(undefined, (base) => base);
  await assert.rejects(connect(gone).sandbox("a").reset(), {
    name: "NoResponse",
    message: `expected a mock server at ${gone}, got no response: ECONNREFUSED`,
  });
});
