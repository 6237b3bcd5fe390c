/* Live updates: server-sent events, or polls every two seconds if the server offers no stream. */

import { call } from "./api.js";
import { update } from "./coverage.js";
import { by } from "./dom.js";
import { add, fetchJournal } from "./journal.js";
import { attempt } from "./notices.js";
import { refresh } from "./sandbox.js";

/** Milliseconds between two polls. */
const POLL_INTERVAL = 2000;
/** The number of polls before the stream is tried again, after the server refused it. */
const POLLS_BEFORE_RETRY = 15;
/**
 * With this many exchanges in a second, the stream may have skipped old ones. The journal has
 * them.
 */
const BURST = 50;
const LABELS = {
  live: "live",
  polling: "live, by polling",
  reconnecting: "reconnecting",
  offline: "offline",
};

let source = null;
let timer = 0;
let polls = 0;
let burst = 0;

function showConnection(state) {
  by("connection").dataset.state = state;
  by("connection").firstElementChild.textContent = LABELS[state];
}

function listen() {
  source = new EventSource("events");
  source.addEventListener("open", streamOpened);
  source.addEventListener("exchange", receiveExchange);
  source.addEventListener("state", stateChanged);
  source.addEventListener("error", streamFailed);
}

function stateChanged() {
  refresh();
  attempt(() => fetchJournal(1)); // the journal may have been cleared
}

function streamFailed() {
  if (source?.readyState === EventSource.CLOSED) poll();
  else showConnection("reconnecting");
}

function receiveExchange(event) {
  add([JSON.parse(event.data)]);
  update();
  burst += 1;
  if (burst > 1) return;
  setTimeout(() => {
    if (burst >= BURST) attempt(fetchJournal);
    burst = 0;
  }, 1000);
}

function streamOpened() {
  showConnection("live");
  catchUp();
}

/** Fetch what happened before the stream began, or while it was interrupted. */
const catchUp = () => Promise.all([attempt(fetchJournal), refresh()]);

async function poll() {
  try {
    await fetchJournal();
    await refresh();
    showConnection("polling");
  } catch {
    showConnection("offline");
  }
  polls += 1;
  timer = setTimeout(polls % POLLS_BEFORE_RETRY ? poll : listen, POLL_INTERVAL);
}

function stop() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

/** A hidden page keeps no connection: a browser allows six per server, and other tabs need them. */
function visibilityChanged() {
  stop();
  if (document.hidden) return;
  listen();
  catchUp();
}

export function start() {
  document.addEventListener("visibilitychange", visibilityChanged);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && visibilityChanged());
  visibilityChanged();
}
