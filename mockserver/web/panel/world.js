/* The middle part: the records of each collection, as the sandbox has them. */

import { closeOnEscape } from "./detail.js";
import { arrows, by, el, fill, keep } from "./dom.js";
import * as opened from "./record.js";
import { onPart } from "./sandbox.js";
import { chip } from "./states.js";
import { cell, counted, short, valueAt } from "./words.js";

let collections = [];

const fits = (record, sought) => !sought || `${record.key} ${record.state ?? ""} ${JSON.stringify(record.record)}`.toLowerCase().includes(sought);

/** How far a record is, where its collection says what grows; null elsewhere. */
function progress(collection, record) {
  const { grows, total } = collection.counts;
  const all = valueAt(record.record, total);
  if (typeof all !== "number") return null;
  const done = valueAt(record.record, grows) ?? 0;
  const text = `${done} of ${all}`;
  return [el("progress", { max: all || 1, value: done, "aria-label": text, title: text })];
}

/** The cells of the members that have a column of their own: what the record is called first; what the progress shows, not again. */
function columnsOf(collection, make) {
  const { grows, total } = collection.counts ?? {};
  return [collection.label, ...collection.columns].filter((name) => name && ![grows, total].includes(name)).map(make);
}

const mark = (record) =>
  (record.gone && el("span", { class: "mark gone" }, "gone")) || (record.changed && el("span", { class: "mark" }, "changed"));

function row(collection, record) {
  const open = el("button", {
    class: "link",
    "data-focus": `${collection.name} ${record.key}`,
    title: record.key,
    onclick: () => opened.open(collection, record),
  }, short(record.key));
  return el("tr", { class: record.gone ? "is-gone" : "" },
    el("th", { scope: "row" }, open, mark(record)),
    collection.state && el("td", {}, chip(collection, record.state)),
    columnsOf(collection, (name, index) => {
      const value = valueAt(record.record, name);
      return el("td", { class: `c${index}${typeof value === "number" ? " number" : ""}`, title: cell(value) }, cell(value));
    }),
    collection.counts?.grows && el("td", { class: "grows" }, progress(collection, record)),
  );
}

const head = (collection) =>
  el("tr", {},
    el("th", { scope: "col", class: "key" }, collection.key),
    collection.state && el("th", { scope: "col", class: "state" }, collection.state),
    columnsOf(collection, (name, index) => el("th", { scope: "col", class: `c${index}`, title: name }, name.split(".").at(-1))),
    collection.counts?.grows && el("th", { scope: "col", class: "grows", title: collection.counts.grows }, collection.counts.grows.split(".").at(-1)),
  );

function table(collection) {
  const body = el("tbody");
  body.addEventListener("click", (event) => event.target.closest("button") ?? event.target.closest("tr")?.querySelector("button").click());
  const title = el("h3", { id: `title-${collection.name}` }, collection.title, el("small"));
  return el("section", { "aria-labelledby": title.id }, title, el("table", { "aria-labelledby": title.id }, el("thead", {}, head(collection)), body));
}

function show() {
  const sought = by("world-filter").value.trim().toLowerCase();
  const frames = collections.map(({ records, total, ...frame }) => frame);
  keep(by("collections"), frames, (each) => each.name, table);
  for (const collection of collections) {
    const place = [...by("collections").children].find((each) => each.dataset.key === collection.name);
    const shown = collection.records.filter((record) => fits(record, sought));
    keep(place.querySelector("tbody"), shown, (each) => each.key, (record) => row(collection, record));
    place.querySelector("small").textContent = size(collection, shown);
  }
  if (!collections.length) fill(by("collections"), el("p", { class: "empty" }, "This API keeps no records."));
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
  by("world-filter").addEventListener("input", show);
  arrows(by("collections"), "button.link");
  closeOnEscape(by("record"));
}
