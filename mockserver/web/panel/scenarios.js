/* The Scenarios part: all scenarios, what they do, and which are active. */

import { by, el, focusOn, keep } from "./dom.js";
import { announce } from "./notices.js";
import { change, onPart } from "./sandbox.js";
import { counted, effectsOf } from "./words.js";

/** The names of the scenarios whose options are shown. */
const expanded = new Set();
/** What the user has entered in the options, by the id of the field. */
const drafts = new Map();
let scenarios = [];
/** The operations by id; null until they are fetched. */
let operations = null;

async function turn(scenario, on, overrides = {}) {
  const path = `scenarios/${encodeURIComponent(scenario.name)}`;
  const call = on ? change("PUT", path, overrides) : change("DELETE", path);
  if (await call) announce(`${scenario.title} is ${on ? "on" : "off"}.`);
}

/** Return whether the server made the scenario from a documented response. */
const isDocumented = (scenario) => scenario.file === null && !scenario.fault;

/* Groups: scenarios from files, the documented responses of each operation, the faults. */

const FILES = { key: "files", title: "Scenarios from files" };
const FAULTS = { key: "faults", title: "Network faults, for all operations" };

/** Return the groups in their order, without scenarios. */
function emptyGroups() {
  const apis = new Set([...operations.values()].map(({ api }) => api));
  const groups = [FILES];
  for (const { id, api, name, method, uri_template: template } of operations.values()) {
    const title = apis.size > 1 ? `${api}: ${name}` : name;
    groups.push({ key: `operation ${id}`, title, route: `${method} ${template}` });
  }
  return [...groups, FAULTS].map((group) => ({ ...group, scenarios: [] }));
}

function groupKey(scenario) {
  if (scenario.file !== null) return FILES.key;
  return scenario.fault ? FAULTS.key : `operation ${scenario.operations[0]}`;
}

/** Return the groups of some scenarios. */
function groupsOf(matching) {
  const groups = new Map(emptyGroups().map((group) => [group.key, group]));
  for (const scenario of matching) groups.get(groupKey(scenario))?.scenarios.push(scenario);
  for (const { route, scenarios } of groups.values()) {
    if (route) scenarios.sort((a, b) => a.status - b.status);
  }
  return [...groups.values()].filter((group) => group.scenarios.length);
}

/* Texts. */

/** Return the text that the search looks at. */
function textOf(scenario) {
  const names = scenario.operations.map((id) => operations.get(id)?.name ?? "");
  const { name, title } = scenario;
  const texts = [name, title, ...scenario.operations, ...names, ...effectsOf(scenario)];
  return texts.join(" ").toLowerCase();
}

/** Return a short description: what the scenario does, and for how many operations. */
function factsOf(scenario) {
  const definition = isDocumented(scenario) ? { ...scenario, status: null } : scenario;
  const facts = effectsOf(definition);
  if (scenario.file !== null) facts.push(counted(scenario.operations.length, "operation"));
  if (scenario.matched_requests) facts.push(`matched ${scenario.matched_requests}`);
  return facts.join(" · ");
}

/* One scenario. */

/** Return the switch of a scenario. Its title belongs to it, so a click on the title toggles it. */
function toggle(scenario, list, title) {
  const attributes = {
    class: "switch",
    role: "switch",
    "aria-checked": String(scenario.on),
    "data-focus": `${list}:${scenario.name}`,
    onclick: async () => {
      await turn(scenario, !scenario.on);
      if (list === "active") focusOn(`all:${scenario.name}`);
    },
  };
  return el("button", attributes, el("i"), el("strong", {}, title));
}

function about(scenario) {
  const facts = factsOf(scenario);
  return el(
    "p",
    { class: "about", title: scenario.operations.join("\n") },
    el("code", {}, scenario.name),
    facts && el("small", {}, ` · ${facts}`),
  );
}

function toggleOptions(name) {
  if (!expanded.delete(name)) expanded.add(name);
  show();
}

/** Return the title within a group, which has the name of the operation already. */
function titleInGroup(scenario) {
  if (!isDocumented(scenario)) return scenario.title;
  const operation = operations.get(scenario.operations[0])?.name ?? "";
  const prefix = el("span", { class: "visually-hidden" }, `${operation}: `);
  return [prefix, `Status ${scenario.status}`];
}

function row(scenario) {
  const more = el(
    "button",
    {
      class: "quiet more",
      "aria-expanded": String(scenario.isExpanded),
      "aria-label": `Options: ${scenario.title}`,
      title: "Choose the responses, or add a delay",
      "data-focus": `more:${scenario.name}`,
      onclick: () => toggleOptions(scenario.name),
    },
    "⋯",
  );
  return el(
    "li",
    { class: scenario.on ? "is-on" : "" },
    toggle(scenario, "all", titleInGroup(scenario)),
    more,
    about(scenario),
    scenario.isExpanded && options(scenario),
  );
}

/** Return a field of the options: its label, input and unit. */
function field(scenario, { name, label, step, unit }) {
  const id = `${name}-${scenario.name}`;
  const attributes = {
    id,
    name,
    type: "number",
    min: step,
    step,
    value: drafts.get(id) ?? scenario.overrides?.[name] ?? "",
    "data-focus": id,
    oninput: (event) => drafts.set(id, event.target.value),
  };
  return el("p", {}, el("label", { for: id }, label), el("input", attributes), unit);
}

function options(scenario) {
  const submit = (event) => {
    event.preventDefault();
    const overrides = {};
    for (const [name, value] of new FormData(event.target)) {
      if (value !== "") overrides[name] = Number(value);
    }
    turn(scenario, true, overrides);
  };
  return el(
    "form",
    { class: "options", onsubmit: submit },
    field(scenario, { name: "times", label: "for the next", step: 1, unit: "responses" }),
    field(scenario, { name: "every", label: "on every", step: 1, unit: "th request" }),
    field(scenario, { name: "delay", label: "delay", step: 0.1, unit: "s" }),
    el("button", { "data-focus": `switch-on:${scenario.name}` }, "Switch on"),
  );
}

function activeRow(scenario) {
  const { remaining } = scenario;
  return el(
    "li",
    {},
    toggle(scenario, "active", scenario.title),
    typeof remaining === "number" && el("b", { class: "remaining" }, `${remaining} left`),
    about(scenario),
  );
}

/* The part. */

function groupBox({ title, route }) {
  return el("details", { open: true }, el("summary", { title: route }, title), el("ul"));
}

function show() {
  if (!operations) return;
  const search = by("scenarios-search").value.trim().toLowerCase();
  const matching = scenarios.filter((scenario) => textOf(scenario).includes(search));
  const active = scenarios.filter((scenario) => scenario.on);
  keep(by("scenarios-active"), active, ({ name }) => name, activeRow);
  showGroups(groupsOf(matching));
  by("scenarios-no-match").hidden = matching.length > 0 || !scenarios.length;
  by("scenarios-none").hidden = active.length > 0;
  by("count-scenarios").textContent = active.length ? String(active.length) : "";
}

function showGroups(groups) {
  const boxes = groups.map(({ scenarios: _, ...group }) => group);
  keep(by("scenarios-groups"), boxes, ({ key }) => key, groupBox);
  for (const [index, box] of [...by("scenarios-groups").children].entries()) {
    const items = groups[index].scenarios.map(withExpansion);
    keep(box.lastElementChild, items, ({ name }) => name, row);
  }
}

function withExpansion(scenario) {
  return { ...scenario, isExpanded: expanded.has(scenario.name) };
}

async function reset() {
  if (await change("POST", "scenarios/reset", {})) announce("The default scenarios are active.");
}

export function start() {
  onPart("contract", (value) => {
    operations = new Map(value.operations.map((operation) => [operation.id, operation]));
    show();
  });
  onPart("scenarios", (value) => {
    scenarios = value.scenarios;
    show();
  });
  by("scenarios-search").addEventListener("input", show);
  by("scenarios-reset").addEventListener("click", reset);
}
