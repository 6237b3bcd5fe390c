/** Rejected calls and missing servers have clear error messages. */

import assert from "node:assert/strict";
import { createServer } from "node:http";
import { test } from "node:test";

import { connect, NoResponse, ProblemError } from "apib-mockserver-client";
import { startServer } from "./server.js";

const url = await startServer("--admin-token", "secret");
const open = (name) => connect(url, { token: "secret" }).sandbox(name);

const REFUSED = {
  "an unknown scenario": [() => open("a").on("nothing"), 404, "unknown-scenario", /unknown scenario 'nothing'; expected one of .*slow/],
  "an invalid timestamp": [() => open("a").clock.set("noon"), 400, "admin-request-invalid", /^[^\n]*\/now: expected a timestamp[^\n]*$/],
  "an unknown collection": [() => open("a").records.list("exports"), 404, "record-not-found", /unknown collection 'exports'; expected one of/],
  "a call without the token": [() => connect(url).sandbox("a").reset(), 401, "admin-token-missing", /expected the token/],
  "a title of a test that is too long": [() => open("a").setTest("x".repeat(1001)), 400, "admin-request-invalid", /\/test: expected .*1000/],
  "a start of a test without the token": [() => connect(url).startTest({ titlePath: ["a"] }), 401, "admin-token-missing", /expected the token/],
  "an invalid state": [() => open("a").import({ state: { records: 1 } }), 400, "admin-request-invalid", /records/],
};

for (const [title, [call, status, type, sentence]] of Object.entries(REFUSED)) {
  test(`refused: ${title}`, async () => {
    await assert.rejects(call, (error) => {
      assert.ok(error instanceof ProblemError);
      assert.deepEqual([error.status, error.type], [status, `urn:mockserver:problem:${type}`]);
      assert.match(error.message, sentence);
      assert.ok(error.message.includes(error.type));
      return true;
    });
  });
}

test("an empty journal is not reported for a server without one", async () => {
  const base = await startServer("--journal-size", "0");
  const sandbox = connect(base).sandbox("a");
  for (const call of ["requests", "count", "expectNoViolations", "expectNoUnmatched"]) {
    await assert.rejects(sandbox[call](), {
      name: "Error",
      message: `the journal of the server at ${base} is disabled; start the server with --journal-size above 0`,
    });
  }
});

test("the token opens the admin API", async () => {
  assert.equal((await open("b").clock.get()).mode, "frozen");
});

/** Run `call` with the URL of a server with this request listener; the server ends afterwards. */
async function withServer(listener, call) {
  const other = createServer(listener);
  await new Promise((done) => other.listen(0, "127.0.0.1", done));
  try {
    return await call(`http://127.0.0.1:${other.address().port}`);
  } finally {
    other.close();
    other.closeAllConnections();
  }
}

test("something else at the URL", () =>
  withServer(
    (_, response) => response.writeHead(200, { "Content-Type": "text/html" }).end("<p>"),
    (base) =>
      assert.rejects(connect(base).sandbox("a").reset(), (error) => {
        assert.ok(error instanceof NoResponse);
        assert.equal(error.message, `expected JSON of a mock server from ${base}/~a/__admin/reset, got 200, text/html`);
        return true;
      }),
  ));

test("a redirect is not followed, because it may change the method", () =>
  withServer(
    (_, response) => response.writeHead(302, { Location: `${url}/__admin/health`, "Content-Type": "text/html" }).end(),
    (base) => assert.rejects(connect(base).sandbox("a").reset(), { name: "NoResponse", message: /, got 302, text\/html$/ }),
  ));

/** Responses that are not complete responses of a mock server: status, type, body, declared length. */
const INVALID_RESPONSES = {
  "a truncated response": [200, "application/json", '{"a":', 100],
  "invalid JSON": [200, "application/json", "nope!", 5],
  "another server's error": [404, "application/json", '{"message":"no"}', 16],
};

for (const [title, [status, type, body, length]] of Object.entries(INVALID_RESPONSES)) {
  test(`no mock server: ${title}`, () =>
    withServer(
      (_, response) => {
        response.writeHead(status, { "Content-Type": type, "Content-Length": length }).write(body, () => response.socket?.destroySoon());
      },
      (base) => assert.rejects(connect(base).sandbox("a").clock.get(), { name: "NoResponse", message: /^expected .* got / }),
    ));
}

test("a server that never responds", () =>
  withServer(
    () => undefined,
    (base) =>
      assert.rejects(connect(base, { timeout: 20 }).sandbox("a").reset(), {
        name: "NoResponse",
        message: `expected a mock server at ${base}, got no response: none within 20 ms`,
      }),
  ));

test("a closed connection is reported", () =>
  withServer(
    (request) => request.socket.destroy(),
    (base) => assert.rejects(connect(base).sandbox("a").reset(), { name: "NoResponse", message: /got no response: (other side closed|ECONNRESET)$/ }),
  ));

for (const path of ["/api", "/__admin", "/~anna"]) {
  test(`a URL with the path ${path} is rejected`, () =>
    assert.rejects(connect(url + path, { token: "secret" }).sandbox("a").reset(), { name: "NoResponse", message: new RegExp(`without the path ${path}, got `) }));
}

const INVALID_URLS = [undefined, "", "localhost:8080", "not a url", "ftp://a", "http://u:p@a", "http://:p@a"];
INVALID_URLS.push("http://a/?b", "http://a/#b", "http://a/?", "http://a/#", " http://a", "http://a ", "http://a\n", "http://a/é");

for (const wrong of INVALID_URLS) {
  test(`an invalid URL: ${JSON.stringify(wrong)}`, () =>
    assert.throws(() => connect(wrong), { name: "TypeError", message: /^expected the URL of a mock server, such as .*, got "/ }));
}

for (const right of ["http://a:1", "http://a:1/", new URL("http://a:1"), "http://a:1/below//"]) {
  test(`a valid URL: ${right}`, () => assert.match(connect(right).url, /^http:\/\/a:1(\/below)?$/));
}

for (const wrong of ["a\nb", "é"]) {
  test(`an invalid token: ${JSON.stringify(wrong)}`, () =>
    assert.throws(() => connect(url, { token: wrong }), { name: "TypeError", message: /^invalid admin token; expected/ }));
}

test("an empty journal is not reported for a server without one", async () => {
  const sandbox = connect(await startServer("--journal-size", "0")).sandbox("a");
  for (const call of ["count", "requests", "expectNoViolations", "expectNoUnmatched"]) {
    await assert.rejects(sandbox[call](), { name: "Error", message: /is disabled; start the server with --journal-size above 0/ });
  }
});

for (const wrong of [undefined, null, 1, "", ".", "..", "a/b", "a b", "-a", "é", "x".repeat(65)]) {
  test(`an invalid sandbox name: ${String(wrong).slice(0, 9)}`, () =>
    assert.throws(() => connect(url).sandbox(wrong), { name: "TypeError", message: /^invalid sandbox name .*; expected 1 to 64 letters/ }));
}

for (const wrong of [undefined, null, "title", {}, { title: "a" }, { titlePath: "a" }, { titlePath: ["a", undefined] }]) {
  test(`a test without a path of titles: ${JSON.stringify(wrong)}`, () =>
    assert.rejects(connect(url).startTest(wrong), { name: "TypeError", message: /^expected a test such as \{ titlePath: \[.*, got / }));
}

test("nothing at the URL", async () => {
  const base = await withServer(undefined, (url) => url);
  await assert.rejects(connect(base).sandbox("a").reset(), {
    name: "NoResponse",
    message: `expected a mock server at ${base}, got no response: ECONNREFUSED`,
  });
});
