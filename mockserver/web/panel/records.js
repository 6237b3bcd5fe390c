/* The Records part: a tab per collection, with its current records. */

import { closeOnEscape, markOpener } from "./detail.js";
import { arrows, by, el, keep } from "./dom.js";
import * as detail from "./record.js";
import { onPart } from "./sandbox.js";
import { chip } from "./states.js";
import { showTabs, startTabs } from "./tabs.js";
import { cell, counted, short, valueAt } from "./words.js";

let collections = [];
/** The name of the selected collection. */
let selectedName = null;

function textOf(record) {
  return `${record.key} ${record.state ?? ""} ${JSON.stringify(record.record)}`.toLowerCase();
}

/* The table of a collection. */

/** Return the progress of a record whose lifecycle increments a count; null for other records. */
function progress(collection, record) {
  const { increments, total } = collection.counts;
  const maximum = valueAt(record.record, total);
  if (typeof maximum !== "number") return null;
  const done = valueAt(record.record, increments) ?? 0;
  const text = `${done} of ${maximum}`;
  return el("progress", { max: maximum || 1, value: done, "aria-label": text, title: text });
}

/** Return the fields that have a column: the label first, without those of the progress bar. */
function columnsOf(collection) {
  const { increments, total } = collection.counts ?? {};
  const names = [collection.label, ...collection.columns].filter(Boolean);
  return names.filter((name) => name !== increments && name !== total);
}

function mark(record) {
  if (record.deleted) return el("span", { class: "mark deleted" }, "deleted");
  return record.modified && el("span", { class: "mark" }, "modified");
}

function valueCell(value, index) {
  const text = cell(value);
  const kind = typeof value === "number" ? " number" : "";
  return el("td", { class: `c${index}${kind}`, title: text }, text);
}

function row(collection, record) {
  const attributes = {
    class: "link",
    "data-focus": `${collection.name} ${record.key}`,
    title: record.key,
    onclick: () => detail.open(collection, record),
  };
  const open = el("button", attributes, short(record.key));
  const columns = columnsOf(collection);
  return el(
    "tr",
    { class: record.deleted ? "is-deleted" : "" },
    el("th", { scope: "row" }, open, mark(record)),
    collection.state && el("td", {}, chip(collection, record.state)),
    columns.map((name, index) => valueCell(valueAt(record.record, name), index)),
    collection.counts?.increments && el("td", { class: "progress" }, progress(collection, record)),
  );
}

/** Return the heading of a column. The title is the whole path of the field. */
function heading(kind, path) {
  if (!path) return null;
  return el("th", { scope: "col", class: kind, title: path }, path.split(".").at(-1));
}

function head(collection) {
  const columns = columnsOf(collection);
  return el(
    "tr",
    {},
    el("th", { scope: "col", class: "key" }, collection.key),
    heading("state", collection.state),
    columns.map((name, index) => heading(`c${index}`, name)),
    heading("progress", collection.counts?.increments),
  );
}

function openRow(event) {
  if (event.target.closest("button")) return;
  event.target.closest("tr")?.querySelector("button").click();
}

function table(collection) {
  const body = el("tbody", { onclick: openRow });
  const thead = el("thead", {}, head(collection));
  return el("table", { "aria-label": collection.title }, thead, body);
}

/* The part. */

/** Return the titles of the tabs. Collections of two APIs may have the same title. */
function titleOf(collection) {
  const namesakes = collections.filter(({ title }) => title === collection.title);
  return namesakes.length > 1 ? collection.name : collection.title;
}

function countText({ total }, count, filter) {
  return filter ? `${count} of ${total.toLocaleString("en")}` : total.toLocaleString("en");
}

/** Return the text below a table that does not show all records; empty if it shows all. */
function noteFor({ total, records }, count) {
  if (!total) return "This collection has no records.";
  if (!count) return "No record matches the filter.";
  if (records.length === total) return "";
  return `The panel shows the first ${counted(records.length, "record")}.`;
}

function show() {
  const filter = by("records-filter").value.trim().toLowerCase();
  const selected = collections.find(({ name }) => name === selectedName) ?? collections[0];
  const tabs = [];
  let records = [];
  for (const collection of collections) {
    const matching = collection.records.filter((record) => textOf(record).includes(filter));
    const isSelected = collection === selected;
    if (isSelected) records = matching;
    const count = countText(collection, matching.length, filter);
    const [id, title] = [`tab-${tabs.length}`, titleOf(collection)];
    tabs.push({ id, name: collection.name, title, count, isSelected });
  }
  showTabs(tabs);
  const note = selected ? noteFor(selected, records.length) : "This API has no records.";
  by("records-note").textContent = note;
  by("records-note").hidden = note === "";
  if (selected) showTable(selected, records);
}

function showTable(collection, records) {
  const { records: _, total, ...description } = collection;
  keep(by("collection"), [description], ({ name }) => name, table);
  const body = by("collection").querySelector("tbody");
  keep(body, records, ({ key }) => key, (record) => row(collection, record));
  markOpener(by("record"));
}

function select(name) {
  if (name !== selectedName) detail.close();
  selectedName = name;
  by("collections").scrollTop = 0;
  show();
}

export function start() {
  onPart("records", (value) => {
    collections = value.collections;
    selectedName ??= collections[0]?.name;
    show();
    detail.renew(collections);
  });
  by("records-filter").addEventListener("input", show);
  startTabs(select);
  arrows(by("collections"), "button.link");
  closeOnEscape(by("record"));
}
