/** The package can be imported, with types: ES modules and CommonJS, strict compilers, old module resolution. */

import assert from "node:assert/strict";
import { createRequire } from "node:module";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import ts from "typescript";

import * as client from "apib-mockserver-client";

const CONSUMER = `
import { connect, sandboxFor, type Filters, type Sandbox, type SandboxRecord } from "apib-mockserver-client";
declare const env: { token?: string | undefined; run?: string | undefined };
interface Export { id: number; name: string }
export async function used(mine: Export): Promise<SandboxRecord | undefined> {
  const filters: Filters = { status: 404 };
  const name = sandboxFor({ titlePath: ["a"], run: env.run });
  const sandbox: Sandbox = connect(new URL("http://localhost:8080"), { token: env.token }).sandbox(name);
  const started: Sandbox = await connect("http://localhost:8080").startTest({ titlePath: ["a"], line: 1 });
  await started.on("slow", { times: 1 });
  const first: string | undefined = (await sandbox.requests(filters))[0]?.reason;
  await sandbox.records.put("push_notifications/exports", String(mine.id), { ...mine, name: first ?? "none" });
  return (await sandbox.records.list("push_notifications/exports")).at(0);
}`;
const LIBRARIES = new Map();
const { ModuleKind, ModuleResolutionKind } = ts;
const COMPILERS = {
  "node16, ES module": ["consumer.mts", ModuleKind.Node16, ModuleResolutionKind.Node16],
  "node16, CommonJS": ["consumer.cts", ModuleKind.Node16, ModuleResolutionKind.Node16],
  bundler: ["consumer.ts", ModuleKind.ESNext, ModuleResolutionKind.Bundler],
};

for (const [title, [name, module, moduleResolution]] of Object.entries(COMPILERS)) {
  test(`compiles: ${title}`, () => {
    const file = fileURLToPath(new URL(name, import.meta.url));
    const strict = { strict: true, exactOptionalPropertyTypes: true, noUncheckedIndexedAccess: true, noEmit: true, skipDefaultLibCheck: true };
    const options = { ...strict, module, moduleResolution, target: ts.ScriptTarget.ES2022, lib: ["lib.es2022.d.ts", "lib.dom.d.ts"], types: [] };
    const host = ts.createCompilerHost(options);
    const [exists, read, parse] = [host.fileExists, host.readFile, host.getSourceFile];
    // The libraries of TypeScript are the same for all, and take most of the time.
    host.getSourceFile = (path, ...rest) => {
      if (!path.includes("/lib.")) return parse(path, ...rest);
      if (!LIBRARIES.has(path)) LIBRARIES.set(path, parse(path, ...rest));
      return LIBRARIES.get(path);
    };
    host.fileExists = (path) => path === file || exists(path);
    host.readFile = (path) => (path === file ? CONSUMER : read(path));
    const program = ts.createProgram([file], options, host);
    assert.deepEqual(ts.getPreEmitDiagnostics(program).map((diagnostic) => ts.flattenDiagnosticMessageText(diagnostic.messageText, "\n")), []);
  });
}

test("CommonJS has the same exports", () => {
  const required = createRequire(import.meta.url)("apib-mockserver-client");
  assert.notEqual(required.connect, client.connect, "it should be a separate build, for Node 18 and Jest");
  assert.deepEqual(Object.keys(required).sort(), Object.keys(client).sort());
  assert.equal(required.connect("http://a").sandbox("b").apiBase, "http://a/~b");
});
