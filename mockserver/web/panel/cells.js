/* A row of the matrix: the operation, and a cell for each kind of items. */

import { el } from "./dom.js";
import { focusOf } from "./items.js";
import { COLUMNS } from "./matrix.js";

/** State of an item to its sign, its class and its word. */
const STATES = {
  served: { sign: "✓", tone: "good", word: "served" },
  gap: { sign: "○", tone: "gap", word: "not served" },
  excluded: { sign: "–", tone: "", word: "excluded" },
};
const CALLS = { served: "called", gap: "not called", excluded: "excluded" };

/** Return a bar for the eyes. The text next to it has the numbers. */
export function bar(served, total) {
  return el("progress", { max: total || 1, value: served, "aria-hidden": "true" });
}

function chip(state, ...content) {
  const { sign, tone } = STATES[state];
  return el("span", { class: `chip ${tone}` }, el("i", { "aria-hidden": "true" }, sign), content);
}

/** Return the chip of a status code. A screen reader reads its state too. */
function statusChip({ code, state }) {
  const word = el("span", { class: "visually-hidden" }, ` ${STATES[state].word}, `);
  return chip(state, code, word);
}

function callChip(counts) {
  const state = Object.keys(CALLS).find((name) => counts[name] > 0);
  return chip(state, CALLS[state]);
}

function fraction({ served, gap, excluded }) {
  const total = served + gap;
  const more = excluded > 0 && el("small", {}, ` ${excluded} excluded`);
  if (!total) return [more];
  const text = `${gap ? "" : "✓ "}${served}/${total}`;
  const word = el("span", { class: "visually-hidden" }, " served");
  return [el("span", {}, text), word, more, bar(served, total)];
}

/** Return the content of a cell. */
function contentOf(row, { kind, ...counts }) {
  if (kind === "operation") return callChip(counts);
  return kind === "status" ? row.statuses.map(statusChip) : fraction(counts);
}

function cellOf(row, cell, span, open) {
  const { kind, title, served, gap, excluded } = cell;
  const attributes = { role: "cell", "data-title": title, colspan: span };
  if (!(served + gap + excluded)) return el("td", { ...attributes, class: "none" });
  const button = {
    class: "cell",
    tabIndex: -1,
    "data-focus": focusOf(row.id, kind),
    "data-gaps": gap > 0,
    onclick: () => open(row, kind),
  };
  const label = el("span", { class: "visually-hidden" }, `${title}: `);
  return el("td", attributes, el("button", button, label, contentOf(row, cell)));
}

/** Return a row. `open` is called with the row and a kind of items, null for all of the row. */
export function rowOf(row, open) {
  const attributes = {
    class: "link",
    "data-focus": focusOf(row.id, null),
    title: row.id,
    onclick: () => open(row, null),
  };
  const name = el("button", attributes, row.name);
  const span = row.cells.length === 1 ? COLUMNS.length : null;
  return el(
    "tr",
    { role: "row" },
    el("th", { scope: "row", role: "rowheader" }, name, el("small", {}, row.route)),
    row.cells.map((cell) => cellOf(row, cell, span, open)),
  );
}
