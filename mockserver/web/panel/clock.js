/* The sandbox's clock. */

import { by, el, fill } from "./dom.js";
import { announce } from "./notices.js";
import { change, onPart } from "./sandbox.js";
import { PROGRESSIONS } from "./words.js";

let clock = null;
let fetchedAt = 0;

/** Return a timestamp some seconds later. Timestamps have no time zone, so UTC is assumed. */
function later(timestamp, seconds) {
  const time = Date.parse(`${timestamp.replace(" ", "T")}Z`) + seconds * 1000;
  return new Date(time).toISOString().slice(0, 19).replace("T", " ");
}

function tick() {
  if (!clock) return;
  const running = clock.mode === "running";
  const elapsed = Math.floor((performance.now() - fetchedAt) / 1000);
  const now = running ? later(clock.now, elapsed) : clock.now;
  if (by("now").textContent !== now) by("now").textContent = now;
}

function show(value) {
  clock = value;
  fetchedAt = performance.now();
  by("clock-mode").textContent = clock.mode === "running" ? "Freeze" : "Run";
  by("now").dataset.mode = clock.mode;
  by("now").title = `The clock is ${clock.mode}.`;
  by("progression").value = clock.progression;
  tick();
}

async function put(body) {
  const changed = await change("PUT", "clock", body);
  if (changed) announce(`The clock is ${changed.mode}, ${changed.now}.`);
}

async function advance(seconds) {
  const changed = await change("POST", "clock/advance", { seconds });
  if (changed) announce(`The clock shows ${changed.now}.`);
}

function toggleMode() {
  put({ mode: clock?.mode === "running" ? "frozen" : "running" });
}

/** Choose a progression. With `time` the clock runs, so that the user sees the records advance. */
function chooseProgression(progression) {
  put(progression === "time" ? { progression, mode: "running" } : { progression });
}

export function start() {
  onPart("clock", show);
  setInterval(tick, 250);
  const choices = Object.entries(PROGRESSIONS);
  fill(by("progression"), choices.map(([value, label]) => el("option", { value }, label)));
  by("clock-mode").addEventListener("click", toggleMode);
  by("progression").addEventListener("change", (event) => chooseProgression(event.target.value));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", () => advance(Number(button.dataset.advance)));
  }
}
