/** One export: its state and progress, polled until it is complete. */

import { cancelExport, getExport, type Export } from "./api.js";
import { alert, element, heading, loading } from "./dom.js";
import type { Screen } from "./main.js";
import { settings } from "./settings.js";

const ACTIVE_STATES = ["waiting", "running"];

export const exportScreen: Screen = (main, id) => {
  const name = heading(`Export ${id}`);
  const problem = element("div");
  const content = element("div", {}, loading());
  main.replaceChildren(element("a", { class: "back", href: "#/exports" }, "‹ All exports"), name, problem, content);
  const view = exportView(cancel);
  let timer = 0;
  let turn = 0;

  /** Show the result of a call, unless a later call has started or the user has left the screen. */
  async function showResult(call: Promise<Export>, failed: (error: unknown) => void): Promise<void> {
    stop();
    const callTurn = turn;
    try {
      const result = await call;
      if (callTurn === turn) show(result);
    } catch (error) {
      if (callTurn === turn) failed(error);
    }
  }

  function poll(): void {
    void showResult(getExport(Number(id)), (error) => {
      problem.replaceChildren(alert(error, retry));
      if (!view.element.isConnected) content.replaceChildren();
    });
  }

  /** Show an export. Each poll schedules the next one, so that slow responses do not pile up. */
  function show(current: Export): void {
    name.textContent = name.title = current.name;
    view.show(current);
    if (!view.element.isConnected) content.replaceChildren(view.element);
    if (ACTIVE_STATES.includes(current.status)) timer = window.setTimeout(poll, settings.poll);
  }

  function retry(): void {
    problem.replaceChildren();
    if (!view.element.isConnected) content.replaceChildren(loading());
    poll();
  }

  function cancel(): void {
    problem.replaceChildren();
    void showResult(cancelExport(Number(id)), (error) => {
      problem.replaceChildren(alert(error));
      poll();
    });
  }

  function stop(): void {
    turn += 1;
    window.clearTimeout(timer);
  }

  poll();
  return stop;
};

/** Return elements that are updated in place: the focus stays, and screen readers announce state changes. */
function exportView(cancel: () => void) {
  const state = element("span", { class: "chip" });
  const bar = element("progress", { "aria-label": "Sent" });
  const counts = element("p", { class: "quiet" });
  const button = element("button", { class: "danger", click: cancel }, "Cancel export");
  return {
    element: element("div", { class: "card" }, element("div", { role: "status" }, state), bar, counts, button),
    show({ message_counts: { total, sent }, status }: Export): void {
      if (state.textContent !== status) state.textContent = state.dataset.state = status;
      bar.max = total || 1;
      bar.value = sent;
      counts.textContent = `${sent} of ${total} sent`;
      button.disabled = status === "canceled";
    },
  };
}
