/* One exchange, opened: request, response, and the reason for the response. */

import { SANDBOX } from "./api.js";
import { copy } from "./copy.js";
import { curl } from "./curl.js";
import { facts, showDetail } from "./detail.js";
import { by, el, json } from "./dom.js";
import { duration, timeOfDay } from "./words.js";

/** A body: indented where it is JSON, else as it is. The journal cuts long ones, which are no JSON then. */
function body(text) {
  if (text === null || text === undefined) return el("p", { class: "empty" }, "No body.");
  try {
    return json(JSON.parse(text));
  } catch {
    return el("pre", { tabIndex: 0, role: "group", "aria-label": "Text" }, text);
  }
}

function violation(each) {
  const schema = each.schema_pointer ?? each.schema;
  return el("li", {}, el("code", {}, each.pointer || "/"), ` expected ${each.expected}, got ${each.actual}`, schema && el("small", {}, ` ${schema}`));
}

const violations = (all) => all?.length > 0 && [el("h4", {}, "Violations"), el("ul", { class: "violations" }, all.map(violation))];

function nearMisses(all) {
  if (!all?.length) return null;
  const one = (each) => el("li", {}, el("code", {}, `${each.method} ${each.uri_template}`), el("ul", {}, each.differences.map((text) => el("li", {}, text))));
  return [el("h4", {}, "Closest operations"), el("ol", { class: "near" }, all.map(one))];
}

/** The message of a problem of the mock server; null for every other answer. */
function message(text) {
  try {
    const { type, detail } = JSON.parse(text);
    return String(type).startsWith("urn:mockserver:problem:") ? detail : null;
  } catch {
    return null;
  }
}

const moved = (transition) => transition && `${transition.record}: ${transition.from} → ${transition.to}`;
const fault = (value) => (value && typeof value === "object" ? value.name : value);

/** Open an exchange of the journal. */
export function open(exchange) {
  const target = exchange.path + (exchange.query ? `?${exchange.query}` : "");
  showDetail(by("exchange"), `${exchange.method} ${exchange.status || ""} ${exchange.operation ?? "no operation"}`, `exchange ${exchange.id}`,
    el("div", { class: "buttons" }, el("button", { "data-focus": "curl", onclick: () => copy(curl(exchange, location.origin, SANDBOX), "The curl command") }, "Copy as curl")),
    facts([
      ["request", el("code", {}, `${exchange.method} ${target}`)],
      ["prefer", exchange.headers?.prefer],
      ["reason", exchange.reason],
      ["message", message(exchange.response_body)],
      ["scenario", exchange.scenario],
      ["fault", fault(exchange.fault)],
      ["transition", moved(exchange.transition)],
      ["notes", exchange.notes?.join("; ")],
      ["token", exchange.token],
      ["when", `${timeOfDay(exchange.time)}, ${duration(exchange.duration_ms)}`],
    ]),
    violations(exchange.violations),
    nearMisses(exchange.near_misses),
    exchange.request_body && [el("h4", {}, "Request"), body(exchange.request_body)],
    el("h4", {}, `Response ${exchange.status || ""}`),
    body(exchange.response_body),
  );
}
