/* How to reach an item: the way that the server names, and the buttons for it. */

import { SANDBOX, call } from "./api.js";
import { copy } from "./copy.js";
import { curl } from "./curl.js";
import { el } from "./dom.js";
import { announce, attempt } from "./notices.js";
import { change, onPart } from "./sandbox.js";

/** The ways that are a request: `closed_by` of an item to the changes of the documented request. */
const WAYS = [
  [/^scenario (\S+)$/, ([, name]) => ({ prefer: `scenario=${name}` })],
  [/^Prefer: (.+)$/, ([, prefer]) => ({ prefer })],
  [/^send ([^\s=]+)=(.*)$/, ([, name, value]) => ({ values: { [name]: value } })],
  [/^(?:switch it on, then )?[A-Z-]+ (\/.*)$/, ([, target]) => ({ target })],
];
const PREFIX = "scenario ";

/** The scenarios of this sandbox by name. */
let scenarios = new Map();

/** Return the changes of the documented request; null if the way is not a request. */
function changesOf({ closed_by: way }) {
  for (const [pattern, changes] of WAYS) {
    const match = pattern.exec(way);
    if (match) return changes(match);
  }
  return null;
}

/* Scenarios. */

/** Return the scenario that an item needs; undefined if it needs none. */
function scenarioOf({ kind, id, closed_by: way }) {
  const text = kind === "scenario" ? id : way;
  return text.startsWith(PREFIX) ? scenarios.get(text.slice(PREFIX.length)) : undefined;
}

async function toggle({ name, title, on }) {
  const path = `scenarios/${encodeURIComponent(name)}`;
  const result = on ? change("DELETE", path) : change("PUT", path, {});
  if (await result) announce(`${title} is ${on ? "off" : "on"} in sandbox ${SANDBOX}.`);
}

function scenarioSwitch(item, scenario) {
  const attributes = {
    class: "switch",
    role: "switch",
    "aria-checked": String(scenario.on),
    "data-focus": `switch ${item.id}`,
    title: `Switch the scenario in sandbox ${SANDBOX}`,
    onclick: () => toggle(scenario),
  };
  return el("button", attributes, el("i"), el("span", {}, scenario.name));
}

/* A curl command, with the examples of the OpenAPI document. */

/** Return an operation with its method and path. Throws if the document does not have it. */
function findOperation(openapi, id) {
  for (const [path, methods] of Object.entries(openapi.paths)) {
    for (const [method, operation] of Object.entries(methods)) {
      if (operation.operationId === id) return { ...operation, method, path };
    }
  }
  throw new Error(`The OpenAPI document has no operation ${id}.`);
}

/** Return path and query of a request. `values` replace the examples of the parameters. */
function targetOf({ path, parameters = [] }, values) {
  const query = new URLSearchParams();
  let expanded = path;
  for (const { name, in: location, required, example } of parameters) {
    const value = String(values[name] ?? example ?? "");
    if (location === "path") expanded = expanded.replace(`{${name}}`, value);
    if (location === "query" && (required || name in values)) query.set(name, value);
  }
  return [expanded, query.toString()];
}

/** Return the request for an item, as the journal has it. */
function requestFor(item, openapi) {
  const { prefer, target, values = {} } = changesOf(item);
  const operation = findOperation(openapi, item.operation || item.operations[0]);
  const [path, query] = target ? target.split("?") : targetOf(operation, values);
  const [[type, { example }] = ["", {}]] = Object.entries(operation.requestBody?.content ?? {});
  const scheme = openapi.components?.securitySchemes?.accessToken;
  return {
    method: operation.method.replace(/^x-/, "").toUpperCase(),
    path,
    query,
    token: scheme !== undefined,
    token_header: scheme?.name,
    headers: { prefer, "content-type": type },
    request_body: example === undefined ? "" : JSON.stringify(example),
  };
}

async function copyCurl(item) {
  const openapi = await call("GET", "../openapi.json");
  await copy(curl(requestFor(item, openapi), location.origin, SANDBOX), "The curl command");
}

function curlButton(item) {
  const onclick = () => attempt(() => copyCurl(item));
  return el("button", { "data-focus": `curl ${item.id}`, onclick }, "Copy as curl");
}

/** Return how to reach an item: its way as text, and buttons. */
export function reach(item) {
  if (!item.closed_by) return el("p", { class: "reach" }, item.why_not || "No way is known.");
  const scenario = scenarioOf(item);
  return el(
    "p",
    { class: "reach" },
    el("span", {}, item.closed_by),
    scenario && scenarioSwitch(item, scenario),
    changesOf(item) && curlButton(item),
  );
}

/** Return what the buttons of an item depend on, in addition to the item. */
export const reachState = (item) => scenarioOf(item)?.on ?? null;

/** Call `show` when the scenarios of the sandbox change. */
export function start(show) {
  onPart("scenarios", (value) => {
    scenarios = new Map(value.scenarios.map((scenario) => [scenario.name, scenario]));
    show();
  });
}
