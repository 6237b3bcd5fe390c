/* The Data part: the current records of each collection. */

import { closeOnEscape } from "./detail.js";
import { arrows, by, el, fill, keep } from "./dom.js";
import * as detail from "./record.js";
import { onPart } from "./sandbox.js";
import { chip } from "./states.js";
import { cell, counted, short, valueAt } from "./words.js";

let collections = [];

const textOf = (record) => `${record.key} ${record.state ?? ""} ${JSON.stringify(record.record)}`.toLowerCase();

/** Return the progress of a record whose lifecycle increments a count; null for other records. */
function progress(collection, record) {
  const { increments, total } = collection.counts;
  const maximum = valueAt(record.record, total);
  if (typeof maximum !== "number") return null;
  const done = valueAt(record.record, increments) ?? 0;
  const text = `${done} of ${maximum}`;
  return [el("progress", { max: maximum || 1, value: done, "aria-label": text, title: text })];
}

/** Return the cells of the fields with a column: the label first, without the fields that the progress bar shows. */
function columnsOf(collection, make) {
  const { increments, total } = collection.counts ?? {};
  return [collection.label, ...collection.columns].filter((name) => name && ![increments, total].includes(name)).map(make);
}

const mark = (record) =>
  (record.deleted && el("span", { class: "mark deleted" }, "deleted")) || (record.modified && el("span", { class: "mark" }, "modified"));

function row(collection, record) {
  const open = el("button", {
    class: "link",
    "data-focus": `${collection.name} ${record.key}`,
    title: record.key,
    onclick: () => detail.open(collection, record),
  }, short(record.key));
  return el("tr", { class: record.deleted ? "is-deleted" : "" },
    el("th", { scope: "row" }, open, mark(record)),
    collection.state && el("td", {}, chip(collection, record.state)),
    columnsOf(collection, (name, index) => {
      const value = valueAt(record.record, name);
      return el("td", { class: `c${index}${typeof value === "number" ? " number" : ""}`, title: cell(value) }, cell(value));
    }),
    collection.counts?.increments && el("td", { class: "progress" }, progress(collection, record)),
  );
}

const head = (collection) =>
  el("tr", {},
    el("th", { scope: "col", class: "key" }, collection.key),
    collection.state && el("th", { scope: "col", class: "state" }, collection.state),
    columnsOf(collection, (name, index) => el("th", { scope: "col", class: `c${index}`, title: name }, name.split(".").at(-1))),
    collection.counts?.increments && el("th", { scope: "col", class: "progress", title: collection.counts.increments }, collection.counts.increments.split(".").at(-1)),
  );

function table(collection) {
  const body = el("tbody");
  body.addEventListener("click", (event) => event.target.closest("button") ?? event.target.closest("tr")?.querySelector("button").click());
  const title = el("h3", { id: `title-${collection.name}` }, collection.title, el("small"));
  return el("section", { "aria-labelledby": title.id }, title, el("table", { "aria-labelledby": title.id }, el("thead", {}, head(collection)), body));
}

function show() {
  const filter = by("data-filter").value.trim().toLowerCase();
  const descriptions = collections.map(({ records, total, ...description }) => description);
  keep(by("collections"), descriptions, ({ name }) => name, table);
  for (const collection of collections) {
    const section = [...by("collections").children].find((child) => child.dataset.key === collection.name);
    const records = collection.records.filter((record) => !filter || textOf(record).includes(filter));
    keep(section.querySelector("tbody"), records, ({ key }) => key, (record) => row(collection, record));
    section.querySelector("small").textContent = sizeText(collection, records.length);
  }
  if (!collections.length) fill(by("collections"), el("p", { class: "empty" }, "This API has no records."));
}

function sizeText({ total }, visible) {
  return visible === total ? counted(total, "record") : `${visible} of ${counted(total, "record")}`;
}

export function start() {
  onPart("records", (value) => {
    collections = value.collections;
    show();
    detail.renew(collections);
  });
  by("data-filter").addEventListener("input", show);
  arrows(by("collections"), "button.link");
  closeOnEscape(by("record"));
}
