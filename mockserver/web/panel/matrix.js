/* The coverage document as a matrix: operations as rows, kinds of items as columns. */

/** The columns. Each shows the items of one kind. */
export const COLUMNS = [
  { kind: "operation", title: "Called" },
  { kind: "status", title: "Statuses" },
  { kind: "parameter", title: "Parameters" },
  { kind: "request", title: "Request" },
  { kind: "response", title: "Response" },
  { kind: "list", title: "Lists" },
];
/** The last row. Its items belong to no operation. */
export const SCENARIOS = { kind: "scenario", title: "Scenarios" };

/** Return the items of a row, a `Map` of kind to items, by the id of the operation. */
export function groupItems(items) {
  const rows = new Map();
  for (const item of items) {
    if (!rows.has(item.operation)) rows.set(item.operation, new Map());
    const kinds = rows.get(item.operation);
    if (!kinds.has(item.kind)) kinds.set(item.kind, []);
    kinds.get(item.kind).push(item);
  }
  return rows;
}

/** Return the title of a test. The oldest tests of a store with many have no sandbox. */
export function titleOfTest({ sandbox, test }) {
  return test || sandbox || "older tests";
}

/** Return the indexes of the tests whose title or sandbox contains a text; null for no text. */
export function matchingTests(tests, text) {
  if (!text) return null;
  const indexes = new Set();
  for (const [index, test] of tests.entries()) {
    if (`${titleOfTest(test)} ${test.sandbox}`.toLowerCase().includes(text)) indexes.add(index);
  }
  return indexes;
}

/** Return whether some tests were served an item. `tests` are indexes; null means all tests. */
function isServed(item, tests) {
  return tests ? item.tests.some((index) => tests.has(index)) : item.covered;
}

/** Return `excluded`, `served` or `gap`. */
export function stateOf(item, tests) {
  if (item.excluded !== null) return "excluded";
  return isServed(item, tests) ? "served" : "gap";
}

function cellOf({ kind, title }, items, tests) {
  const counts = { served: 0, gap: 0, excluded: 0 };
  for (const item of items) counts[stateOf(item, tests)] += 1;
  return { kind, title, ...counts };
}

/** Return the status codes with their states, for the cell of the statuses. */
function statusesOf(items, tests) {
  return items.map((item) => ({ code: item.label.split(" ")[0], state: stateOf(item, tests) }));
}

function rowOf(id, kinds, operations, tests) {
  const { name, method, uri_template: template } = operations.get(id) ?? { name: id };
  const columns = id === "" ? [SCENARIOS] : COLUMNS;
  return {
    id,
    name: id === "" ? SCENARIOS.title : name,
    route: method ? `${method} ${template}` : "",
    cells: columns.map((column) => cellOf(column, kinds.get(column.kind) ?? [], tests)),
    statuses: statusesOf(kinds.get("status") ?? [], tests),
  };
}

/** Return the text that the filter searches. */
function textOf(row, kinds) {
  const texts = [row.id, row.name, row.route];
  for (const items of kinds.values()) {
    for (const { id, label } of items) texts.push(id, label);
  }
  return texts.join(" ").toLowerCase();
}

/**
 * Return the rows to show. `operations` are those of the contract, by id. `text` is a filter,
 * `tests` are the indexes of the tests that count (null: all), `gapsOnly` omits complete rows.
 */
export function rowsOf(groups, operations, { text, tests, gapsOnly }) {
  const rows = [];
  for (const [id, kinds] of groups) {
    const row = rowOf(id, kinds, operations, tests);
    const isComplete = row.cells.every(({ gap }) => gap === 0);
    if (gapsOnly && isComplete) continue;
    if (textOf(row, kinds).includes(text)) rows.push(row);
  }
  return rows;
}
