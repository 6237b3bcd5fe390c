/* What happened, told to who did it: in words on the page, and to screen readers once. */

import { Refused } from "./api.js";
import { by, el } from "./dom.js";

const STAYS = 8000;
const STAYS_TO_ACT = 60000;

/** Say what was done, to screen readers only: the page shows it by itself. */
export function say(sentence) {
  by("said").textContent = sentence;
}

/** Show a sentence. `kind` is "note", which goes by itself, or "fault"; `action` is a button's name and what it does. */
export function notice(sentence, kind = "note", action = null) {
  const same = [...by("notices").children].find((each) => each.dataset.says === sentence);
  same?.remove();
  const leave = () => box.remove();
  const act = () => (leave(), action[1]());
  const box = el(
    "div",
    { class: `notice ${kind}`, role: kind === "fault" ? "alert" : "status", "data-says": sentence },
    el("span", {}, sentence),
    action && el("button", { onclick: act }, action[0]),
    el("button", { class: "quiet", "aria-label": "Close this message", onclick: leave }, "×"),
  );
  by("notices").append(box);
  if (kind === "note") setTimeout(leave, action ? STAYS_TO_ACT : STAYS);
}

/** Do something that may be refused; the refusal is shown. Gives what it gave, or undefined. */
export async function attempt(work) {
  try {
    return await work();
  } catch (error) {
    notice(error instanceof Refused ? error.message : `The panel failed: ${error.message}`, "fault");
    return undefined;
  }
}
