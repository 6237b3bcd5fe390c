/* The sandbox's clock. */

import { by } from "./dom.js";
import { say } from "./notices.js";
import { change, onPart } from "./sandbox.js";

let clock = null;
let fetched = 0;

/** The stamp some seconds after another. Stamps have no time zone, so they are reckoned as UTC. */
const later = (stamp, seconds) => new Date(Date.parse(`${stamp.replace(" ", "T")}Z`) + seconds * 1000).toISOString().slice(0, 19).replace("T", " ");

function tick() {
  if (!clock) return;
  const running = clock.mode === "running";
  const shown = running ? later(clock.now, Math.floor((performance.now() - fetched) / 1000)) : clock.now;
  if (by("now").textContent !== shown) by("now").textContent = shown;
}

function show(value) {
  clock = value;
  fetched = performance.now();
  by("clock-mode").textContent = clock.mode === "running" ? "Freeze" : "Run";
  by("now").dataset.mode = clock.mode;
  by("now").title = `The clock is ${clock.mode}.`;
  by("progression").value = clock.progression;
  tick();
}

async function put(body) {
  const after = await change("PUT", "clock", body);
  if (after) say(`The clock is ${after.mode}, ${after.now}.`);
}

export function start() {
  onPart("clock", show);
  setInterval(tick, 250);
  by("clock-mode").addEventListener("click", () => put({ mode: clock?.mode === "running" ? "frozen" : "running" }));
  by("progression").addEventListener("change", (event) => put({ progression: event.target.value }));
  for (const button of document.querySelectorAll("[data-advance]")) {
    button.addEventListener("click", async () => {
      const after = await change("POST", "clock/advance", { seconds: Number(button.dataset.advance) });
      if (after) say(`The clock shows ${after.now}.`);
    });
  }
}
