/* The detail view of a record: its history, transitions and JSON. */

import { facts, hideDetail, showDetail } from "./detail.js";
import { by, el, json } from "./dom.js";
import { announce } from "./notices.js";
import { change } from "./sandbox.js";
import { chip, verb } from "./states.js";
import { short, valueAt } from "./words.js";

let current = null;

async function transition(collection, record, to) {
  const changed = await change("POST", "records/transition", { collection: collection.name, key: record.key, to });
  if (changed) announce(`${record.key} is ${to}.`);
}

async function restore(collection, record) {
  const changed = await change("POST", "records/restore", { collection: collection.name, key: record.key });
  if (changed) announce(`${record.key} is as shipped.`);
}

function buttons(collection, record) {
  const isShipped = !record.modified && !record.deleted;
  const transitions = record.next_states.map((to) =>
    el("button", { "data-focus": `to-${to}`, onclick: () => transition(collection, record, to) }, verb(to)));
  const onclick = () => restore(collection, record);
  const restoreButton = el("button", { "data-focus": "restore", disabled: isShipped, onclick }, "Restore");
  return el("div", { class: "buttons" }, transitions, restoreButton);
}

/** Return the past states by time; states with the same timestamp are in the order of the lifecycle. */
function history(collection, record) {
  const timestamps = collection.history && valueAt(record.record, collection.history);
  if (!timestamps) return null;
  const index = ([state]) => collection.states.indexOf(state);
  const order = Object.entries(timestamps).sort((a, b) => String(a[1]).localeCompare(String(b[1])) || index(a) - index(b));
  return el("ol", { class: "history" }, order.map(([state, timestamp]) => el("li", {}, chip(collection, state), el("time", {}, timestamp))));
}

/** Return everything that is shown of a record, as text. */
function contentOf({ records, total, ...description }, record) {
  return JSON.stringify([description, record]);
}

/** Show a record of a collection. */
export function open(collection, record) {
  current = { collection: collection.name, key: record.key, content: contentOf(collection, record) };
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

/** Update the open record. An unchanged record is not rendered again, because that would clear a text selection. */
export function renew(collections) {
  if (!current || by("record").hidden) return;
  const collection = collections.find(({ name }) => name === current.collection);
  const record = collection?.records.find(({ key }) => key === current.key);
  if (!record) hideDetail(by("record"));
  else if (contentOf(collection, record) !== current.content) open(collection, record);
}
