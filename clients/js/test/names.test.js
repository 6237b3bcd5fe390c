/** Sandbox names are valid for every test title, and unique. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { sandboxFor } from "apib-mockserver-client";

const VALID = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
const BEGINS = {
  "cancel works": "cancel-works-",
  "Příliš žluťoučký": "prilis-zlutoucky-",
  "  --  ": "test-",
  "名前": "test-",
  "": "test-",
  ["x".repeat(500)]: "x".repeat(50) + "-",
};

for (const [title, begins] of Object.entries(BEGINS)) {
  test(`named: ${JSON.stringify(title.slice(0, 20))}`, () => {
    const name = sandboxFor({ titlePath: ["a.spec.ts", title] });
    assert.match(name, VALID);
    assert.equal(name.slice(0, -13), begins);
  });
}

test("no titles at all", () => assert.match(sandboxFor({ titlePath: [] }), VALID));

test("the same test has the same name", () => {
  const info = { titlePath: ["a", "b"], workerIndex: 1, retry: 2 };
  assert.equal(sandboxFor(info), sandboxFor({ ...info }));
});

test("every difference changes the name", () => {
  const info = { titlePath: ["a", "b"], workerIndex: 0, retry: 0 };
  const others = [{ titlePath: ["ab"] }, { titlePath: ["c", "b"] }, { workerIndex: 1 }, { retry: 1 }, { repeatEachIndex: 1 }, { run: "7" }];
  const names = [info, ...others.map((other) => ({ ...info, ...other }))].map(sandboxFor);
  assert.equal(new Set(names).size, names.length);
});
