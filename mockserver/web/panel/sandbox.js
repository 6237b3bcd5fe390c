/* The current state of the sandbox and the contract, fetched again after each change. */

import { call } from "./api.js";
import { attempt } from "./notices.js";

/** The maximum number of records that are shown per collection. */
const MAX_RECORDS = 500;

const PATHS = {
  contract: "contract",
  scenarios: "scenarios",
  clock: "clock",
  records: `records?limit=${MAX_RECORDS}`,
};
/** The minimum time between two fetches, in milliseconds. */
const PAUSE = 200;
const listeners = Object.fromEntries(Object.keys(PATHS).map((part) => [part, []]));
let running = null;
let again = false;

/** Call `show` with a part, a key of `PATHS`, each time it was fetched. */
export function onPart(part, show) {
  listeners[part].push(show);
}

/**
 * Fetch every part. Simultaneous calls cause at most two fetches: the running one, and one after
 * it.
 */
export function refresh() {
  if (running) again = true;
  else running = fetchAll().finally(afterFetch);
  return running;
}

async function afterFetch() {
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

/**
 * Call an admin route that changes something, then refresh every part. Return its response;
 * undefined if it was refused.
 */
export async function change(method, path, body) {
  const result = await attempt(() => call(method, path, body));
  await refresh();
  return result;
}
