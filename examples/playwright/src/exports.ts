/** The list of exports. */

import { listExports } from "./api.js";
import { alert, chip, element, heading, loading } from "./dom.js";
import type { Screen } from "./main.js";

const MAX_EXPORTS = 40;

export const exportsScreen: Screen = (main) => {
  const content = element("div");
  main.replaceChildren(heading("Exports"), content);

  async function load(): Promise<void> {
    content.replaceChildren(loading());
    try {
      const exports = await listExports(MAX_EXPORTS);
      const rows = exports.map(({ id, name, status }) =>
        element("li", {}, element("a", { class: "name", href: `#/exports/${id}`, title: name }, name), chip(status)),
      );
      content.replaceChildren(rows.length ? element("ul", {}, ...rows) : element("p", { class: "card quiet" }, "Nothing was exported yet."));
    } catch (error) {
      content.replaceChildren(alert(error, load));
    }
  }

  void load();
};
