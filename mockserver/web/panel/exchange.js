/* The detail view of an exchange: request, response, and the reason for the response. */

import { SANDBOX } from "./api.js";
import { copy } from "./copy.js";
import { curl } from "./curl.js";
import { facts, showDetail } from "./detail.js";
import { by, el, json } from "./dom.js";
import { duration, timeOfDay } from "./words.js";

/** Return a body, indented if it is JSON. The journal truncates long bodies, which are not valid JSON then. */
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
  return el("li", {}, el("code", {}, pointer || "/"), ` expected ${expected}, got ${actual}`, schema && el("small", {}, ` ${schema}`));
}

const violationList = (violations) =>
  violations?.length > 0 && [el("h4", {}, "Violations"), el("ul", { class: "violations" }, violations.map(violationItem))];

function nearMissItem(nearMiss) {
  const differences = nearMiss.differences.map((text) => el("li", {}, text));
  return el("li", {}, el("code", {}, `${nearMiss.method} ${nearMiss.uri_template}`), el("ul", {}, differences));
}

function nearMissList(nearMisses) {
  if (!nearMisses?.length) return null;
  return [el("h4", {}, "Closest operations"), el("ol", { class: "near" }, nearMisses.map(nearMissItem))];
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

const transitionText = (transition) => transition && `${transition.record}: ${transition.from} → ${transition.to}`;

/** Show an exchange of the journal. */
export function open(exchange) {
  const target = exchange.path + (exchange.query ? `?${exchange.query}` : "");
  const copyCurl = () => copy(curl(exchange, location.origin, SANDBOX), "The curl command");
  showDetail(by("exchange"), `${exchange.method} ${exchange.status || ""} ${exchange.operation ?? "no operation"}`, `exchange ${exchange.id}`,
    el("div", { class: "buttons" }, el("button", { "data-focus": "curl", onclick: copyCurl }, "Copy as curl")),
    facts([
      ["request", el("code", {}, `${exchange.method} ${target}`)],
      ["prefer", exchange.headers?.prefer],
      ["reason", exchange.reason],
      ["message", message(exchange.response_body)],
      ["scenario", exchange.scenario],
      ["fault", exchange.fault],
      ["transition", transitionText(exchange.transition)],
      ["notes", exchange.notes?.join("; ")],
      ["token", exchange.token],
      ["when", `${timeOfDay(exchange.time)}, ${duration(exchange.duration_ms)}`],
    ]),
    violationList(exchange.violations),
    nearMissList(exchange.near_misses),
    exchange.request_body && [el("h4", {}, "Request"), body(exchange.request_body)],
    el("h4", {}, `Response ${exchange.status || ""}`),
    body(exchange.response_body),
  );
}
