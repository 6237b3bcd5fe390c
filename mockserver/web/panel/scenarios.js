/* The left part: which scenarios there are, what they do, which are on. */

import { by, el, focusOn, keep } from "./dom.js";
import { say } from "./notices.js";
import { change, onPart } from "./sandbox.js";
import { counted, what } from "./words.js";

const opened = new Set();
const drafts = new Map();
let scenarios = [];

const path = (scenario) => `scenarios/${encodeURIComponent(scenario.name)}`;

async function turn(scenario, on, overrides = {}) {
  const answer = on ? await change("PUT", path(scenario), overrides) : await change("DELETE", path(scenario));
  if (answer) say(`${scenario.title} is ${on ? "on" : "off"}.`);
}

/* Groups: the tester's own first, then what each operation documents, then what speaks for all of them. */

function operationNames() {
  const names = new Map();
  for (const each of scenarios) for (const id of each.operations) if (!names.has(id)) names.set(id, id);
  for (const each of scenarios) {
    const tail = ` answers ${each.status}`;
    if (each.file === null && each.title.endsWith(tail)) names.set(each.operations[0], each.title.slice(0, -tail.length));
  }
  return names;
}

function groupOf(scenario, names) {
  if (scenario.fault || (scenario.operations.length === names.size && names.size > 1)) return "All operations, and faults";
  return scenario.file === null ? names.get(scenario.operations[0]) : "Your own";
}

function groups(shown) {
  const names = operationNames();
  const found = new Map(["Your own", ...names.values(), "All operations, and faults"].map((title) => [title, []]));
  for (const each of shown) found.get(groupOf(each, names)).push(each);
  for (const [title, all] of found) {
    if (!all.length) found.delete(title);
    all.sort((a, b) => (a.file === null && b.file === null ? (a.status ?? 0) - (b.status ?? 0) : 0));
  }
  return found;
}

const fits = (scenario, sought) =>
  [scenario.name, scenario.title, ...scenario.operations, ...what(scenario)].join(" ").toLowerCase().includes(sought);

/* One scenario. */

/** What it does, in a few words. A documented status is in the title already. */
function facts(scenario) {
  const documented = scenario.file === null && !scenario.overrides;
  const words = documented ? what({ ...scenario, status: null }) : [...what(scenario), counted(scenario.operations.length, "operation")];
  return [...words, scenario.matched_requests ? `matched ${scenario.matched_requests}` : ""].filter(Boolean).join(" · ");
}

const toggle = (scenario, place) =>
  el("button", {
    class: "switch",
    role: "switch",
    "aria-checked": String(scenario.on),
    "aria-label": scenario.title,
    "data-focus": `${place}:${scenario.name}`,
    onclick: async () => {
      await turn(scenario, !scenario.on);
      if (place === "on") focusOn(`all:${scenario.name}`);
    },
  }, el("i"));

function row(scenario) {
  const title = scenario.file === null ? scenario.title.replace(/^.* (answers \d+)$/, "$1") : scenario.title;
  const more = el("button", {
    class: "quiet more",
    "aria-expanded": String(opened.has(scenario.name)),
    "aria-label": `Switch on for a while: ${scenario.title}`,
    title: "For some answers only, or later",
    "data-focus": `more:${scenario.name}`,
    onclick: () => (opened.delete(scenario.name) || opened.add(scenario.name), show()),
  }, "⋯");
  return el("li", { class: scenario.on ? "is-on" : "" },
    toggle(scenario, "all"),
    el("div", { title: `${scenario.name}\n${scenario.operations.join("\n")}` }, el("strong", {}, title), el("small", {}, facts(scenario))),
    more,
    scenario.opened && options(scenario),
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
    const given = [...new FormData(event.target)].filter(([, value]) => value !== "").map(([name, value]) => [name, Number(value)]);
    turn(scenario, true, Object.fromEntries(given));
  };
  return el("form", { class: "options", onsubmit: submit },
    el("p", {}, field("times", "for the next", 1, "answers")),
    el("p", {}, field("delay", "delay", 0.1, "s")),
    el("button", { "data-focus": `so:${scenario.name}` }, "Switch on"),
  );
}

/* What is on, at a glance. */

const pinned = (scenario) =>
  el("li", {},
    toggle(scenario, "on"),
    el("div", { title: scenario.name }, el("strong", {}, scenario.title), el("small", {}, facts(scenario))),
    typeof scenario.remaining === "number" && el("b", { class: "remaining" }, `${scenario.remaining} left`),
  );

const group = (title) => el("details", { open: true }, el("summary", {}, title), el("ul"));

function show() {
  const sought = by("scenarios-search").value.trim().toLowerCase();
  const shown = scenarios.filter((each) => fits(each, sought)).map((each) => ({ ...each, opened: opened.has(each.name) }));
  const on = scenarios.filter((each) => each.on);
  keep(by("scenarios-on"), on, (each) => each.name, pinned);
  const found = groups(shown);
  keep(by("scenarios-groups"), [...found.keys()], (title) => title, group);
  for (const box of by("scenarios-groups").children) keep(box.lastElementChild, found.get(box.dataset.key), (each) => each.name, row);
  by("scenarios-unfit").hidden = shown.length > 0 || !scenarios.length;
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
    if (await change("POST", "scenarios/reset", {})) say("The scenarios are reset.");
  });
}
