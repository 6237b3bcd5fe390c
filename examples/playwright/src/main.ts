/** Which screen is shown: the fragment says it. */

import { exportScreen } from "./export.js";
import { exportsScreen } from "./exports.js";
import { trashScreen } from "./trash.js";

/** Fills the page's main part; gives what is to be done when it is left. */
export type Screen = (main: HTMLElement, id: string) => void | (() => void);

const SCREENS: [RegExp, Screen][] = [
  [/^#\/exports\/(\d+)$/, exportScreen],
  [/^#\/trash$/, trashScreen],
  [/^/, exportsScreen],
];

const main = document.querySelector("main") as HTMLElement;
let leave: void | (() => void);

function show(): void {
  leave?.();
  for (const [pattern, screen] of SCREENS) {
    const found = pattern.exec(location.hash);
    if (found) {
      leave = screen(main, found[1] ?? "");
      return;
    }
  }
}

addEventListener("hashchange", show);
show();
