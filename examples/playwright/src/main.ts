/** Which screen is shown: the fragment says it. */

import { exportScreen } from "./export.js";
import { exportsScreen } from "./exports.js";
import { trashScreen } from "./trash.js";

/** Fills the page's main part, at once with a heading; gives what is to be done when it is left. */
export type Screen = (main: HTMLElement, id: string) => void | (() => void);

/** The fragment, the screen, and the link that leads to it or above it. */
const SCREENS: [RegExp, Screen, string][] = [
  [/^#\/exports\/(\d+)$/, exportScreen, "#/exports"],
  [/^#\/trash$/, trashScreen, "#/trash"],
  [/^/, exportsScreen, "#/exports"],
];

const main = document.querySelector("main") as HTMLElement;
let leave: void | (() => void);

function show(): void {
  leave?.();
  for (const [pattern, screen, link] of SCREENS) {
    const found = pattern.exec(location.hash);
    if (found) {
      leave = screen(main, found[1] ?? "");
      for (const each of document.querySelectorAll("nav a")) {
        if (each.getAttribute("href") === link) each.setAttribute("aria-current", "page");
        else each.removeAttribute("aria-current");
      }
      return;
    }
  }
}

/** Who reads with the ears, or moves with the keys, goes on at the heading of the screen that was gone to. */
function gone(): void {
  show();
  main.querySelector("h1")?.focus();
}

addEventListener("hashchange", gone);
show();
