/* The two views of the page. The fragment of its URL selects one. */

import { by } from "./dom.js";

const COVERAGE = "#coverage";

/** Return whether the page shows the coverage of all sandboxes, not the control of one. */
export const showsCoverage = () => location.hash === COVERAGE;

function markView() {
  const view = showsCoverage() ? "coverage" : "control";
  document.body.dataset.view = view;
  for (const link of by("views").querySelectorAll("a")) {
    if (link.hash === `#${view}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
}

/** Call `onCoverage` each time that the user opens the coverage. */
export function start(onCoverage) {
  addEventListener("hashchange", () => {
    markView();
    if (showsCoverage()) onCoverage();
  });
  markView();
}
