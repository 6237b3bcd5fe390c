/** The trash: searched while one types, and what is in it restored. */

import { listTrash, restore, type Trashed } from "./api.js";
import { alert, element, heading, loading } from "./dom.js";
import type { Screen } from "./main.js";

/** Milliseconds without a key before a search is sent. */
const DEBOUNCE = 250;

export const trashScreen: Screen = (main) => {
  const problem = element("div");
  const done = element("p", { role: "status", class: "done card" });
  const content = element("div", {}, loading());
  const search = element("input", { id: "search", type: "search", input: searchSoon });
  main.replaceChildren(heading("Trash"), element("label", { for: "search" }, "Search the trash"), search, problem, done, content);
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
      element(
        "li",
        {},
        element("span", { class: "name", title: each.name }, each.name),
        element("button", { "aria-label": `Restore ${each.name}`, click: () => back(each) }, "Restore"),
      ),
    );
    content.replaceChildren(rows.length ? element("ul", {}, ...rows) : element("p", { class: "card quiet" }, empty));
  }

  async function back(one: Trashed): Promise<void> {
    const place = [...content.querySelectorAll("button")].findIndex((each) => each === document.activeElement);
    problem.replaceChildren();
    done.textContent = "";
    try {
      await restore(one.id);
      done.textContent = `${one.name} was restored.`;
      await load();
      goOn(place);
    } catch (error) {
      problem.replaceChildren(alert(error));
    }
  }

  /** The button that had the focus is gone: it goes to the one that took its place, else to the search. */
  function goOn(place: number): void {
    if (place >= 0 && document.activeElement === document.body) (content.querySelectorAll("button")[place] ?? search).focus();
  }

  void load();
  return () => {
    asked += 1;
    window.clearTimeout(timer);
  };
};
