/* Hearing of what happens: by server-sent events, else by asking every two seconds. */

import { call } from "./api.js";
import { by } from "./dom.js";
import { add, fetchJournal } from "./journal.js";
import { attempt } from "./notices.js";
import { refresh } from "./sandbox.js";

const POLL = 2000;
/** Polls until the stream is tried again, after the server refused it. */
const PATIENCE = 15;
/** After so many exchanges within a second the stream may have left some out: it tells the newest. The journal has them. */
const BURST = 50;
const WORDS = { live: "live", polling: "live, by polling", reconnecting: "reconnecting", offline: "offline" };

let source = null;
let timer = 0;
let polls = 0;
let burst = 0;

function told(state) {
  by("connection").dataset.state = state;
  by("connection").firstElementChild.textContent = WORDS[state];
}

function listen() {
  source = new EventSource("events");
  source.addEventListener("open", opened);
  source.addEventListener("exchange", take);
  source.addEventListener("state", () => (refresh(), attempt(() => fetchJournal(1)))); // it may have been emptied
  source.addEventListener("error", () => {
    if (source?.readyState === EventSource.CLOSED) poll();
    else told("reconnecting");
  });
}

function take(event) {
  add([JSON.parse(event.data)]);
  burst += 1;
  if (burst > 1) return;
  setTimeout(() => {
    if (burst >= BURST) attempt(fetchJournal);
    burst = 0;
  }, 1000);
}

function opened() {
  told("live");
  catchUp();
}

/** What happened before the stream began, or while it was broken. */
const catchUp = () => Promise.all([attempt(fetchJournal), refresh()]);

async function poll() {
  try {
    await fetchJournal();
    await refresh();
    told("polling");
  } catch {
    told("offline");
  }
  polls += 1;
  timer = setTimeout(polls % PATIENCE ? poll : listen, POLL);
}

function stop() {
  clearTimeout(timer);
  source?.close();
  source = null;
}

/** A page that nobody sees holds no connection: a browser has six for one server, and other tabs need them. */
function seen() {
  stop();
  if (document.hidden) return;
  listen();
  catchUp();
}

export function start() {
  document.addEventListener("visibilitychange", seen);
  addEventListener("pagehide", stop);
  addEventListener("pageshow", (event) => event.persisted && seen());
  seen();
}
