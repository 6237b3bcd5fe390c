/* The middle part: the current records of each collection. */

import { closeOnEscape } from "./detail.js";
import { arrows, by, el, fill, keep } from "./dom.js";
import * as opened from "./record.js";
import { onPart } from "./sandbox.js";
import { chip } from "./states.js";
import { cell, counted, short, valueAt } from "./words.js";

let collections = [];

const fits = (record, sought) => !sought || `${record.key} ${record.state ?? ""} ${JSON.stringify(record.record)}`.toLowerCase().includes(sought);

/** The progress of a record whose lifecycle increments a count; null for other records. */
function progress(collection, record) {
  const { increments, total } = collection.counts;
  const all = valueAt(record.record, total);
  if (typeof all !== "number") return null;
  const done = valueAt(record.record, increments) ?? 0;
  const text = `${done} of ${all}`;
  return [el("progress", { max: all || 1, value: done, "aria-label": text, title: text })];
}

/** The cells of the fields with a column: the label first, without the fields that the progress bar shows. */
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
    onclick: () => opened.open(collection, record),
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
  const sought = by("data-filter").value.trim().toLowerCase();
  const frames = collections.map(({ records, total, ...frame }) => frame);
  keep(by("collections"), frames, (each) => each.name, table);
  for (const collection of collections) {
    const place = [...by("collections").children].find((each) => each.dataset.key === collection.name);
    const shown = collection.records.filter((record) => fits(record, sought));
    keep(place.querySelector("tbody"), shown, (each) => each.key, (record) => row(collection, record));
    place.querySelector("small").textContent = size(collection, shown);
  }
  if (!collections.length) fill(by("collections"), el("p", { class: "empty" }, "This API has no records."));
}

function size({ records, total }, shown) {
  const all = total ?? records.length;
  return shown.length === all ? counted(all, "record") : `${shown.length} of ${counted(all, "record")}`;
}

export function start() {
  onPart("records", (value) => {
    collections = value.collections;
    show();
    opened.renew(collections);
  });
  by("data-filter").addEventListener("input", show);
  arrows(by("collections"), "button.link");
  closeOnEscape(by("record"));
}
