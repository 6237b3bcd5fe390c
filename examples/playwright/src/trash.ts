/** The trash: search while typing, and restore. */

import { listTrash, restore, type Trashed } from "./api.js";
import { alert, element, heading, loading } from "./dom.js";
import type { Screen } from "./main.js";

/** Milliseconds without input before a search is sent. */
const DEBOUNCE = 250;

export const trashScreen: Screen = (main) => {
  const problem = element("div");
  const done = element("p", { role: "status", class: "done card" });
  const content = element("div", {}, loading());
  const search = element("input", { id: "search", type: "search", input: searchSoon });
  main.replaceChildren(heading("Trash"), element("label", { for: "search" }, "Search the trash"), search, problem, done, content);
  let timer = 0;
  let lastTurn = 0;

  function searchSoon(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(load, DEBOUNCE);
  }

  /** Search, and show the result unless a later search has started. */
  async function load(): Promise<void> {
    const turn = ++lastTurn;
    try {
      const notifications = await listTrash(search.value);
      if (turn === lastTurn) show(notifications);
    } catch (error) {
      if (turn === lastTurn) content.replaceChildren(alert(error, load));
    }
  }

  function show(notifications: Trashed[]): void {
    const empty = search.value ? "Nothing in the trash has that name." : "The trash is empty.";
    const rows = notifications.map((notification) =>
      element(
        "li",
        {},
        element("span", { class: "name", title: notification.name }, notification.name),
        element("button", { "aria-label": `Restore ${notification.name}`, click: () => restoreRow(notification) }, "Restore"),
      ),
    );
    content.replaceChildren(rows.length ? element("ul", {}, ...rows) : element("p", { class: "card quiet" }, empty));
  }

  async function restoreRow({ id, name }: Trashed): Promise<void> {
    const index = [...content.querySelectorAll("button")].findIndex((button) => button === document.activeElement);
    problem.replaceChildren();
    done.textContent = "";
    try {
      await restore(id);
      done.textContent = `${name} was restored.`;
      await load();
      focusRow(index);
    } catch (error) {
      problem.replaceChildren(alert(error));
    }
  }

  /** Focus the button that is now at the position of the removed one, or the search if there is none. */
  function focusRow(index: number): void {
    if (index >= 0 && document.activeElement === document.body) (content.querySelectorAll("button")[index] ?? search).focus();
  }

  void load();
  return () => {
    lastTurn += 1;
    window.clearTimeout(timer);
  };
};
