/** The trash: searched while one types, and what is in it restored. */

import { listTrash, restore, type Trashed } from "./api.js";
import { alert, element } from "./dom.js";
import type { Screen } from "./main.js";

/** Milliseconds without a key before a search is sent. */
const DEBOUNCE = 250;

export const trashScreen: Screen = (main) => {
  const problem = element("div");
  const content = element("div");
  const search = element("input", { type: "search", "aria-label": "Search the trash", input: searchSoon });
  main.replaceChildren(element("h1", {}, "Trash"), search, problem, content);
  let timer = 0;
  let asked = 0;

  function searchSoon(): void {
    window.clearTimeout(timer);
    timer = window.setTimeout(load, DEBOUNCE);
  }

  /** An answer that a later search has overtaken is not shown. */
  async function load(): Promise<void> {
    const turn = ++asked;
    try {
      const found = await listTrash(search.value);
      if (turn === asked) show(found);
    } catch (error) {
      if (turn === asked) content.replaceChildren(alert(error, load));
    }
  }

  function show(found: Trashed[]): void {
    const empty = search.value ? "Nothing in the trash has that name." : "The trash is empty.";
    const rows = found.map((each) =>
      element("li", {}, element("span", { class: "name", title: each.name }, each.name), element("button", { click: () => back(each) }, "Restore")),
    );
    content.replaceChildren(rows.length ? element("ul", {}, ...rows) : element("p", {}, empty));
  }

  async function back(one: Trashed): Promise<void> {
    problem.replaceChildren();
    try {
      await restore(one.id);
      await load();
    } catch (error) {
      problem.replaceChildren(alert(error));
    }
  }

  void load();
  return () => window.clearTimeout(timer);
};
