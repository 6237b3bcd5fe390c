/** Show the screen that the fragment of the URL names. */

import { exportScreen } from "./export.js";
import { exportsScreen } from "./exports.js";
import { trashScreen } from "./trash.js";

/** Fills the main element, at once with a heading. Returns a function to call when the user leaves the screen. */
export type Screen = (main: HTMLElement, id: string) => void | (() => void);

/** Pattern of the fragment, screen, and the link of the navigation to mark. */
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
    const match = pattern.exec(location.hash);
    if (match) {
      leave = screen(main, match[1] ?? "");
      for (const anchor of document.querySelectorAll("nav a")) {
        if (anchor.getAttribute("href") === link) anchor.setAttribute("aria-current", "page");
        else anchor.removeAttribute("aria-current");
      }
      return;
    }
  }
}

/** Show the new screen, and focus its heading for users of screen readers and keyboards. */
function navigate(): void {
  show();
  main.querySelector("h1")?.focus();
}

addEventListener("hashchange", navigate);
show();
