/** The types of src/types.ts match `/__admin/openapi.json` of a real server. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { fileURLToPath } from "node:url";

import ts from "typescript";
import { startServer } from "./server.js";

const { components, paths } = await (await fetch(`${await startServer()}/__admin/openapi.json`)).json();
const file = fileURLToPath(new URL("../dist/types.d.ts", import.meta.url));
const program = ts.createProgram([file], { strict: true, exactOptionalPropertyTypes: true });
const checker = program.getTypeChecker();
const declared = new Map(
  checker.getExportsOfModule(checker.getSymbolAtLocation(program.getSourceFile(file))).map((symbol) => [symbol.name, symbol]),
);

const responseSchema = (method, path, status = "200") => paths[path][method].responses[status].content["application/json"].schema;
const requestSchema = (method, path) => paths[path][method].requestBody.content["application/json"].schema;
const exchange = responseSchema("post", "/__admin/requests/find").properties.requests.items;
const WIREMOCK = "url absoluteUrl queryParams clientIp cookies browserProxyRequest loggedDate loggedDateString body bodyAsBase64";

/** Each type with its schema, and the members that this client omits. */
const TYPES = {
  Clock: [responseSchema("get", "/__admin/clock")],
  Exchange: [exchange, WIREMOCK.split(" ")],
  Violation: [exchange.properties.violations.items],
  NearMiss: [exchange.properties.near_misses.items],
  Filters: [requestSchema("post", "/__admin/requests/count")],
  Overrides: [requestSchema("put", "/__admin/scenarios/{name}")],
  Scenario: [responseSchema("put", "/__admin/scenarios/{name}"), null],
  SandboxRecord: [responseSchema("put", "/__admin/records")],
  SandboxExport: [responseSchema("get", "/__admin/sandboxes/{name}")],
};

for (const [name, [schema, leftOut = []]] of Object.entries(TYPES)) {
  test(name, () => {
    const type = checker.getDeclaredTypeOfSymbol(declared.get(name));
    const members = new Map(type.getProperties().map((member) => [member.name, member]));
    const missing = Object.keys(schema.properties).filter((member) => !members.has(member));
    if (leftOut) assert.deepEqual(missing, leftOut);
    for (const [member, symbol] of members) {
      assert.ok(member in schema.properties, `the server has no ${name}.${member}`);
      assert.equal(isOptional(symbol), !(schema.required ?? []).includes(member), `${name}.${member}: optional`);
      const difference = differenceOf(checker.getTypeOfSymbol(symbol), schema.properties[member]);
      assert.equal(difference, null, `${name}.${member}: ${difference}`);
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

/** Describe the difference between a type and a JSON Schema; null if there is none. `unknown` accepts anything. */
function differenceOf(type, schema) {
  if (type.flags & ts.TypeFlags.Unknown) return null;
  const nullable = type.isUnion() && type.types.some((member) => member.flags & ts.TypeFlags.Null);
  const maybeNull = schema.anyOf?.some(({ type }) => type === "null") ?? false;
  if (kind(checker.getNonNullableType(type)) === kindOf(schema) && nullable === maybeNull) return null;
  return `${checker.typeToString(type)}, but the schema is ${JSON.stringify(schema)}`;
}

/** Return the JSON type of a TypeScript type, or its literals. */
function kind(type) {
  if (type.isUnion() && type.types.every((member) => member.isStringLiteral())) return type.types.map(({ value }) => value).sort().join("|");
  if (checker.isArrayType(type)) return `${kind(checker.getTypeArguments(type)[0])}[]`;
  const text = checker.typeToString(type);
  return ["string", "number", "boolean"].includes(text) ? text : "object";
}

function kindOf(schema) {
  const nonNull = schema.anyOf?.find(({ type }) => type !== "null") ?? schema;
  if (nonNull.enum) return [...nonNull.enum].sort().join("|");
  if (nonNull.type === "array") return `${kindOf(nonNull.items)}[]`;
  return { integer: "number" }[nonNull.type] ?? nonNull.type;
}
