/* The Journal part: the exchanges of the sandbox as they happen, the newest first. */

import { call } from "./api.js";
import { closeOnEscape, hideDetail } from "./detail.js";
import { arrows, by, el, keep } from "./dom.js";
import { open } from "./exchange.js";
import { announce, attempt } from "./notices.js";
import { counted, duration, short, timeOfDay } from "./words.js";

/** The maximum number of exchanges that are shown; the journal keeps more. */
const MAX_EXCHANGES = 200;
/** The maximum distance of a near miss that the list shows; the detail view shows all. */
const MAX_DISTANCE = 0.6;

let exchanges = [];
let pending = [];
let isScheduled = false;

const paused = () => by("pause").getAttribute("aria-pressed") === "true";

/* One exchange. */

/** Return the chips of the second line: text, and the class of the colour. */
const marks = (exchange) => [
  exchange.scenario && [exchange.scenario, "scenario"],
  exchange.fault && [`fault ${exchange.fault}`, "bad"],
  exchange.violations?.length && [counted(exchange.violations.length, "violation"), "bad"],
  exchange.operation === null && ["no operation", "bad"],
  exchange.transition && [`${exchange.transition.from} → ${exchange.transition.to}`, "busy"],
].filter(Boolean);

/** Return the operation that an unmatched request probably meant; null if none is close. */
function closest(exchange) {
  const nearest = exchange.near_misses?.[0];
  if (!nearest || nearest.distance > MAX_DISTANCE) return null;
  return el("span", { class: "closest" }, `closest: ${nearest.method} ${nearest.uri_template}`);
}

function row(exchange) {
  const query = exchange.query ? `?${exchange.query}` : "";
  const chips = marks(exchange);
  return el("li", {}, el("button", {
    class: "exchange",
    "data-focus": `exchange ${exchange.id}`,
    title: `${timeOfDay(exchange.time)}  ${exchange.method} ${exchange.path}${query}`,
    onclick: () => open(exchange),
  },
    el("span", { class: `status s${Math.floor(exchange.status / 100)}` }, String(exchange.status || "–")),
    el("span", { class: "method" }, exchange.method),
    el("span", { class: "path" }, el("bdi", { dir: "ltr" }, `${short(exchange.path)}${query}`)),
    el("span", { class: "ms" }, duration(exchange.duration_ms)),
    chips.length > 0 && el("span", { class: "marks" }, chips.map(([text, kind]) => el("span", { class: `chip ${kind}` }, text)), closest(exchange)),
  ));
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

function show() {
  isScheduled = false;
  const filter = by("journal-filter").value.trim().toLowerCase();
  keep(by("exchanges"), exchanges.filter((exchange) => textOf(exchange).includes(filter)), ({ id }) => id, row);
  by("journal-none").hidden = exchanges.length > 0;
  by("count-journal").textContent = countText(exchanges);
  by("pause").textContent = pauseLabel();
}

/** Render once for all exchanges that arrive within 50 ms. */
function scheduleShow() {
  if (!isScheduled) setTimeout(show, 50);
  isScheduled = true;
}

const newest = (list) => list.sort((a, b) => b.time - a.time).slice(0, MAX_EXCHANGES);

/** Add exchanges, without those that the list has already. While it is paused they are pending. */
export function add(received) {
  const ids = new Set([...exchanges, ...pending].map(({ id }) => id));
  const additions = received.filter(({ id }) => !ids.has(id));
  if (paused()) pending = newest([...additions, ...pending]);
  else exchanges = newest([...additions, ...exchanges]);
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
  hideDetail(by("exchange"));
  scheduleShow();
}

function pause() {
  by("pause").setAttribute("aria-pressed", String(!paused()));
  if (!paused()) {
    exchanges = newest([...pending, ...exchanges]);
    pending = [];
  }
  show();
}

export function start() {
  by("pause").addEventListener("click", pause);
  by("journal-filter").addEventListener("input", show);
  by("clear").addEventListener("click", async () => {
    if (!(await attempt(() => call("DELETE", "requests")))) return;
    clearList();
    announce("The journal is empty.");
  });
  arrows(by("exchanges"), "button.exchange");
  closeOnEscape(by("exchange"));
}
