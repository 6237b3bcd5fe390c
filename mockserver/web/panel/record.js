/* One record, opened: its history, its transitions, its JSON. */

import { facts, hideDetail, showDetail } from "./detail.js";
import { by, el, json } from "./dom.js";
import { say } from "./notices.js";
import { change } from "./sandbox.js";
import { chip, verb } from "./states.js";
import { short, valueAt } from "./words.js";

let shown = null;

async function transition(collection, record, to) {
  if (await change("POST", "records/transition", { collection: collection.name, key: record.key, to })) say(`${record.key} is ${to}.`);
}

async function restore(collection, record) {
  if (await change("POST", "records/restore", { collection: collection.name, key: record.key })) say(`${record.key} is as shipped.`);
}

function buttons(collection, record) {
  const untouched = !record.modified && !record.deleted;
  const transitions = record.next_states.map((to) => el("button", { "data-focus": `to-${to}`, onclick: () => transition(collection, record, to) }, verb(to)));
  const back = el("button", { "data-focus": "restore", disabled: untouched, onclick: () => restore(collection, record) }, "Restore");
  return el("div", { class: "buttons" }, transitions, back);
}

/** The past states by time; states with the same timestamp are in the order of the lifecycle. */
function history(collection, record) {
  const stamps = collection.history && valueAt(record.record, collection.history);
  if (!stamps) return null;
  const place = ([state]) => collection.states.indexOf(state);
  const order = Object.entries(stamps).sort((a, b) => String(a[1]).localeCompare(String(b[1])) || place(a) - place(b));
  return el("ol", { class: "history" }, order.map(([state, stamp]) => el("li", {}, chip(collection, state), el("time", {}, stamp))));
}

/** All that is shown of a record, as a text. */
function contentOf({ records, total, ...frame }, record) {
  return JSON.stringify([frame, record]);
}

/** Open a record of a collection. */
export function open(collection, record) {
  shown = { collection: collection.name, key: record.key, content: contentOf(collection, record) };
  const label = collection.label && valueAt(record.record, collection.label);
  showDetail(by("record"), `${label ? `${label} – ` : ""}${collection.title} ${short(record.key)}`, `${collection.name} ${record.key}`,
    buttons(collection, record),
    facts([
      ["key", record.key],
      ["state", record.deleted ? el("span", { class: "mark deleted" }, "deleted") : chip(collection, record.state)],
      ["history", history(collection, record)],
    ]),
    json(record.record),
  );
}

/** Show the opened record as it is now. If it has not changed it is let be: somebody may have selected a part of it. */
export function renew(collections) {
  if (!shown || by("record").hidden) return;
  const collection = collections.find((each) => each.name === shown.collection);
  const record = collection?.records.find((each) => each.key === shown.key);
  if (!record) hideDetail(by("record"));
  else if (contentOf(collection, record) !== shown.content) open(collection, record);
}
