/** One export: its state and its progress, polled until there is nothing more to come. */

import { cancelExport, getExport, type Export } from "./api.js";
import { alert, element } from "./dom.js";
import type { Screen } from "./main.js";
import { settings } from "./settings.js";

const UNDER_WAY = ["waiting", "running"];

export const exportScreen: Screen = (main, id) => {
  const problem = element("div");
  const content = element("div", {}, element("p", { role: "status" }, "Loading…"));
  main.replaceChildren(problem, content);
  const view = exportView(cancel);
  let timer = 0;
  let turn = 0;

  /** Each look schedules the next one, so that slow answers do not pile up; what a cancel has overtaken is not shown. */
  async function look(): Promise<void> {
    const mine = ++turn;
    try {
      const found = await getExport(Number(id));
      if (mine === turn) show(found);
    } catch (error) {
      if (mine === turn) problem.replaceChildren(alert(error, again));
    }
  }

  function show(found: Export): void {
    view.show(found);
    if (!view.elements[0].isConnected) content.replaceChildren(...view.elements);
    if (UNDER_WAY.includes(found.status)) timer = window.setTimeout(look, settings.poll);
  }

  function again(): void {
    problem.replaceChildren();
    void look();
  }

  async function cancel(): Promise<void> {
    stop();
    problem.replaceChildren();
    try {
      show(await cancelExport(Number(id)));
    } catch (error) {
      problem.replaceChildren(alert(error));
      await look();
    }
  }

  function stop(): void {
    turn += 1;
    window.clearTimeout(timer);
  }

  void look();
  return stop;
};

/** The same elements from look to look, so that the focus stays where it is. */
function exportView(cancel: () => void) {
  const name = element("h1", { class: "name" });
  const state = element("span", { class: "chip" });
  const bar = element("progress", { "aria-label": "Sent" });
  const counts = element("p");
  const button = element("button", { click: cancel }, "Cancel");
  return {
    elements: [name, state, bar, counts, button] as const,
    show(shown: Export): void {
      const { total, sent } = shown.message_counts;
      name.textContent = name.title = shown.name;
      state.textContent = state.dataset.state = shown.status;
      bar.max = total || 1;
      bar.value = sent;
      counts.textContent = `${sent} of ${total} sent`;
      button.disabled = shown.status === "canceled";
    },
  };
}
