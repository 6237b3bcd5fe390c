/* The detail view in the lower half of a part. It is separate from the list above it, so that the list can change. */

import { el, fill, focusOn } from "./dom.js";

/** Show content in the box. `focus` is the `data-focus` of the element that opened it; closing returns the focus there. */
export function showDetail(box, title, focus, ...children) {
  const isNew = box.hidden || box.dataset.of !== focus;
  const close = () => hideDetail(box);
  // `data-focus` keeps the focus here when the same content is rendered again.
  const heading = el("h3", { tabIndex: -1, "data-focus": `heading ${box.id}` }, title);
  const closeButton = el("button", { class: "quiet", "aria-label": "Close", "data-focus": "close", onclick: close }, "×");
  fill(box,
    el("div", { class: "detail-head" }, heading, closeButton),
    el("div", { class: "detail-body" }, children),
  );
  box.hidden = false;
  box.dataset.of = focus;
  mark(box, focus);
  if (isNew) heading.focus({ preventScroll: true });
}

/** Mark the list item that is open. */
function mark(box, focus) {
  const list = box.parentElement;
  for (const item of list.querySelectorAll("[aria-current]")) item.removeAttribute("aria-current");
  const opener = [...list.querySelectorAll("[data-focus]")].find((item) => item.dataset.focus === focus);
  opener?.setAttribute("aria-current", "true");
}

/** Close the box. The focus returns to the element that opened it, or to the title of the part if a filter hides that element. */
export function hideDetail(box) {
  if (box.hidden) return;
  mark(box, "");
  const hadFocus = box.contains(document.activeElement) || document.activeElement === document.body;
  box.hidden = true;
  if (hadFocus && !focusOn(box.dataset.of)) box.parentElement.querySelector("h2").focus({ preventScroll: true });
}

/**
 * Close the box on Escape anywhere in its part, because the focus may be in the list.
 * In a filter that is not empty, the browser uses the key to clear the filter.
 */
export function closeOnEscape(box) {
  box.parentElement.addEventListener("keydown", (event) => {
    const clearsFilter = event.target.matches("input") && event.target.value !== "";
    if (event.key === "Escape" && !clearsFilter) hideDetail(box);
  });
}

/** Return a description list of pairs of name and content, without the pairs that have no content. */
export function facts(pairs) {
  const present = pairs.filter(([, content]) => content !== null && content !== undefined && content !== "");
  return el("dl", { class: "facts" }, present.map(([name, content]) => [el("dt", {}, name), el("dd", {}, content)]));
}
