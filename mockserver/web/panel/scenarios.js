/* The Scenarios part: all scenarios, what they do, and which are on. */

import { by, el, focusOn, keep } from "./dom.js";
import { announce } from "./notices.js";
import { change, onPart } from "./sandbox.js";
import { counted, effectsOf } from "./words.js";

const expanded = new Set();
const drafts = new Map();
let scenarios = [];

const path = (scenario) => `scenarios/${encodeURIComponent(scenario.name)}`;

async function turn(scenario, on, overrides = {}) {
  const changed = on ? await change("PUT", path(scenario), overrides) : await change("DELETE", path(scenario));
  if (changed) announce(`${scenario.title} is ${on ? "on" : "off"}.`);
}

/* Groups: the scenarios of files first, then the documented ones of each operation, then those of all operations. */

function operationNames() {
  const names = new Map(scenarios.flatMap(({ operations }) => operations).map((id) => [id, id]));
  for (const { file, operations, status, title } of scenarios) {
    const suffix = ` answers ${status}`;
    if (file === null && title.endsWith(suffix)) names.set(operations[0], title.slice(0, -suffix.length));
  }
  return names;
}

function groupOf(scenario, names) {
  if (scenario.fault || (scenario.operations.length === names.size && names.size > 1)) return "All operations, and faults";
  return scenario.file === null ? names.get(scenario.operations[0]) : "Your own";
}

function groups(matching) {
  const names = operationNames();
  const titles = ["Your own", ...names.values(), "All operations, and faults"];
  const members = new Map(titles.map((title) => [title, []]));
  for (const scenario of matching) members.get(groupOf(scenario, names)).push(scenario);
  for (const [title, group] of members) {
    if (!group.length) members.delete(title);
    group.sort((a, b) => (a.file === null && b.file === null ? (a.status ?? 0) - (b.status ?? 0) : 0));
  }
  return members;
}

/** Return the text that the search looks at. */
const textOf = (scenario) => [scenario.name, scenario.title, ...scenario.operations, ...effectsOf(scenario)].join(" ").toLowerCase();

/* One scenario. */

/** Return a short description. The title of a documented scenario contains its status already. */
function facts(scenario) {
  const documented = scenario.file === null && !scenario.overrides;
  const parts = documented ? effectsOf({ ...scenario, status: null }) : [...effectsOf(scenario), counted(scenario.operations.length, "operation")];
  if (scenario.matched_requests) parts.push(`matched ${scenario.matched_requests}`);
  return parts.join(" · ");
}

const toggle = (scenario, list) =>
  el("button", {
    class: "switch",
    role: "switch",
    "aria-checked": String(scenario.on),
    "aria-label": scenario.title,
    "data-focus": `${list}:${scenario.name}`,
    onclick: async () => {
      await turn(scenario, !scenario.on);
      if (list === "on") focusOn(`all:${scenario.name}`);
    },
  }, el("i"));

function row(scenario) {
  const title = scenario.file === null ? scenario.title.replace(/^.* (answers \d+)$/, "$1") : scenario.title;
  const more = el("button", {
    class: "quiet more",
    "aria-expanded": String(expanded.has(scenario.name)),
    "aria-label": `Switch on for a while: ${scenario.title}`,
    title: "Limit the number of responses, or add a delay",
    "data-focus": `more:${scenario.name}`,
    onclick: () => (expanded.delete(scenario.name) || expanded.add(scenario.name), show()),
  }, "⋯");
  return el("li", { class: scenario.on ? "is-on" : "" },
    toggle(scenario, "all"),
    el("div", { title: `${scenario.name}\n${scenario.operations.join("\n")}` }, el("strong", {}, title), el("small", {}, facts(scenario))),
    more,
    scenario.expanded && options(scenario),
  );
}

function options(scenario) {
  const field = (name, label, step, unit) => {
    const id = `${name}-${scenario.name}`;
    const value = drafts.get(id) ?? scenario.overrides?.[name] ?? "";
    const write = (event) => drafts.set(id, event.target.value);
    return [el("label", { for: id }, label), el("input", { id, name, type: "number", min: step, step, value, "data-focus": id, oninput: write }), unit];
  };
  const submit = (event) => {
    event.preventDefault();
    const entries = [...new FormData(event.target)].filter(([, value]) => value !== "");
    const overrides = entries.map(([name, value]) => [name, Number(value)]);
    turn(scenario, true, Object.fromEntries(overrides));
  };
  return el("form", { class: "options", onsubmit: submit },
    el("p", {}, field("times", "for the next", 1, "responses")),
    el("p", {}, field("delay", "delay", 0.1, "s")),
    el("button", { "data-focus": `switch-on:${scenario.name}` }, "Switch on"),
  );
}

/* The scenarios that are on. */

const pinned = (scenario) =>
  el("li", {},
    toggle(scenario, "on"),
    el("div", { title: scenario.name }, el("strong", {}, scenario.title), el("small", {}, facts(scenario))),
    typeof scenario.remaining === "number" && el("b", { class: "remaining" }, `${scenario.remaining} left`),
  );

const group = (title) => el("details", { open: true }, el("summary", {}, title), el("ul"));

function show() {
  const search = by("scenarios-search").value.trim().toLowerCase();
  const nameOf = ({ name }) => name;
  const matching = scenarios
    .filter((scenario) => textOf(scenario).includes(search))
    .map((scenario) => ({ ...scenario, expanded: expanded.has(scenario.name) }));
  const on = scenarios.filter((scenario) => scenario.on);
  keep(by("scenarios-on"), on, nameOf, pinned);
  const members = groups(matching);
  keep(by("scenarios-groups"), [...members.keys()], (title) => title, group);
  for (const box of by("scenarios-groups").children) keep(box.lastElementChild, members.get(box.dataset.key), nameOf, row);
  by("scenarios-no-match").hidden = matching.length > 0 || !scenarios.length;
  by("scenarios-none").hidden = on.length > 0;
  by("count-scenarios").textContent = on.length ? String(on.length) : "";
}

export function start() {
  onPart("scenarios", (value) => {
    scenarios = value.scenarios;
    show();
  });
  by("scenarios-search").addEventListener("input", show);
  by("scenarios-reset").addEventListener("click", async () => {
    if (await change("POST", "scenarios/reset", {})) announce("The scenarios are reset.");
  });
}
