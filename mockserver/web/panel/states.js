/* The chip of a state: its name, a sign and a colour. Each identifies the kind of state. */

import { el } from "./dom.js";

const TONES = {
  idle: {
    sign: "○",
    names: ["waiting", "pending", "queued", "new", "draft", "created", "scheduled"],
  },
  busy: {
    sign: "◐",
    names: ["running", "active", "started", "processing", "sending", "open"],
  },
  good: {
    sign: "●",
    names: ["finished", "done", "completed", "succeeded", "sent", "delivered", "paid", "closed"],
  },
  bad: { sign: "▲", names: ["error", "failed", "rejected", "refused", "expired"] },
  off: {
    sign: "■",
    names: ["canceled", "cancelled", "deleted", "archived", "stopped", "paused"],
  },
};
const VERBS = {
  running: "Start",
  finished: "Finish",
  error: "Fail",
  canceled: "Cancel",
  waiting: "Queue",
};

/**
 * Return the kind of a state. Of the states in no list, the first of the lifecycle is idle, others
 * are busy.
 */
function tone(collection, state) {
  const kind = Object.keys(TONES).find((name) => TONES[name].names.includes(state));
  return kind ?? (collection.states.indexOf(state) === 0 ? "idle" : "busy");
}

/** Return the chip of a state; null if the record has no state. */
export function chip(collection, state) {
  if (state === null || state === undefined) return null;
  const kind = tone(collection, state);
  const sign = el("i", { "aria-hidden": "true" }, TONES[kind].sign);
  return el("span", { class: `chip ${kind}` }, sign, String(state));
}

/** Return the label of the button for a transition to a state. */
export const verb = (state) => VERBS[state] ?? `To ${state}`;
