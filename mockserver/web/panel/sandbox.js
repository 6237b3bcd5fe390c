/* What the sandbox is now: its scenarios, clock and records, fetched again whenever something changed. */

import { call } from "./api.js";
import { attempt } from "./notices.js";

/** The most records of each collection that are shown. */
export const MOST_RECORDS = 500;

const PATHS = { scenarios: "scenarios", clock: "clock", records: `records?limit=${MOST_RECORDS}` };
const PAUSE = 200;
const listeners = Object.fromEntries(Object.keys(PATHS).map((part) => [part, []]));
let running = null;
let again = false;

/** Call `show` with a part ("scenarios", "clock" or "records") whenever it was fetched. */
export function onPart(part, show) {
  listeners[part].push(show);
}

/** Fetch every part. Many calls at once come to two fetches: the one that is under way, and one after it. */
export function refresh() {
  if (running) again = true;
  else running = fetchAll().finally(rest);
  return running;
}

async function rest() {
  if (again) await new Promise((done) => setTimeout(done, PAUSE));
  running = null;
  if (again) {
    again = false;
    refresh();
  }
}

const fetchAll = () => Promise.all(Object.keys(PATHS).map(fetchPart));

const fetchPart = (part) =>
  attempt(async () => {
    const value = await call("GET", PATHS[part]);
    for (const show of listeners[part]) show(value);
  });

/** Call an admin route that changes something, then refresh every part. Returns its response; undefined if it was refused. */
export async function change(method, path, body) {
  const answer = await attempt(() => call(method, path, body));
  await refresh();
  return answer;
}
