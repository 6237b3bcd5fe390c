/* The right part: the exchanges of the sandbox as they happen, the newest on top. */

import { call } from "./api.js";
import { closeOnEscape, hideDetail } from "./detail.js";
import { arrows, by, el, keep } from "./dom.js";
import { open } from "./exchange.js";
import { attempt, say } from "./notices.js";
import { duration, short, timeOfDay } from "./words.js";

/** The most exchanges that are shown; the journal itself keeps more. */
const MOST = 200;
/** The greatest distance at which a near miss is shown in the list; the opened exchange shows all. */
const CLOSE = 0.6;

let exchanges = [];
let held = [];
let drawing = false;

const paused = () => by("pause").getAttribute("aria-pressed") === "true";

/* One exchange. */

/** What is worth a second line: a word, and the class of its colour. */
const marks = (exchange) => [
  exchange.scenario && [exchange.scenario, "scenario"],
  exchange.fault && [`fault ${typeof exchange.fault === "object" ? exchange.fault.name : exchange.fault}`, "bad"],
  exchange.violations?.length && [`${exchange.violations.length} violation${exchange.violations.length > 1 ? "s" : ""}`, "bad"],
  exchange.operation === null && ["no operation", "bad"],
  exchange.transition && [`${exchange.transition.from} → ${exchange.transition.to}`, "busy"],
].filter(Boolean);

/** The operation that an unmatched request probably meant; null where there is none. */
function closest(exchange) {
  const nearest = exchange.near_misses?.[0];
  if (!nearest || nearest.distance > CLOSE) return null;
  return el("span", { class: "closest" }, `closest: ${nearest.method} ${nearest.uri_template}`);
}

function row(exchange) {
  const query = exchange.query ? `?${exchange.query}` : "";
  const found = marks(exchange);
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
    found.length > 0 && el("span", { class: "marks" }, found.map(([word, kind]) => el("span", { class: `chip ${kind}` }, word)), closest(exchange)),
  ));
}

/* The list. */

const fits = (exchange, sought) =>
  !sought || [exchange.method, exchange.path, exchange.query, exchange.status, exchange.operation, exchange.scenario, exchange.reason, exchange.fault]
    .join(" ").toLowerCase().includes(sought);

function show() {
  drawing = false;
  const sought = by("journal-filter").value.trim().toLowerCase();
  keep(by("exchanges"), exchanges.filter((each) => fits(each, sought)), (each) => each.id, row);
  by("journal-none").hidden = exchanges.length > 0;
  by("count-journal").textContent = exchanges.length ? `${exchanges.length}${exchanges.length === MOST ? "+" : ""}` : "";
  by("pause").textContent = paused() ? `Resume${held.length ? ` (${held.length === MOST ? `${MOST}+` : held.length})` : ""}` : "Pause";
}

/** Draw at the next frame, however many exchanges come until then. */
function draw() {
  if (!drawing) setTimeout(show, 50);
  drawing = true;
}

const newest = (all) => all.sort((a, b) => b.time - a.time).slice(0, MOST);

/** Take exchanges in; those that are there already are let be. While paused they are held back. */
export function add(some) {
  const known = new Set([...exchanges, ...held].map((each) => each.id));
  const fresh = some.filter((each) => !known.has(each.id));
  if (paused()) held = newest([...fresh, ...held]);
  else exchanges = newest([...fresh, ...exchanges]);
  if (fresh.length) draw();
}

/** Fetch the last exchanges; forget all where somebody has emptied the journal. Throws `Refused`. */
export async function fetchJournal(limit = MOST) {
  const before = exchanges[0]?.id;
  const { requests } = await call("GET", `requests?limit=${limit}`);
  const emptied = before && !requests.length && exchanges[0]?.id === before;
  if (emptied && !paused()) forget();
  else add(requests);
}

/** Forget what is shown. */
export function forget() {
  exchanges = [];
  held = [];
  hideDetail(by("exchange"));
  draw();
}

function pause() {
  by("pause").setAttribute("aria-pressed", String(!paused()));
  exchanges = paused() ? exchanges : newest([...held, ...exchanges]);
  held = paused() ? held : [];
  show();
}

export function start() {
  by("pause").addEventListener("click", pause);
  by("journal-filter").addEventListener("input", show);
  by("clear").addEventListener("click", async () => {
    if (!(await attempt(() => call("DELETE", "requests")))) return;
    forget();
    say("The journal is empty.");
  });
  arrows(by("exchanges"), "button.exchange");
  closeOnEscape(by("exchange"));
}
