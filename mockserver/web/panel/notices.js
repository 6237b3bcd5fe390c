/* Messages on the page, and announcements for screen readers. */

import { CallFailed } from "./api.js";
import { by, el } from "./dom.js";

const NOTE_DURATION = 8000;
const ACTION_DURATION = 60000;

/** Announce a change that the page shows anyway, for screen readers only. */
export function announce(sentence) {
  by("announcement").textContent = sentence;
}

/**
 * Show a message: a "note", which disappears, or an "error". `action` is the label of a button and
 * its function.
 */
export function notice(sentence, kind = "note", action = null) {
  const messages = [...by("notices").children];
  const duplicate = messages.find((child) => child.dataset.text === sentence);
  duplicate?.remove();
  const close = () => box.remove();
  const act = () => {
    close();
    action[1]();
  };
  const box = el(
    "div",
    { class: `notice ${kind}`, role: kind === "error" ? "alert" : "status", "data-text": sentence },
    el("span", {}, sentence),
    action && el("button", { onclick: act }, action[0]),
    el("button", { class: "quiet", "aria-label": "Close this message", onclick: close }, "×"),
  );
  by("notices").append(box);
  if (kind === "note") setTimeout(close, action ? ACTION_DURATION : NOTE_DURATION);
}

/** Run `work`, and show an error if it fails. Return its result, or undefined. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    const isCall = error instanceof CallFailed;
    notice(isCall ? error.message : `The panel failed: ${error.message}`, "error");
    return undefined;
  }
}
