/* The sandbox's clock. */

import { by } from "./dom.js";
import { announce } from "./notices.js";
import { change, onPart } from "./sandbox.js";

let clock = null;
let fetchedAt = 0;

/** Return a timestamp some seconds later. Timestamps have no time zone, so they are treated as UTC. */
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

export function start() {
  onPart("clock", show);
  setInterval(tick, 250);
  by("clock-mode").addEventListener("click", () => put({ mode: clock?.mode === "running" ? "frozen" : "running" }));
  by("progression").addEventListener("change", (event) => put({ progression: event.target.value }));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", async () => {
      const changed = await change("POST", "clock/advance", { seconds: Number(button.dataset.advance) });
      if (changed) announce(`The clock shows ${changed.now}.`);
    });
  }
}
