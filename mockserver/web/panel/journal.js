/* The Journal part: the exchanges of the sandbox as they happen, the newest first. */

import { call } from "./api.js";
import { closeOnEscape, hideDetail, markOpener } from "./detail.js";
import { arrows, by, el, keep } from "./dom.js";
import { open } from "./exchange.js";
import { announce, attempt } from "./notices.js";
import { groupRepeats } from "./repeats.js";
import { counted, duration, short, timeOfDay } from "./words.js";

/** The maximum number of exchanges that are shown; the journal keeps more. */
const MAX_EXCHANGES = 200;
/** The maximum distance of a near miss that the list shows; the detail view shows all. */
const MAX_DISTANCE = 0.6;

let exchanges = [];
let pending = [];
let isScheduled = false;
/** The keys of the groups whose exchanges are all shown. */
const expanded = new Set();

const paused = () => by("pause").getAttribute("aria-pressed") === "true";

/* One exchange. */

function chip(text, kind) {
  return el("span", { class: `chip ${kind}` }, text);
}

/** Return the chips of the second line. */
function chips({ scenario, fault, violations, operation, transition }) {
  const result = [];
  if (scenario) result.push(chip(scenario, "scenario"));
  if (fault) result.push(chip(`fault ${fault}`, "bad"));
  if (violations?.length) result.push(chip(counted(violations.length, "violation"), "bad"));
  if (operation === null) result.push(chip("no operation", "bad"));
  if (transition) result.push(chip(`${transition.from} → ${transition.to}`, "busy"));
  return result;
}

/** Return the operation that an unmatched request probably meant; null if none is close. */
function closest(exchange) {
  const nearest = exchange.near_misses?.[0];
  if (!nearest || nearest.distance > MAX_DISTANCE) return null;
  return el("span", { class: "closest" }, `closest: ${nearest.method} ${nearest.uri_template}`);
}

/** Return the row of an exchange. `focus` is its `data-focus`. */
function row(exchange, focus) {
  const { method, path, status, time } = exchange;
  const query = exchange.query ? `?${exchange.query}` : "";
  const marks = [...chips(exchange), closest(exchange)];
  const title = `${timeOfDay(time)}  ${method} ${path}${query}  ${duration(exchange.duration_ms)}`;
  return el(
    "button",
    { class: "exchange", "data-focus": focus, title, onclick: () => open(exchange, focus) },
    el("span", { class: `status s${Math.floor(status / 100)}` }, String(status || "–")),
    el("span", { class: "method" }, method),
    el("span", { class: "path" }, el("bdi", { dir: "ltr" }, `${short(path)}${query}`)),
    el("time", {}, timeOfDay(time)),
    marks.some(Boolean) && el("span", { class: "marks" }, marks),
  );
}

/* A group of repeated exchanges. */

function toggleGroup(key) {
  if (!expanded.delete(key)) expanded.add(key);
  show();
}

function groupItem({ key, count, newest, repeats }) {
  const isExpanded = repeats.length > 0;
  const item = el("li", {}, row(newest, `exchange ${key}`));
  if (count === 1) return item;
  const label = el("span", { class: "visually-hidden" }, " equal exchanges");
  const attributes = {
    class: "quiet repeats",
    "aria-expanded": String(isExpanded),
    "data-focus": `repeats ${key}`,
    title: `${count} equal requests in a row, with the same result`,
    onclick: () => toggleGroup(key),
  };
  item.append(el("button", attributes, `×${count}`, label));
  if (isExpanded) item.append(repeatList(repeats));
  return item;
}

function repeatList(repeats) {
  const items = repeats.map((exchange) => el("li", {}, row(exchange, `repeat ${exchange.id}`)));
  return el("ol", { "aria-label": "Earlier equal exchanges" }, items);
}

/** Return everything that the item of a group shows. */
function groupContent({ key, exchanges: [newest, ...older] }) {
  const repeats = expanded.has(key) ? older : [];
  return { key, count: older.length + 1, newest, repeats };
}

/* The list. */

/** Return the text that the filter searches. */
function textOf({ method, path, query, status, operation, scenario, reason, fault }) {
  return [method, path, query, status, operation, scenario, reason, fault].join(" ").toLowerCase();
}

/** Return the length of a list, with a plus if the list is full; empty for an empty list. */
function countText(list) {
  if (!list.length) return "";
  return list.length === MAX_EXCHANGES ? `${MAX_EXCHANGES}+` : String(list.length);
}

function pauseLabel() {
  if (!paused()) return "Pause";
  return pending.length ? `Resume (${countText(pending)})` : "Resume";
}

/** Return the text for an empty list. */
function emptyText(matching) {
  if (!exchanges.length) return "No requests yet. Calls of the API appear here.";
  return matching.length ? "" : "No request matches the filter.";
}

function show() {
  isScheduled = false;
  const filter = by("journal-filter").value.trim().toLowerCase();
  const matching = exchanges.filter((exchange) => textOf(exchange).includes(filter));
  const groups = groupRepeats(matching).map(groupContent);
  keep(by("exchanges"), groups, ({ key }) => key, groupItem);
  markOpener(by("exchange"));
  const text = emptyText(matching);
  by("journal-none").hidden = text === "";
  by("journal-none").textContent = text;
  by("count-journal").textContent = countText(exchanges);
  by("pause").textContent = pauseLabel();
}

/** Render once for all exchanges that arrive within 50 ms. */
function scheduleShow() {
  if (!isScheduled) setTimeout(show, 50);
  isScheduled = true;
}

const newestFirst = (list) => list.sort((a, b) => b.time - a.time).slice(0, MAX_EXCHANGES);

/** Add exchanges, without those that the list has already. While it is paused they are pending. */
export function add(received) {
  const ids = new Set([...exchanges, ...pending].map(({ id }) => id));
  const additions = received.filter(({ id }) => !ids.has(id));
  if (paused()) pending = newestFirst([...additions, ...pending]);
  else exchanges = newestFirst([...additions, ...exchanges]);
  if (additions.length) scheduleShow();
}

/** Fetch the latest exchanges; clear the list if the journal was cleared. Throws `CallFailed`. */
export async function fetchJournal(limit = MAX_EXCHANGES) {
  const latest = exchanges[0]?.id;
  const { requests } = await call("GET", `requests?limit=${limit}`);
  const wasCleared = latest && !requests.length && exchanges[0]?.id === latest;
  if (wasCleared && !paused()) clearList();
  else add(requests);
}

/** Remove all exchanges from the list. */
export function clearList() {
  exchanges = [];
  pending = [];
  expanded.clear();
  hideDetail(by("exchange"));
  scheduleShow();
}

function pause() {
  by("pause").setAttribute("aria-pressed", String(!paused()));
  if (!paused()) {
    exchanges = newestFirst([...pending, ...exchanges]);
    pending = [];
  }
  show();
}

async function clear() {
  if (!(await attempt(() => call("DELETE", "requests")))) return;
  clearList();
  announce("The journal is empty.");
}

export function start() {
  by("pause").addEventListener("click", pause);
  by("journal-filter").addEventListener("input", show);
  by("clear").addEventListener("click", clear);
  arrows(by("exchanges"), "button.exchange");
  closeOnEscape(by("exchange"));
}
