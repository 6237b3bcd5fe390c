/** One export: its state and its progress, polled until there is nothing more to come. */

import { cancelExport, getExport, type Export } from "./api.js";
import { alert, element, heading, loading } from "./dom.js";
import type { Screen } from "./main.js";
import { settings } from "./settings.js";

const UNDER_WAY = ["waiting", "running"];

export const exportScreen: Screen = (main, id) => {
  const name = heading(`Export ${id}`);
  const problem = element("div");
  const content = element("div", {}, loading());
  main.replaceChildren(element("a", { class: "back", href: "#/exports" }, "‹ All exports"), name, problem, content);
  const view = exportView(cancel);
  let timer = 0;
  let turn = 0;

  /** What something later has overtaken is not shown, nor what comes when the screen was left. */
  async function answered(call: Promise<Export>, failed: (error: unknown) => void): Promise<void> {
    stop();
    const mine = turn;
    try {
      const found = await call;
      if (mine === turn) show(found);
    } catch (error) {
      if (mine === turn) failed(error);
    }
  }

  function look(): void {
    void answered(getExport(Number(id)), (error) => {
      problem.replaceChildren(alert(error, again));
      if (!view.element.isConnected) content.replaceChildren();
    });
  }

  /** Each look schedules the next one, so that slow answers do not pile up. */
  function show(found: Export): void {
    name.textContent = name.title = found.name;
    view.show(found);
    if (!view.element.isConnected) content.replaceChildren(view.element);
    if (UNDER_WAY.includes(found.status)) timer = window.setTimeout(look, settings.poll);
  }

  function again(): void {
    problem.replaceChildren();
    if (!view.element.isConnected) content.replaceChildren(loading());
    look();
  }

  function cancel(): void {
    problem.replaceChildren();
    void answered(cancelExport(Number(id)), (error) => {
      problem.replaceChildren(alert(error));
      look();
    });
  }

  function stop(): void {
    turn += 1;
    window.clearTimeout(timer);
  }

  look();
  return stop;
};

/** The same elements from look to look, so that the focus stays where it is; a state that changes is told to screen readers. */
function exportView(cancel: () => void) {
  const state = element("span", { class: "chip" });
  const bar = element("progress", { "aria-label": "Sent" });
  const counts = element("p", { class: "quiet" });
  const button = element("button", { class: "danger", click: cancel }, "Cancel export");
  return {
    element: element("div", { class: "card" }, element("div", { role: "status" }, state), bar, counts, button),
    show(shown: Export): void {
      const { total, sent } = shown.message_counts;
      if (state.textContent !== shown.status) state.textContent = state.dataset.state = shown.status;
      bar.max = total || 1;
      bar.value = sent;
      counts.textContent = `${sent} of ${total} sent`;
      button.disabled = shown.status === "canceled";
    },
  };
}
