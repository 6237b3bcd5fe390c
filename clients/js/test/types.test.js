/** The types of src/types.ts are what `/__admin/openapi.json` of a real server says. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { serving } from "./server.js";

const { components, paths } = await (await fetch(`${await serving()}/__admin/openapi.json`)).json();
const file = fileURLToPath(new URL("../dist/types.d.ts", import.meta.url));
const program = ts.createProgram([file], { strict: true, exactOptionalPropertyTypes: true });
const checker = program.getTypeChecker();
const declared = new Map(
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((symbol) => [symbol.name, symbol]),
);

const gives = (method, path, status = "200") => paths[path][method].responses[status].content["application/json"].schema;
const takes = (method, path) => paths[path][method].requestBody.content["application/json"].schema;
const found = gives("post", "/__admin/requests/find").properties.requests.items;
const WIREMOCK = "url absoluteUrl queryParams clientIp cookies browserProxyRequest loggedDate loggedDateString body bodyAsBase64";

/** Each type with its schema, and the members that this client leaves out. */
const TYPES = {
  Clock: [gives("get", "/__admin/clock")],
  Exchange: [found, WIREMOCK.split(" ")],
  Violation: [found.properties.violations.items],
  NearMiss: [found.properties.near_misses.items],
  Filters: [takes("post", "/__admin/requests/count")],
  Overrides: [takes("put", "/__admin/scenarios/{name}")],
  Scenario: [gives("put", "/__admin/scenarios/{name}"), null],
  SandboxRecord: [gives("put", "/__admin/records")],
  SandboxExport: [gives("get", "/__admin/sandboxes/{name}")],
};

for (const [name, [schema, leftOut = []]] of Object.entries(TYPES)) {
  test(name, () => {
    const type = checker.getDeclaredTypeOfSymbol(declared.get(name));
    const members = new Map(type.getProperties().map((member) => [member.name, member]));
    const missing = Object.keys(schema.properties).filter((member) => !members.has(member));
    if (leftOut) assert.deepEqual(missing, leftOut);
    for (const [member, symbol] of members) {
      assert.ok(member in schema.properties, `the server knows no ${name}.${member}`);
      assert.equal(isOptional(symbol), !(schema.required ?? []).includes(member), `${name}.${member}: optional`);
      const wrong = differs(checker.getTypeOfSymbol(symbol), schema.properties[member]);
      assert.equal(wrong, null, `${name}.${member}: ${wrong}`);
    }
  });
}

test("the members of every problem are in Problem", () => {
  const type = checker.getDeclaredTypeOfSymbol(declared.get("Problem"));
  const required = type.getProperties().filter((member) => !isOptional(member));
  assert.deepEqual(required.map((member) => member.name).sort(), [...components.schemas.Problem.required].sort());
});

function isOptional(symbol) {
  return (symbol.flags & ts.SymbolFlags.Optional) !== 0;
}

/** In what a type differs from a JSON Schema; null where it does not. `unknown` takes anything. */
function differs(type, schema) {
  if (type.flags & ts.TypeFlags.Unknown) return null;
  const nullable = type.isUnion() && type.types.some((each) => each.flags & ts.TypeFlags.Null);
  const maybeNull = schema.anyOf?.some((each) => each.type === "null") ?? false;
  if (kind(checker.getNonNullableType(type)) === kindOf(schema) && nullable === maybeNull) return null;
  return `${checker.typeToString(type)}, and the server says ${JSON.stringify(schema)}`;
}

/** A type in a word: what JSON it is, or its literals. */
function kind(type) {
  if (type.isUnion() && type.types.every((each) => each.isStringLiteral())) return type.types.map((each) => each.value).sort().join("|");
  if (checker.isArrayType(type)) return `${kind(checker.getTypeArguments(type)[0])}[]`;
  const text = checker.typeToString(type);
  return ["string", "number", "boolean"].includes(text) ? text : "object";
}

function kindOf(schema) {
  const one = schema.anyOf?.find((each) => each.type !== "null") ?? schema;
  if (one.enum) return [...one.enum].sort().join("|");
  if (one.type === "array") return `${kindOf(one.items)}[]`;
  return { integer: "number" }[one.type] ?? one.type;
}
