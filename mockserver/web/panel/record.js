/* The detail view of a record: its history, transitions and JSON. */

import { facts, hideDetail, showDetail } from "./detail.js";
import { setDisabled, unlessDisabled } from "./disabled.js";
import { by, el, json } from "./dom.js";
import { announce } from "./notices.js";
import { change } from "./sandbox.js";
import { chip, verb } from "./states.js";
import { short, valueAt } from "./words.js";

let current = null;

async function transition(collection, record, to) {
  const body = { collection: collection.name, key: record.key, to };
  if (await change("POST", "records/transition", body)) announce(`${record.key} is ${to}.`);
}

async function restore(collection, record) {
  const body = { collection: collection.name, key: record.key };
  if (await change("POST", "records/restore", body)) announce(`${record.key} is restored.`);
}

function transitionButton(collection, record, to) {
  const onclick = () => transition(collection, record, to);
  return el("button", { "data-focus": `to-${to}`, onclick }, verb(to));
}

function restoreButton(collection, record) {
  const isShipped = !record.modified && !record.deleted;
  const description = el("small", { id: "restore-description" });
  const onclick = unlessDisabled(() => restore(collection, record));
  const button = el("button", { "data-focus": "restore", onclick }, "Restore");
  setDisabled(button, description, isShipped ? "The record is as shipped." : "");
  return [button, description];
}

function buttons(collection, record) {
  const transitions = record.next_states.map((to) => transitionButton(collection, record, to));
  return el("div", { class: "buttons" }, transitions, restoreButton(collection, record));
}

/** Return the past states by time; states with the same timestamp have the lifecycle's order. */
function history(collection, record) {
  const timestamps = collection.history && valueAt(record.record, collection.history);
  if (!timestamps) return null;
  const index = ([state]) => collection.states.indexOf(state);
  const compare = (a, b) => String(a[1]).localeCompare(String(b[1])) || index(a) - index(b);
  const items = Object.entries(timestamps).sort(compare);
  return el("ol", { class: "history" }, items.map(([state, timestamp]) =>
    el("li", {}, chip(collection, state), el("time", {}, timestamp))));
}

function stateOf(collection, record) {
  if (record.deleted) return el("span", { class: "mark deleted" }, "deleted");
  return chip(collection, record.state);
}

/** Return everything that is shown of a record, as text. */
function contentOf({ records, total, ...description }, record) {
  return JSON.stringify([description, record]);
}

function titleOf(collection, record) {
  const label = collection.label && valueAt(record.record, collection.label);
  const title = `${collection.title} ${short(record.key)}`;
  return label ? `${label} – ${title}` : title;
}

/** Show a record of a collection. */
export function open(collection, record) {
  const content = contentOf(collection, record);
  current = { collection: collection.name, key: record.key, content };
  showDetail(
    by("record"),
    titleOf(collection, record),
    `${collection.name} ${record.key}`,
    buttons(collection, record),
    facts([
      ["key", record.key],
      ["state", stateOf(collection, record)],
      ["history", history(collection, record)],
    ]),
    json(record.record),
  );
}

/** Close the record, if one is open. */
export function close() {
  hideDetail(by("record"));
}

/**
 * Update the open record. An unchanged record is not rendered again, because that would clear a
 * text selection.
 */
export function renew(collections) {
  if (!current || by("record").hidden) return;
  const collection = collections.find(({ name }) => name === current.collection);
  const record = collection?.records.find(({ key }) => key === current.key);
  if (!record) close();
  else if (contentOf(collection, record) !== current.content) open(collection, record);
}
