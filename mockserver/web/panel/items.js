/* The detail view of a cell of the matrix: its items, and how to reach those that are missing. */

import { showDetail } from "./detail.js";
import { by, el } from "./dom.js";
import { COLUMNS, SCENARIOS, stateOf, titleOfTest } from "./matrix.js";
import { reach, reachState } from "./reach.js";

/** The maximum number of tests that are shown of an item. */
const MAX_TESTS = 10;
const TITLES = { gap: "Not served", served: "Served", excluded: "Excluded" };

let current = null;
let selectTest = null;

function testButton(test, item) {
  const title = titleOfTest(test);
  const attributes = {
    class: "link",
    title: `Show only what this test was served. Sandbox: ${test.sandbox}`,
    "data-focus": `test ${item.id} ${test.sandbox} ${test.test}`,
    onclick: () => selectTest(title),
  };
  return el("li", {}, el("button", attributes, title));
}

function testList(item, tests) {
  const shown = item.tests.slice(0, MAX_TESTS).map((index) => testButton(tests[index], item));
  const rest = item.tests.length - shown.length;
  return el("ul", {}, shown, rest > 0 && el("li", {}, `and ${rest.toLocaleString("en")} more`));
}

function positionOf({ file, line }) {
  return line ? `${file}:${line}` : file;
}

/** Return what a list shows of an item in addition to its label. */
const CONTENTS = {
  gap: (item) => reach(item),
  served: (item, tests) => testList(item, tests),
  excluded: (item) => el("p", {}, item.excluded),
};

function itemOf(item, state, tests) {
  return el(
    "li",
    {},
    el("strong", {}, item.label),
    el("code", {}, item.id),
    CONTENTS[state](item, tests),
    el("small", {}, positionOf(item)),
  );
}

function section(state, items, tests) {
  if (!items.length) return null;
  return [
    el("h4", {}, `${TITLES[state]} (${items.length})`),
    el("ul", { class: `items ${state}` }, items.map((item) => itemOf(item, state, tests))),
  ];
}

/** Return the items of a cell, or of all cells of a row, by state. */
function itemsByState(kinds, kind, tests) {
  const byState = { gap: [], excluded: [], served: [] };
  const items = kind ? (kinds.get(kind) ?? []) : [...kinds.values()].flat();
  for (const item of items) byState[stateOf(item, tests)].push(item);
  return byState;
}

function titleOf(name, kind) {
  const column = [...COLUMNS, SCENARIOS].find((candidate) => candidate.kind === kind);
  return column && column.title !== name ? `${column.title} – ${name}` : name;
}

/** Return everything that is shown of some items, as text. */
function contentOf(byState, filter) {
  return JSON.stringify([byState, byState.gap.map(reachState), filter && [...filter]]);
}

/**
 * Show the items of a cell. `row` has the `id` and the `name` of the operation. `kind` is the kind
 * of the items, null for all. `view` has the groups of items, the tests, and the filter of tests.
 */
export function open(row, kind, view) {
  const { groups, tests, filter } = view;
  const byState = itemsByState(groups.get(row.id) ?? new Map(), kind, filter);
  const content = contentOf(byState, filter);
  const isSame = current?.row.id === row.id && current.kind === kind;
  if (isSame && current.content === content && !by("items").hidden) return;
  current = { row, kind, content };
  const sections = Object.entries(byState).map(([state, items]) => section(state, items, tests));
  showDetail(by("items"), titleOf(row.name, kind), focusOf(row.id, kind), ...sections);
}

/** Return the `data-focus` of the button that opens a cell, or of a row. */
export const focusOf = (id, kind) => `items ${id} ${kind ?? "all"}`;

/** Update the open items. Unchanged items are not rendered again. */
export function renew(view) {
  if (current && !by("items").hidden) open(current.row, current.kind, view);
}

/** Call `onTest` with the title of a test that the user selects. */
export function start(onTest) {
  selectTest = onTest;
}
