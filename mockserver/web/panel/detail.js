/* The detail view in the lower half of a part. It stays while the list above it changes. */

import { el, fill, focusOn } from "./dom.js";

/**
 * Show content in the box. `focus` is the `data-focus` of the element that opened it. Closing
 * returns the focus there.
 */
export function showDetail(box, title, focus, ...children) {
  const isNew = box.hidden || box.dataset.of !== focus;
  // `data-focus` keeps the focus here when the same content is rendered again.
  const heading = el("h3", { tabIndex: -1, "data-focus": `heading ${box.id}` }, title);
  const close = el(
    "button",
    {
      class: "quiet",
      "aria-label": "Close",
      "data-focus": "close",
      onclick: () => hideDetail(box),
    },
    "×",
  );
  fill(
    box,
    el("div", { class: "detail-head" }, heading, close),
    el("div", { class: "detail-body" }, children),
  );
  box.hidden = false;
  box.dataset.of = focus;
  markOpener(box);
  if (isNew) heading.focus({ preventScroll: true });
}

/** Mark the list item whose content the box shows. Call it after the list was rendered. */
export function markOpener(box) {
  const list = box.parentElement;
  for (const item of list.querySelectorAll("[aria-current]")) item.removeAttribute("aria-current");
  if (box.hidden) return;
  const items = [...list.querySelectorAll("[data-focus]")];
  const opener = items.find((item) => item.dataset.focus === box.dataset.of);
  opener?.setAttribute("aria-current", "true");
}

/**
 * Close the box. The focus returns to the element that opened it, or to the title of the part if
 * a filter hides that element.
 */
export function hideDetail(box) {
  if (box.hidden) return;
  const hadFocus = box.contains(document.activeElement) || document.activeElement === document.body;
  box.hidden = true;
  markOpener(box);
  if (hadFocus && !focusOn(box.dataset.of)) {
    box.parentElement.querySelector("h2").focus({ preventScroll: true });
  }
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

/** Return a description list of pairs of name and content, without the pairs without content. */
export function facts(pairs) {
  const list = el("dl", { class: "facts" });
  for (const [name, content] of pairs) {
    if (content === null || content === undefined || content === "") continue;
    list.append(el("dt", {}, name), el("dd", {}, content));
  }
  return list;
}
