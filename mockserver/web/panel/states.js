/* How a state is shown: its name, a sign and a colour. Any one of the three is enough to tell it from the others. */

import { el } from "./dom.js";

const TONES = {
  idle: { sign: "○", names: ["waiting", "pending", "queued", "new", "draft", "created", "scheduled"] },
  busy: { sign: "◐", names: ["running", "active", "started", "processing", "sending", "open"] },
  good: { sign: "●", names: ["finished", "done", "completed", "succeeded", "sent", "delivered", "paid", "closed"] },
  bad: { sign: "▲", names: ["error", "failed", "rejected", "refused", "expired"] },
  off: { sign: "■", names: ["canceled", "cancelled", "deleted", "archived", "stopped", "paused"] },
};
const VERBS = { running: "Start", finished: "Finish", error: "Fail", canceled: "Cancel", waiting: "Queue" };

/** A name that is in no list: the first state is idle, those between are busy. */
function tone(collection, state) {
  const named = Object.keys(TONES).find((each) => TONES[each].names.includes(state));
  return named ?? (collection.states.indexOf(state) === 0 ? "idle" : "busy");
}

/** The chip of a state; null where the record has none. */
export function chip(collection, state) {
  if (state === null || state === undefined) return null;
  const kind = tone(collection, state);
  return el("span", { class: `chip ${kind}` }, el("i", { "aria-hidden": "true" }, TONES[kind].sign), String(state));
}

/** The name of the button for a transition to a state. */
export const verb = (state) => VERBS[state] ?? `To ${state}`;
