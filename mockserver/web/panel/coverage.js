/* The Coverage view: what the clients of all sandboxes were served of the contract. */

import { call } from "./api.js";
import { bar, rowOf } from "./cells.js";
import { closeOnEscape, hideDetail, markOpener } from "./detail.js";
import { by, el, fill, hasModifier, keep } from "./dom.js";
import * as items from "./items.js";
import { COLUMNS, groupItems, matchingTests, rowsOf, titleOfTest } from "./matrix.js";
import { announce, attempt } from "./notices.js";
import * as reach from "./reach.js";
import { onPart } from "./sandbox.js";
import { counted } from "./words.js";
import { showsCoverage } from "./views.js";

/** The minimum time between two fetches for events, in milliseconds. */
const PAUSE = 2000;
const MAX_SUGGESTIONS = 200;
const DENOMINATORS = {
  contract: "Whole contract",
  called: "Called operations",
  required: "Called operations without exclusions",
};
const INCOMPLETE = "Served items are missing, because the store could not keep them.";

/** The coverage document; null until it is fetched. */
let coverage = null;
/** The items of the document, by operation and kind. */
let groups = new Map();
/** The operations of the contract by id. */
let operations = new Map();
let timer = 0;
/** The number of fetches. The response of an earlier one may arrive after that of the last. */
let fetches = 0;

/* The denominators. */

function denominator([name, title]) {
  const { items: total, served } = coverage.summary[name];
  const percent = total ? `${Math.floor((100 * served) / total)} %` : "";
  const text = `${served.toLocaleString("en")} of ${total.toLocaleString("en")} served`;
  return el(
    "div",
    {},
    el("dt", {}, title),
    el("dd", {}, el("b", {}, text), el("small", {}, percent), bar(served, total)),
  );
}

/* The matrix. */

function viewOf() {
  const filter = matchingTests(coverage.tests, textOf("coverage-tests"));
  return { groups, tests: coverage.tests, filter };
}

function openItems({ id, name }, kind) {
  items.open({ id, name }, kind, viewOf());
  by("matrix-rows").querySelector("[aria-current]")?.scrollIntoView({ block: "nearest" });
}

const textOf = (id) => by(id).value.trim().toLowerCase();

function show() {
  if (!coverage || !showsCoverage()) return;
  const view = viewOf();
  const gapsOnly = by("gaps-only").getAttribute("aria-pressed") === "true";
  const filter = { text: textOf("coverage-filter"), tests: view.filter, gapsOnly };
  const rows = rowsOf(groups, operations, filter);
  fill(by("denominators"), Object.entries(DENOMINATORS).map(denominator));
  keep(by("matrix-rows"), rows, ({ id }) => `row ${id}`, (row) => rowOf(row, openItems));
  by("matrix").hidden = rows.length === 0;
  by("coverage-none").hidden = coverage.tests.length > 0;
  by("coverage-note").textContent = noteFor(rows.length, view.filter);
  by("coverage-contract").textContent = coverage.contract && `, contract ${coverage.contract}`;
  markOpener(by("items"));
  items.renew(view);
}

/** Return a text about lost items or filters; empty if the matrix shows everything. */
function noteFor(count, filter) {
  if (!count) return "No operation matches the filters.";
  if (!coverage.complete) return INCOMPLETE;
  if (!filter) return "";
  const tests = `${filter.size.toLocaleString("en")} of ${counted(coverage.tests.length, "test")}`;
  return `The matrix shows what ${tests} were served.`;
}

/* The document. */

/** Fetch the document, if the page shows it. */
export async function load() {
  clearTimeout(timer);
  timer = 0;
  if (!showsCoverage()) return;
  await receive(() => call("GET", "coverage"));
}

/** Show the document that a call returns, if it is the last call. Return whether it is shown. */
async function receive(work) {
  fetches += 1;
  const number = fetches;
  const value = await attempt(work);
  if (!value || number !== fetches) return false;
  showDocument(value);
  return true;
}

function showDocument(value) {
  coverage = value;
  groups = groupItems(value.items);
  const titles = value.tests.slice(0, MAX_SUGGESTIONS).map(titleOfTest);
  fill(by("tests"), titles.map((title) => el("option", { value: title })));
  show();
}

/** Fetch the document soon, because the sandbox got a request. */
export function update() {
  if (!timer && showsCoverage()) timer = setTimeout(load, PAUSE);
}

async function clear() {
  if (!(await receive(() => call("DELETE", "coverage")))) return;
  hideDetail(by("items"));
  announce("The coverage is empty.");
}

/** Move the focus between the cells of the matrix with the arrow keys. */
function onKey(event) {
  const [down, right] = STEPS[event.key] ?? [0, 0];
  if (!(down || right) || hasModifier(event)) return;
  const rows = [...by("matrix-rows").children];
  const position = rows.findIndex((candidate) => candidate.contains(event.target));
  const cells = buttonsOf(rows[position]);
  const target = buttonsOf(rows[position + down] ?? rows[position]);
  const index = cells.indexOf(event.target) + right;
  target[Math.min(Math.max(index, 0), target.length - 1)].focus();
  event.preventDefault();
}

const STEPS = { ArrowDown: [1, 0], ArrowUp: [-1, 0], ArrowRight: [0, 1], ArrowLeft: [0, -1] };

const buttonsOf = (tr) => [...tr.querySelectorAll("button")];

function selectTest(title) {
  by("coverage-tests").value = title;
  show();
}

function toggleGaps(event) {
  const isPressed = event.currentTarget.getAttribute("aria-pressed") === "true";
  event.currentTarget.setAttribute("aria-pressed", String(!isPressed));
  show();
}

export function start() {
  const titles = ["Operation", ...COLUMNS.map(({ title }) => title)];
  const headings = titles.map((title) =>
    el("th", { scope: "col", role: "columnheader" }, title),
  );
  fill(by("matrix-head"), headings);
  onPart("contract", (value) => {
    operations = new Map(value.operations.map((operation) => [operation.id, operation]));
    show();
  });
  reach.start(show);
  items.start(selectTest);
  for (const id of ["coverage-filter", "coverage-tests"]) by(id).addEventListener("input", show);
  by("gaps-only").addEventListener("click", toggleGaps);
  by("coverage-reload").addEventListener("click", load);
  by("coverage-clear").addEventListener("click", () => by("clear-coverage").showModal());
  by("clear-yes").addEventListener("click", clear);
  by("matrix-rows").addEventListener("keydown", onKey);
  closeOnEscape(by("items"));
}
