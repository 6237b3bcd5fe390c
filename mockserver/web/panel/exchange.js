/* The detail view of an exchange: request, response, and the reason for the response. */

import { SANDBOX } from "./api.js";
import { copy } from "./copy.js";
import { curl } from "./curl.js";
import { facts, showDetail } from "./detail.js";
import { by, el, json } from "./dom.js";
import { duration, timeOfDay } from "./words.js";

/** Return a body, indented if it is JSON. A body that the journal truncated is not valid JSON. */
function body(text) {
  if (text === null || text === undefined) return el("p", { class: "empty" }, "No body.");
  try {
    return json(JSON.parse(text));
  } catch {
    return el("pre", { tabIndex: 0, role: "group", "aria-label": "Text" }, text);
  }
}

function violationItem(violation) {
  const { pointer, expected, actual, schema_pointer: schema } = violation;
  return el(
    "li",
    {},
    el("code", {}, pointer || "/"),
    ` expected ${expected}, got ${actual}`,
    schema && el("small", {}, ` ${schema}`),
  );
}

function violationList(violations) {
  if (!violations?.length) return null;
  const items = violations.map(violationItem);
  return [el("h4", {}, "Violations"), el("ul", { class: "violations" }, items)];
}

function nearMissItem(nearMiss) {
  const differences = nearMiss.differences.map((text) => el("li", {}, text));
  const route = el("code", {}, `${nearMiss.method} ${nearMiss.uri_template}`);
  return el("li", {}, route, el("ul", {}, differences));
}

function nearMissList(nearMisses) {
  if (!nearMisses?.length) return null;
  const items = nearMisses.map(nearMissItem);
  return [el("h4", {}, "Closest operations"), el("ol", { class: "near" }, items)];
}

/** Return the message of a problem of the mock server; null for other responses. */
function message(text) {
  try {
    const { type, detail } = JSON.parse(text);
    return String(type).startsWith("urn:mockserver:problem:") ? detail : null;
  } catch {
    return null;
  }
}

function transitionText(transition) {
  if (!transition) return null;
  return `${transition.record}: ${transition.from} → ${transition.to}`;
}

function factsOf(exchange) {
  const target = exchange.path + (exchange.query ? `?${exchange.query}` : "");
  return facts([
    ["request", el("code", {}, `${exchange.method} ${target}`)],
    ["prefer", exchange.headers?.prefer],
    ["reason", exchange.reason],
    ["message", message(exchange.response_body)],
    ["scenario", exchange.scenario],
    ["fault", exchange.fault],
    ["transition", transitionText(exchange.transition)],
    ["notes", exchange.notes?.join("; ")],
    ["token", exchange.token],
    ["time", `${timeOfDay(exchange.time)}, ${duration(exchange.duration_ms)}`],
  ]);
}

/** Show an exchange of the journal. `focus` is the `data-focus` of its row. */
export function open(exchange, focus) {
  const { method, status, operation } = exchange;
  const copyCurl = () => copy(curl(exchange, location.origin, SANDBOX), "The curl command");
  showDetail(
    by("exchange"),
    `${method} ${status || ""} ${operation ?? "no operation"}`,
    focus,
    el(
      "div",
      { class: "buttons" },
      el("button", { "data-focus": "curl", onclick: copyCurl }, "Copy as curl"),
    ),
    factsOf(exchange),
    violationList(exchange.violations),
    nearMissList(exchange.near_misses),
    exchange.request_body && [el("h4", {}, "Request"), body(exchange.request_body)],
    el("h4", {}, `Response ${status || ""}`),
    body(exchange.response_body),
  );
}
