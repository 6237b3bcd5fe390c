/* Start the parts of the control panel. */

import * as clock from "./clock.js";
import * as data from "./data.js";
import { by } from "./dom.js";
import * as journal from "./journal.js";
import * as link from "./link.js";
import * as live from "./live.js";
import * as scenarios from "./scenarios.js";
import * as session from "./session.js";
import * as top from "./top.js";

/** A narrow page shows one part at a time; on a wide page the buttons move the focus from part to part. */
function showPart(part) {
  document.body.dataset.part = part;
  for (const button of document.querySelectorAll("nav button")) button.setAttribute("aria-pressed", String(button.dataset.part === part));
}

for (const button of document.querySelectorAll("nav button")) {
  button.addEventListener("click", () => {
    showPart(button.dataset.part);
    by(`${button.dataset.part}-title`).focus({ preventScroll: true });
  });
}

/** `/` focuses the search of the scenarios, unless the focus is in a field or a dialog is open. */
addEventListener("keydown", (event) => {
  if (event.key !== "/" || event.ctrlKey || event.metaKey || event.target.matches("input, textarea, select")) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  showPart("scenarios");
  by("scenarios-search").focus();
});

showPart(document.body.dataset.part);
for (const part of [session, scenarios, clock, data, journal]) part.start();
await top.start(); // asks for the admin token if the server requires it; the other parts wait
await link.start();
live.start();
