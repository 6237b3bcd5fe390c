/* Start the parts of the control panel. */

import * as clock from "./clock.js";
import * as contract from "./contract.js";
import * as coverage from "./coverage.js";
import { by, hasModifier } from "./dom.js";
import * as journal from "./journal.js";
import * as link from "./link.js";
import * as live from "./live.js";
import * as records from "./records.js";
import * as reload from "./reload.js";
import * as scenarios from "./scenarios.js";
import * as session from "./session.js";
import * as top from "./top.js";
import * as views from "./views.js";

const partButtons = document.querySelectorAll(".parts button");

/** Show a part: a narrow page shows one, a wide page shows all. */
function showPart(part) {
  document.body.dataset.part = part;
  for (const button of partButtons) {
    button.setAttribute("aria-pressed", String(button.dataset.part === part));
  }
}

/** Show a part, and move the focus to its title. */
function goToPart(part) {
  showPart(part);
  by(`${part}-title`).focus({ preventScroll: true });
}

/** `/` focuses the search of the view, unless the focus is in a field or a dialog is open. */
function searchOnSlash(event) {
  if (event.key !== "/" || hasModifier(event)) return;
  if (event.target.matches("input, textarea, select")) return;
  if (document.querySelector("dialog[open]")) return;
  event.preventDefault();
  if (views.showsCoverage()) {
    by("coverage-filter").focus();
    return;
  }
  showPart("scenarios");
  by("scenarios-search").focus();
}

for (const button of partButtons) {
  button.addEventListener("click", () => goToPart(button.dataset.part));
}
addEventListener("keydown", searchOnSlash);
showPart(document.body.dataset.part);
const parts = [session, reload, contract, scenarios, clock, records, journal, coverage];
for (const part of parts) part.start();
views.start(coverage.load);
await top.start(); // asks for the admin token if the server requires it; the other parts wait
await link.start();
live.start();
coverage.load();
